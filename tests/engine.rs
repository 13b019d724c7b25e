//! The seam: one answer per ask, an answer that fits, and an engine that is
//! none the worse for a host that breaks the rule or goes away. What a request
//! is answered is in `tests/vectors`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use std::sync::Arc;

use exchequer::{
    AccessRequirements, Algorithm, Answer, Ask, Engine, Expect, Failed, HostCrypto, Misuse,
    Pending, PublicKey, Record, Reply, Request, Step, Timestamp, Unauthorized, Verdict, Write,
};
use serde_json::json;

use support::fixtures;
use support::start::{JWKS, NOW, begin, done, engine, exchange, request, standard, until, world};
use support::world::{Crypto, entropy};

/// One of each answer.
fn answers() -> Vec<Answer> {
    vec![
        Answer::Fetched {
            status: 200,
            cache_control: Some("max-age=60".into()),
            location: None,
            body: b"{}".to_vec(),
        },
        Answer::Records { records: vec![None] },
        Answer::Page { records: Vec::new(), next: None },
        Answer::Committed,
        Answer::Conflict,
        Answer::Verdict { verdict: Verdict::Accept },
        Answer::Signature { signature: vec![1; 64] },
        Answer::Failed { failed: Failed::TimedOut },
    ]
}

/// Whether an answer is one to asks of this name.
fn fits(ask: &str, answer: &Answer) -> bool {
    match answer {
        Answer::Fetched { .. } => ask == "fetch",
        Answer::Records { .. } => ask == "read",
        Answer::Page { .. } => ask == "list",
        Answer::Committed | Answer::Conflict => ask == "commit",
        Answer::Verdict { .. } => ask == "verify",
        Answer::Signature { .. } => ask == "sign",
        _ => true,
    }
}

#[test]
fn an_answer_that_does_not_fit_is_the_hosts_mistake_and_nothing_else() {
    let keyless = json!({ "issuer": "https://sts.example" });
    let keys = || Request::new("GET", "/oauth2/jwks");
    let once = || request("replay/same-token-twice.json");
    for (name, config, request) in [
        ("fetch", json!("standard"), exchange()),
        ("verify", json!("standard"), exchange()),
        ("sign", json!("standard"), exchange()),
        ("commit", json!("standard"), once()),
        ("read", keyless, keys()),
    ] {
        for answer in answers() {
            let engine = engine(&config, Crypto::Host.host_crypto());
            let mut world = world();
            let pending = until(&engine, &mut world, request.clone(), name);
            let resumed = pending.resume(answer.clone());
            assert_eq!(resumed.is_ok(), fits(name, &answer), "{name} {answer:?}");
            // The engine is none the worse for it; a fetch that failed is made
            // again a second later.
            world.now = Timestamp(NOW + 1);
            assert_eq!(world.handle(&engine, request.clone()).status, 200, "{name} {answer:?}");
        }
    }
}

#[test]
fn as_many_records_are_answered_as_were_asked_for() {
    let engine = engine(&json!({ "issuer": "https://sts.example" }), HostCrypto::default());
    for records in [vec![], vec![None, None]] {
        let pending = begin(&engine, Request::new("GET", "/oauth2/jwks"));
        let misuse: Misuse = pending.resume(Answer::Records { records }).unwrap_err();
        assert_eq!(misuse.to_string(), "the host answered `records` to the ask `read`");
    }
}

#[test]
fn whatever_the_host_cannot_do_nothing_is_issued() {
    for name in ["fetch", "verify", "sign", "commit"] {
        for failed in [
            Failed::Unreachable,
            Failed::TimedOut,
            Failed::TooLarge,
            Failed::Unsupported,
            Failed::Broken,
        ] {
            let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
            let case = if name == "commit" {
                "replay/same-token-twice.json"
            } else {
                "accepted/alg-es256.json"
            };
            let mut world = world();
            let pending = until(&engine, &mut world, request(case), name);
            // A commit that failed is looked for in the store, where it is not.
            let step = pending.resume(Answer::Failed { failed }).unwrap();
            let reply = world.drive(&engine, step);
            assert_eq!(reply.status, 503, "{name} {failed:?}");
            assert!(reply.headers.iter().any(|(name, _)| *name == "retry-after"));
        }
    }
}

