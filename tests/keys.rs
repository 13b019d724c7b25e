//! Keys through the public face: the examples of the RFCs, every weak or
//! malformed key, signatures that are nearly right, and keys of our own.
//!
//! `keys/rfc` holds an example of an RFC a file, `keys/weak` a refused key a
//! file, with the problem it is refused for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, helpers included"
)]

#[path = "keys/private.rs"]
mod private;

use std::fs;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, PublicKey, SigningKey, Verdict};
use serde_json::{Value, json};

/// The cases of a folder, with their names.
fn cases(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(folder);
    let read = |entry: fs::DirEntry| {
        let case = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
        (entry.file_name().into_string().unwrap(), case)
    };
    let cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect();
    assert!(!cases.is_empty());
    cases
}

fn example(name: &str) -> Value {
    let (_, case) = cases("rfc").into_iter().find(|(file, _)| file.starts_with(name)).unwrap();
    case
}

fn octets(case: &Value, member: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(case[member].as_str().unwrap()).unwrap()
}

/// A private key for every algorithm, from the examples.
fn every_key() -> Vec<SigningKey> {
    let rsa = Algorithm::ALL.into_iter().take(6).map(|alg| ("rfc7515-a2", alg));
    let others = [
        ("rfc7515-a3", Algorithm::ES256),
        ("rfc6979-a26", Algorithm::ES384),
        ("rfc7515-a4", Algorithm::ES512),
        ("rfc8037-a4", Algorithm::EdDSA),
    ];
    let key = |(name, alg): (&str, Algorithm)| {
        let mut jwk = example(name)["jwk"].clone();
        jwk["alg"] = alg.name().into();
        SigningKey::from_jwk(&jwk).unwrap()
    };
    rsa.chain(others).map(key).collect()
}

/// Adds a number to another, both big-endian and of one length; `None` when
/// the sum is longer.
fn sum(left: &[u8], right: &[u8]) -> Option<Vec<u8>> {
    let mut carry = 0;
    let mut sum: Vec<u8> = Vec::new();
    for (left, right) in left.iter().rev().zip(right.iter().rev()) {
        let digit = u16::from(*left) + u16::from(*right) + carry;
        sum.push((digit & 0xff) as u8);
        carry = digit >> 8;
    }
    sum.reverse();
    (carry == 0).then_some(sum)
}

/// The difference of two big-endian numbers of one length, the larger first.
fn minus(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut rest = Vec::new();
    for (left, right) in left.iter().rev().zip(right.iter().rev()) {
        let digit = 256 + i32::from(*left) - i32::from(*right) - borrow;
        rest.push((digit & 0xff) as u8);
        borrow = 1 - (digit >> 8);
    }
    rest.reverse();
    rest
}

