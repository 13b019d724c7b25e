//! What changes between two times that a token comes.

use serde_json::{Value, json};

use crate::server::{JWKS, Server, document};
use crate::support::administered::EXCHANGE;
use crate::support::fixtures;
use crate::support::foreign::foreign;
use crate::support::start::NOW;

const ISSUERS: &str = "/api/server/v1/trusted-token-issuers";
const APPLICATIONS: &str = "/api/server/v1/applications";

#[test]
fn a_withdrawn_key_counts_no_more() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    sts.granted(&token);
    sts.serve(&json!([{ "body": { "$jwks": ["idp-es256-next"] } }]));
    sts.world.now.0 = NOW + 900;
    sts.refused(&foreign(&json!({ "exp": NOW + 2000 })), "subject_token.key.not_found");
    sts.world.now.0 = NOW;
    sts.refused(&token, "subject_token.key.not_found");
}

#[test]
fn a_key_that_takes_over_a_name_takes_over_no_tokens() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({ "exp": NOW + 2000 }));
    sts.granted(&token);
    sts.serve(
        &json!([{ "body": { "$jwks": [{ "$public": "idp-es256-next", "kid": "idp-es256" }] } }]),
    );
    sts.world.now.0 = NOW + 900;
    sts.refused(&token, "subject_token.signature.rejected");
}

#[test]
fn another_set_of_keys_has_every_token_verified_again() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({ "exp": NOW + 3000 }));
    sts.granted(&token);
    // The same set is no change.
    sts.world.now.0 = NOW + 900;
    sts.granted(&token);
    assert_eq!((sts.world.verifications, sts.world.web.fetched.len()), (1, 2));
    sts.serve(&json!([{ "body": { "$jwks": ["idp-es256", "idp-es256-next"] } }]));
    sts.world.now.0 = NOW + 1800;
    sts.granted(&token);
    assert_eq!((sts.world.verifications, sts.world.web.fetched.len()), (2, 3));
    sts.granted(&token);
    assert_eq!(sts.world.verifications, 2);
    assert!(sts.world.web.fetched.iter().all(|url| url == JWKS));
}

#[test]
fn keys_that_the_host_supplies_have_every_token_verified_again() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    sts.granted(&token);
    let set = |name: &str| fixtures::expand(&json!({ "$jwks": [name] })).to_string();
    let now = sts.world.now;
    sts.engine.supply_keys("https://idp.example", set("idp-es256"), now).unwrap();
    sts.granted(&token);
    assert_eq!(sts.world.verifications, 2);
    sts.engine.supply_keys("https://idp.example", set("idp-es256-next"), now).unwrap();
    sts.refused(&token, "subject_token.key.not_found");
}

/// A server with an issuer and an application in its store, and their paths.
fn stored() -> (Server, String, String) {
    let mut document = document();
    document["trustedTokenIssuers"] = json!([]);
    document["applications"] = json!([]);
    let mut sts = Server::new(&document);
    let issuer = json!({
        "name": "Acme", "issuer": "https://idp.example",
        "certificate": { "jwks": { "$jwks": ["idp-es256", "idp-es384"] } },
    });
    let issuer = made(&mut sts, ISSUERS, &fixtures::expand(&issuer));
    let application = json!({
        "name": "web", "clientId": "web", "clientSecret": "web-secret-for-tests",
        "grantTypes": [EXCHANGE], "trustedTokenIssuers": ["Acme"], "scopes": ["read"],
    });
    let application = made(&mut sts, APPLICATIONS, &application);
    (sts, format!("{ISSUERS}/{issuer}"), format!("{APPLICATIONS}/{application}"))
}

fn made(sts: &mut Server, path: &str, body: &Value) -> String {
    let reply = sts.administer("POST", path, body);
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.body["id"].as_str().unwrap().into()
}

fn change(sts: &mut Server, path: &str, at: &str, value: Value) {
    let operations = json!([{ "operation": "REPLACE", "path": at, "value": value }]);
    let reply = sts.administer("PATCH", path, &operations);
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[test]
fn a_change_by_the_administration_api_counts_at_once() {
    let changes: [(&str, Value, &str); 5] = [
        ("/isEnabled", json!(false), "subject_token.issuer.disabled"),
        ("/algorithms", json!(["ES384"]), "subject_token.algorithm.not_allowed"),
        ("/certificate/jwksUri", json!(JWKS), "subject_token.key.not_found"),
        ("/maxTokenAgeSeconds", json!(1), "subject_token.claim.iat.too_old"),
        (
            "/conditions",
            json!([{ "claim": "x", "present": true }]),
            "subject_token.condition.claim_missing",
        ),
    ];
    for (at, value, reason) in changes {
        let (mut sts, issuer, _) = stored();
        // Its age counts from half a minute before, which is leeway.
        let token = foreign(&json!({ "iat": NOW - 40 }));
        sts.serve(&json!([{ "body": { "$jwks": ["idp-es256-next"] } }]));
        sts.granted(&token);
        sts.granted(&token);
        assert_eq!(sts.world.verifications, 1, "{at}");
        change(&mut sts, &issuer, at, value);
        sts.refused(&token, reason);
    }
}

#[test]
fn what_becomes_of_the_issuer_and_the_application_counts_at_once() {
    let (mut sts, issuer, application) = stored();
    let token = foreign(&json!({}));
    sts.granted(&token);
    let reply = sts.administer("PATCH", &application, &json!({ "trustedTokenIssuers": [] }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    sts.refused(&token, "subject_token.issuer.not_allowed");
    let reply = sts.administer("DELETE", &issuer, &Value::Null);
    assert_eq!(reply.status, 204, "{}", reply.body);
    sts.refused(&token, "subject_token.issuer.unknown");
}

#[test]
fn an_issuer_that_takes_the_place_of_another_takes_over_no_tokens() {
    let (mut sts, issuer, application) = stored();
    let token = foreign(&json!({}));
    sts.granted(&token);
    assert_eq!(
        sts.administer("PATCH", &application, &json!({ "trustedTokenIssuers": [] })).status,
        200
    );
    assert_eq!(sts.administer("DELETE", &issuer, &Value::Null).status, 204);
    let successor = json!({
        "name": "Acme", "issuer": "https://idp.example",
        "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
    });
    made(&mut sts, ISSUERS, &fixtures::expand(&successor));
    let reply = sts.administer("PATCH", &application, &json!({ "trustedTokenIssuers": ["Acme"] }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let before = sts.world.verifications;
    sts.granted(&token);
    assert_eq!(sts.world.verifications, before + 1);
}
