//! The keys that the server makes: rotated by themselves and by an administrator,
//! agreed on by replicas, encrypted at rest, and read by nobody.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "own_keys/at_rest.rs"]
mod at_rest;
#[path = "own_keys/by_hand.rs"]
mod by_hand;
#[path = "own_keys/by_itself.rs"]
mod by_itself;
mod support;
#[path = "own_keys/with_host.rs"]
mod with_host;

use exchequer::Request;
use serde_json::{Value, json};

use support::administered::{EXCHANGE, Service};
use support::foreign::foreign;
use support::start::NOW;

pub(crate) const KEYS: &str = "/api/server/v1/keys";
pub(crate) const ROTATE: &str = "/api/server/v1/keys/rotate";
pub(crate) const WEB: (&str, &str) = ("web", "web-secret-for-tests");
pub(crate) const DAY: u64 = 86_400;

/// One issuer, one application, and no keys: the store has them.
pub(crate) fn document() -> Value {
    json!({
        "issuer": "https://sts.example",
        "trustedTokenIssuers": [
            { "name": "Acme", "issuer": "https://idp.example",
              "certificate": { "jwks": { "$jwks": ["idp-es256"] } } },
        ],
        "applications": [{
            "name": "web", "clientId": WEB.0, "clientSecret": WEB.1,
            "grantTypes": [EXCHANGE], "trustedTokenIssuers": ["Acme"], "scopes": ["read"],
            "accessToken": { "lifetimeSeconds": 3600, "outliveSubject": true },
        }],
    })
}

/// The token that a replica issues now.
pub(crate) fn issue(sts: &mut Service, replica: usize) -> String {
    let now = sts.world.now.0;
    let token = foreign(&json!({ "iat": now - 10, "exp": now + 600 }));
    sts.exchange(replica, WEB, &token).with_status(200).text("access_token")
}

/// The `kid` of a token.
pub(crate) fn kid(token: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let header = Base64UrlUnpadded::decode_vec(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().into()
}

pub(crate) fn is_active(sts: &mut Service, replica: usize, token: &str) -> bool {
    let said = sts.form(replica, "/oauth2/introspect", WEB, &[("token", token)]);
    said.with_status(200).body["active"] == true
}

/// The names of the keys that a replica publishes.
pub(crate) fn published(sts: &mut Service, replica: usize) -> Vec<String> {
    let said = sts.send(replica, Request::new("GET", "/oauth2/jwks")).with_status(200);
    let keys = said.body["keys"].as_array().unwrap().clone();
    for key in &keys {
        for private in ["d", "p", "q", "iat", "nbf", "exp", "jwe"] {
            assert!(key.get(private).is_none(), "{key}");
        }
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().into()).collect()
}

/// Name and state of every key, as the administration API says it.
pub(crate) fn states(sts: &mut Service) -> Vec<(String, String)> {
    let said = sts.get(KEYS).with_status(200).body;
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let all = said["keys"].as_array().unwrap().iter();
    all.map(|one| (text(&one["kid"]), text(&one["state"]))).collect()
}

pub(crate) fn service(rotation: Value) -> Service {
    let mut document = document();
    if rotation != Value::Null {
        document["keyRotation"] = rotation;
    }
    let sts = Service::new(&document);
    assert_eq!(sts.world.now.0, NOW);
    sts
}
