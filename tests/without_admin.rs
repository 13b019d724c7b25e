//! An engine without the feature `admin`: no administration API, and
//! administrators all the same.

#![cfg(not(feature = "admin"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use exchequer::{Config, Engine, HostCrypto, Request};
use serde_json::Value;

use support::world::World;

const ADMIN_TOKEN: &str = "an-admin-token-of-the-tests";

fn engine() -> Engine {
    let document = r#"{ "issuer": "https://sts.example.com" }"#;
    let config = Config::parse(document).unwrap().without_secrets().unwrap();
    Engine::new(config.administered_by(ADMIN_TOKEN).unwrap(), HostCrypto::default())
}

fn reply(method: &str, path: &str, token: Option<&str>) -> (u16, Vec<u8>) {
    let request = Request::new(method, path);
    let request = match token {
        Some(token) => request.header("authorization", &format!("Bearer {token}")),
        None => request,
    };
    let reply = World::default().handle(&engine(), request);
    (reply.status, reply.body)
}

#[test]
fn the_paths_of_the_administration_api_are_unknown() {
    for path in [
        "/api/server/v1/applications",
        "/api/server/v1/trusted-token-issuers",
        "/api/server/v1/refusals",
        "/api/server/v1/grants?userId=u-1",
        "/api/server/v1/configuration",
        "/api/server/v1/keys",
        "/api/server/v1/audit/changes",
        "/api/users/v1/me/federated-associations",
        "/scim2/Users",
        "/scim2/Schemas",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let (status, body) = reply(method, path, Some(ADMIN_TOKEN));
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((status, &body["error"]), (404, &"not_found".into()), "{method} {path}");
            let (_, unknown) = reply(method, "/elsewhere", Some(ADMIN_TOKEN));
            let plain = path.split('?').next().unwrap();
            let unknown = String::from_utf8(unknown).unwrap().replace("/elsewhere", plain);
            assert_eq!(
                body.to_string(),
                serde_json::from_str::<Value>(&unknown).unwrap().to_string()
            );
        }
    }
}

#[test]
fn metrics_and_explain_are_for_administrators() {
    assert_eq!(reply("GET", "/metrics", None).0, 401);
    assert_eq!(reply("GET", "/metrics", Some("another-token-of-nobody")).0, 401);
    assert_eq!(reply("GET", "/metrics", Some(ADMIN_TOKEN)).0, 200);
    assert_eq!(reply("POST", "/oauth2/explain", None).0, 401);
    assert_eq!(reply("POST", "/oauth2/explain", Some(ADMIN_TOKEN)).0, 200);
}
