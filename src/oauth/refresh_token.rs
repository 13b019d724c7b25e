//! The refresh token grant (RFC 6749 section 6).
//!
//! Everything is checked again: the application, the trusted token issuer that
//! the grant came from, and the account. A token is spent with its use; one
//! that comes back revokes its family (RFC 9700 section 4.14.2).

use super::issue::{Issued, Refresh, issue};
use super::own::{Form as TokenForm, recognise};
use super::refusal::{OAuthError, Refusal};
use super::requested_scope;
use crate::config::Application;
use crate::decide::renew;
use crate::grant::{Grant, Subject};
use crate::http::Form;
use crate::reason::{self, Fault};
use crate::state::State;
use crate::trace::{Parties, Trace};
use crate::world::World;

/// The parameter that carries the token.
const ROLE: &str = "refresh_token";

/// Grants again what was granted.
///
/// # Errors
/// A [`Refusal`]: `invalid_grant` for a token that does not count any more.
pub(super) async fn grant(
    state: &State,
    world: &World,
    trace: &mut Trace,
    parties: &mut Parties,
    application: &Application,
    form: &Form,
) -> Result<Issued, Refusal> {
    let token = form.required(ROLE)?;
    let refuse = |fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault);
    let own = recognise(state, world, token)
        .await
        .map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial))?;
    let TokenForm::Refresh(held) = own.form else {
        return Err(refuse(Fault::new(&reason::TYP_MISMATCH, "the token is not a refresh token")));
    };
    check_grant(state, application, &own.grant).map_err(refuse)?;
    trace.pass(ROLE, "grant", None);

    let user = match &own.grant.subject {
        Subject::Local { id } => state.directory.by_id(id),
        Subject::Federated { .. } => None,
    };
    let decision = renew(
        application,
        &state.config.roles,
        user.map(AsRef::as_ref),
        own.grant,
        requested_scope(form),
    )
    .map_err(refuse)?;
    decision.note(trace);
    issue(state, world, parties, application, decision, Refresh::Next(held))
        .await
        .map(Issued::plain)
}

/// "The authorization server MUST [...] ensure that the refresh token was
/// issued to the authenticated client". And the issuer it came from must still
/// be trusted, by this application.
fn check_grant(state: &State, application: &Application, grant: &Grant) -> Result<(), Fault> {
    if grant.client_id != application.client_id {
        return Err(Fault::new(&reason::GONE, "the refresh token was issued to another application"));
    }
    let Some(iss) = &grant.issuer else { return Ok(()) };
    let issuer = state.trust.by_iss(iss).ok_or_else(|| {
        Fault::new(&reason::ISSUER_UNKNOWN, "the issuer of the grant is not trusted any more")
    })?;
    if !issuer.enabled {
        let message = alloc::format!("the trusted token issuer `{}` is disabled", issuer.name);
        return Err(Fault::new(&reason::ISSUER_DISABLED, message));
    }
    let listed = application.trusted_token_issuers.iter().any(|one| one.issuer.issuer == *iss);
    if !listed {
        let message = alloc::format!("the application may not use tokens of `{}` any more", issuer.name);
        return Err(Fault::new(&reason::ISSUER_NOT_ALLOWED, message));
    }
    Ok(())
}
