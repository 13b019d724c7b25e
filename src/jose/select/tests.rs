//! Which key a token means.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::crypto::thumbprint::Thumbprints;
use crate::crypto::{Algorithm, PublicKey, SigningKey};

const ONE: &[u8] = b"the DER of one certificate";
const OTHER: &[u8] = b"the DER of another";

fn key(seed: u8) -> Value {
    let key = SigningKey::generate(Algorithm::EdDSA, &[seed; 32]).unwrap();
    key.public().to_jwk()
}

fn with(mut jwk: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn x5c(der: &[u8]) -> Value {
    json!({ "x5c": [Base64::encode_string(der)] })
}

fn sha1(der: &[u8]) -> String {
    use sha1::Digest;
    Base64UrlUnpadded::encode_string(&sha1::Sha1::digest(der))
}

fn sha256(der: &[u8]) -> String {
    use sha2::Digest;
    Base64UrlUnpadded::encode_string(&sha2::Sha256::digest(der))
}

/// The seeds of the keys that a token with this header may be signed with, or
/// the code of the fault.
fn chosen(set: &[Value], header: Value) -> Result<Vec<u8>, &'static str> {
    let header = with(json!({ "alg": "EdDSA" }), header).to_string();
    let token = format!("{}.e30.", Base64UrlUnpadded::encode_string(header.as_bytes()));
    let set = JwkSet::from_value(&json!({ "keys": set })).unwrap();
    let keys = candidates(&set, &Jws::parse(&token).map_err(|fault| fault.reason.code)?);
    let seed = |jwk: &Jwk| {
        (0..9).find(|seed| PublicKey::from_jwk(&self::key(*seed)).unwrap() == *jwk.key).unwrap()
    };
    keys.map(|keys| keys.into_iter().map(seed).collect()).map_err(|fault| fault.reason.code)
}

#[test]
fn a_kid_chooses_every_key_of_that_name() {
    let set = [
        with(key(1), json!({ "kid": "a" })),
        with(key(2), json!({ "kid": "b" })),
        with(key(3), json!({ "kid": "a" })),
        key(4),
    ];
    assert_eq!(chosen(&set, json!({ "kid": "a" })), Ok([1, 3].into()));
    assert_eq!(chosen(&set, json!({ "kid": "b" })), Ok([2].into()));
    assert_eq!(chosen(&set, json!({ "kid": "c" })), Err("key.not_found"));
    assert_eq!(chosen(&set, json!({})), Err("key.ambiguous"));
    assert_eq!(chosen(&set[..1], json!({})), Ok([1].into()));
}

#[test]
fn a_thumbprint_chooses_the_key_of_that_certificate() {
    let sets = [
        [with(key(1), x5c(ONE)), with(key(2), x5c(OTHER))],
        [with(key(1), json!({ "x5t": sha1(ONE) })), with(key(2), json!({ "x5t": sha1(OTHER) }))],
    ];
    for set in &sets {
        assert_eq!(chosen(set, json!({})), Err("key.ambiguous"));
        assert_eq!(chosen(set, json!({ "x5t": sha1(ONE) })), Ok([1].into()));
        assert_eq!(chosen(set, json!({ "x5t": sha1(OTHER) })), Ok([2].into()));
        assert_eq!(chosen(set, json!({ "x5t": sha1(b"a third") })), Err("key.not_found"));
    }
    let [set, _] = sets;
    assert_eq!(chosen(&set, json!({ "x5t#S256": sha256(OTHER) })), Ok([2].into()));
    assert_eq!(chosen(&set, json!({ "x5t#S256": sha256(b"a third") })), Err("key.not_found"));
    assert_eq!(chosen(&set, json!({ "x5t": 1 })), Err("header.malformed"));
}

#[test]
fn a_kid_counts_before_a_thumbprint() {
    let set = [
        with(with(key(1), x5c(ONE)), json!({ "kid": "a" })),
        with(with(key(2), x5c(OTHER)), json!({ "kid": "b" })),
    ];
    assert_eq!(chosen(&set, json!({ "kid": "a", "x5t": sha1(OTHER) })), Ok([1].into()));
    assert_eq!(chosen(&set, json!({ "kid": "c", "x5t": sha1(OTHER) })), Ok([2].into()));
    assert_eq!(chosen(&set, json!({ "kid": "c", "x5t": "AAAA" })), Err("key.not_found"));
}

#[test]
fn a_thumbprint_does_not_rule_out_a_key_without_certificate() {
    let set = [key(1), with(key(2), x5c(OTHER))];
    assert_eq!(chosen(&set, json!({ "x5t": sha1(ONE) })), Ok([1].into()));
    assert_eq!(chosen(&[key(1), key(2)], json!({ "x5t": sha1(ONE) })), Err("key.ambiguous"));
}

#[test]
fn what_is_not_used_is_named_where_it_may_be_the_right_key() {
    let keys = [
        with(key(1), json!({ "kid": "a", "use": "enc" })),
        with(key(2), json!({ "kid": "b", "alg": "EdDSA" })),
        key(3),
    ];
    let fault = |header: &[u8], keys: &[Value]| {
        let token = format!("{}.e30.", Base64UrlUnpadded::encode_string(header));
        let set = JwkSet::from_value(&json!({ "keys": keys })).unwrap();
        let fault = candidates(&set, &Jws::parse(&token).unwrap()).unwrap_err();
        (fault.reason.code, fault.message, fault.detail.unwrap_or_default())
    };
    assert_eq!(
        fault(br#"{"alg":"EdDSA","kid":"a"}"#, &keys).1,
        "the issuer's key that the token names, `a`, is not used: its `use` is `enc`, not `sig`"
    );
    let (code, message, detail) = fault(br#"{"alg":"EdDSA","kid":"c"}"#, &keys);
    assert_eq!(code, "key.not_found");
    assert_eq!(message, "the issuer has no usable key for the token: no EdDSA key with `kid` `c`");
    assert_eq!(
        detail,
        "no EdDSA key with `kid` `c`; there is `b` for EdDSA, a key without `kid`; \
         not used: key 0 (`kid` `a`): its `use` is `enc`, not `sig`"
    );
    assert_eq!(
        fault(br#"{"alg":"EdDSA"}"#, &keys).2,
        "`b` for EdDSA, a key without `kid` would fit"
    );
    assert_eq!(
        fault(br#"{"alg":"ES256"}"#, &keys[..1]).2,
        "no ES256 key; there is no usable key; \
         not used: key 0 (`kid` `a`): its `use` is `enc`, not `sig`"
    );
    let many: Vec<Value> = core::iter::repeat_n(key(2), 501).collect();
    assert_eq!(fault(br#"{"alg":"EdDSA","kid":"c"}"#, &many).0, "key.beyond_limit");
    assert_eq!(Thumbprints::default().same(&Thumbprints::of_der(ONE)), None);
}
