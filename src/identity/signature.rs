//! The issuer's key for a token, and its verdict on the signature.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::keys::{KeyDirectory, Origin};
use crate::audit::Detail;
use crate::config::KeySource;
use crate::crypto::certificate::Certificate;
use crate::crypto::{PublicKey, Verdict};
use crate::host::Host;
use crate::jose::{JwkSet, Jws, candidates, is_rejection, named, rejected};
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
            let Some(origin) = keyring.origin() else { return Err(no_certificate(jws).into()) };
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
        Err(_) if is_rejection(fault.reason) => Err(fault.into()),
        Err(unavailable) => Err(unavailable.into()),
        Ok(Some(newer)) => of_set(&newer.snapshot.keys, host, jws).await,
    }
}

/// With the keys of a set that the token may mean. A broken key in it does not
/// spoil the others, and is named; so is the key that was meant by a token that
/// names none.
async fn of_set(set: &JwkSet, host: &Host, jws: &Jws<'_>) -> Result<Detail, Denial> {
    let keys = candidates(set, jws)?;
    let accepted = attempt(host, keys.iter().map(|jwk| &jwk.key), jws).await?;
    let Some(accepted) = accepted.and_then(|index| keys.get(index)) else {
        return Err(rejected(jws).comparing(format!("by {}", named(keys))).into());
    };
    Ok(match (set.broken(), &accepted.kid) {
        (Some(broken), _) => Detail::SharedText(NOT_USED, broken),
        (None, Some(kid)) if jws.kid.is_none() => Detail::SharedText("by the key ", kid.clone()),
        (None, _) => Detail::None,
    })
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
    let valid: Vec<_> = meant().filter(|one| one.valid_at(host.now)).collect();
    if valid.is_empty() {
        let Some(one) = meant().next() else { return Err(no_certificate(jws).into()) };
        let message =
            "every certificate of the issuer that fits the token has expired or is not valid yet";
        let fault = Fault::new(&reason::CERTIFICATE_EXPIRED, message);
        return Err(fault.comparing(one.lifetime(host.now).unwrap_or_default()).into());
    }
    if attempt(host, valid.iter().map(|one| &one.key), jws).await?.is_none() {
        let tried = format!("by {} of the issuer's certificates", valid.len());
        return Err(rejected(jws).comparing(tried).into());
    }
    let expired = meant().count() - valid.len();
    let said = "not used: certificates that are not valid now (";
    Ok(if expired > 0 { Detail::Number(said, expired as u64, ")") } else { Detail::None })
}

/// No certificate is of the type of key that the algorithm needs.
fn no_certificate(jws: &Jws<'_>) -> Fault {
    let message = format!("the issuer has no certificate with a key for {}", jws.alg);
    Fault::new(&reason::KEY_NOT_FOUND, message)
}

/// The place of the first key that accepts the signature, if one does. Why the
/// others do not is not the sender's business.
async fn attempt<'a>(
    host: &Host,
    keys: impl Iterator<Item = &'a Arc<PublicKey>>,
    jws: &Jws<'_>,
) -> Result<Option<usize>, Denial> {
    for (index, key) in keys.enumerate() {
        let verdict = host.verify(jws.alg, key, jws.signing_input, &jws.signature).await?;
        if verdict == Verdict::Accept {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
