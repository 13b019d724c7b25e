//! The refresh token grant (RFC 6749 section 6).
//!
//! Everything is checked again: the application, the trusted token issuer that
//! the grant came from, and the account. A token is spent with its use; one
//! that comes back revokes its family (RFC 9700 section 4.14.2).

use alloc::boxed::Box;
use alloc::string::String;

use super::RequestContext;
use super::issue::{Issued, Refresh, issue};
use super::issued_token::{check_grant, newest};
use super::refusal::{OAuthError, Refusal};
use super::requested_scope;
use super::single_use::Spends;
use crate::config::{Application, SubjectMode};
use crate::exchange::policy::renew;
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::http::Form;
use crate::identity::Denial;
use crate::reason::{self, Fault};
use crate::state::State;

/// The parameter that carries the token.
const ROLE: &str = "refresh_token";

/// Grants again what was granted.
///
/// # Errors
/// A [`Refusal`]: `invalid_grant` for a token that does not count any more.
pub(super) async fn grant(
    context: &mut RequestContext<'_>,
    application: &Application,
    form: &Form,
) -> Result<Issued, Refusal> {
    let token = form.required(ROLE)?;
    let (state, host) = (context.state, context.host);
    let refuse = |denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial);
    let held = newest(host, application, token).await.map_err(refuse)?;
    let granted = held.family.grant.clone();
    check_grant(state, host, &granted).await.map_err(refuse)?;
    check_application(state, host, application, &granted).await.map_err(refuse)?;
    context.pass(ROLE, "grant", None);

    let user = match &granted.subject {
        Subject::Local { id } => state.directory.user(host, id).await.map_err(Refusal::of_store)?,
        Subject::Federated { .. } => None,
    };
    let decision = renew(
        application,
        &context.state.config,
        user.as_deref(),
        granted,
        requested_scope(form),
        form.values("audience").chain(form.values("resource")).map(String::from).collect(),
    )
    .map_err(|fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault))?;
    decision.note(&mut context.trace);
    issue(context, application, decision, Refresh::Next(Box::new(held)), Spends::none())
        .await
        .map(Issued::plain)
}

/// The issuer that the grant came from is still one whose tokens this
/// application may exchange, and the subject one that it may have.
async fn check_application(
    state: &State,
    host: &Host,
    application: &Application,
    grant: &Grant,
) -> Result<(), Denial> {
    if let Some(iss) = &grant.issuer {
        let issuer = state.trust.issuers.enabled(host, iss).await?;
        if !application.trusted_token_issuers.iter().any(|one| one.issuer == issuer.id) {
            return Err(Fault::new(
                &reason::ISSUER_NOT_ALLOWED,
                "the application may not use tokens of the issuer that the grant came from any more",
            )
            .into());
        }
    }
    let federated = matches!(grant.subject, Subject::Federated { .. });
    if federated && application.subject == SubjectMode::Required {
        return Err(Fault::new(
            &reason::LINK_REQUIRED,
            "the application requires a linked local account, and the grant is for none",
        )
        .into());
    }
    Ok(())
}
