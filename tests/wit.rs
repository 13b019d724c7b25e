//! The component's interface parses, and says the same as the crate: every
//! ask, answer, failure and algorithm by its name.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may say what it means")]

use std::collections::BTreeSet;

use exchequer::{Algorithm, Answer, Ask, Failed, Outcome, TokenType, Verdict};
use serde_json::Value;
use wit_parser::{Resolve, TypeDefKind};

/// The cases of a variant or an enum in `wit/`, where it is defined.
fn cases(name: &str) -> BTreeSet<String> {
    let mut resolve = Resolve::default();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/wit");
    resolve.push_dir(root).expect("wit/ parses");
    let found = resolve.types.iter().find(|(_, one)| {
        one.name.as_deref() == Some(name) && !matches!(one.kind, TypeDefKind::Type(_))
    });
    match &found.unwrap_or_else(|| panic!("there is no type `{name}`")).1.kind {
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|one| one.name.clone()).collect(),
        TypeDefKind::Enum(several) => several.cases.iter().map(|one| one.name.clone()).collect(),
        other => panic!("`{name}` is a {other:?}"),
    }
}

/// A name of the serialised form (`tooLarge`) as WIT writes it (`too-large`).
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn tag(value: impl serde::Serialize, member: &str) -> String {
    let value = serde_json::to_value(value).expect("it serialises");
    kebab(value.get(member).and_then(Value::as_str).unwrap_or_else(|| panic!("{value}")))
}

#[test]
fn every_ask_is_there() {
    let key = exchequer::SigningKey::generate(Algorithm::ES256, &[7; 32]).expect("a key");
    let asks = [
        Ask::Fetch { url: String::new(), timeout_ms: 0, max_bytes: 0, traceparent: None },
        Ask::Read { keys: Vec::new() },
        Ask::List { prefix: String::new(), cursor: None, limit: 1 },
        Ask::Commit { batch: Vec::new() },
        Ask::Verify {
            alg: Algorithm::ES256,
            key: key.public().clone(),
            message: Vec::new(),
            signature: Vec::new(),
        },
        Ask::Sign { alg: Algorithm::ES256, key_id: String::new(), message: Vec::new() },
    ];
    let names: BTreeSet<_> = asks.iter().map(|ask| tag(ask, "ask")).collect();
    assert_eq!(cases("ask"), names);
    assert_eq!(names.len(), asks.len());
}

#[test]
fn every_answer_is_there() {
    let answers = [
        Answer::Fetched { status: 200, cache_control: None, location: None, body: Vec::new() },
        Answer::Records { records: Vec::new() },
        Answer::Page { records: Vec::new(), next: None },
        Answer::Committed,
        Answer::Conflict,
        Answer::Verdict { verdict: Verdict::Accept },
        Answer::Signature { signature: Vec::new() },
        Answer::Failed { failed: Failed::Broken },
    ];
    let names: BTreeSet<_> = answers.iter().map(|answer| tag(answer, "answer")).collect();
    assert_eq!(cases("answer"), names);
    assert_eq!(names.len(), answers.len());
}

#[test]
fn every_failure_and_algorithm_is_there() {
    let failures = [
        Failed::Unreachable,
        Failed::Unresolved,
        Failed::Untrusted,
        Failed::Proxy,
        Failed::TimedOut,
        Failed::TooLarge,
        Failed::Unsupported,
        Failed::Broken,
    ];
    let failures: BTreeSet<_> =
        failures.iter().map(|failed| tag(Answer::Failed { failed: *failed }, "failed")).collect();
    assert_eq!(cases("failed"), failures);
    let algorithms: BTreeSet<_> =
        Algorithm::ALL.iter().map(|alg| alg.name().to_ascii_lowercase()).collect();
    assert_eq!(cases("algorithm"), algorithms);
}

#[test]
fn every_token_type_and_outcome_is_there() {
    let types = [
        TokenType::AccessToken,
        TokenType::Jwt,
        TokenType::IdToken,
        TokenType::RefreshToken,
        TokenType::IdJag,
    ];
    let last_word =
        |kind: TokenType| kind.uri().rsplit(':').next().unwrap_or_default().replace('_', "-");
    assert_eq!(cases("token-type"), types.into_iter().map(last_word).collect());
    let outcomes = [Outcome::Pass, Outcome::Fail, Outcome::Audit, Outcome::Unavailable];
    let outcomes = outcomes.map(|outcome| serde_json::to_value(outcome).expect("it serialises"));
    let outcomes = outcomes.iter().filter_map(Value::as_str).map(String::from).collect();
    assert_eq!(cases("check-outcome"), outcomes);
}

/// What a host of one world does, a host of the other one finds under the same
/// name.
#[test]
fn both_worlds_have_every_operation() {
    let operations = [
        "handle",
        "exchange",
        "explain",
        "introspect",
        "revoke",
        "authenticate",
        "supply-keys",
        "refresh-keys",
    ];
    for (interface, resource) in [("steps", "engine"), ("service", "authority")] {
        let found = functions(interface);
        for operation in operations {
            let name = format!("[method]{resource}.{operation}");
            assert!(found.contains(&name), "there is no `{name}` in {found:?}");
        }
    }
}

/// The functions of an interface in `wit/`.
fn functions(name: &str) -> BTreeSet<String> {
    let mut resolve = Resolve::default();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/wit");
    resolve.push_dir(root).expect("wit/ parses");
    let found = resolve.interfaces.iter().find(|(_, one)| one.name.as_deref() == Some(name));
    let (_, found) = found.unwrap_or_else(|| panic!("there is no interface `{name}`"));
    found.functions.keys().cloned().collect()
}
