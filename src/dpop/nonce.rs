//! Nonces that the server gives out and need not remember (RFC 9449 section 8):
//! the time they were made, sealed with a secret that all replicas can derive.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::crypto::SigningKey;
use crate::reason::{self, Fault};
use crate::time::Timestamp;

/// Seconds that a nonce counts.
const LIFETIME: u64 = 300;
/// Seconds by which replicas' clocks may differ.
const SKEW: u64 = 30;
/// Bytes of the seal.
const SEAL: usize = 16;

/// The secrets by which nonces are sealed. The first seals new ones.
pub(crate) struct Nonces(Vec<[u8; 32]>);

impl Nonces {
    /// Those that belong to the signing keys of this server, which its replicas
    /// share and which stay when it starts again.
    pub(crate) fn of(keys: &[Arc<SigningKey>]) -> Self {
        Self(keys.iter().filter_map(|key| key.derived("DPoP nonce")).collect())
    }

    /// A nonce of this time; `None` when there is no key to seal it with.
    pub(crate) fn make(&self, now: Timestamp) -> Option<String> {
        let time = now.0.to_be_bytes();
        let seal = seal(self.0.first()?, time);
        Some(URL_SAFE_NO_PAD.encode([&time[..], &seal].concat()))
    }

    /// Whether a proof has a nonce that was made here lately.
    pub(super) fn check(&self, nonce: Option<&str>, now: Timestamp) -> Result<(), Fault> {
        let fresh = nonce
            .and_then(|nonce| self.made(nonce))
            .is_some_and(|made| made <= now.plus(SKEW) && now.since(made) <= LIFETIME);
        if fresh {
            return Ok(());
        }
        let message = match nonce {
            None => "it has no `nonce`; use the one in the `DPoP-Nonce` header of this reply",
            Some(_) => {
                "its `nonce` is old or not one of this server; use the one in the `DPoP-Nonce` header of this reply"
            }
        };
        Err(Fault::new(&reason::PROOF_NONCE, message).of_claim("nonce"))
    }

    /// When a nonce was made, if that was here.
    fn made(&self, nonce: &str) -> Option<Timestamp> {
        let bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
        let (time, sealed) = bytes.split_first_chunk()?;
        let is_ours = |secret| seal(secret, *time).as_slice().ct_eq(sealed).into();
        self.0.iter().any(is_ours).then(|| Timestamp(u64::from_be_bytes(*time)))
    }
}

fn seal(secret: &[u8; 32], time: [u8; 8]) -> [u8; SEAL] {
    crate::crypto::seal("DPoP nonce", secret, &time)
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use super::Nonces;
    use crate::crypto::{Algorithm, SigningKey};
    use crate::time::Timestamp;

    fn nonces(seeds: &[u8]) -> Nonces {
        let key = |seed: &u8| SigningKey::generate(Algorithm::ES256, &[*seed; 32]).unwrap();
        let keys: alloc::vec::Vec<_> = seeds.iter().map(|seed| Arc::new(key(seed))).collect();
        Nonces::of(&keys)
    }

    #[test]
    fn a_nonce_counts_for_five_minutes_on_every_replica_and_after_a_rotation() {
        let now = Timestamp(1_790_000_000);
        let nonce = nonces(&[1]).make(now).unwrap();
        let counts = |nonces: &Nonces, now| nonces.check(Some(&nonce), now).is_ok();
        assert!(counts(&nonces(&[1]), now));
        assert!(counts(&nonces(&[2, 1]), now.plus(300)));
        assert!(!counts(&nonces(&[1]), now.plus(301)));
        assert!(!counts(&nonces(&[1]), Timestamp(now.0 - 31)));
        assert!(!counts(&nonces(&[2]), now));
    }

    #[test]
    fn nothing_else_is_a_nonce() {
        let (now, ours) = (Timestamp(1_790_000_000), nonces(&[1]));
        let nonce = ours.make(now).unwrap();
        assert!(ours.check(None, now).is_err());
        for wrong in [
            "",
            "a",
            &nonce[1..],
            &alloc::format!("{nonce}AA"),
            &nonce.replace(&nonce[12..14], "__"),
        ] {
            assert!(ours.check(Some(wrong), now).is_err(), "{wrong}");
        }
    }
}
