//! The fault of a token whose signature no key accepts.
//!
//! It says what can be seen of the token itself, which its sender has: what is
//! seen says nothing of the keys.

use super::Jws;
use super::json::Object;
use crate::crypto::Algorithm;
use crate::reason::{self, Fault, Reason};

/// Every reason that [`rejected`] gives.
const REASONS: [&Reason; 3] =
    [&reason::SIGNATURE, &reason::SIGNATURE_NONCE, &reason::SIGNATURE_DER];

/// The fault of a token whose signature was rejected.
pub(crate) fn rejected(jws: &Jws<'_>) -> Fault {
    if has_nonce(jws) {
        let message = "the token's signature was rejected: its header has a `nonce`, as tokens \
             for Microsoft Graph have, which only Microsoft Graph can verify";
        return Fault::new(&reason::SIGNATURE_NONCE, message);
    }
    if is_der(jws.alg, &jws.signature) {
        let message = "the token's signature was rejected: it is in DER form; expected `r` and \
             `s` of fixed length, one after the other";
        return Fault::new(&reason::SIGNATURE_DER, message);
    }
    Fault::new(&reason::SIGNATURE, "the token's signature was rejected")
}

/// Whether a reason says that a signature was rejected.
pub(crate) fn is_rejection(reason: &Reason) -> bool {
    REASONS.contains(&reason)
}

/// Whether the header has a `nonce`. The header is read once more: nobody asks
/// of a token that is accepted.
fn has_nonce(jws: &Jws<'_>) -> bool {
    jws.header_json().and_then(Object::parse).is_some_and(|header| header.get("nonce").is_some())
}

/// Whether these bytes are the DER of two integers (RFC 3279 section 2.2.3): a
/// sequence as long as all of it.
fn is_der(alg: Algorithm, signature: &[u8]) -> bool {
    let is_ecdsa = matches!(alg, Algorithm::ES256 | Algorithm::ES384 | Algorithm::ES512);
    let rest = match signature {
        [0x30, 0x81, length, rest @ ..] | [0x30, length @ ..=0x7f, rest @ ..]
            if rest.len() == usize::from(*length) =>
        {
            rest
        }
        _ => return false,
    };
    is_ecdsa && rest.first() == Some(&0x02)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_sequence_is_der() {
        let short = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02];
        assert!(is_der(Algorithm::ES256, &short));
        assert!(!is_der(Algorithm::RS256, &short));
        assert!(!is_der(Algorithm::ES256, &short[..7]));
        assert!(!is_der(Algorithm::ES256, &[0x30; 64]));
        assert!(!is_der(Algorithm::ES256, &[]));
        let mut long = std::vec![0x30, 0x81, 0x88, 0x02];
        long.resize(3 + 0x88, 0);
        assert!(is_der(Algorithm::ES512, &long));
    }
}