#[test]
fn thumbprint_of_rfc_7638_section_3_1() {
    let key = PublicKey::from_jwk(&json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    }));
    assert_eq!(key.unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn signatures_of_the_rfcs_are_accepted() {
    for (name, case) in cases("rfc") {
        let alg = Algorithm::from_name(case["alg"].as_str().unwrap()).unwrap();
        let key = PublicKey::from_jwk(&case["jwk"]).unwrap();
        let (message, signature) = (case["message"].as_str().unwrap(), octets(&case, "signature"));
        let verify =
            |message: &str, signature: &[u8]| key.verify(alg, message.as_bytes(), signature);
        assert_eq!(verify(message, &signature), Verdict::Accept, "{name}");
        assert_eq!(verify(&message[1..], &signature), Verdict::Reject, "{name}");
        for at in 0..signature.len() {
            let mut tampered = signature.clone();
            tampered[at] ^= 1 << (at % 8);
            assert_eq!(verify(message, &tampered), Verdict::Reject, "{name}, octet {at}");
        }
        if let Some(thumbprint) = case.get("thumbprint") {
            assert_eq!(thumbprint, key.thumbprint());
        }
    }
}

/// RS256, EdDSA, and ECDSA as RFC 6979 has it.
#[test]
fn signatures_of_the_rfcs_are_made_again() {
    let deterministic = cases("rfc").into_iter().filter(|(_, case)| case["deterministic"] == true);
    let mut made = 0;
    for (name, case) in deterministic {
        let key = SigningKey::from_jwk(&case["jwk"]).unwrap();
        let signature = key.sign(case["message"].as_str().unwrap().as_bytes(), &[1; 32]).unwrap();
        assert_eq!(signature, octets(&case, "signature"), "{name}");
        made += 1;
    }
    assert_eq!(made, 4);
}

#[test]
fn weak_and_malformed_keys_are_refused_with_the_reason() {
    for (name, case) in cases("weak") {
        let problem = PublicKey::from_jwk(&case["jwk"]).expect_err(&name).to_string();
        assert_eq!(case["problem"], problem, "{name}");
        assert_eq!(SigningKey::from_jwk(&case["jwk"]).expect_err(&name).to_string(), problem);
    }
}

#[test]
fn a_zero_before_a_modulus_is_forgiven_and_forgotten() {
    let plain = PublicKey::from_jwk(&example("rfc7515-a2")["jwk"]).unwrap();
    let mut jwk = plain.to_jwk();
    let prefixed = [vec![0], octets(&jwk, "n")].concat();
    jwk["n"] = Base64UrlUnpadded::encode_string(&prefixed).into();
    assert_eq!(PublicKey::from_jwk(&jwk), Ok(plain));
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    let keys = every_key();
    assert_eq!(keys.iter().map(SigningKey::algorithm).collect::<Vec<_>>(), Algorithm::ALL);
    for key in &keys {
        let alg = key.algorithm();
        let signature = key.sign(b"message", &[1; 32]).unwrap();
        assert_eq!(key.public().verify(alg, b"message", &signature), Verdict::Accept, "{alg}");
        assert_eq!(key.public().verify(alg, b"massage", &signature), Verdict::Reject, "{alg}");
        for other in Algorithm::ALL.into_iter().filter(|other| *other != alg) {
            let verdict = key.public().verify(other, b"message", &signature);
            assert_eq!(verdict, Verdict::Reject, "{alg} as {other}");
        }
    }
}

#[test]
fn entropy_goes_into_pss_and_es512_alone() {
    for key in every_key() {
        let alg = key.algorithm();
        let [first, again, fresh] =
            [[1; 32], [1; 32], [2; 32]].map(|entropy| key.sign(b"m", &entropy));
        assert_eq!(first, again, "{alg}");
        let random = matches!(
            alg,
            Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512 | Algorithm::ES512
        );
        assert_eq!(first != fresh, random, "{alg}");
    }
}

#[test]
fn a_signature_has_one_length_and_is_not_zero() {
    for key in every_key() {
        let alg = key.algorithm();
        let signature = key.sign(b"message", &[1; 32]).unwrap();
        let wrong = [
            Vec::new(),
            vec![0],
            vec![0; signature.len()],
            vec![0xff; signature.len()],
            signature[1..].to_vec(),
            signature[..signature.len() - 1].to_vec(),
            [&[0], &signature[..]].concat(),
            [&signature[..], &[0]].concat(),
            [&signature[..], &signature[..]].concat(),
        ];
        for wrong in wrong {
            assert_eq!(key.public().verify(alg, b"message", &wrong), Verdict::Reject, "{alg}");
        }
    }
}

/// RSA: s + n is the same number modulo n.
#[test]
fn an_rsa_signature_beyond_the_modulus_is_rejected() {
    let case = example("rfc7515-a2");
    let key = SigningKey::from_jwk(&case["jwk"]).unwrap();
    let modulus = octets(&case["jwk"], "n");
    let mut seen = 0;
    for number in 0..16_u8 {
        let signature = key.sign(&[number], &[1; 32]).unwrap();
        assert_eq!(key.public().verify(Algorithm::RS256, &[number], &signature), Verdict::Accept);
        if let Some(beyond) = sum(&signature, &modulus) {
            assert_eq!(key.public().verify(Algorithm::RS256, &[number], &beyond), Verdict::Reject);
            seen += 1;
        }
    }
    assert!(seen > 0);
    assert_eq!(key.public().verify(Algorithm::RS256, b"", &modulus), Verdict::Reject);
}

/// Ed25519: S + L is the same scalar modulo L (RFC 8032 section 8.4).
#[test]
fn an_ed25519_signature_beyond_the_order_is_rejected() {
    let mut order = [0; 32];
    order[0] = 0x10;
    order[16..].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_be_bytes());
    let case = example("rfc8037-a4");
    let (key, signature) = (PublicKey::from_jwk(&case["jwk"]).unwrap(), octets(&case, "signature"));
    let mut s = signature[32..].to_vec();
    s.reverse();
    let mut beyond = sum(&s, &order).unwrap();
    beyond.reverse();
    let malleated = [&signature[..32], &beyond[..]].concat();
    let message = case["message"].as_str().unwrap().as_bytes();
    assert_eq!(key.verify(Algorithm::EdDSA, message, &signature), Verdict::Accept);
    assert_eq!(key.verify(Algorithm::EdDSA, message, &malleated), Verdict::Reject);
}

