//! What is forgiven in a set, what is not, and how it is said.

use std::string::String;
use std::vec;

use serde_json::json;

use super::*;

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// A good key with these members instead.
fn key(members: Value) -> Value {
    let mut jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": X });
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn set(keys: Vec<Value>) -> JwkSet {
    JwkSet::from_value(&json!({ "keys": keys })).unwrap()
}

fn skipped(members: Value) -> Vec<String> {
    set(vec![key(members)]).skipped.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_forgiven() {
    for members in [
        json!({}),
        json!({ "use": null, "alg": null, "kid": null, "key_ops": null, "x5c": null, "x5t": null }),
        json!({ "key_ops": [] }),
        json!({ "key_ops": ["verify", "sign"] }),
        json!({ "use": "sig" }),
        json!({ "use": "SIG" }),
        json!({ "use": "jwt-svid" }),
        json!({ "use": "JWT-SVID" }),
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "Ed25519" }),
        json!({ "x5c": ["not a certificate"] }),
        json!({ "x5c": "not a list" }),
        json!({ "x5t": 1 }),
        json!({ "d": "private", "unknown": [1] }),
    ] {
        assert_eq!(skipped(members.clone()), [""; 0], "{members}");
    }
}

#[test]
fn what_a_key_is_skipped_for_is_said_with_its_place_and_name() {
    for (members, expected) in [
        (json!({ "use": "enc" }), "key 0: its `use` is `enc`, not `sig`"),
        (json!({ "use": "x509-svid" }), "key 0: its `use` is `x509-svid`, not `sig`"),
        (json!({ "use": "" }), "key 0: its `use` is ``, not `sig`"),
        (json!({ "use": ["sig"] }), "key 0: its `use` is not a string"),
        (json!({ "key_ops": ["sign"] }), "key 0: its `key_ops` does not include `verify`"),
        (json!({ "key_ops": "verify" }), "key 0: its `key_ops` is not a list"),
        (json!({ "kid": 1 }), "key 0: its `kid` is not a string"),
        (
            json!({ "kid": "a\nb", "alg": "HS256" }),
            "key 0 (`kid` `a\u{fffd}b`): its `alg` is `HS256`, which signs no token here",
        ),
        (
            json!({ "kid": "a", "alg": "ES256" }),
            "key 0 (`kid` `a`): its `alg` does not fit its `kty` or `crv`",
        ),
        (json!({ "kty": null }), "key 0: `kty` is not a string"),
    ] {
        assert_eq!(skipped(members), [expected]);
    }
    let all = set(vec![json!(null), json!("key"), key(json!({}))]);
    assert_eq!((all.keys.len(), all.skipped.len()), (1, 2));
}

#[test]
fn keys_for_something_else_are_not_broken() {
    let other = || [key(json!({ "use": "enc" })), key(json!({ "alg": "RSA-OAEP" }))];
    assert_eq!(set(other().into()).broken(), None);
    let broken = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" });
    let all = set(other().into_iter().chain([broken]).collect());
    assert!(all.broken().unwrap().starts_with("key 2: "), "{:?}", all.broken());
    assert!(all.unused().unwrap().starts_with("key 0: its `use` is `enc`, not `sig`; key 1: "));
    let many = set((0..100).map(|_| json!(0)).collect());
    assert!(many.broken().unwrap().ends_with("; and 97 more"), "{:?}", many.broken());
}

#[test]
fn five_hundred_keys_are_read_and_the_rest_is_said() {
    let all: Vec<_> = (0..501).map(|number| key(json!({ "kid": number.to_string() }))).collect();
    let at_the_limit = set(all.iter().take(500).cloned().collect());
    assert_eq!((at_the_limit.keys.len(), at_the_limit.broken()), (500, None));
    let beyond = set(all);
    assert_eq!(beyond.keys.len(), 500);
    let said = "key 500 and those after it: only the first 500 keys are read";
    assert_eq!(*beyond.broken().unwrap(), *said);
}

#[test]
fn a_document_that_is_no_set_is_named() {
    let long = std::format!("{{\"keys\":[{}]}}", " ".repeat(512 * 1024));
    for (text, expected) in [
        ("", "is empty"),
        (" \n", "is empty"),
        ("\u{feff}", "is empty"),
        ("<!doctype html>", "is not JSON but HTML or XML"),
        ("  <a/>", "is not JSON but HTML or XML"),
        ("keys", "is not JSON"),
        ("\u{1f}\u{8b}", "is not JSON"),
        (
            "eyJhbGciOiJFUzI1NiJ9.e30.AA",
            "is not JSON but a JWT: a key set that is signed or encrypted is not supported",
        ),
        (
            "\n-----BEGIN CERTIFICATE-----\n",
            "is not JSON but PEM: give it as `certificate.certificates`",
        ),
        ("{\"keys\":[]} x", "is not JSON"),
        ("null", "is not a JWK set: it has no list `keys`"),
        ("[]", "is not a JWK set: it has no list `keys`"),
        ("{\"keys\":null}", "is not a JWK set: it has no list `keys`"),
        (
            "{\"jwks_uri\":\"https://idp.example/jwks\"}",
            "is not a JWK set but a discovery document: its `jwks_uri` is the URL of the set",
        ),
        (
            "{\"kty\":\"RSA\"}",
            "is not a JWK set but a single key: expected `{\"keys\": [ … ]}` around it",
        ),
        (&long, "is longer than 512 KiB"),
    ] {
        assert_eq!(JwkSet::parse(text.as_bytes()), Err(expected.into()));
    }
    for (bytes, expected) in [
        (&[0xff, 0xfe, b'{', 0][..], "is UTF-16, and JSON has to be UTF-8"),
        (&[0xfe, 0xff, 0, b'{'], "is UTF-16, and JSON has to be UTF-8"),
        (&[0x1f, 0x8b, 8, 0], "is compressed with gzip, and no `Content-Encoding` says so"),
    ] {
        assert_eq!(JwkSet::parse(bytes), Err(expected.into()));
    }
}

#[test]
fn a_set_may_be_empty_and_may_begin_with_a_byte_order_mark() {
    assert_eq!(JwkSet::parse(b"{\"keys\":[]}"), Ok(JwkSet::default()));
    let text = std::format!("\u{feff}{}", json!({ "keys": [key(json!({}))] }));
    assert_eq!(JwkSet::parse(text.as_bytes()).unwrap().keys.len(), 1);
    // One mark, at the beginning.
    assert!(JwkSet::parse(std::format!("\u{feff}{text}").as_bytes()).is_err());
}
