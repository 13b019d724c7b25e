//! Tokens whose signature was found good, so that the same token again needs no
//! arithmetic.
//!
//! Its signature is not computed again, and its text is not read again: the same text
//! says the same. Nothing else is skipped. The keys that a token may mean are chosen
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
use crate::jose::{Content, Jws};
use crate::token_cache::{CacheCounters, TokenCache};

/// Whose signature a token has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer<'a> {
    /// This server.
    Own,
    /// The trusted token issuer with this id.
    Issuer(&'a str),
}

/// The tokens that were verified. Without a size it keeps none.
pub(crate) struct VerifiedTokens(Option<Mutex<TokenCache<Verified>>>);

struct Verified {
    /// `None`: this server.
    issuer: Option<Box<str>>,
    content: Arc<Content>,
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

    /// What exactly this token says, if it was verified before, by whichever key.
    pub(crate) fn content(&self, token: &str) -> Option<Arc<Content>> {
        let mut tokens = self.0.as_ref()?.lock();
        tokens.peek(token, 0).map(|verified| Arc::clone(&verified.content))
    }

    /// The one of these keys that verified exactly this token before.
    pub(crate) fn key<'k>(
        &self,
        signer: Signer<'_>,
        jws: &Jws<'_>,
        keys: &'k [Arc<PublicKey>],
    ) -> Option<&'k Arc<PublicKey>> {
        let mut tokens = self.0.as_ref()?.lock();
        let mut found = None;
        tokens.find(jws.token, 0, |verified| {
            let same = |key: &&Arc<PublicKey>| Arc::ptr_eq(key, &verified.key);
            found = keys.iter().find(same).filter(|_| verified.is_of(signer, jws.alg));
            found.is_some()
        });
        found
    }

    /// Keeps a token whose signature this key was just found to have made.
    pub(crate) fn keep(&self, signer: Signer<'_>, jws: &Jws<'_>, key: &Arc<PublicKey>) {
        let Some(tokens) = &self.0 else { return };
        let issuer: Option<Box<str>> = match signer {
            Signer::Own => None,
            Signer::Issuer(id) => Some(id.into()),
        };
        let content = Arc::clone(jws.content());
        let bytes = issuer.as_ref().map_or(0, |id| id.len()) + content.bytes();
        let verified = Verified { issuer, content, key: Arc::clone(key) };
        tokens.lock().keep(jws.token, 0, verified, bytes);
    }
}

impl Verified {
    fn is_of(&self, signer: Signer<'_>, alg: Algorithm) -> bool {
        let same = match signer {
            Signer::Own => self.issuer.is_none(),
            Signer::Issuer(id) => self.issuer.as_deref() == Some(id),
        };
        same && self.content.alg == alg
    }
}

#[cfg(test)]
mod tests;
