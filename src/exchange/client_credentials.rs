//! The client credentials grant (RFC 6749 section 4.4): a client gets a token
//! about itself. Its reply has no refresh token (section 4.4.3), because the
//! client can ask again.

use super::RequestContext;
use super::issue::{Plan, Refresh};
use super::law::not_about_itself;
use super::policy::for_client;
use super::request::Target;
use super::single_use::SingleUse;
use crate::config::Application;
use crate::refusal::{OAuthError, Refusal};

/// Decides about a request.
///
/// # Errors
/// A [`Refusal`]: the client is public, has the name of a local user, or may not
/// ask for what it asks for.
pub(super) async fn plan(
    context: &mut RequestContext<'_>,
    application: &Application,
    target: &Target,
) -> Result<Plan, Refusal> {
    let not = not_about_itself(context.state, context.host, application).await;
    if let Some(fault) = not.map_err(Refusal::of_store)? {
        return Err(Refusal::of_fault("", OAuthError::UnauthorizedClient, fault));
    }
    let decision = for_client(application, &context.state.config, target)
        .map_err(|fault| Refusal::of_fault("", OAuthError::InvalidRequest, fault))?;
    decision.note(&mut context.trace);
    Ok(Plan {
        decision,
        refresh: Refresh::None,
        single_use: SingleUse::none(),
        settled_until: None,
    })
}