/// The token was spent, and by somebody else.
#[test]
fn a_commit_that_failed_does_not_count_because_another_request_wrote_the_same() {
    let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
    let mut world = world();
    let again = || request("replay/same-token-twice.json");
    assert_eq!(world.handle(&engine, again()).status, 200);
    let mut step = engine.handle(again(), Timestamp(NOW), entropy());
    let reply = loop {
        step = match step {
            Step::Done(reply) => break reply,
            Step::Ask(pending) => {
                let answer = match pending.ask() {
                    Ask::Commit { .. } => Answer::Failed { failed: Failed::Unreachable },
                    ask => world.answer(&engine, ask),
                };
                pending.resume(answer).unwrap()
            }
        };
    };
    assert_eq!(reply.status, 503);
}

#[test]
fn a_signature_that_cannot_be_one_is_not_sent_out() {
    for signature in [vec![], vec![0; 64], vec![1; 63], vec![0xff; 64]] {
        let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
        let pending = until(&engine, &mut world(), exchange(), "sign");
        let reply = done(pending.resume(Answer::Signature { signature }).unwrap());
        assert_eq!(reply.status, 503);
    }
}

#[test]
fn a_host_that_rejects_a_good_signature_is_believed() {
    let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
    let pending = until(&engine, &mut world(), exchange(), "verify");
    let reply = done(pending.resume(Answer::Verdict { verdict: Verdict::Reject }).unwrap());
    assert_eq!(reply.status, 400);
}

#[test]
fn what_is_malformed_never_reaches_the_host() {
    for name in ["es256-s-zero", "es256-der", "ed25519-s-plus-l", "rs256-s-plus-n", "rs2048-empty"]
    {
        let case = format!("signature/{name}.json");
        let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
        let mut world = world();
        let mut step = engine.handle(request(&case), Timestamp(NOW), entropy());
        while let Step::Ask(pending) = step {
            assert_ne!(pending.ask().name(), "verify", "{case}");
            let answer = world.answer(&engine, pending.ask());
            step = pending.resume(answer).unwrap();
        }
    }
}

#[test]
fn a_request_that_is_dropped_leaves_the_engine_as_it_was() {
    for name in ["fetch", "verify", "sign"] {
        let engine = engine(&json!("standard"), Crypto::Host.host_crypto());
        let mut world = world();
        drop(until(&engine, &mut world, exchange(), name));
        assert_eq!(world.handle(&engine, exchange()).status, 200, "{name}");
    }
    // Dropped while it spends the token: it may be tried again.
    let (engine, mut world) = (standard(), world());
    let once = || request("replay/same-token-twice.json");
    drop(until(&engine, &mut world, once(), "commit"));
    assert_eq!(world.handle(&engine, once()).status, 200);
}

#[test]
fn everything_may_be_sent_to_another_thread() {
    fn send<T: Send + 'static>() {}
    fn sync<T: Sync>() {}
    send::<Engine>();
    sync::<Engine>();
    send::<Step>();
    send::<Pending>();

    let engine = standard();
    let pending = begin(&engine, exchange());
    let other = engine.clone();
    let reply = std::thread::spawn(move || {
        let answer = world().answer(&other, pending.ask());
        done(pending.resume(answer).unwrap())
    });
    assert_eq!(reply.join().unwrap().status, 200);
}

