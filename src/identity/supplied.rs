//! Keys that the host supplies for an issuer: they take the place of those that
//! the configuration names, and nothing is fetched for that issuer.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use spin::Mutex;

use crate::config::{KeySource, TrustedTokenIssuer};
use crate::jose::JwkSet;
use crate::reason;

/// The supplied keys by the issuer's `iss`. No two issuers that there are have the same
/// one, so that keys of issuers that are gone do not pile up.
#[derive(Default)]
pub(crate) struct SuppliedKeys(Mutex<BTreeMap<String, Supplied>>);

struct Supplied {
    /// The issuer that they were supplied for, by id: another one that comes to have
    /// its `iss` does not have its keys.
    id: String,
    keys: Arc<KeySource>,
}

impl SuppliedKeys {
    /// The keys supplied for this issuer.
    pub(super) fn of(&self, issuer: &TrustedTokenIssuer) -> Option<Arc<KeySource>> {
        let all = self.0.lock();
        let supplied = all.get(&issuer.issuer).filter(|supplied| supplied.id == issuer.id);
        supplied.map(|supplied| Arc::clone(&supplied.keys))
    }

    /// Forgets the keys of an issuer that is not trusted any more.
    pub(super) fn forget(&self, issuer: &TrustedTokenIssuer) -> bool {
        self.0.lock().remove(&issuer.issuer).is_some()
    }

    /// Keeps keys until others are supplied. Says whether they are others than
    /// those supplied before.
    pub(super) fn put(&self, issuer: &TrustedTokenIssuer, keys: JwkSet) -> bool {
        let mut all = self.0.lock();
        let same = |known: &Supplied| {
            known.id == issuer.id && matches!(&*known.keys, KeySource::Jwks(set) if *set == keys)
        };
        if all.get(&issuer.issuer).is_some_and(same) {
            return false;
        }
        let keys = Arc::new(KeySource::Jwks(keys));
        all.insert(issuer.issuer.clone(), Supplied { id: issuer.id.clone(), keys });
        true
    }
}

/// Why keys were not taken over from the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SupplyKeysError {
    /// No trusted token issuer with this `iss` is known to the engine.
    UnknownIssuer {
        /// The `iss` that was given.
        issuer: String,
    },
    /// What was given is not a JWK set (RFC 7517 section 5).
    NotAKeySet {
        /// What it is instead, to be read behind "it": "is not JSON".
        why: String,
    },
}

impl SupplyKeysError {
    /// The reason code, as in the [catalogue](crate::reason).
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::UnknownIssuer { .. } => reason::ISSUER_UNKNOWN.code,
            Self::NotAKeySet { .. } => reason::KEYS_UNUSABLE.code,
        }
    }
}

impl fmt::Display for SupplyKeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer { issuer } => write!(
                f,
                "no trusted token issuer has exactly the issuer `{issuer}`; register it, or \
                 correct the name"
            ),
            Self::NotAKeySet { why } => {
                write!(f, "the keys cannot be used: the document {why}; supply a JWK set")
            }
        }
    }
}

impl core::error::Error for SupplyKeysError {}
