//! The part of the law that is about the trusted token issuer of a token.

use alloc::format;

use super::Use;
use crate::config::{Application, TrustedTokenIssuer, conditions_digest};
use crate::grant::Evidence;
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::state::State;

/// The trusted token issuer that the token came from: it is still enabled and
/// on the lists, under the conditions that held when the token was issued.
/// Conditions that changed cannot be decided again.
///
/// # Errors
/// [`Denial`] for the first thing that no longer stands, or when the store fails.
pub(super) async fn check(
    state: &State,
    host: &Host,
    issuer: &str,
    evidence: &Evidence,
    application: &Application,
    purpose: Use<'_>,
) -> Result<(), Denial> {
    let issuer = state.trust.issuers.enabled_by_id(host, issuer).await?;
    let presenter = match purpose {
        Use::Subject(presenter) | Use::Actor(presenter) => Some(presenter),
        Use::Access | Use::Introspection(_) | Use::Refresh => None,
    };
    for application in [Some(application), presenter].into_iter().flatten() {
        check_conditions(&issuer, application, &evidence.conditions)?;
    }
    Ok(())
}

/// An application may use tokens of an issuer, under the conditions that held.
///
/// # Errors
/// A [`Fault`] when it may not.
pub(super) fn check_conditions(
    issuer: &TrustedTokenIssuer,
    application: &Application,
    held: &str,
) -> Result<(), Fault> {
    let listed = application.trusted_token_issuers.iter().find(|one| one.issuer == issuer.id);
    let listed = listed.ok_or_else(|| {
        let message =
            format!("`{}` may not use tokens that came from `{}`", application.name, issuer.name);
        Fault::new(&reason::ISSUER_NOT_ALLOWED, message)
    })?;
    if conditions_digest(issuer, &listed.conditions) == held {
        return Ok(());
    }
    let message = format!(
        "the conditions of `{}` on tokens of `{}` are not those that held when the token was issued",
        application.name, issuer.name
    );
    Err(Fault::new(&reason::CONDITIONS_CHANGED, message))
}
