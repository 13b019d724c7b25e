//! Which keys of a set a token may have been signed with.

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{JwkSet, Jws};
use crate::audit::shown;
use crate::crypto::PublicKey;
use crate::reason::{self, Fault};

/// Most keys of one `kid` that are tried.
const MAX_TRIES: usize = 4;

/// By `kid` and type; without a `kid`, only if exactly one key fits.
///
/// # Errors
/// A [`Fault`] when no key does, or when it is not clear which.
pub(crate) fn candidates(set: &JwkSet, jws: &Jws<'_>) -> Result<Vec<Arc<PublicKey>>, Fault> {
    let fitting = set.keys.iter().filter(|jwk| jwk.fits(jws.alg));
    let keys: Vec<_> = fitting
        .filter(|jwk| jws.kid.is_none() || jwk.kid == jws.kid)
        .map(|jwk| Arc::clone(&jwk.key))
        .take(MAX_TRIES)
        .collect();
    match keys.len() {
        0 => Err(no_key(jws)),
        1 => Ok(keys),
        _ if jws.kid.is_some() => Ok(keys),
        _ => Err(Fault::new(
            &reason::KEY_AMBIGUOUS,
            "the token names no key (`kid`), and more than one of the issuer's would fit",
        )),
    }
}

/// The fault of a token that no key fits.
pub(crate) fn no_key(jws: &Jws<'_>) -> Fault {
    let named = jws
        .kid
        .as_ref()
        .map_or_else(|| "without `kid`".to_string(), |kid| format!("with `kid` `{}`", shown(kid)));
    Fault::new(&reason::KEY_NOT_FOUND, "the issuer has no usable key for the token")
        .comparing(format!("no {} key for a token {named}", jws.alg))
}
