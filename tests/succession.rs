//! An engine for another configuration that takes the place of one: what goes on, and
//! what does not.
//!
//! The host verifies and signs here, so that every signature is an ask that is counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[allow(dead_code, reason = "the tests of caches use all of it")]
#[path = "caches/server.rs"]
mod server;
mod support;
#[path = "succession/tokens.rs"]
mod tokens;
#[path = "succession/under_way.rs"]
mod under_way;

use exchequer::SupplyKeysError;
use serde_json::{Value, json};

use server::{JWKS, Server, document};
use support::fixtures;
use support::foreign::foreign;
use support::start::NOW;

const ACME: &str = "https://idp.example";
const ISSUERS: &str = "/api/server/v1/trusted-token-issuers";

fn jwks(name: &str) -> String {
    fixtures::expand(&json!({ "$jwks": [name] })).to_string()
}

/// The document with another key of its own, under the same name.
pub(crate) fn with_another_key() -> Value {
    let mut key = fixtures::key("idp-es256-next");
    key["kid"] = json!("ours");
    changed(|document| document["keys"] = json!([key]))
}

/// Makes a change to the document of the tests.
pub(crate) fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = document();
    change(&mut document);
    document
}

#[test]
fn fetched_keys_go_on() {
    let mut sts = Server::new(&document());
    sts.granted(&foreign(&json!({})));
    assert_eq!(sts.world.web.fetched, [JWKS]);
    sts.succeed(&changed(|document| document["applications"][0]["scopes"] = json!(["write"])));
    sts.granted(&foreign(&json!({ "sub": "x-2" })));
    assert_eq!(sts.world.web.fetched, [JWKS]);
}

#[test]
fn keys_of_another_place_are_fetched_there_and_the_former_place_is_left_alone() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({ "exp": NOW + 2000 }));
    sts.granted(&token);
    let next = "https://idp.example/next";
    sts.succeed(&changed(|document| {
        document["trustedTokenIssuers"][0]["certificate"]["jwksUri"] = json!(next);
    }));
    let answers = json!({ next: [{ "body": { "$jwks": ["idp-es256-next"] } }] });
    sts.world.web.script(&serde_json::from_value(answers).unwrap());
    sts.refused(&token, "subject_token.key.not_found");
    assert_eq!(sts.world.web.fetched, [JWKS, next]);
    // The hour of the former keys is nearly over: only those in use are fetched ahead.
    sts.world.now.0 = NOW + 890;
    for _ in 0..3 {
        sts.world.upkeep(&sts.engine.clone());
        sts.world.now.0 += 1;
    }
    assert!(!sts.world.web.fetched.iter().skip(1).any(|url| url == JWKS));
}

#[test]
fn supplied_keys_go_on_as_long_as_their_issuer_does() {
    let mut sts = Server::new(&document());
    let now = sts.world.now;
    sts.engine.supply_keys(ACME, jwks("idp-es256-next"), now).unwrap();
    sts.succeed(&document());
    sts.refused(&foreign(&json!({})), "subject_token.key.not_found");
    assert!(sts.world.web.fetched.is_empty());

    let without = changed(|document| {
        document["trustedTokenIssuers"].as_array_mut().unwrap().remove(0);
        document["applications"][0]["trustedTokenIssuers"] = json!(["Globex"]);
    });
    sts.succeed(&without);
    sts.refused(&foreign(&json!({})), "subject_token.issuer.unknown");
    let unknown = sts.engine.supply_keys(ACME, jwks("idp-es256"), now).unwrap_err();
    assert!(matches!(unknown, SupplyKeysError::UnknownIssuer { .. }));
    // It comes back, and with it what the document says of its keys.
    sts.succeed(&document());
    sts.granted(&foreign(&json!({})));
    assert_eq!(sts.world.web.fetched, [JWKS]);
}

#[test]
fn counters_and_recent_refusals_go_on() {
    let mut sts = Server::new(&document());
    sts.granted(&foreign(&json!({})));
    sts.refused(&foreign(&json!({ "iss": "https://x.example" })), "subject_token.issuer.unknown");
    sts.succeed(&changed(|document| document["caches"] = json!({})));
    sts.granted(&foreign(&json!({})));
    let granted = r#"exchequer_decisions_total{event="token",outcome="granted",reason=""} 2"#;
    assert!(sts.metrics().contains(granted), "{}", sts.metrics());
    let refusals = sts.administer("GET", "/api/server/v1/refusals", &Value::Null);
    assert_eq!(refusals.body["refusals"].as_array().unwrap().len(), 1, "{}", refusals.body);
}

#[test]
fn the_admin_token_goes_on_unless_the_configuration_brings_another() {
    let mut sts = Server::new(&document());
    sts.succeed(&document());
    assert_eq!(sts.administer("GET", "/api/server/v1/keys", &Value::Null).status, 200);
    let config = fixtures::config(&fixtures::document(&document()));
    let config = config.administered_by("another-admin-token-of-the-tests").unwrap();
    sts.engine = sts.engine.succeed(config);
    assert_eq!(sts.administer("GET", "/api/server/v1/keys", &Value::Null).status, 401);
}

#[test]
fn what_was_written_by_a_request_of_the_former_engine_counts_in_the_next_at_once() {
    let bare = changed(|document| {
        document["trustedTokenIssuers"] = json!([]);
        document["applications"] = json!([]);
    });
    let mut sts = Server::new(&bare);
    let issuer = json!({
        "name": "Acme", "issuer": ACME, "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
    });
    let issuer = sts.administer("POST", ISSUERS, &fixtures::expand(&issuer));
    let path = format!("{ISSUERS}/{}", issuer.body["id"].as_str().unwrap());
    let mut application = document()["applications"][0].clone();
    application["trustedTokenIssuers"] = json!(["Acme"]);
    let made = sts.administer("POST", "/api/server/v1/applications", &application);
    assert_eq!(made.status, 201, "{}", made.body);

    let former = sts.engine.clone();
    sts.succeed(&bare);
    sts.granted(&foreign(&json!({})));
    let next = std::mem::replace(&mut sts.engine, former);
    let disabled = json!([{ "operation": "REPLACE", "path": "/isEnabled", "value": false }]);
    assert_eq!(sts.administer("PATCH", &path, &disabled).status, 200);
    sts.engine = next;
    sts.refused(&foreign(&json!({})), "subject_token.issuer.disabled");
}

#[test]
fn keys_of_the_store_go_on_and_give_way_to_those_of_the_configuration() {
    let of_store = changed(|document| {
        document.as_object_mut().unwrap().remove("keys");
    });
    let mut sts = Server::new(&of_store);
    let token = sts.granted(&foreign(&json!({})));
    sts.succeed(&of_store);
    sts.authenticate(&token).unwrap();
    sts.succeed(&document());
    assert!(sts.authenticate(&token).is_err());
}
