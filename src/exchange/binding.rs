//! Whether the sender of a request may use a token that is bound to a key (RFC
//! 9449 section 6, RFC 7800): one rule for issued and for foreign tokens.

use alloc::sync::Arc;

use crate::dpop::Proven;
use crate::jose::Object;
use crate::reason::{self, Fault};

/// Characters of a SHA-256 thumbprint in base64url.
const THUMBPRINT: usize = 43;

/// Checks that the sender has the key that a token is bound to. `rebind`: any
/// key that it proves to have takes the place of that one.
///
/// # Errors
/// A [`Fault`] when it proved no key, or another one.
pub(super) fn check(bound: Option<&str>, proven: &Proven, rebind: bool) -> Result<(), Fault> {
    let Some(jkt) = bound else {
        return match proven {
            Proven::Presenter(_) => Err(Fault::new(
                &reason::NOT_BOUND,
                "the token is not bound to a key, and was presented with the scheme `DPoP`",
            )),
            _ => Ok(()),
        };
    };
    match proven {
        Proven::Assumed(_) => Ok(()),
        Proven::Key(key) if rebind || **key == *jkt => Ok(()),
        Proven::Presenter(key) if **key == *jkt => Ok(()),
        Proven::Key(_) | Proven::Presenter(_) => Err(Fault::new(
            &reason::BOUND_TO_ANOTHER,
            "the token is bound to another key than that of the DPoP proof",
        )),
        Proven::Nothing => Err(Fault::new(
            &reason::BOUND,
            "the token is bound to a key, and the request has no DPoP proof of it",
        )),
    }
}

/// The thumbprint in the claim `cnf` of a token, if it has one. A confirmation
/// that cannot be checked is not ignored: the token would become one that
/// anybody may use.
///
/// # Errors
/// A [`Fault`] for a `cnf` that is anything but a `jkt`.
pub(super) fn confirmation(claims: &Object) -> Result<Option<Arc<str>>, Fault> {
    let Some(cnf) = claims.get("cnf") else { return Ok(None) };
    let members = cnf.members();
    let jkt = members.as_ref().filter(|members| members.iter().count() == 1);
    let jkt = jkt.and_then(|members| members.get("jkt")?.text());
    match jkt.filter(|jkt| jkt.len() == THUMBPRINT) {
        Some(jkt) => Ok(Some((&*jkt).into())),
        None => Err(Fault::new(
            &reason::BOUND_UNKNOWN,
            "the token's `cnf` is something else than the thumbprint of a key (`jkt`)",
        )
        .of_claim("cnf")),
    }
}
