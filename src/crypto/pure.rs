//! The pure-Rust provider: every algorithm, by RustCrypto.

use alloc::vec::Vec;

use super::{Algorithm, PublicKey, SigningKey, Verdict};

/// Whether the signature is good. The caller has checked that the key fits
/// the algorithm and that the signature is well formed.
pub(crate) fn verify(
    alg: Algorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Verdict {
    let _ = (alg, key, message, signature);
    Verdict::Reject
}

/// A signature in JOSE form. `entropy` blinds RSA and salts PSS; ECDSA is
/// deterministic (RFC 6979). `None` when the key cannot sign.
pub(crate) fn sign(key: &SigningKey, message: &[u8], entropy: &[u8; 32]) -> Option<Vec<u8>> {
    let _ = (key, message, entropy);
    None
}
