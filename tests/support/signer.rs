//! Signing as a host does it that keeps keys outside of the engine.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, SigningKey};
use p256::ecdsa::signature::Signer;

/// A signature in JOSE form, for the algorithms that cases sign with.
pub(crate) fn sign(key: &SigningKey, message: &[u8]) -> Option<Vec<u8>> {
    let jwk = key.to_jwk();
    let secret = Base64UrlUnpadded::decode_vec(jwk.get("d")?.as_str()?).ok()?;
    match key.algorithm() {
        Algorithm::ES256 => {
            let key = p256::ecdsa::SigningKey::from_slice(&secret).ok()?;
            let signature: p256::ecdsa::Signature = key.sign(message);
            Some(signature.to_vec())
        }
        Algorithm::ES384 => {
            let key = p384::ecdsa::SigningKey::from_slice(&secret).ok()?;
            let signature: p384::ecdsa::Signature = key.sign(message);
            Some(signature.to_vec())
        }
        Algorithm::EdDSA => {
            let key = ed25519_dalek::SigningKey::from_bytes(secret.as_slice().try_into().ok()?);
            Some(key.sign(message).to_vec())
        }
        _ => None,
    }
}
