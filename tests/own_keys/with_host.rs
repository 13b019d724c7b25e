//! Keys whose private half the host has, in a device that does not give it out.

use exchequer::{Answer, Ask, Config, Engine, HostCrypto, Request, SigningKey, Step};
use serde_json::{Value, json};

use crate::support::fixtures;
use crate::support::start::{NOW, exchange};
use crate::support::world::{World, entropy};

/// The public half of a key, which the host signs with.
fn held(name: &str) -> Value {
    let mut jwk = fixtures::expand(&json!({ "$public": name, "kid": "hsm" }));
    jwk["private"] = json!("host");
    jwk
}

fn engine(key: &Value) -> Engine {
    let mut document = fixtures::document(&json!("standard"));
    document["keys"] = json!([key]);
    // The engine computes every other signature.
    Engine::new(fixtures::config(&document), HostCrypto::default())
}

/// Exchanges a token, with signatures of this key.
fn exchanged(engine: &Engine, signer: &str) -> (u16, Vec<String>) {
    let mut world = World::at(NOW);
    world.web.script(&serde_json::from_value(fixtures::json_file("web.json")).unwrap());
    let signer = SigningKey::from_jwk(&fixtures::key(signer)).unwrap();
    let mut step = engine.handle(exchange(), world.now, entropy());
    let mut asked = Vec::new();
    loop {
        step = match step {
            Step::Done(reply) => return (reply.status, asked),
            Step::Ask(pending) => {
                let answer = match pending.ask() {
                    Ask::Sign { key_id, message, .. } => {
                        asked.push(key_id.clone());
                        let signature = signer.sign(message, &[7; 32]).unwrap();
                        Answer::Signature { signature }
                    }
                    ask => world.answer(engine, ask),
                };
                pending.resume(answer).unwrap()
            }
        };
    }
}

#[test]
fn every_signature_is_asked_for() {
    let engine = engine(&held("ours"));
    assert_eq!(exchanged(&engine, "ours"), (200, vec!["hsm".into()]));
    let key = engine.signing_key("hsm").unwrap();
    assert!(key.is_with_host());
    assert_eq!(key.to_jwk()["private"], "host");
    assert!(key.sign(b"x", &[7; 32]).is_none() && key.to_pkcs8_der().is_none());
    let reply = World::at(NOW).handle(&engine, Request::new("GET", "/oauth2/jwks"));
    let keys: Value = serde_json::from_slice(&reply.body).unwrap();
    assert!(keys["keys"][0].get("private").is_none(), "{keys}");
}

/// A token that nobody can verify is not given out.
#[test]
fn a_signature_by_another_key_is_refused() {
    assert_eq!(exchanged(&engine(&held("ours")), "ours-next").0, 503);
}

#[test]
fn what_contradicts_itself_is_a_problem() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut key = held("ours");
        change(&mut key);
        let document = json!({ "issuer": "https://sts.example", "keys": [key] });
        let parsed = Config::parse(&document.to_string()).unwrap();
        parsed.without_secrets().unwrap_err().to_string()
    };
    assert!(said(&|key| key["d"] = fixtures::key("ours")["d"].clone()).contains("remove one"));
    assert!(said(&|key| key["private"] = json!("kms")).contains("no other place"));
    let without = said(&|key| {
        key.as_object_mut().unwrap().remove("private");
    });
    assert!(without.contains("\"private\": \"host\""), "{without}");
}
