//! Secrets that somebody shows to be let in. What is kept is their hash: a
//! copy of the store, or of this memory, lets no one in.

use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::base64url;

/// The salted hash of a secret. One round of SHA-256, which passwords would need
/// more of: who is asked for a secret is told to let a machine make it, and the
/// server does.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecretHash {
    salt: String,
    #[serde(serialize_with = "base64url::serialize", deserialize_with = "kept")]
    hash: [u8; 32],
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
        hash(&self.salt, presented).ct_eq(&self.hash).into()
    }
}

fn hash(salt: &str, secret: &str) -> [u8; 32] {
    let length = (salt.len() as u64).to_be_bytes();
    Sha256::new().chain_update(length).chain_update(salt).chain_update(secret).finalize().into()
}

/// A hash as it is kept. Bytes of another length are none.
fn kept<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let bytes = base64url::deserialize(from)?;
    bytes.try_into().map_err(|_| D::Error::custom("not the hash of a secret"))
}

impl core::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::SecretHash;

    #[test]
    fn what_is_kept_knows_the_secret_again_and_no_other() {
        let text = r#"{"salt":"salt","hash":"7coT3dVOUYOZH36uqnYw7fL2aEwsvhedg240Y-Gt1xA"}"#;
        let kept = SecretHash::new("salt", "secret");
        assert_eq!(serde_json::to_string(&kept).unwrap(), text);
        let read: SecretHash = serde_json::from_str(text).unwrap();
        assert!(read.matches("secret"));
        for other in ["", "secre", "secret ", "Secret", "salt"] {
            assert!(!read.matches(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_hash_is_not_read_as_one() {
        for hash in ["", "AAAA", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
            let text = format!(r#"{{"salt":"","hash":"{hash}"}}"#);
            assert!(serde_json::from_str::<SecretHash>(&text).is_err(), "{hash}");
        }
    }
}
