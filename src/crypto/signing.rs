//! Keys of ours: private keys, and what they publish.

use alloc::string::String;
use alloc::sync::Arc;

use super::{Algorithm, KeyProblem, PublicKey};

/// A private key with its algorithm and name. Its secret is wiped on drop and
/// never shown by `Debug`.
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    public: Arc<PublicKey>,
}

impl SigningKey {
    /// The key of a private JWK. `alg` may be left out where the key type
    /// implies it (EC, OKP; RSA means RS256); `kid` defaults to the thumbprint.
    ///
    /// # Errors
    /// [`KeyProblem`] for a JWK that is malformed, weak or without its
    /// private part, or whose `alg` does not fit it.
    pub fn from_jwk(jwk: &serde_json::Value) -> Result<Self, KeyProblem> {
        let _ = jwk;
        Err(KeyProblem(String::from("not built yet")))
    }

    /// A fresh key for ES256, ES384 or EdDSA from 32 bytes of entropy; its
    /// `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyProblem`] for an algorithm that is not made here (RSA).
    pub fn generate(algorithm: Algorithm, entropy: &[u8; 32]) -> Result<Self, KeyProblem> {
        let _ = (algorithm, entropy);
        Err(KeyProblem(String::from("not built yet")))
    }

    /// Its name in the `kid` header.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> &Arc<PublicKey> {
        &self.public
    }

    /// The private JWK, with `kid` and `alg`: a secret.
    #[must_use]
    pub fn to_jwk(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}
