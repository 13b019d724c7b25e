//! `POST /oauth2/explain` says what the token endpoint would do, for every
//! token request of `tests/vectors` that is a case by itself: the same outcome
//! for the same reason after the same checks, with nothing written and nothing
//! minted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use base64ct::{Base64, Encoding};
use exchequer::{Engine, HostCrypto, Reply, Request};
use serde_json::{Value, json};

use support::case::{Case, StoreState, files};
use support::fixtures;
use support::start::{NOW, request};
use support::world::World;

const TOKEN: &str = "an-admin-token-of-32-characters!";

fn engine(config: &Value) -> Engine {
    let config = fixtures::config(&fixtures::document(config));
    Engine::new(config.administered_by(TOKEN).unwrap(), HostCrypto::default())
}

fn world(case: &Case) -> World {
    let mut world = World::at(case.steps[0].now);
    world.web.script(&serde_json::from_value(fixtures::json_file("web.json")).unwrap());
    world.web.script(&case.steps[0].fetch);
    world.store_state = case.steps[0].store;
    world
}

/// The same request as an administrator asks about it; `None` when its client
/// cannot be named in a form.
fn about(request: &Request) -> Option<Request> {
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(&request.body).into_owned().collect();
    pairs.retain(|(name, _)| !name.starts_with("client_") || name == "client_id");
    let header = |name: &str| {
        let mut values = request.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.as_str())
    };
    if let Some(basic) = header("authorization").and_then(|value| value.strip_prefix("Basic ")) {
        let pair = String::from_utf8(Base64::decode_vec(basic).ok()?).ok()?;
        if pairs.iter().all(|(name, _)| name != "client_id") {
            pairs.push(("client_id".into(), pair.split_once(':')?.0.into()));
        }
    }
    pairs.iter().find(|(name, _)| name == "client_id")?;
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&pairs);
    let mut asked = Request::new("POST", "/oauth2/explain")
        .header("authorization", &format!("Bearer {TOKEN}"))
        .body(body.finish());
    if let Some(content_type) = header("content-type") {
        asked = asked.header("content-type", content_type);
    }
    Some(asked)
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn codes(checks: &Value) -> Vec<String> {
    let code = |check: &Value| format!("{} {}", check["code"].as_str().unwrap(), check["outcome"]);
    checks.as_array().unwrap().iter().map(code).collect()
}

#[test]
fn it_says_what_the_token_endpoint_would_do() {
    let mut compared = 0;
    for file in files() {
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let [step] = &*case.steps else { continue };
        let real = step.request.request(&[]);
        // How a client authenticates, and which key it has, is not asked here.
        let is_of = |group: &&str| file.parent().is_some_and(|parent| parent.ends_with(group));
        let of_clients = real.certificate.is_some() || ["client", "dpop"].iter().any(is_of);
        if of_clients || real.target != "/oauth2/token" || real.method != "POST" {
            continue;
        }
        let has_proof = real.headers.iter().any(|(name, _)| name == "dpop");
        let asked = about(&real);
        let reply = world(&case).handle(&engine(&case.config), real);
        let audit = serde_json::to_value(reply.audit.as_ref().unwrap()).unwrap();
        // Who the client is was never in question here, nor which key or certificate it
        // has.
        let reason = audit["reason"].as_str().unwrap_or_default();
        let of_client = reason.starts_with("client");
        let of_key = has_proof
            || reason.starts_with("dpop.")
            || reason.contains(".binding.")
            || reason.ends_with("_certificate");
        let (Some(asked), false) = (asked, of_client || of_key) else { continue };

        let mut there = world(&case);
        let explained = there.handle(&engine(&case.config), asked);
        let name = file.display();
        assert_eq!(explained.status, 200, "{name}: {}", String::from_utf8_lossy(&explained.body));
        assert_eq!(there.store.len(), 0, "{name}: something was written");
        let said = json_of(&explained);
        // It writes nothing, so a store that is only written to is not missed.
        let unwritten = audit["reason"] == "store.unavailable" && said["granted"] == true;
        if unwritten && step.store == StoreState::Failed {
            continue;
        }
        assert_eq!(said["status"], reply.status, "{name}: {said:#}");
        assert_eq!(said["granted"], reply.status == 200, "{name}");
        let reason = said.get("reason").cloned().unwrap_or_default();
        assert_eq!(reason, *audit.get("reason").unwrap_or(&Value::Null), "{name}");
        // Signature, replay record and refresh token come with what is issued.
        let mut wanted = codes(&audit["checks"]);
        wanted.retain(|code| !code.contains(".replay ") && !code.starts_with("client_assertion"));
        assert_eq!(codes(&said["checks"]), wanted, "{name}");
        compared += 1;
    }
    assert!(compared > 400, "only {compared} were compared");
}

#[test]
fn what_would_be_issued_is_shown_and_is_no_token() {
    let real = request("accepted/alg-es256.json");
    let mut world = support::start::world();
    let reply = world.handle(&engine(&json!("standard")), about(&real).unwrap());
    let said = json_of(&reply);
    let issued = &said["issued"];
    assert_eq!(issued["claims"]["jti"], "(not minted)");
    assert_eq!(issued["claims"]["sub"], "user-42");
    assert_eq!(issued["claims"]["iat"], NOW);
    assert_eq!(issued["reply"]["token_type"], "Bearer");
    assert!(issued["reply"].get("access_token").is_none());
    assert!(!said.to_string().contains("eyJ"), "a token came out: {said}");
    assert!(said["checks"][0].to_string().contains("assumed"), "{said:#}");
}

#[test]
fn it_is_for_administrators() {
    let mut asked = about(&request("accepted/alg-es256.json")).unwrap();
    asked.headers.retain(|(name, _)| name != "authorization");
    let reply = World::at(NOW).handle(&engine(&json!("standard")), asked);
    assert_eq!(reply.status, 401);
    let audit = reply.audit.expect("who guesses is noted");
    assert!(audit.trace_id.is_some() && audit.administrator.is_none());
}
