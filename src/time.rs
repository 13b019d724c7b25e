//! Time and randomness, both passed in with the request.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use spin::Once;

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
pub struct Entropy {
    seed: [u8; 32],
    /// It is needed more than once.
    token_id: Once<[u8; 16]>,
}

impl Entropy {
    /// From 32 bytes that nobody else has seen or will see.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self { seed: bytes, token_id: Once::new() }
    }

    /// 32 bytes for this purpose.
    pub(crate) fn draw(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.seed).chain_update(purpose).finalize().into()
    }

    /// A 128-bit identifier for this purpose, 22 base64url characters. It is no
    /// secret.
    pub(crate) fn identifier(&self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.half(purpose))
    }

    /// The identifier of the token that the request issues, which names the request
    /// also when it issues none.
    pub(crate) fn token_id(&self) -> &[u8; 16] {
        self.token_id.call_once(|| self.half("jti"))
    }

    /// The same as text: the claim `jti` of that token.
    pub(crate) fn jti(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.token_id())
    }

    fn half(&self, purpose: &str) -> [u8; 16] {
        self.draw(purpose).first_chunk().copied().unwrap_or_default()
    }
}

impl Clone for Entropy {
    fn clone(&self) -> Self {
        Self::new(self.seed)
    }
}

impl core::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Entropy(…)")
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.seed);
    }
}
