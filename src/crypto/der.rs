//! Keys and signatures in DER, for hosts whose crypto speaks that and not JOSE.

use alloc::vec::Vec;

use rsa::pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

use super::signing::Secret;
use super::{Algorithm, SigningKey};

impl SigningKey {
    /// DER `PrivateKeyInfo` (RFC 5208): a secret. `None` for kinds of keys that
    /// no host signs with (P-384, P-521, Ed25519).
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Option<Zeroizing<Vec<u8>>> {
        let der = match self.secret()? {
            Secret::Rsa(key) => key.to_pkcs8_der(),
            Secret::P256(key) => p256::SecretKey::from(&**key).to_pkcs8_der(),
            Secret::P384(_) | Secret::P521(_) | Secret::Ed25519(_) => return None,
        };
        der.ok().map(|der| der.to_bytes())
    }
}

impl Algorithm {
    /// A signature of this algorithm in JOSE form as others write it: an ECDSA
    /// signature as DER `ECDSA-Sig-Value` (RFC 3279 section 2.2.3), an RSA one
    /// unchanged. `None` when it is not one, or for ES384, ES512 and EdDSA.
    #[must_use]
    pub fn signature_to_der(self, jose: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::ES256 => {
                let signature = p256::ecdsa::Signature::from_slice(jose).ok()?;
                Some(signature.to_der().as_bytes().to_vec())
            }
            _ => self.is_rsa().then(|| jose.to_vec()),
        }
    }

    /// The other way round. DER that is not canonical is refused.
    #[must_use]
    pub fn signature_from_der(self, der: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::ES256 => {
                let signature = p256::ecdsa::Signature::from_der(der).ok()?;
                Some(signature.to_bytes().to_vec())
            }
            _ => self.is_rsa().then(|| der.to_vec()),
        }
    }

    const fn is_rsa(self) -> bool {
        matches!(
            self,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PublicKey;

    #[test]
    fn a_signature_goes_to_der_and_back() {
        let key = SigningKey::generate(Algorithm::ES256, &[7; 32]).unwrap();
        for message in 0..64_u8 {
            let jose = key.sign(&[message], &[1; 32]).unwrap();
            let der = Algorithm::ES256.signature_to_der(&jose).unwrap();
            assert_eq!(der.first(), Some(&0x30));
            assert_eq!(Algorithm::ES256.signature_from_der(&der), Some(jose));
        }
        assert_eq!(Algorithm::RS256.signature_to_der(b"abc").as_deref(), Some(&b"abc"[..]));
        assert_eq!(Algorithm::EdDSA.signature_to_der(&[1; 64]), None);
    }

    #[test]
    fn only_canonical_der_is_read() {
        let good = [0x30, 6, 2, 1, 1, 2, 1, 1];
        assert!(Algorithm::ES256.signature_from_der(&good).is_some());
        for bad in [
            &[][..],
            &[0x30, 6, 2, 1, 0, 2, 1, 1],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 0x81, 2, 1, 1],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
        ] {
            assert_eq!(Algorithm::ES256.signature_from_der(bad), None, "{bad:?}");
        }
        assert_eq!(Algorithm::ES256.signature_to_der(&[0; 64]), None);
        assert_eq!(Algorithm::ES256.signature_to_der(&[1; 63]), None);
    }

    #[test]
    fn a_private_key_goes_out_as_pkcs8() {
        let key = SigningKey::generate(Algorithm::ES256, &[7; 32]).unwrap();
        let der = key.to_pkcs8_der().unwrap();
        use p256::pkcs8::DecodePrivateKey;
        let read = p256::ecdsa::SigningKey::from_pkcs8_der(&der).unwrap();
        let public = PublicKey::of(Secret::P256(read.into()).public());
        assert_eq!(public, **key.public());
        let other = SigningKey::generate(Algorithm::EdDSA, &[7; 32]).unwrap();
        assert!(other.to_pkcs8_der().is_none());
    }
}
