//! The keys of DPoP proofs that were good, by the header that each proof has: a client
//! sends the same header with every proof.
//!
//! What a header says of a key depends on nothing but its text, so that an entry
//! never grows old. It saves reading the header and the numbers of the key. Every
//! proof is verified all the same.

use alloc::sync::Arc;

use spin::Mutex;

use crate::crypto::{Algorithm, PublicKey};
use crate::token_cache::{TokenCache, fnv};

/// What they may take, in bytes: about a hundred keys on elliptic curves.
const MAX_BYTES: usize = 64 * 1024;

/// About what a key takes on the heap, for each byte of its header.
const OF_A_KEY: usize = 2;

/// Keys by the text of a header, base64url.
pub(crate) struct ProofKeys(Mutex<TokenCache<Known>>);

/// A key, and the algorithm that the header names.
type Known = (Algorithm, Arc<PublicKey>);

impl Default for ProofKeys {
    fn default() -> Self {
        Self(Mutex::new(TokenCache::new(MAX_BYTES, Arc::default())))
    }
}

impl ProofKeys {
    /// What exactly this header says, if a proof with it was good.
    pub(crate) fn find(&self, header: &str) -> Option<Known> {
        self.0.lock().find(header, place(header), |_| true).cloned()
    }

    /// Keeps the key of a proof that was good. A stranger has to sign before anything
    /// is kept for it.
    pub(crate) fn keep(&self, header: &str, alg: Algorithm, key: &Arc<PublicKey>) {
        let bytes = header.len() * OF_A_KEY;
        self.0.lock().keep(header, place(header), (alg, Arc::clone(key)), bytes);
    }
}

/// All of a header chooses its place: headers of different keys may end alike.
fn place(header: &str) -> u64 {
    fnv(header.as_bytes(), 0)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::sync::Arc;

    use super::ProofKeys;
    use crate::crypto::{Algorithm, PublicKey};

    #[test]
    fn keys_whose_headers_end_alike_are_kept_beside_each_other() {
        let jwk = r#"{ "kty": "OKP", "crv": "Ed25519",
                       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
        let key = PublicKey::from_jwk(&serde_json::from_str(jwk).unwrap()).unwrap();
        let (keys, key) = (ProofKeys::default(), Arc::new(key));
        let headers = ["one", "other"].map(|name| format!("{name}{}", "the-same-end".repeat(8)));
        assert!(keys.find(&headers[0]).is_none());
        for header in &headers {
            keys.keep(header, Algorithm::EdDSA, &key);
        }
        for header in &headers {
            let (alg, found) = keys.find(header).unwrap();
            assert_eq!((alg, found), (Algorithm::EdDSA, Arc::clone(&key)));
        }
        assert!(keys.find("another").is_none());
    }
}
