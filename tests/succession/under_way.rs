//! Requests that are under way when the configuration changes.

use base64ct::{Base64, Encoding};
use exchequer::{Request, Step};
use serde_json::{Value, json};

use crate::server::{Server, WEB, document};
use crate::support::administered::{EXCHANGE, JWT};
use crate::support::foreign::foreign;
use crate::support::world::entropy;
use crate::with_another_key;

fn exchange(token: &str) -> Request {
    let form = [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", JWT)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let basic = Base64::encode_string(format!("{}:{}", WEB.0, WEB.1).as_bytes());
    Request::new("POST", "/oauth2/token")
        .header("Authorization", &format!("Basic {basic}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
}

/// Wherever the change comes, the request ends as it would have ended, with the key
/// that it began with, although the next document gives its `kid` to another key.
#[test]
fn a_request_ends_under_the_configuration_that_it_began_with() {
    let mut other_key = with_another_key();
    other_key["applications"][0]["trustedTokenIssuers"] = json!(["Globex"]);
    other_key["applications"][0]["scopes"] = json!([]);
    for asks_before in 0..3 {
        let mut sts = Server::new(&document());
        let before = sts.engine.clone();
        let now = sts.world.now;
        let mut step = before.handle(exchange(&foreign(&json!({}))), now, entropy());
        let mut asks = Vec::new();
        let reply = loop {
            step = match step {
                Step::Done(reply) => break reply,
                Step::Ask(pending) => {
                    if asks.len() == asks_before {
                        sts.succeed(&other_key);
                    }
                    asks.push(pending.ask().name());
                    let answer = sts.world.answer(&before, pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        };
        assert_eq!(asks, ["fetch", "verify", "sign"]);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(reply.status, 200, "{body}");
        sts.engine = before;
        sts.authenticate(body["access_token"].as_str().unwrap()).unwrap();
        // The next request is decided by the next configuration.
        sts.succeed(&other_key);
        sts.refused(&foreign(&json!({})), "subject_token.issuer.not_allowed");
    }
}
