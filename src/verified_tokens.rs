//! Tokens whose signature was found good, so that the same token again needs no
//! arithmetic.
//!
//! Only the signature is skipped. The keys that a token may mean are chosen
//! anew for every request, and an entry counts only for one of them: the very
//! key object that verified the token, under the same algorithm, for the same
//! signer. A key that its issuer withdraws, an issuer that is disabled and a
//! configuration that changes need no notice here, because the entry is then not
//! asked for, or is asked for with other keys.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use spin::Mutex;

use crate::crypto::{Algorithm, PublicKey};
use crate::token_cache::{CacheCounters, TokenCache};

/// Whose signature a token has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer<'a> {
    /// This server.
    Own,
    /// The trusted token issuer with this id.
    Issuer(&'a str),
}

/// A token as it came, with what is signed and the signature in it.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) alg: Algorithm,
    pub(crate) token: &'a str,
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// The tokens that were verified. Without a size it keeps none.
pub(crate) struct VerifiedTokens(Option<Mutex<TokenCache<Verified>>>);

struct Verified {
    /// `None`: this server.
    issuer: Option<Box<str>>,
    alg: Algorithm,
    /// Kept, so that no other key can get its address.
    key: Arc<PublicKey>,
}

impl VerifiedTokens {
    pub(crate) fn new(max_bytes: Option<usize>, counters: &Arc<CacheCounters>) -> Self {
        Self(max_bytes.map(|most| Mutex::new(TokenCache::new(most, Arc::clone(counters)))))
    }

    /// The cache under another configuration: the same one, unless its size changed.
    /// An entry counts only for the key object that verified the token, so what the
    /// configuration says of issuers needs no look at the entries.
    pub(crate) fn under(
        self: &Arc<Self>,
        max_bytes: Option<usize>,
        counters: &Arc<CacheCounters>,
    ) -> Arc<Self> {
        if self.0.as_ref().map(|tokens| tokens.lock().max_bytes()) == max_bytes {
            return Arc::clone(self);
        }
        counters.bytes.store(0, Ordering::Relaxed);
        Arc::new(Self::new(max_bytes, counters))
    }

    /// The one of these keys that verified exactly this token before.
    pub(crate) fn key<'k>(
        &self,
        signer: Signer<'_>,
        signed: &Signed<'_>,
        keys: &'k [Arc<PublicKey>],
    ) -> Option<&'k Arc<PublicKey>> {
        let mut tokens = self.0.as_ref()?.lock();
        let mut found = None;
        tokens.find(signed.token, 0, |verified| {
            let same = |key: &&Arc<PublicKey>| Arc::ptr_eq(key, &verified.key);
            found = keys.iter().find(same).filter(|_| verified.is_of(signer, signed.alg));
            found.is_some()
        });
        found
    }

    /// Keeps a token whose signature this key was just found to have made.
    pub(crate) fn keep(&self, signer: Signer<'_>, signed: &Signed<'_>, key: &Arc<PublicKey>) {
        let Some(tokens) = &self.0 else { return };
        let issuer: Option<Box<str>> = match signer {
            Signer::Own => None,
            Signer::Issuer(id) => Some(id.into()),
        };
        let bytes = issuer.as_ref().map_or(0, |id| id.len());
        let verified = Verified { issuer, alg: signed.alg, key: Arc::clone(key) };
        tokens.lock().keep(signed.token, 0, verified, bytes);
    }
}

impl Verified {
    fn is_of(&self, signer: Signer<'_>, alg: Algorithm) -> bool {
        let same = match signer {
            Signer::Own => self.issuer.is_none(),
            Signer::Issuer(id) => self.issuer.as_deref() == Some(id),
        };
        same && self.alg == alg
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::{Signed, Signer, VerifiedTokens};
    use crate::crypto::{Algorithm, PublicKey};

    fn key() -> Arc<PublicKey> {
        let jwk = r#"{ "kty": "OKP", "crv": "Ed25519",
                       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
        Arc::new(PublicKey::from_jwk(&serde_json::from_str(jwk).unwrap()).unwrap())
    }

    fn signed(token: &str) -> Signed<'_> {
        Signed { alg: Algorithm::EdDSA, token, message: &[], signature: &[] }
    }

    const ACME: Signer<'_> = Signer::Issuer("acme");

    #[test]
    fn a_token_counts_for_the_signer_the_algorithm_and_the_key_that_verified_it() {
        let tokens = VerifiedTokens::new(Some(64 * 1024), &Arc::default());
        let (verified, other) = (key(), key());
        let keys = [Arc::clone(&other), Arc::clone(&verified)];
        let is_known = |signer, signed: &Signed<'_>, keys: &[Arc<PublicKey>]| {
            tokens.key(signer, signed, keys).is_some_and(|key| Arc::ptr_eq(key, &verified))
        };
        assert!(!is_known(ACME, &signed("a.b.c"), &keys), "nothing was verified yet");
        tokens.keep(ACME, &signed("a.b.c"), &verified);
        assert!(is_known(ACME, &signed("a.b.c"), &keys));
        assert!(!is_known(ACME, &signed("A.b.c"), &keys));
        assert!(!is_known(Signer::Issuer("globex"), &signed("a.b.c"), &keys));
        assert!(!is_known(Signer::Own, &signed("a.b.c"), &keys));
        let alg = Algorithm::ES256;
        assert!(!is_known(ACME, &Signed { alg, ..signed("a.b.c") }, &keys));
        assert!(!is_known(ACME, &signed("a.b.c"), &[]), "the key was withdrawn");
        assert!(!is_known(ACME, &signed("a.b.c"), &[other]), "the same numbers came back");
        tokens.keep(Signer::Own, &signed("a.b.c"), &verified);
        assert!(is_known(Signer::Own, &signed("a.b.c"), &keys));
        assert!(!is_known(ACME, &signed("a.b.c"), &keys));
    }

    #[test]
    fn without_a_size_nothing_is_kept() {
        let tokens = VerifiedTokens::new(None, &Arc::default());
        let keys: Vec<_> = [key()].into();
        tokens.keep(ACME, &signed("a.b.c"), &keys[0]);
        assert!(tokens.key(ACME, &signed("a.b.c"), &keys).is_none());
    }
}
