//! The signing key that is made at first start: once, and for every replica.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use exchequer::{Answer, Engine, HostCrypto, Record, Request};
use serde_json::{Value, json};

use support::start::{NOW, begin, done, engine, until};
use support::world::World;

/// The key ids that an engine publishes.
fn published(engine: &Engine, world: &mut World) -> Vec<String> {
    let reply = world.handle(engine, Request::new("GET", "/oauth2/jwks"));
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    body["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()).collect()
}

#[test]
fn a_signing_key_is_made_once_and_kept() {
    let config = json!({ "issuer": "https://sts.example" });
    let mut world = World::at(NOW);
    let first = engine(&config, HostCrypto::default());
    let made = published(&first, &mut world);
    assert_eq!(made.len(), 1);
    assert_eq!(world.store.len(), 1);
    let kept = world.store.value("signing-keys").unwrap().to_vec();

    assert_eq!(published(&first, &mut world), made);
    let after_restart = engine(&config, HostCrypto::default());
    assert_eq!(published(&after_restart, &mut world), made);
    assert_eq!(world.store.value("signing-keys").unwrap(), kept);

    // Another store is another server, with another key.
    assert_ne!(published(&engine(&config, HostCrypto::default()), &mut World::at(NOW)), made);
}

#[test]
fn two_that_start_at_once_end_with_the_same_key() {
    let config = json!({ "issuer": "https://sts.example" });
    let engines = [(); 2].map(|()| engine(&config, HostCrypto::default()));
    let mut world = World::at(NOW);
    // Both find nothing and make a key before either has written.
    let keys = || Request::new("GET", "/oauth2/jwks");
    let writing = engines.each_ref().map(|engine| until(engine, &mut world, keys(), "commit"));
    for (engine, pending) in engines.iter().zip(writing) {
        let answer = world.answer(engine, pending.ask());
        let step = pending.resume(answer).unwrap();
        assert_eq!(world.drive(engine, step).status, 200);
    }
    let [one, other] = engines.each_ref().map(|engine| published(engine, &mut world));
    assert_eq!(one, other);
}

#[test]
fn a_signing_key_that_cannot_be_read_is_not_replaced() {
    let engine = engine(&json!({ "issuer": "https://sts.example" }), HostCrypto::default());
    let pending = begin(&engine, Request::new("GET", "/oauth2/jwks"));
    let record = Record { key: "signing-keys".into(), value: b"{}".to_vec(), version: 1 };
    let reply = done(pending.resume(Answer::Records { records: vec![Some(record)] }).unwrap());
    assert_eq!(reply.status, 503);
}
