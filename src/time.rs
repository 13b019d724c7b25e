//! Time and randomness, both passed in with the request.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted: the
/// `NumericDate` of RFC 7519 section 2.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This many seconds later; the end of time at most.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds since `earlier`; 0 when that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// 32 fresh bytes from the host's cryptographic random source, for one request.
///
/// What the request needs is drawn from it by name, so that two uses never
/// share bytes.
#[derive(Clone)]
pub struct Entropy([u8; 32]);

impl Entropy {
    /// From 32 bytes that nobody else has seen or will see.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// 32 bytes for this purpose.
    pub(crate) fn draw(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(purpose).finalize().into()
    }

    /// A 128-bit identifier for this purpose, 22 base64url characters. It is no
    /// secret.
    pub(crate) fn identifier(&self, purpose: &str) -> String {
        let drawn = self.draw(purpose);
        URL_SAFE_NO_PAD.encode(drawn.get(..16).unwrap_or_default())
    }
}

impl core::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Entropy(…)")
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}
