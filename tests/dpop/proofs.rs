//! Proofs of clients.

use std::cell::Cell;

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::fixtures;
use crate::support::start::NOW;

/// A proof before it is signed.
#[derive(Clone)]
pub(crate) struct Proof {
    claims: Value,
    key: &'static str,
}

impl Proof {
    /// One for a request with this method to this URL, with a `jti` of its own.
    pub(crate) fn to(htm: &str, htu: &str) -> Self {
        thread_local! {
            static MADE: Cell<u64> = const { Cell::new(0) };
        }
        MADE.set(MADE.get() + 1);
        let jti = format!("proof-{}", MADE.get());
        let claims = json!({ "jti": jti, "htm": htm, "htu": htu, "iat": NOW });
        Self { claims, key: "robot-es256" }
    }

    /// The thumbprint of a key.
    #[allow(dead_code, reason = "not every test has foreign tokens")]
    pub(crate) fn thumbprint(key: &str) -> String {
        SigningKey::from_jwk(&fixtures::key(key)).unwrap().public().thumbprint().into()
    }

    #[allow(dead_code, reason = "not every test calls an API")]
    pub(crate) fn of_token(mut self, token: &str) -> Self {
        self.claims["ath"] = Base64UrlUnpadded::encode_string(&Sha256::digest(token)).into();
        self
    }

    #[allow(dead_code, reason = "not every test has nonces")]
    pub(crate) fn with_nonce(mut self, nonce: &str) -> Self {
        self.claims["nonce"] = nonce.into();
        self
    }

    #[allow(dead_code, reason = "not every test needs old proofs")]
    pub(crate) fn at(mut self, iat: u64) -> Self {
        self.claims["iat"] = iat.into();
        self
    }

    /// With another value of a claim.
    #[allow(dead_code, reason = "not every test changes the claims")]
    pub(crate) fn saying(mut self, claim: &str, value: Value) -> Self {
        self.claims[claim] = value;
        self
    }

    #[allow(dead_code, reason = "not every test has several keys")]
    pub(crate) fn by(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    pub(crate) fn signed(&self) -> String {
        let key = SigningKey::from_jwk(&fixtures::key(self.key)).unwrap();
        let header = json!({ "typ": "dpop+jwt", "alg": key.algorithm().name(), "jwk": key.public().to_jwk() });
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&self.claims));
        let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
    }
}
