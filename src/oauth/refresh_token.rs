//! The refresh token grant (RFC 6749 section 6).
//!
//! Everything is checked again: the application, the trusted token issuer that
//! the grant came from, and the account. A token is spent with its use; one
//! that comes back revokes its family (RFC 9700 section 4.14.2).

use alloc::boxed::Box;

use super::issue::{Issued, Refresh, issue};
use super::own::{check_grant, newest};
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
    let held = newest(world, application, token)
        .await
        .map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial))?;
    let granted = held.family.grant.clone();
    check_grant(state, &granted).map_err(refuse)?;
    check_listed(application, &granted).map_err(refuse)?;
    trace.pass(ROLE, "grant", None);

    let user = match &granted.subject {
        Subject::Local { id } => state.directory.by_id(id),
        Subject::Federated { .. } => None,
    };
    let decision = renew(
        application,
        &state.config.roles,
        user.map(AsRef::as_ref),
        granted,
        requested_scope(form),
    )
    .map_err(refuse)?;
    decision.note(trace);
    issue(state, world, parties, application, decision, Refresh::Next(Box::new(held)))
        .await
        .map(Issued::plain)
}

/// The issuer that the grant came from is still one whose tokens this
/// application may exchange.
fn check_listed(application: &Application, grant: &Grant) -> Result<(), Fault> {
    let Some(iss) = &grant.issuer else { return Ok(()) };
    if application.trusted_token_issuers.iter().any(|one| one.issuer.issuer == *iss) {
        return Ok(());
    }
    Err(Fault::new(
        &reason::ISSUER_NOT_ALLOWED,
        "the application may not use tokens of the issuer that the grant came from any more",
    ))
}
