//! Which token is known, and for whom.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::{Signer, VerifiedTokens};
use crate::crypto::PublicKey;
use crate::jose::Jws;
use crate::token_cache::CacheCounters;

const ACME: Signer<'_> = Signer::Issuer("acme");

fn key() -> Arc<PublicKey> {
    let jwk = r#"{ "kty": "OKP", "crv": "Ed25519",
                   "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
    Arc::new(PublicKey::from_jwk(&serde_json::from_str(jwk).unwrap()).unwrap())
}

/// A token whose signature nobody made. All of them end alike.
fn token(alg: &str, sub: &str) -> String {
    let part = |json: String| Base64UrlUnpadded::encode_string(json.as_bytes());
    let (header, payload) =
        (part(format!(r#"{{"alg":"{alg}"}}"#)), part(format!(r#"{{"sub":"{sub}"}}"#)));
    format!("{header}.{payload}.c2lnbmF0dXJlIHRoYXQgbm9ib2R5IG1hZGU")
}

#[test]
fn a_token_counts_for_the_signer_the_algorithm_and_the_key_that_verified_it() {
    let tokens = VerifiedTokens::new(Some(64 * 1024), &Arc::default());
    let (verified, other) = (key(), key());
    let keys = [Arc::clone(&other), Arc::clone(&verified)];
    let (alice, bob, es256) =
        (token("EdDSA", "alice"), token("EdDSA", "bob"), token("ES256", "alice"));
    let jws = Jws::parse(&alice).unwrap();
    let is_known = |signer, jws: &Jws<'_>, keys: &[Arc<PublicKey>]| {
        tokens.key(signer, jws, keys).is_some_and(|key| Arc::ptr_eq(key, &verified))
    };
    assert!(!is_known(ACME, &jws, &keys), "nothing was verified yet");
    tokens.keep(ACME, &jws, &verified);
    assert!(is_known(ACME, &jws, &keys));
    assert!(!is_known(ACME, &Jws::parse(&bob).unwrap(), &keys));
    assert!(!is_known(Signer::Issuer("globex"), &jws, &keys));
    assert!(!is_known(Signer::Own, &jws, &keys));
    let es256 = Jws::known(&alice, Arc::clone(Jws::parse(&es256).unwrap().content()));
    assert!(!is_known(ACME, &es256, &keys), "under another algorithm");
    assert!(!is_known(ACME, &jws, &[]), "the key was withdrawn");
    assert!(!is_known(ACME, &jws, &[other]), "the same numbers came back");
    tokens.keep(Signer::Own, &jws, &verified);
    assert!(is_known(Signer::Own, &jws, &keys));
    assert!(!is_known(ACME, &jws, &keys));
}

#[test]
fn what_a_token_says_is_known_of_exactly_that_token() {
    let counters: Arc<CacheCounters> = Arc::default();
    let tokens = VerifiedTokens::new(Some(64 * 1024), &counters);
    let (alice, bob) = (token("EdDSA", "alice"), token("EdDSA", "bob"));
    let sub = |token: &str| {
        let content = tokens.content(token)?;
        Some(Jws::known(token, content).claims.text("sub")?.into_owned())
    };
    assert_eq!(sub(&alice), None, "nothing was verified yet");
    let jws = Jws::parse(&alice).unwrap();
    tokens.keep(ACME, &jws, &key());
    assert_eq!(sub(&alice).as_deref(), Some("alice"));
    assert_eq!(sub(&bob), None);
    let bytes = counters.bytes.load(Ordering::Relaxed);
    assert!(bytes as usize > alice.len() + jws.content().bytes(), "what it says takes memory, too");
    assert_eq!(counters.hits.load(Ordering::Relaxed), 0);
    assert_eq!(counters.misses.load(Ordering::Relaxed), 0);
}

#[test]
fn a_known_token_is_the_same_as_one_that_is_read() {
    let alice = token("EdDSA", "alice");
    let read = Jws::parse(&alice).unwrap();
    let known = Jws::known(&alice, Arc::clone(read.content()));
    assert_eq!(known.signing_input(), read.signing_input());
    assert_eq!(known.signing_input(), &alice.as_bytes()[..alice.rfind('.').unwrap()]);
}

#[test]
fn without_a_size_nothing_is_kept() {
    let tokens = VerifiedTokens::new(None, &Arc::default());
    let alice = token("EdDSA", "alice");
    let (jws, keys): (_, Vec<_>) = (Jws::parse(&alice).unwrap(), [key()].into());
    tokens.keep(ACME, &jws, &keys[0]);
    assert!(tokens.key(ACME, &jws, &keys).is_none());
    assert!(tokens.content(&alice).is_none());
}
