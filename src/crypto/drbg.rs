//! A stream of random bytes from 32: what RSA blinding, PSS salts and the
//! making of keys draw from, so that the engine needs no random source.
//!
//! SHA-256 in counter mode: block `i` is `SHA-256(seed ‖ i)`.

use core::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// The stream. The same seed and purpose give the same bytes.
pub(super) struct Draws {
    seed: [u8; 32],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Draws {
    /// The stream of this seed for one purpose; `parts` are the secrets the
    /// seed is made of. Each part is preceded by its length, so that no two
    /// lists of parts are the same bytes.
    pub(super) fn new(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in core::iter::once(&purpose.as_bytes()).chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self { seed: hash.finalize().into(), counter: 0, block: [0; 32], used: 32 }
    }

    /// The next octets of the stream.
    pub(super) fn fill(&mut self, octets: &mut [u8]) {
        octets.fill_with(|| self.next_octet());
    }

    fn next_octet(&mut self) -> u8 {
        if let Some(octet) = self.block.get(self.used) {
            self.used += 1;
            return *octet;
        }
        self.block = Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.counter.to_be_bytes())
            .finalize()
            .into();
        self.counter += 1;
        self.used = 1;
        let [first, ..] = self.block;
        first
    }
}

/// 16 octets that show that a message was seen by somebody who has the secret.
pub(crate) fn seal(purpose: &str, secret: &[u8; 32], message: &[u8]) -> [u8; 16] {
    let mut octets = [0; 16];
    Draws::new(purpose, &[secret, message]).fill(&mut octets);
    octets
}

impl Drop for Draws {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.block.zeroize();
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.fill(&mut octets);
        Ok(u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.fill(&mut octets);
        Ok(u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        self.fill(octets);
        Ok(())
    }
}

/// Only as good as its seed, which is 32 bytes of the host's random source.
impl TryCryptoRng for Draws {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(draws: &mut Draws, count: usize) -> alloc::vec::Vec<u8> {
        let mut bytes = alloc::vec![0; count];
        draws.fill(&mut bytes);
        bytes
    }

    #[test]
    fn the_stream_does_not_depend_on_how_it_is_read() {
        let whole = bytes(&mut Draws::new("test", &[&[7; 32]]), 100);
        let mut draws = Draws::new("test", &[&[7; 32]]);
        let pieces = [bytes(&mut draws, 31), bytes(&mut draws, 2), bytes(&mut draws, 67)].concat();
        assert_eq!(whole, pieces);
    }

    #[test]
    fn purposes_and_parts_are_kept_apart() {
        let streams =
            [Draws::new("a", &[b"bc"]), Draws::new("ab", &[b"c"]), Draws::new("a", &[b"b", b"c"])]
                .map(|mut draws| bytes(&mut draws, 32));
        assert_ne!(streams[0], streams[1]);
        assert_ne!(streams[0], streams[2]);
        assert_ne!(streams[1], streams[2]);
    }
}