#[test]
fn asks_and_answers_are_the_same_after_a_journey_as_json() {
    let key = fixtures::expand(&json!({ "$public": "idp-es256" }));
    let key = Arc::new(PublicKey::from_jwk(&key).unwrap());
    let write = |value, expect, expires_at| Write { key: "a/b".into(), value, expect, expires_at };
    let asks = vec![
        Ask::Fetch { url: JWKS.into(), timeout_ms: 1000, max_bytes: 65536, traceparent: None },
        Ask::Read { keys: vec!["a".into(), "b".into()] },
        Ask::List { prefix: "a/".into(), cursor: Some("a/1".into()), limit: 10 },
        Ask::List { prefix: "a/".into(), cursor: None, limit: 1000 },
        Ask::Commit {
            batch: vec![
                write(Some(vec![0, 255]), Expect::Absent, Some(NOW)),
                write(None, Expect::Version(u64::MAX), None),
                write(Some(Vec::new()), Expect::Any, None),
            ],
        },
        Ask::Verify { alg: Algorithm::ES256, key, message: b"m".to_vec(), signature: vec![1; 64] },
        Ask::Sign { alg: Algorithm::EdDSA, key_id: "ours".into(), message: b"m".to_vec() },
    ];
    for ask in asks {
        let json = serde_json::to_value(&ask).unwrap();
        assert_eq!(json["ask"], ask.name());
        assert_eq!(serde_json::from_value::<Ask>(json).unwrap(), ask);
    }
    let record = Record { key: "a".into(), value: vec![1, 2, 3], version: 7 };
    let mut answers = answers();
    answers.push(Answer::Records { records: vec![Some(record.clone()), None] });
    answers.push(Answer::Page { records: vec![record], next: Some("a".into()) });
    for answer in answers {
        let json = serde_json::to_string(&answer).unwrap();
        assert_eq!(Answer::from_json(json.as_bytes()), Some(answer), "{json}");
    }
    // What a host may leave out.
    let fetched = r#"{"answer":"fetched","status":200,"body":""}"#;
    assert!(Answer::from_json(fetched.as_bytes()).is_some());
    assert!(Answer::from_json(br#"{"answer":"fetched","status":200,"body":"="}"#).is_none());
}

/// RFC 9728 section 5.1, with and without HTTP.
/// What comes out where there is no store to ask for more APIs.
fn without_store<T>(mut step: Step<T>) -> T {
    loop {
        match step {
            Step::Done(result) => return *result,
            Step::Ask(pending) => {
                assert!(matches!(pending.ask(), Ask::List { .. }), "asks for {:?}", pending.ask());
                step = pending.resume(Answer::Failed { failed: Failed::Unsupported }).unwrap();
            }
        }
    }
}

#[test]
fn a_challenge_of_an_api_names_its_metadata() {
    let engine = engine(&json!("resources"), HostCrypto::default());
    let of = |audiences: &[&str]| AccessRequirements {
        audiences: audiences.iter().map(|one| String::from(*one)).collect(),
        ..AccessRequirements::default()
    };
    let challenge = |reply: &Reply| {
        let found = reply.headers.iter().find(|(name, _)| *name == "www-authenticate");
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let orders = "https://api.example/.well-known/oauth-protected-resource/orders";
    for (audiences, url) in [
        (vec!["https://api.example/orders"], Some(orders)),
        (vec!["urn:example:orders", "https://api.example/orders"], Some(orders)),
        (vec!["https://api.example/nobody"], None),
        (vec![], None),
    ] {
        let parameter = url.map(|url| format!(", resource_metadata=\"{url}\""));
        let expected = format!("Bearer realm=\"api\"{}", parameter.unwrap_or_default());
        let request = Request::new("GET", "/orders/1");
        let step = engine.protect(request, of(&audiences), Timestamp(NOW), entropy());
        assert_eq!(challenge(&without_store(step)), expected);
        let step = engine.admit(Ok(None), of(&audiences), Timestamp(NOW), entropy());
        let denied = without_store(step).unwrap_err();
        assert_eq!(denied.unauthorized, Unauthorized::Missing);
        assert_eq!(challenge(&denied.reply), expected);
    }
}
