//! The metadata of APIs (RFC 9728) whose applications were made here.

use exchequer::{AccessRequirements, Request};
use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, made, service, shop, with};
use crate::support::administered::{Said, Service};
use crate::support::world::entropy;

const METADATA: &str = "/.well-known/oauth-protected-resource/orders";
const API: &str = "https://api.example/orders";

/// What a replica answers to everybody.
fn metadata(sts: &mut Service, replica: usize) -> Said {
    sts.send(replica, Request::new("GET", METADATA).header("host", "api.example"))
}

/// An application with this API.
fn orders() -> Value {
    with(with(shop(), "name", json!("Orders")), "clientId", json!("orders"))
}

#[test]
fn the_api_of_an_application_that_was_made_here_has_metadata() {
    let mut sts = service();
    metadata(&mut sts, 0).with_status(404);
    let api = made(&mut sts, APPLICATIONS, &with(orders(), "resources", json!([API])));
    let said = metadata(&mut sts, 0).with_status(200).body;
    assert_eq!(said["resource"], API);
    assert_eq!(said["authorization_servers"], json!(["https://sts.example"]));
    assert_eq!(said["scopes_supported"], Value::Null);
    // The scopes are those of the applications that may ask for tokens for it.
    let client = with(shop(), "audiences", json!([API]));
    let client = made(&mut sts, APPLICATIONS, &client);
    assert_eq!(metadata(&mut sts, 0).body["scopes_supported"], json!(["read"]));
    let own = sts.get("/.well-known/oauth-authorization-server").body;
    assert_eq!(own["protected_resources"], json!([API]));

    sts.delete(&client).with_status(204);
    assert_eq!(metadata(&mut sts, 0).body["scopes_supported"], Value::Null);
    sts.delete(&api).with_status(204);
    metadata(&mut sts, 0).with_status(404);
}

#[test]
fn another_replica_hears_of_it_within_a_minute_and_reads_no_more_often() {
    let mut sts = service();
    metadata(&mut sts, 1).with_status(404);
    made(&mut sts, APPLICATIONS, &with(orders(), "resources", json!([API])));
    sts.world.now.0 += 59;
    metadata(&mut sts, 1).with_status(404);
    sts.world.now.0 += 1;
    metadata(&mut sts, 1).with_status(200);
}

#[test]
fn where_there_are_more_than_a_thousand_none_is_read() {
    let mut sts = service();
    made(&mut sts, APPLICATIONS, &with(orders(), "resources", json!([API])));
    let of = |n: usize| {
        let body = with(shop(), "name", json!(format!("shop {n}")));
        with(body, "clientId", json!(format!("shop-{n}")))
    };
    for n in 0..999 {
        made(&mut sts, APPLICATIONS, &of(n));
    }
    metadata(&mut sts, 0).with_status(200);
    made(&mut sts, APPLICATIONS, &of(999));
    metadata(&mut sts, 0).with_status(404);
}

#[test]
fn the_challenge_of_an_api_names_its_metadata() {
    let mut sts = service();
    made(&mut sts, APPLICATIONS, &with(orders(), "resources", json!([API])));
    let engine = sts.engine(0);
    let requirements =
        AccessRequirements { audiences: vec![API.into()], ..AccessRequirements::default() };
    let request = Request::new("GET", "/orders");
    let step = engine.protect(request, requirements, sts.world.now, entropy());
    let reply = sts.world.drive(&engine, step);
    let url = "https://api.example/.well-known/oauth-protected-resource/orders";
    let challenge = reply.headers.iter().find(|(name, _)| *name == "www-authenticate");
    let expected = format!("Bearer realm=\"api\", resource_metadata=\"{url}\"");
    assert_eq!(challenge.map(|(_, value)| value), Some(&expected));
}
