//! The issuer's key for a token, and its verdict on the signature.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::keys::{KeyDirectory, Origin};
use crate::audit::Detail;
use crate::config::KeySource;
use crate::crypto::certificate::Certificate;
use crate::crypto::{PublicKey, Verdict};
use crate::host::Host;
use crate::jose::{JwkSet, Jws, candidates, no_key};
use crate::reason::{self, Fault};
use crate::refusal::Denial;

/// Introduces the keys that should be mended.
const NOT_USED: &str = "not used: ";

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

/// Checks the signature of a token whose algorithm the policy allows. Tells for
/// the trace which of the keys should be mended, if there are such.
///
/// # Errors
/// [`Denial`] when no key fits, when none accepts, or when there are no keys now.
pub(crate) async fn check(
    host: &Host,
    directory: &KeyDirectory,
    keyring: &Keyring<'_>,
    jws: &Jws<'_>,
) -> Result<Detail, Denial> {
    match keyring.source {
        KeySource::Certificates(certificates) => of_certificates(certificates, host, jws).await,
        KeySource::Jwks(set) => of_set(set, host, jws).await,
        KeySource::JwksUri(_) | KeySource::Discovery(_) => {
            let Some(origin) = keyring.origin() else { return Err(no_key(jws, None).into()) };
            fetched(host, directory, &origin, jws).await
        }
    }
}

/// With the keys at hand; and once more with newer ones, if they name no such
/// key or the key of that name does not fit the signature: issuers rotate
/// their keys, and some give the new one the old name.
async fn fetched(
    host: &Host,
    directory: &KeyDirectory,
    origin: &Origin,
    jws: &Jws<'_>,
) -> Result<Detail, Denial> {
    let current = directory.keys(host, origin).await?;
    let first = of_set(&current.snapshot.keys, host, jws).await;
    let Err(Denial::Fault(fault)) = first else { return first };
    match directory.newer(host, origin, &current).await {
        Ok(None) => Err(fault.into()),
        // The key of that name is at hand and says no. That a newer one of the
        // same name might say yes is not worth a 503.
        Err(_) if fault.reason == &reason::SIGNATURE => Err(fault.into()),
        Err(unavailable) => Err(unavailable.into()),
        Ok(Some(newer)) => of_set(&newer.snapshot.keys, host, jws).await,
    }
}

/// With the keys of a set that the token may mean. A broken key in it does not
/// spoil the others, and is named.
async fn of_set(set: &JwkSet, host: &Host, jws: &Jws<'_>) -> Result<Detail, Denial> {
    let keys = candidates(set, jws)?;
    attempt(host, &keys, jws).await?;
    Ok(set.broken().map_or(Detail::None, |broken| Detail::SharedText(NOT_USED, broken)))
}

/// With every certificate whose key fits and that is valid now, or the one of
/// them that the token names. An expired one is skipped, not fatal.
async fn of_certificates(
    certificates: &[Certificate],
    host: &Host,
    jws: &Jws<'_>,
) -> Result<Detail, Denial> {
    let is_named = |one: &&Certificate| one.thumbprints.same(&jws.thumbprints) == Some(true);
    let fitting = || certificates.iter().filter(|one| one.key.fits(jws.alg));
    let any_is_named = fitting().any(|one| is_named(&one));
    let meant = || fitting().filter(|one| !any_is_named || is_named(one));
    let valid = meant().filter(|one| one.valid_at(host.now));
    let keys: Vec<_> = valid.map(|one| Arc::clone(&one.key)).collect();
    match (keys.len(), meant().count()) {
        (0, 0) => return Err(no_key(jws, None).into()),
        (0, _) => {
            let message = "every certificate of the issuer that fits the token has expired or is not valid yet";
            return Err(Fault::new(&reason::CERTIFICATE_EXPIRED, message).into());
        }
        _ => attempt(host, &keys, jws).await?,
    }
    let expired = meant().count() - keys.len();
    let said = "not used: certificates that are not valid now (";
    Ok(if expired > 0 { Detail::Number(said, expired as u64, ")") } else { Detail::None })
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
