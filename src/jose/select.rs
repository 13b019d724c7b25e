//! Which keys of a set a token may have been signed with.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::jwk::Jwk;
use super::{JwkSet, Jws};
use crate::audit::shown;
use crate::crypto::PublicKey;
use crate::reason::{self, Fault};

/// Most keys of one name that are tried.
const MAX_TRIES: usize = 4;

/// The keys that a token names, by `kid` or else by the thumbprint of their
/// certificate; if it names none, the one key that fits.
///
/// # Errors
/// A [`Fault`] when no key fits, or when it is not clear which.
pub(crate) fn candidates(set: &JwkSet, jws: &Jws<'_>) -> Result<Vec<Arc<PublicKey>>, Fault> {
    let fitting = || set.keys.iter().filter(|jwk| jwk.fits(jws.alg));
    let same = |jwk: &Jwk| jwk.thumbprints.same(&jws.thumbprints);
    let tried = |keys: &mut dyn Iterator<Item = &Jwk>| -> Vec<Arc<PublicKey>> {
        keys.map(|jwk| Arc::clone(&jwk.key)).take(MAX_TRIES).collect()
    };
    let by_kid = tried(
        &mut fitting().filter(|jwk| jws.kid.is_some() && jwk.kid.as_deref() == jws.kid.as_deref()),
    );
    if !by_kid.is_empty() {
        return Ok(by_kid);
    }
    let by_certificate = tried(&mut fitting().filter(|jwk| same(jwk) == Some(true)));
    if !by_certificate.is_empty() {
        return Ok(by_certificate);
    }
    if jws.kid.is_some() {
        return Err(no_key(jws, set.unused()));
    }
    // A key that is known to belong to another certificate is not meant.
    let unnamed = tried(&mut fitting().filter(|jwk| same(jwk) != Some(false)));
    match unnamed.len() {
        0 => Err(no_key(jws, set.unused())),
        1 => Ok(unnamed),
        _ => Err(Fault::new(
            &reason::KEY_AMBIGUOUS,
            "the token names no key (`kid`), and more than one of the issuer's would fit",
        )),
    }
}

/// The fault of a token that no key fits; with the keys that are not used,
/// because the right one may be among them.
pub(crate) fn no_key(jws: &Jws<'_>, unused: Option<String>) -> Fault {
    let named = match &jws.kid {
        Some(kid) => format!("with `kid` `{}`", shown(kid)),
        None if !jws.thumbprints.is_empty() => "with `x5t`, without `kid`".to_string(),
        None => "without `kid`".to_string(),
    };
    let unused = unused.map(|unused| format!("; not used: {unused}")).unwrap_or_default();
    Fault::new(&reason::KEY_NOT_FOUND, "the issuer has no usable key for the token")
        .comparing(format!("no {} key for a token {named}{unused}", jws.alg))
}

#[cfg(test)]
mod tests;
