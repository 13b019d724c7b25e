//! Secrets that somebody shows to be let in. What is kept is their hash: a
//! copy of the store, or of this memory, lets no one in.

use alloc::string::String;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The salted hash of a secret. One round of SHA-256, which passwords would need
/// more of: who is asked for a secret is told to let a machine make it, and the
/// server does.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecretHash {
    salt: String,
    hash: String,
}

impl SecretHash {
    /// Of this secret. The salt keeps two that are equal from looking so.
    pub(crate) fn new(salt: impl Into<String>, secret: &str) -> Self {
        let salt = salt.into();
        let hash = hash(&salt, secret);
        Self { salt, hash }
    }

    /// Whether this is the secret, in constant time: not even its length shows.
    pub(crate) fn matches(&self, presented: &str) -> bool {
        hash(&self.salt, presented).as_bytes().ct_eq(self.hash.as_bytes()).into()
    }
}

fn hash(salt: &str, secret: &str) -> String {
    let length = (salt.len() as u64).to_be_bytes();
    let digest = Sha256::new().chain_update(length).chain_update(salt).chain_update(secret);
    Base64UrlUnpadded::encode_string(&digest.finalize())
}

impl core::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretHash(…)")
    }
}
