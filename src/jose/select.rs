//! Which keys of a set a token may have been signed with.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::jwk::Jwk;
use super::{JwkSet, Jws};
use crate::audit::{printable, shown};
use crate::reason::{self, Fault};

/// Most keys of one name that are tried.
const MAX_TRIES: usize = 4;

/// Most keys that are named in a trace.
const MAX_NAMED: usize = 5;

/// The keys that a token names, by `kid` or else by the thumbprint of their
/// certificate; if it names none, the one key that fits.
///
/// # Errors
/// A [`Fault`] when no key fits, or when it is not clear which.
pub(crate) fn candidates<'a>(set: &'a JwkSet, jws: &Jws<'_>) -> Result<Vec<&'a Jwk>, Fault> {
    let fitting = || set.keys.iter().filter(|jwk| jwk.fits(jws.alg));
    let same = |jwk: &Jwk| jwk.thumbprints.same(&jws.thumbprints);
    let tried = |keys: &mut dyn Iterator<Item = &'a Jwk>| -> Vec<&'a Jwk> {
        keys.take(MAX_TRIES).collect()
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
        return Err(no_key(jws, set));
    }
    // A key that is known to belong to another certificate is not meant.
    let unnamed = tried(&mut fitting().filter(|jwk| same(jwk) != Some(false)));
    match unnamed.len() {
        0 => Err(no_key(jws, set)),
        1 => Ok(unnamed),
        _ => Err(Fault::new(
            &reason::KEY_AMBIGUOUS,
            "the token names no key (`kid`), and more than one of the issuer's would fit",
        )
        .comparing(format!("{} would fit", named(unnamed)))),
    }
}

/// The fault of a token that no key of this set fits. It says what the set has
/// instead: the right key may be in it, and not usable.
fn no_key(jws: &Jws<'_>, set: &JwkSet) -> Fault {
    let kid = jws.kid.as_deref();
    let wanted = match kid {
        Some(kid) => format!("no {} key with `kid` `{}`", jws.alg, shown(kid)),
        None if !jws.thumbprints.is_empty() => format!("no {} key with the `x5t`", jws.alg),
        None => format!("no {} key", jws.alg),
    };
    if let Some((kid, why)) = kid.and_then(|kid| Some((kid, set.why_skipped(kid)?))) {
        let message =
            format!("the issuer's key that the token names, `{}`, is not used: {why}", shown(kid));
        return Fault::new(&reason::KEY_SKIPPED, message);
    }
    let unused = set.unused().map(|unused| format!("; not used: {unused}")).unwrap_or_default();
    let there = if set.keys.is_empty() {
        "there is no usable key".into()
    } else {
        format!("there is {}", named(&set.keys))
    };
    let reason =
        if set.is_beyond_limit() { &reason::KEY_BEYOND_LIMIT } else { &reason::KEY_NOT_FOUND };
    Fault::new(reason, format!("the issuer has no usable key for the token: {wanted}"))
        .comparing(format!("{wanted}; {there}{unused}"))
}

/// The names of keys, and what those are for that say it.
pub(crate) fn named<'a>(keys: impl IntoIterator<Item = &'a Jwk>) -> String {
    let mut names: Vec<String> = keys.into_iter().map(name).collect();
    let more = names.len().saturating_sub(MAX_NAMED);
    names.truncate(MAX_NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn name(jwk: &Jwk) -> String {
    let name = match &jwk.kid {
        Some(kid) => format!("`{}`", printable(kid)),
        None => "a key without `kid`".into(),
    };
    match jwk.alg {
        Some(alg) => format!("{name} for {alg}"),
        None => name,
    }
}

#[cfg(test)]
mod tests;