/// ECDSA: r and s are not zero (CVE-2022-21449) and smaller than the order;
/// order - s is as good as s.
#[test]
fn ecdsa_numbers_are_in_range_and_a_high_s_is_fine() {
    let case = example("rfc7515-a3");
    let (key, signature) = (PublicKey::from_jwk(&case["jwk"]).unwrap(), octets(&case, "signature"));
    let message = case["message"].as_str().unwrap().as_bytes();
    let order =
        Base64UrlUnpadded::decode_vec("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    let verify = |r: &[u8], s: &[u8]| key.verify(Algorithm::ES256, message, &[r, s].concat());
    let (r, s) = signature.split_at(32);
    assert_eq!(verify(r, &minus(&order, s)), Verdict::Accept);
    assert_eq!(verify(r, s), Verdict::Accept);
    for (r, s) in [(&[0; 32][..], s), (r, &[0; 32][..]), (&order[..], s), (r, &order[..])] {
        assert_eq!(verify(r, s), Verdict::Reject);
    }
}

#[test]
fn fresh_keys_are_usable_and_differ() {
    let made = [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA];
    for alg in made {
        let key = SigningKey::generate(alg, &[1; 32]).unwrap();
        assert_eq!(key.kid(), key.public().thumbprint());
        let signature = key.sign(b"message", &[1; 32]).unwrap();
        assert_eq!(key.public().verify(alg, b"message", &signature), Verdict::Accept);
        assert_eq!(SigningKey::from_jwk(&key.to_jwk()).unwrap().public(), key.public());
        assert_eq!(SigningKey::generate(alg, &[1; 32]).unwrap().kid(), key.kid());
        assert_ne!(SigningKey::generate(alg, &[2; 32]).unwrap().kid(), key.kid());
    }
    let problem = SigningKey::generate(Algorithm::RS256, &[1; 32]).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "a key for RS256 is not made here: expected ES256, ES384, ES512 or EdDSA"
    );
}

#[test]
fn keys_may_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<PublicKey>();
    shared::<SigningKey>();
}

/// What no answer to is known must at least be an answer.
#[test]
fn cut_and_garbled_der_is_refused() {
    let der = PublicKey::from_jwk(&example("rfc7515-a3")["jwk"]).unwrap().to_spki_der();
    for end in 0..der.len() {
        assert!(PublicKey::from_spki_der(&der[..end]).is_err());
    }
    assert!(PublicKey::from_spki_der(&[&der[..], &[0]].concat()).is_err());
    for at in 0..der.len() {
        for bit in 0..8 {
            let mut garbled = der.clone();
            garbled[at] ^= 1 << bit;
            assert!(PublicKey::from_spki_der(&garbled).is_err(), "octet {at}, bit {bit}");
        }
    }
}
