//! The limit: the signatures of `aws-lc-rs` and nothing else.

use anyhow::{Context, Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use exchequer::PublicKey;
use serde_json::Value;

use crate::{Job, Party, member};

/// As long as the signed part of an issued token.
const MESSAGE: [u8; 420] = [7; 420];

pub(crate) fn two_signatures(job: &Job) -> Result<Party> {
    let (key, signer) = (issuer_key(&job.theirs)?, Signer::new(&job.ours)?);
    Ok(Box::new(move |token| {
        let (message, signature) = token.rsplit_once('.').context("it is not a JWT")?;
        let signature = URL_SAFE_NO_PAD.decode(signature)?;
        key.verify_sig(message.as_bytes(), &signature).map_err(|_| anyhow!("not verified"))?;
        Ok(URL_SAFE_NO_PAD.encode(signer.sign(&MESSAGE)?))
    }))
}

/// The limit for a token that was verified before.
pub(crate) fn one_signature(job: &Job) -> Result<Party> {
    let signer = Signer::new(&job.ours)?;
    Ok(Box::new(move |_| Ok(URL_SAFE_NO_PAD.encode(signer.sign(&MESSAGE)?))))
}

/// The key of the issuer, parsed.
pub(crate) fn issuer_key(jwk: &Value) -> Result<ParsedPublicKey> {
    parsed(&PublicKey::from_jwk(jwk).map_err(|problem| anyhow!("{problem}"))?)
}

pub(crate) fn parsed(key: &PublicKey) -> Result<ParsedPublicKey> {
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.to_spki_der())
        .map_err(|_| anyhow!("the key is refused"))
}

/// A P-256 key that signs.
pub(crate) struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(crate) fn new(jwk: &Value) -> Result<Self> {
        let bytes = |name| -> Result<Vec<u8>> { Ok(URL_SAFE_NO_PAD.decode(member(jwk, name)?)?) };
        let public = [&[4][..], &bytes("x")?, &bytes("y")?].concat();
        let key = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &bytes("d")?,
            &public,
        )?;
        Ok(Self { key, random: SystemRandom::new() })
    }

    /// The key in PKCS #8.
    pub(crate) fn pkcs8(&self) -> Result<Vec<u8>> {
        Ok(self.key.to_pkcs8v1()?.as_ref().to_vec())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature =
            self.key.sign(&self.random, message).map_err(|_| anyhow!("it does not sign"))?;
        Ok(signature.as_ref().to_vec())
    }
}
