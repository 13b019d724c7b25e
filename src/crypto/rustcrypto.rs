//! The pure-Rust provider: every algorithm (RFC 7518 section 3, RFC 8037), by
//! RustCrypto.

use alloc::vec::Vec;

use p256::ecdsa::signature::{RandomizedSigner, SignatureEncoding, Signer, Verifier};
use rsa::{Pkcs1v15Sign, Pss};
use sha2::digest::FixedOutputReset;
use sha2::digest::const_oid::AssociatedOid;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::drbg::Draws;
use super::key_params::Material;
use super::signing::Secret;
use super::{Algorithm, PublicKey, SigningKey, Verdict};

/// Whether the signature is good. The caller has checked that the key fits
/// the algorithm and that the signature is well formed.
pub(crate) fn verify(alg: Algorithm, key: &PublicKey, message: &[u8], signature: &[u8]) -> Verdict {
    use Algorithm::{ES256, ES384, ES512, EdDSA};
    let good = match (key.material(), alg) {
        (Material::Rsa(key), alg) => verify_rsa(key, alg, message, signature),
        (Material::P256(key), ES256) => {
            verify_ec::<p256::ecdsa::Signature>(&**key, message, signature)
        }
        (Material::P384(key), ES384) => {
            verify_ec::<p384::ecdsa::Signature>(&**key, message, signature)
        }
        (Material::P521(key), ES512) => {
            verify_ec::<p521::ecdsa::Signature>(&**key, message, signature)
        }
        // Strict: the equation without the cofactor, and no R of small order.
        (Material::Ed25519(key), EdDSA) => ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        _ => false,
    };
    good.into()
}

fn verify_ec<S>(key: &impl Verifier<S>, message: &[u8], signature: &[u8]) -> bool
where
    S: for<'a> TryFrom<&'a [u8]>,
{
    S::try_from(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
}

fn verify_rsa(key: &rsa::PublicKey, alg: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    match alg {
        Algorithm::RS256 => verify_pkcs1(key, pkcs1::<Sha256>(message), signature),
        Algorithm::RS384 => verify_pkcs1(key, pkcs1::<Sha384>(message), signature),
        Algorithm::RS512 => verify_pkcs1(key, pkcs1::<Sha512>(message), signature),
        Algorithm::PS256 => verify_pss::<Sha256>(key, message, signature),
        Algorithm::PS384 => verify_pss::<Sha384>(key, message, signature),
        Algorithm::PS512 => verify_pss::<Sha512>(key, message, signature),
        _ => false,
    }
}

/// The scheme of a hash (RFC 8017 section 8.2), and the message hashed.
fn pkcs1<D: Digest + AssociatedOid>(message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    (Pkcs1v15Sign::new::<D>(), D::digest(message).to_vec())
}

/// Not inlined: it would be in the module once for each hash.
#[inline(never)]
fn verify_pkcs1(
    key: &rsa::PublicKey,
    (scheme, hashed): (Pkcs1v15Sign, Vec<u8>),
    signature: &[u8],
) -> bool {
    key.verify(scheme, &hashed, signature).is_ok()
}

/// "The size of the salt value is the same size as the hash function output",
/// and MGF1 uses the same hash (RFC 7518 section 3.5).
fn verify_pss<D: Digest + FixedOutputReset>(
    key: &rsa::PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    key.verify(Pss::<D>::new(), &D::digest(message), signature).is_ok()
}

impl SigningKey {
    /// A signature in JOSE form. `entropy` must be fresh from a cryptographic
    /// random source where the algorithm is RSA or ES512: it blinds RSA, salts
    /// PSS and goes into the nonce of ES512. `None` when the key cannot sign,
    /// which only an RSA key with wrong primes cannot.
    #[must_use]
    pub fn sign(&self, message: &[u8], entropy: &[u8; 32]) -> Option<Vec<u8>> {
        sign(self, message, entropy)
    }
}

/// A signature in JOSE form. `entropy` blinds RSA and salts PSS; ECDSA on
/// P-256 and P-384 is deterministic (RFC 6979), and so is Ed25519. `None` when
/// the key cannot sign.
pub(crate) fn sign(key: &SigningKey, message: &[u8], entropy: &[u8; 32]) -> Option<Vec<u8>> {
    match key.secret()? {
        Secret::Rsa(secret) => sign_rsa(secret, key.algorithm(), message, entropy),
        Secret::P256(secret) => sign_ec::<p256::ecdsa::Signature>(&**secret, message),
        Secret::P384(secret) => sign_ec::<p384::ecdsa::Signature>(&**secret, message),
        // RFC 6979 with entropy as additional data (section 3.6): the nonce stays
        // secret when entropy is poor, and never serves two messages when entropy
        // comes twice.
        Secret::P521(secret) => {
            let mut draws = Draws::new("ES512 nonce", &[entropy]);
            let signature: p521::ecdsa::Signature =
                secret.try_sign_with_rng(&mut draws, message).ok()?;
            Some(signature.to_vec())
        }
        Secret::Ed25519(secret) => sign_ec::<ed25519_dalek::Signature>(&**secret, message),
    }
}

fn sign_ec<S: SignatureEncoding>(key: &impl Signer<S>, message: &[u8]) -> Option<Vec<u8>> {
    key.try_sign(message).ok().map(|signature| signature.to_vec())
}

fn sign_rsa(
    key: &rsa::PrivateKey,
    alg: Algorithm,
    message: &[u8],
    entropy: &[u8; 32],
) -> Option<Vec<u8>> {
    let draws = Draws::new("RSA blinding and salt", &[entropy, message]);
    match alg {
        Algorithm::RS256 => sign_pkcs1(key, pkcs1::<Sha256>(message), draws),
        Algorithm::RS384 => sign_pkcs1(key, pkcs1::<Sha384>(message), draws),
        Algorithm::RS512 => sign_pkcs1(key, pkcs1::<Sha512>(message), draws),
        Algorithm::PS256 => sign_pss::<Sha256>(key, message, draws),
        Algorithm::PS384 => sign_pss::<Sha384>(key, message, draws),
        Algorithm::PS512 => sign_pss::<Sha512>(key, message, draws),
        _ => None,
    }
}

#[inline(never)]
fn sign_pkcs1(
    key: &rsa::PrivateKey,
    (scheme, hashed): (Pkcs1v15Sign, Vec<u8>),
    mut draws: Draws,
) -> Option<Vec<u8>> {
    key.sign_with_rng(&mut draws, scheme, &hashed).ok()
}

/// The computation is blinded, as that of PKCS #1 v1.5 is; the signature is an
/// ordinary one.
fn sign_pss<D: Digest + FixedOutputReset>(
    key: &rsa::PrivateKey,
    message: &[u8],
    mut draws: Draws,
) -> Option<Vec<u8>> {
    key.sign_with_rng(&mut draws, Pss::<D>::new_blinded(), &D::digest(message)).ok()
}
