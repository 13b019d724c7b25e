//! Tokens that were verified under the former configuration.

use serde_json::json;

use crate::server::{JWKS, Server, document};
use crate::support::fixtures;
use crate::support::foreign::foreign;
use crate::{changed, with_another_key};

#[test]
fn a_token_that_was_verified_is_not_verified_again() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    sts.granted(&token);
    sts.succeed(&document());
    sts.granted(&token);
    assert_eq!(sts.world.verifications, 1);
}

#[test]
fn nor_is_one_whose_key_stands_in_the_document() {
    let inline = changed(|document| {
        document["trustedTokenIssuers"][0]["certificate"] =
            fixtures::expand(&json!({ "jwks": { "$jwks": ["idp-es256"] } }));
    });
    let mut sts = Server::new(&inline);
    let token = foreign(&json!({}));
    let own = sts.granted(&token);
    sts.authenticate(&own).unwrap();
    assert_eq!(sts.world.verifications, 2);
    sts.succeed(&inline);
    sts.granted(&token);
    sts.authenticate(&own).unwrap();
    assert_eq!(sts.world.verifications, 2);
}

#[test]
fn a_key_that_the_document_withdraws_counts_no_more() {
    let keys = |names: &[&str]| {
        changed(|document| {
            document["trustedTokenIssuers"][0]["certificate"] =
                fixtures::expand(&json!({ "jwks": { "$jwks": names } }));
        })
    };
    let mut sts = Server::new(&keys(&["idp-es256", "idp-es256-next"]));
    let token = foreign(&json!({}));
    sts.granted(&token);
    sts.succeed(&keys(&["idp-es256-next"]));
    sts.refused(&token, "subject_token.key.not_found");
    // The same numbers, and another key object.
    sts.succeed(&keys(&["idp-es256", "idp-es256-next"]));
    sts.granted(&token);
    assert_eq!(sts.world.verifications, 2);
}

#[test]
fn whatever_the_document_says_of_its_issuer_counts_at_once() {
    let issuer = |change: &dyn Fn(&mut serde_json::Value)| {
        changed(|document| change(&mut document["trustedTokenIssuers"][0]))
    };
    let documents = [
        (issuer(&|issuer| issuer["enabled"] = json!(false)), "subject_token.issuer.disabled"),
        (
            issuer(&|issuer| issuer["algorithms"] = json!(["ES384"])),
            "subject_token.algorithm.not_allowed",
        ),
        (
            issuer(&|issuer| issuer["conditions"] = json!([{ "claim": "x", "present": true }])),
            "subject_token.condition.claim_missing",
        ),
        (
            changed(|document| document["applications"][0]["trustedTokenIssuers"] = json!([])),
            "subject_token.issuer.not_allowed",
        ),
    ];
    for (next, reason) in documents {
        let mut sts = Server::new(&document());
        let token = foreign(&json!({}));
        sts.granted(&token);
        sts.succeed(&next);
        sts.refused(&token, reason);
    }
}

#[test]
fn a_cache_of_another_size_begins_empty() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    sts.granted(&token);
    sts.succeed(&changed(|document| {
        document["caches"] = json!({ "verifiedTokens": { "maxBytes": 100_000 } });
    }));
    assert_eq!(sts.engine.token_caches().verified.unwrap().bytes, 0);
    sts.granted(&token);
    assert_eq!(sts.world.verifications, 2);
    sts.succeed(&changed(|document| {
        document.as_object_mut().unwrap().remove("caches");
    }));
    sts.granted(&token);
    assert_eq!((sts.world.verifications, sts.world.web.fetched.len()), (3, 1));
    assert_eq!(sts.world.web.fetched, [JWKS]);
}

#[test]
fn a_key_of_the_server_that_takes_over_a_name_takes_over_no_tokens() {
    let mut sts = Server::new(&document());
    let own = sts.granted(&foreign(&json!({})));
    sts.authenticate(&own).unwrap();
    sts.succeed(&with_another_key());
    assert!(sts.authenticate(&own).is_err());
    let next = sts.granted(&foreign(&json!({})));
    sts.authenticate(&next).unwrap();
    sts.succeed(&document());
    assert!(sts.authenticate(&next).is_err());
}
