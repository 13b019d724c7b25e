//! Where the keys of an issuer are, as its discovery document said.

use alloc::string::String;

use crate::time::Timestamp;

/// How long a `jwks_uri` that was discovered is used, in seconds.
const DISCOVERED_FOR: u64 = 24 * 3600;

/// A `jwks_uri` that was discovered.
#[derive(Clone, Debug)]
pub(super) struct Discovered {
    pub(super) url: String,
    /// When.
    pub(super) at: Timestamp,
    /// A token needs keys that are not there: they may have moved. What the URL still
    /// answers says nothing about it, so the document is read again.
    pub(super) is_doubted: bool,
}

impl Discovered {
    pub(super) fn new(url: String, at: Timestamp) -> Self {
        Self { url, at, is_doubted: false }
    }

    /// Whether keys may be fetched there.
    pub(super) fn counts(&self, now: Timestamp) -> bool {
        now.since(self.at) < DISCOVERED_FOR
    }
}
