//! The metadata of the APIs behind a gateway, and challenges that name them (RFC
//! 9728).

use exchequer::{Engine, Gateway, GatewayStep, HostCrypto, Reply, Request};
use serde_json::{Value, json};

use crate::support::start::world;
use crate::{challenge, cross, document, filter, forwarded, refused, rules, token, with_token};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// A gateway whose application serves these, before APIs for which `shop` may ask
/// the server for tokens.
fn serving(resources: &Value) -> Gateway {
    let mut document = document(rules());
    let applications = document["config"]["applications"].as_array_mut().unwrap();
    applications[0]["resources"] = resources.clone();
    let mut shop = applications[0].clone();
    shop["clientId"] = "shop".into();
    shop["audiences"] = json!(["https://api.example/pets"]);
    shop["resources"] = json!([]);
    shop["scopes"] = json!(["pets:read"]);
    applications.push(shop);
    let mut filter = filter(&document).unwrap_or_else(|problems| panic!("{problems}"));
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    Gateway::new(&mut filter, engine).unwrap()
}

fn apis() -> Value {
    json!([
        "https://api.example/orders",
        "https://api.example/pets",
        "https://api.example",
        "urn:x"
    ])
}

fn answered(step: GatewayStep) -> (u16, Value) {
    match step {
        GatewayStep::Answer(reply) => {
            let Reply { status, body, .. } = *reply;
            (status, serde_json::from_slice(&body).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_gateway_answers_for_the_apis_behind_it() {
    let (gateway, mut world) = (serving(&apis()), world());
    let mut get =
        |target: &str| answered(cross(&gateway, &mut world, &Request::new("GET", target)));
    let (status, orders) = get(&format!("{WELL_KNOWN}/orders"));
    assert_eq!(status, 200);
    assert_eq!(orders["resource"], "https://api.example/orders");
    // Only the issuer's tokens are exchanged there.
    assert_eq!(orders["authorization_servers"], json!(["https://idp.example"]));
    assert_eq!(orders["scopes_supported"], Value::Null);
    // Tokens for this one are issued here as well.
    let (_, pets) = get(&format!("{WELL_KNOWN}/pets"));
    let servers = json!(["https://sts.example", "https://idp.example"]);
    assert_eq!(pets["authorization_servers"], servers);
    assert_eq!(pets["scopes_supported"], json!(["pets:read"]));
    assert_eq!(get(WELL_KNOWN).1["resource"], "https://api.example");
}

#[test]
fn what_is_no_metadata_of_an_api_takes_the_way_of_every_request() {
    let (gateway, mut world) = (serving(&apis()), world());
    for request in [
        Request::new("GET", &format!("{WELL_KNOWN}/nobody")),
        Request::new("POST", &format!("{WELL_KNOWN}/orders")),
        Request::new("GET", &format!("{WELL_KNOWN}s")),
    ] {
        assert_eq!(refused(cross(&gateway, &mut world, &request)).reply.status, 401);
    }
    let (plain, mut world) = (serving(&json!([])), world);
    let request = Request::new("GET", WELL_KNOWN);
    let refused = refused(cross(&plain, &mut world, &request));
    assert_eq!(challenge(&refused), r#"Bearer realm="gateway""#);
}

#[test]
fn a_challenge_names_the_metadata_of_the_api_that_was_called() {
    let (gateway, mut world) = (serving(&apis()), world());
    for (path, metadata) in [
        ("/orders", "/orders"),
        ("/orders/7?x", "/orders"),
        ("/pets/1", "/pets"),
        ("/ordersheet", ""),
        ("/", ""),
    ] {
        let url = format!("resource_metadata=\"https://api.example{WELL_KNOWN}{metadata}\"");
        let said = refused(cross(&gateway, &mut world, &Request::new("GET", path)));
        assert_eq!(challenge(&said), format!("Bearer realm=\"gateway\", {url}"), "{path}");
        for request in [
            // Refused before and after something was asked for.
            with_token(path, "no token"),
            with_token(path, "a.b.c"),
            with_token(path, &token().replacen("eyJ", "eyK", 1)),
            Request::new("GET", path).header("authorization", "DPoP abc"),
        ] {
            let said = refused(cross(&gateway, &mut world, &request));
            assert!(challenge(&said).ends_with(&url), "{path}: {}", challenge(&said));
        }
    }
    forwarded(cross(&gateway, &mut world, &with_token("/orders", &token())));
}
