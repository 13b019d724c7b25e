//! Public keys: their JWK (RFC 7517, RFC 7518 section 6, RFC 8037) and
//! `SubjectPublicKeyInfo` (RFC 5280 section 4.1) forms, their name (RFC 7638),
//! and what a signature by them must look like.
//!
//! The numbers behind a key, and the checks they must pass, are in `material`;
//! the arithmetic on messages is in `pure`.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use x509_cert::der::Decode;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::key_params::{Curve, Material};
use super::{Algorithm, Verdict, jwk_fields, rustcrypto};

/// A public key that passed every check there is to make without a signature.
///
/// ```
/// use exchequer::{Algorithm, PublicKey};
///
/// let jwk = r#"{ "kty": "OKP", "crv": "Ed25519",
///                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
/// let key = PublicKey::from_jwk(&serde_json::from_str(jwk)?)?;
/// assert!(key.fits(Algorithm::EdDSA));
/// assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PublicKey {
    material: Material,
    thumbprint: Arc<str>,
}

/// Why bytes or a JWK do not make a usable key. `Display` says it for a person
/// and never shows what might be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem(pub(crate) String);

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for KeyProblem {}

impl From<&str> for KeyProblem {
    fn from(problem: &str) -> Self {
        Self(problem.into())
    }
}

impl PublicKey {
    /// The key of a JWK (RFC 7517); private members are ignored.
    ///
    /// # Errors
    /// [`KeyProblem`] for a key that is malformed or too weak.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyProblem> {
        match jwk_fields::text(jwk, "kty")? {
            "RSA" => {
                let n = jwk_fields::public_bytes(jwk, "n")?;
                let e = jwk_fields::public_bytes(jwk, "e")?;
                Material::rsa(&n, &e)
            }
            "EC" => {
                let curve = Curve::from_name(jwk_fields::text(jwk, "crv")?)?;
                let x = jwk_fields::public_bytes(jwk, "x")?;
                let y = jwk_fields::public_bytes(jwk, "y")?;
                Material::ec_coordinates(curve, &x, &y)
            }
            "OKP" => {
                if jwk_fields::text(jwk, "crv")? != "Ed25519" {
                    return Err("`crv` of an `OKP` key is not `Ed25519`".into());
                }
                Material::ed25519(&jwk_fields::public_bytes(jwk, "x")?)
            }
            "oct" => {
                Err("`kty` is `oct`, a shared secret: expected a public key, `RSA`, `EC` or `OKP`"
                    .into())
            }
            _ => Err("`kty` is not `RSA`, `EC` or `OKP`".into()),
        }
        .map(Self::of)
    }

    /// The key of a DER `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`KeyProblem`] for a key that is malformed or too weak.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let spki = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|error| KeyProblem(format!("not a DER `SubjectPublicKeyInfo`: {error}")))?;
        Material::from_spki(&spki).map(Self::of)
    }

    /// The RSA public key in a DER `RSAPublicKey`, which has no algorithm in it.
    pub(super) fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyProblem> {
        Material::from_pkcs1(der).map(Self::of)
    }

    pub(super) fn of(material: Material) -> Self {
        let thumbprint = material.required_members().thumbprint().into();
        Self { material, thumbprint }
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    /// RFC 7638 SHA-256 thumbprint, base64url.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The same, to be kept.
    pub(crate) fn shared_thumbprint(&self) -> Arc<str> {
        Arc::clone(&self.thumbprint)
    }

    /// Whether this kind of key, on this curve, serves the algorithm.
    #[must_use]
    pub fn fits(&self, alg: Algorithm) -> bool {
        self.material.algorithms().contains(alg)
    }

    /// Whether the signature has the one right length and its numbers are in
    /// range (RSA 0 < s < n; ECDSA 0 < r, s < order; Ed25519 S < L).
    ///
    /// A high `s` is legitimate in ECDSA: JOSE has no rule against it, and half
    /// of all honest signatures have one.
    #[must_use]
    pub(crate) fn well_formed(&self, alg: Algorithm, signature: &[u8]) -> bool {
        self.fits(alg) && self.material.bounds(signature)
    }

    /// Whether `signature` over `message` is good: the key serves the
    /// algorithm, the signature is well formed, and the numbers agree.
    pub fn verify(&self, alg: Algorithm, message: &[u8], signature: &[u8]) -> Verdict {
        if !self.well_formed(alg, signature) {
            return Verdict::Reject;
        }
        rustcrypto::verify(alg, self, message, signature)
    }

    /// The public JWK: `kty` and the members RFC 7638 hashes, nothing else.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        self.material.required_members().into_jwk()
    }

    /// DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.material.to_spki_der()
    }
}

/// The thumbprint hashes every member, so equal thumbprints are equal keys.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.thumbprint == other.thumbprint
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.material.kind(), self.thumbprint)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_jwk().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let jwk = Value::deserialize(deserializer)?;
        Self::from_jwk(&jwk).map_err(serde::de::Error::custom)
    }
}
