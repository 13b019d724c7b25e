//! Keys in the store, encrypted by a key that the store does not have.

use base64ct::{Base64, Encoding};
use exchequer::{Config, Request};
use serde_json::{Value, json};

use crate::support::administered::Service;
use crate::support::fixtures;
use crate::{ROTATE, issue, kid, published};

fn config() -> Config {
    fixtures::config(&fixtures::document(&crate::document()))
}

fn key(byte: u8) -> String {
    Base64::encode_string(&[byte; 32])
}

fn wrapped(text: &str) -> Service {
    Service::of_config(config().keys_wrapped_by(text).unwrap())
}

/// The same store, with other replicas.
fn on(store: Service, text: Option<&str>) -> Service {
    let mut sts = match text {
        Some(text) => wrapped(text),
        None => Service::of_config(config()),
    };
    sts.world = store.world;
    sts
}

fn record(sts: &Service) -> String {
    String::from_utf8(sts.world.store.value("signing-keys").unwrap().to_vec()).unwrap()
}

/// The sentence of a server that has no keys.
fn why(sts: &mut Service) -> String {
    let said = sts.send(0, Request::new("GET", "/oauth2/jwks")).with_status(503);
    let health = sts.send(0, Request::new("GET", "/healthz")).with_status(503);
    let why = said.text("error_description");
    assert!(why.ends_with(&health.text("store")), "{why}");
    why
}

#[test]
fn the_store_has_no_private_key() {
    let mut sts = wrapped(&key(1));
    let token = issue(&mut sts, 0);
    sts.post(ROTATE, &json!({})).with_status(201);
    let record: Value = serde_json::from_str(&record(&sts)).unwrap();
    for key in record["keys"].as_array().unwrap() {
        assert!(key.get("d").is_none() && key.get("kty").is_none(), "{key}");
        assert_eq!(key["jwe"].as_str().unwrap().split('.').count(), 5);
    }
    assert_ne!(record["keys"][0]["jwe"], record["keys"][1]["jwe"]);
    let mut again = on(sts, Some(&key(1)));
    assert!(crate::is_active(&mut again, 0, &token));
    assert!(!again.said.join("").contains("jwe"));
}

#[test]
fn without_the_wrapping_key_there_are_no_keys_and_none_is_made() {
    let mut sts = wrapped(&key(1));
    issue(&mut sts, 0);
    let before = record(&sts);
    let mut without = on(sts, None);
    assert!(why(&mut without).contains("no wrapping key"));
    let mut other = on(without, Some(&key(2)));
    assert!(why(&mut other).contains("does not have"));
    assert_eq!(record(&other), before);
}

/// A store that somebody else writes to cannot bring a key of theirs.
#[test]
fn keys_that_are_not_wrapped_are_refused_until_that_is_said() {
    let mut sts = Service::of_config(config());
    let token = issue(&mut sts, 0);
    let mut strict = on(sts, Some(&key(1)));
    assert!(why(&mut strict).contains("`plain`"));
    assert!(record(&strict).contains("\"d\""));

    let mut once = on(strict, Some(&format!("{},plain", key(1))));
    assert!(crate::is_active(&mut once, 0, &token));
    assert!(!record(&once).contains("\"d\""));
    let mut after = on(once, Some(&key(1)));
    assert_eq!(published(&mut after, 0), [kid(&token)]);
}

#[test]
fn the_wrapping_key_is_changed_with_both_named_once() {
    let mut sts = wrapped(&key(1));
    let token = issue(&mut sts, 0);
    let mut both = on(sts, Some(&format!("{} {}", key(2), key(1))));
    assert!(crate::is_active(&mut both, 0, &token));
    let mut after = on(both, Some(&key(2)));
    assert!(crate::is_active(&mut after, 0, &token));
}

#[test]
fn a_record_that_was_changed_is_no_key() {
    let mut sts = wrapped(&key(1));
    issue(&mut sts, 0);
    let mut changed: Value = serde_json::from_str(&record(&sts)).unwrap();
    let jwe = changed["keys"][0]["jwe"].as_str().unwrap();
    let last = jwe.rfind('.').unwrap();
    let turned = if jwe.as_bytes()[last - 2] == b'A' { "B" } else { "A" };
    let jwe = format!("{}{turned}{}", &jwe[..last - 2], &jwe[last - 1..]);
    changed["keys"][0]["jwe"] = json!(jwe);
    let write = exchequer::Write {
        key: "signing-keys".into(),
        value: Some(changed.to_string().into()),
        expect: exchequer::Expect::Any,
        expires_at: None,
    };
    sts.world.store.commit(&[write], sts.world.now);
    let mut sts = on(sts, Some(&key(1)));
    why(&mut sts);
}

#[test]
fn what_is_no_wrapping_key_is_a_problem_that_does_not_repeat_it() {
    let problem = config().keys_wrapped_by("hunter2hunter2").unwrap_err();
    assert!(!problem.to_string().contains("hunter2"), "{problem}");
    assert!(problem.to_string().contains("openssl rand -base64 32"), "{problem}");
}
