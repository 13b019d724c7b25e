//! The issuer's key for a token, and its verdict on the signature.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::jwks::Snapshot;
use super::keys::{KeyDirectory, KeyDocument, Origin};
use crate::audit::Detail;
use crate::config::KeySource;
use crate::crypto::PublicKey;
use crate::crypto::certificate::Certificate;
use crate::host::Host;
use crate::jose::{JwkSet, Jws, candidates, is_rejection, named, rejected};
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::time::Timestamp;
use crate::verified_tokens::Signer;

/// Introduces the keys that should be mended.
const NOT_USED: &str = "not used: ";

/// Where a token's keys are, and how to get at them.
pub(crate) struct Keyring<'a> {
    pub(crate) source: &'a KeySource,
    pub(crate) timeout_ms: u32,
    pub(crate) danger_allow_http: bool,
    /// The id of the issuer, if its tokens may come again.
    pub(crate) repeating: Option<&'a str>,
    /// Only keys for JWT-SVIDs count: `"use": "jwt-svid"` (SPIFFE Trust Domain and
    /// Bundle section 4.2.2).
    pub(crate) svids_only: bool,
}

/// A signature that was found good.
pub(crate) struct Checked {
    /// Which of the keys should be fixed, or which of them was meant, for the trace.
    pub(crate) detail: Detail,
    /// Until when it is known to count: from then on the keys have to be looked
    /// at again.
    pub(crate) until: Timestamp,
}

impl Keyring<'_> {
    /// The URL that keys are fetched from, if they are.
    pub(crate) fn origin(&self) -> Option<Origin> {
        let (url, document) = match self.source {
            KeySource::JwksUri(url) => (url, KeyDocument::KeySet),
            KeySource::Discovery(issuer) => (issuer, KeyDocument::Discovery),
            KeySource::ClientMetadata(client_id) => (client_id, KeyDocument::ClientMetadata),
            KeySource::Jwks(_) | KeySource::Certificates(_) => return None,
        };
        Some(Origin {
            url: url.clone(),
            document,
            timeout_ms: self.timeout_ms,
            danger_allow_http: self.danger_allow_http,
        })
    }
}

/// Checks the signature of a token whose algorithm the policy allows.
///
/// # Errors
/// [`Denial`] when no key fits, when none accepts, or when there are no keys now.
pub(crate) async fn check(
    host: &Host,
    directory: &KeyDirectory,
    keyring: &Keyring<'_>,
    jws: &Jws<'_>,
) -> Result<Checked, Denial> {
    let Keyring { repeating, svids_only, .. } = *keyring;
    let verifier = Verifier { host, repeating, svids_only, jws };
    match keyring.source {
        KeySource::Certificates(certificates) => of_certificates(certificates, &verifier).await,
        KeySource::Jwks(set) => {
            Ok(Checked { detail: of_set(set, &verifier).await?, until: Timestamp(u64::MAX) })
        }
        KeySource::JwksUri(_) | KeySource::Discovery(_) | KeySource::ClientMetadata(_) => {
            let Some(origin) = keyring.origin() else { return Err(no_certificate(jws).into()) };
            fetched(directory, &origin, &verifier).await
        }
    }
}

/// Verifies one token with keys that it may mean.
struct Verifier<'a> {
    host: &'a Host,
    repeating: Option<&'a str>,
    svids_only: bool,
    jws: &'a Jws<'a>,
}

impl Verifier<'_> {
    /// The first of the keys that accepts the signature, if one does. Why the
    /// others do not is not the sender's business.
    async fn attempt<'k>(
        &self,
        keys: &'k [Arc<PublicKey>],
    ) -> Result<Option<&'k Arc<PublicKey>>, Denial> {
        Ok(match self.repeating {
            Some(id) => self.host.verify_token(Signer::Issuer(id), self.jws, keys).await?,
            None => self.host.verify_once(self.jws, keys).await?,
        })
    }
}

