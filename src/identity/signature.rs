//! The issuer's key for a token, and its verdict on the signature.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::keys::{KeyDirectory, Origin};
use crate::config::KeySource;
use crate::crypto::certificate::Certificate;
use crate::crypto::{PublicKey, Verdict};
use crate::host::Host;
use crate::jose::{Jws, candidates, no_key};
use crate::reason::{self, Fault};
use crate::refusal::Denial;

/// Where a token's keys are, and how to get at them.
pub(crate) struct Keyring<'a> {
    pub(crate) source: &'a KeySource,
    pub(crate) timeout_ms: u32,
    pub(crate) danger_allow_http: bool,
}

impl Keyring<'_> {
    /// The URL that keys are fetched from, if they are.
    pub(crate) fn origin(&self) -> Option<Origin> {
        let (url, discovery) = match self.source {
            KeySource::JwksUri(url) => (url, false),
            KeySource::Discovery(issuer) => (issuer, true),
            KeySource::Jwks(_) | KeySource::Certificates(_) => return None,
        };
        Some(Origin {
            url: url.clone(),
            discovery,
            timeout_ms: self.timeout_ms,
            danger_allow_http: self.danger_allow_http,
        })
    }
}

/// Checks the signature of a token whose algorithm the policy allows.
///
/// # Errors
/// [`Denial`] when no key fits, when none accepts, or when keys cannot be had.
pub(crate) async fn check(
    host: &Host,
    directory: &KeyDirectory,
    keyring: &Keyring<'_>,
    jws: &Jws<'_>,
) -> Result<(), Denial> {
    match keyring.source {
        KeySource::Certificates(certificates) => {
            let keys = of_certificates(certificates, host, jws)?;
            attempt(host, &keys, jws).await
        }
        KeySource::Jwks(set) => {
            let keys = candidates(set, jws)?;
            attempt(host, &keys, jws).await
        }
        KeySource::JwksUri(_) | KeySource::Discovery(_) => {
            let Some(origin) = keyring.origin() else { return Err(no_key(jws).into()) };
            check_fetched(host, directory, &origin, jws).await
        }
    }
}

/// With the keys at hand; and once more with newer ones, if they name no such
/// key or the key of that name does not fit the signature: issuers rotate
/// their keys, and some give the new one the old name.
async fn check_fetched(
    host: &Host,
    directory: &KeyDirectory,
    origin: &Origin,
    jws: &Jws<'_>,
) -> Result<(), Denial> {
    let current = directory.keys(host, origin).await?;
    let first = match candidates(&current.snapshot.keys, jws) {
        Ok(keys) => attempt(host, &keys, jws).await,
        Err(fault) => Err(fault.into()),
    };
    let Err(Denial::Fault(fault)) = first else { return first };
    match directory.newer(host, origin, &current).await {
        Ok(None) => Err(fault.into()),
        // The key of that name is at hand and says no. That a newer one of the
        // same name might say yes is not worth a 503.
        Err(_) if fault.reason == &reason::SIGNATURE => Err(fault.into()),
        Err(unavailable) => Err(unavailable.into()),
        Ok(Some(newer)) => {
            let keys = candidates(&newer.snapshot.keys, jws)?;
            attempt(host, &keys, jws).await
        }
    }
}

/// Every certificate that is valid now and whose key fits. An expired one is
/// passed over, not fatal.
fn of_certificates(
    certificates: &[Certificate],
    host: &Host,
    jws: &Jws<'_>,
) -> Result<Vec<Arc<PublicKey>>, Fault> {
    let fitting = || certificates.iter().filter(|certificate| certificate.key.fits(jws.alg));
    let keys: Vec<_> = fitting()
        .filter(|certificate| certificate.valid_at(host.now))
        .map(|certificate| Arc::clone(&certificate.key))
        .collect();
    if !keys.is_empty() {
        return Ok(keys);
    }
    Err(match fitting().count() {
        0 => no_key(jws),
        count => Fault::new(
            &reason::CERTIFICATE_EXPIRED,
            format!("none of the issuer's {count} certificates that would fit is valid now"),
        ),
    })
}

async fn attempt(host: &Host, keys: &[Arc<PublicKey>], jws: &Jws<'_>) -> Result<(), Denial> {
    for key in keys {
        let verdict = host.verify(jws.alg, key, jws.signing_input, &jws.signature).await?;
        if verdict == Verdict::Accept {
            return Ok(());
        }
    }
    // Why it was rejected is not the sender's business.
    Err(Fault::new(&reason::SIGNATURE, "the token's signature was rejected").into())
}
