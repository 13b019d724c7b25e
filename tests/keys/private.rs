//! Private keys as JWKs: read, written, published, and refused.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, SigningKey, Verdict};
use serde_json::{Value, json};

use crate::{every_key, example, octets};

#[test]
fn a_private_jwk_survives_a_round_trip() {
    for key in every_key() {
        let jwk = key.to_jwk();
        let again = SigningKey::from_jwk(&jwk).unwrap();
        assert_eq!(again.to_jwk(), jwk);
        assert_eq!((again.kid(), again.algorithm()), (key.kid(), key.algorithm()));
        assert_eq!(again.public(), key.public());
        assert_eq!(key.sign(b"m", &[1; 32]), again.sign(b"m", &[1; 32]));
    }
    let rsa = every_key().remove(0).to_jwk();
    for (member, value) in example("rfc7515-a2")["jwk"].as_object().unwrap() {
        assert_eq!(rsa[member], *value, "{member}");
    }
}

#[test]
fn a_published_key_holds_no_secret() {
    for key in every_key() {
        let public = key.public_jwk();
        assert_eq!(public["kid"], key.kid());
        assert_eq!(public["alg"], key.algorithm().name());
        assert_eq!(public["use"], "sig");
        for secret in ["d", "p", "q", "dp", "dq", "qi"] {
            assert_eq!(public.get(secret), None);
        }
        let debug = format!("{key:?} {:?}", key.public());
        let private = key.to_jwk();
        for secret in ["d", "p", "q", "dp", "dq", "qi"] {
            let secret = private.get(secret).and_then(Value::as_str);
            assert!(secret.is_none_or(|secret| !debug.contains(secret)));
        }
    }
}

#[test]
fn defaults_of_a_private_jwk() {
    let named = |name: &str| SigningKey::from_jwk(&example(name)["jwk"]).unwrap();
    assert_eq!(named("rfc7515-a2").algorithm(), Algorithm::RS256);
    assert_eq!(named("rfc7515-a4").algorithm(), Algorithm::ES512);
    let key = named("rfc8037-a4");
    assert_eq!(key.algorithm(), Algorithm::EdDSA);
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn private_jwks_that_are_refused() {
    let change = |name: &str, member: &str, value: Value| {
        let mut jwk = example(name)["jwk"].clone();
        jwk[member] = value;
        SigningKey::from_jwk(&jwk).unwrap_err().to_string()
    };
    let without = |name: &str, member: &str| {
        let mut jwk = example(name)["jwk"].clone();
        jwk.as_object_mut().unwrap().remove(member);
        SigningKey::from_jwk(&jwk).unwrap_err().to_string()
    };
    let (rsa, ec, ed) = ("rfc7515-a2", "rfc7515-a3", "rfc8037-a4");
    let mismatch = "the private half of the key does not belong to its public half";
    let other = example("rfc6979-a25")["jwk"]["d"].clone();
    let cases = [
        (change(ec, "d", other.clone()), mismatch),
        (change(ed, "d", other), mismatch),
        (change(rsa, "d", "AQAB".into()), mismatch),
        (change(rsa, "q", example(rsa)["jwk"]["dq"].clone()), mismatch),
        (change(rsa, "p", example(rsa)["jwk"]["q"].clone()), "`p` and `q` are equal"),
        (without(rsa, "p"), "`p` is missing"),
        // Longer than the modulus.
        (change(rsa, "p", Base64UrlUnpadded::encode_string(&[1; 300]).into()), mismatch),
        (change(rsa, "d", Base64UrlUnpadded::encode_string(&[1; 300]).into()), mismatch),
        (change(rsa, "oth", json!([])), "`oth` is given: expected a key of two primes"),
        (change(ec, "d", "AQ".into()), "`d` is not a private key: it has the wrong size or value"),
        (
            change(ec, "d", Base64UrlUnpadded::encode_string(&[0; 32]).into()),
            "`d` is not a private key: it has the wrong size or value",
        ),
        (change(ec, "d", "secret!".into()), "`d` is not base64url without padding"),
        (
            without(ed, "d"),
            "`d` is missing: expected a private key, and this is a public one; write \
             `\"private\": \"host\"` if the host signs with a key that it does not give out",
        ),
        (change(ec, "alg", "ES384".into()), "`alg` is `ES384`, which does not fit the key"),
        (
            change(ed, "alg", "HS256".into()),
            "`alg` is not one that is supported: expected one such as `ES256`",
        ),
        (
            change(rsa, "alg", "RSA-OAEP".into()),
            "`alg` is not one that is supported: expected one such as `ES256`",
        ),
        (change(ec, "kid", "".into()), "`kid` is empty"),
        (change(ec, "kid", 7.into()), "`kid` is not a string"),
        (change(ec, "use", "enc".into()), "`use` is not `sig`"),
        (change(ec, "key_ops", json!(["verify"])), "`key_ops` does not include `sign`"),
    ];
    for (problem, expected) in cases {
        assert_eq!(problem, expected);
    }
}

/// The arithmetic is as wide as half of the modulus: two primes of other lengths would
/// make it slower or fail.
#[test]
fn an_rsa_key_of_a_long_and_a_short_prime_is_refused() {
    let expected = "`p` and `q` are not of one length: expected primes of half of the bits of \
                    the modulus";
    for (long, short) in [("p", "q"), ("q", "p")] {
        let mut jwk = example("rfc7515-a2")["jwk"].clone();
        let bits = |octets: &[u8]| Base64UrlUnpadded::encode_string(octets).into();
        jwk[long] = bits(&[&[1], [3; 128].as_slice()].concat());
        jwk[short] = bits(&[0xff; 127]);
        assert_eq!(SigningKey::from_jwk(&jwk).unwrap_err().to_string(), expected);
    }
}

/// Some libraries write a zero in front of numbers whose highest bit is set.
#[test]
fn an_rsa_key_with_a_zero_before_its_numbers_is_the_same_key() {
    let mut jwk = example("rfc7515-a2")["jwk"].clone();
    let key = SigningKey::from_jwk(&jwk).unwrap();
    for name in ["n", "d", "p", "q"] {
        let number = [&[0], &*octets(&jwk, name)].concat();
        jwk[name] = Base64UrlUnpadded::encode_string(&number).into();
    }
    let padded = SigningKey::from_jwk(&jwk).unwrap();
    assert_eq!(padded.to_jwk(), key.to_jwk());
    assert_eq!(padded.public().thumbprint(), key.public().thumbprint());
    let signature = padded.sign(b"message", &[1; 32]).unwrap();
    assert_eq!(Some(&signature), key.sign(b"message", &[1; 32]).as_ref());
    assert_eq!(signature.len(), 256);
    let verdict = padded.public().verify(Algorithm::RS256, b"message", &signature);
    assert_eq!(verdict, Verdict::Accept);
}

/// A JWK with all parts of a private RSA key, as RFC 7517 appendix C.1 has it.
#[test]
fn a_private_rsa_jwk_is_written_as_it_was_read() {
    let jwk = &example("rfc7515-a2")["jwk"];
    let written = SigningKey::from_jwk(jwk).unwrap().to_jwk();
    for name in ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        assert_eq!(written[name], jwk[name], "{name}");
    }
}