/// With the keys at hand; and once more with newer ones, if they name no such
/// key or the key of that name does not fit the signature: issuers rotate
/// their keys, and some give the new one the old name.
async fn fetched(
    directory: &KeyDirectory,
    origin: &Origin,
    verifier: &Verifier<'_>,
) -> Result<Checked, Denial> {
    let host = verifier.host;
    let current = directory.keys(host, origin).await?;
    let first = of_snapshot(&current.snapshot, verifier).await;
    let Err(Denial::Fault(fault)) = first else { return first };
    match directory.newer(host, origin, &current).await {
        Ok(None) => Err(fault.into()),
        // The key of that name is at hand and says no. That a newer one of the
        // same name might say yes is not worth a 503.
        Err(_) if is_rejection(fault.reason) => Err(fault.into()),
        Err(unavailable) => Err(unavailable.into()),
        Ok(Some(newer)) => of_snapshot(&newer.snapshot, verifier).await,
    }
}

async fn of_snapshot(snapshot: &Snapshot, verifier: &Verifier<'_>) -> Result<Checked, Denial> {
    let detail = of_set(&snapshot.keys, verifier).await?;
    Ok(Checked { detail, until: snapshot.fresh_until })
}

/// With the keys of a set that the token may mean. A broken key in it does not
/// spoil the others, and is named; so is the key that was meant by a token that
/// names none.
async fn of_set(set: &JwkSet, verifier: &Verifier<'_>) -> Result<Detail, Denial> {
    let jws = verifier.jws;
    let mut named_keys = candidates(set, jws)?;
    if verifier.svids_only {
        named_keys.retain(|jwk| jwk.is_svid);
        if named_keys.is_empty() {
            let message =
                "the key that the token names is not for JWT-SVIDs: its `use` is not `jwt-svid`";
            return Err(Fault::new(&reason::KEY_SKIPPED, message).into());
        }
    }
    let keys: Vec<_> = named_keys.iter().map(|jwk| Arc::clone(&jwk.key)).collect();
    let Some(accepted) = verifier.attempt(&keys).await? else {
        return Err(rejected(jws).comparing(format!("by {}", named(named_keys))).into());
    };
    let kid = || named_keys.iter().find(|jwk| Arc::ptr_eq(&jwk.key, accepted))?.kid.clone();
    Ok(match set.broken() {
        Some(broken) => Detail::SharedText(NOT_USED, broken),
        None if jws.kid.is_none() => {
            kid().map_or(Detail::None, |kid| Detail::SharedText("by the key ", kid))
        }
        None => Detail::None,
    })
}

/// With every certificate whose key fits and that is valid now, or the one of
/// them that the token names. An expired one is skipped, not fatal.
async fn of_certificates(
    certificates: &[Certificate],
    verifier: &Verifier<'_>,
) -> Result<Checked, Denial> {
    let Verifier { host, jws, .. } = *verifier;
    let is_named = |one: &&Certificate| one.thumbprints.same(&jws.thumbprints) == Some(true);
    let fitting = || certificates.iter().filter(|one| one.key.fits(jws.alg));
    let any_is_named = fitting().any(|one| is_named(&one));
    let meant = || fitting().filter(|one| !any_is_named || is_named(one));
    let valid = meant().filter(|one| one.valid_at(host.now));
    let keys: Vec<_> = valid.clone().map(|one| Arc::clone(&one.key)).collect();
    if keys.is_empty() {
        let Some(one) = meant().next() else { return Err(no_certificate(jws).into()) };
        let message =
            "every certificate of the issuer that fits the token has expired or is not valid yet";
        let fault = Fault::new(&reason::CERTIFICATE_EXPIRED, message);
        return Err(fault.comparing(one.lifetime(host.now).unwrap_or_default()).into());
    }
    let Some(key) = verifier.attempt(&keys).await? else {
        let tried = format!("by {} of the issuer's certificates", keys.len());
        return Err(rejected(jws).comparing(tried).into());
    };
    let ends = valid.filter(|one| Arc::ptr_eq(&one.key, key)).map(|one| one.not_after).max();
    let until = ends.map_or(host.now, |last| last.plus(1));
    let expired = meant().count() - keys.len();
    let said = "not used: certificates that are not valid now (";
    let detail = if expired > 0 { Detail::Number(said, expired as u64, ")") } else { Detail::None };
    Ok(Checked { detail, until })
}

/// No certificate is of the type of key that the algorithm needs.
fn no_certificate(jws: &Jws<'_>) -> Fault {
    let message = format!("the issuer has no certificate with a key for {}", jws.alg);
    Fault::new(&reason::KEY_NOT_FOUND, message)
}
