//! Public keys.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Algorithm;

/// A public key that passed every check there is to make without a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    thumbprint: String,
}

/// Why bytes or a JWK do not make a usable key. `Display` says it for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem(pub(crate) String);

impl core::fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for KeyProblem {}

impl PublicKey {
    /// The key of a JWK (RFC 7517); private members are ignored.
    ///
    /// # Errors
    /// [`KeyProblem`] for a key that is malformed or too weak.
    pub fn from_jwk(jwk: &serde_json::Value) -> Result<Self, KeyProblem> {
        let _ = jwk;
        Err(KeyProblem(String::from("not built yet")))
    }

    /// The key of a DER `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`KeyProblem`] for a key that is malformed or too weak.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let _ = der;
        Err(KeyProblem(String::from("not built yet")))
    }

    /// RFC 7638 SHA-256 thumbprint, base64url.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether this kind of key, on this curve, serves the algorithm.
    #[must_use]
    pub fn fits(&self, alg: Algorithm) -> bool {
        let _ = alg;
        false
    }

    /// Whether the signature has the one right length and its numbers are in
    /// range (RSA s < n; ECDSA 0 < r, s < order; Ed25519 S < L).
    #[must_use]
    pub(crate) fn well_formed(&self, alg: Algorithm, signature: &[u8]) -> bool {
        let _ = (alg, signature);
        false
    }

    /// The public JWK: `kty` and the members RFC 7638 hashes, nothing else.
    #[must_use]
    pub fn to_jwk(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        Vec::new()
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_jwk().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let jwk = serde_json::Value::deserialize(deserializer)?;
        Self::from_jwk(&jwk).map_err(serde::de::Error::custom)
    }
}
