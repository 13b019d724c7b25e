//! The refresh token grant (RFC 6749 section 6).
//!
//! The law of grants is checked again on every use. A token is spent with its
//! use; a spent one that comes back revokes its family (RFC 9700 section
//! 4.14.2).

use alloc::boxed::Box;

use super::RequestContext;
use super::issue::{Plan, Refresh as NextToken};
use super::issued_token::{IssuedToken, newest};
use super::law::{self, Use};
use super::policy::{Left, renew};
use super::request::Refresh;
use super::single_use::SingleUse;
use crate::audit::Detail;
use crate::config::Application;
use crate::refusal::{OAuthError, Refusal};

/// The parameter that carries the token.
const ROLE: &str = "refresh_token";

/// Decides to grant again what was granted.
///
/// # Errors
/// A [`Refusal`]: `invalid_grant` for a token that no longer counts.
pub(super) async fn plan(
    context: &mut RequestContext<'_>,
    application: &Application,
    request: &Refresh,
) -> Result<Plan, Refusal> {
    let refuse = |denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial);
    let held = newest(context, application, &request.refresh_token).await.map_err(refuse)?;
    let token = IssuedToken::from(held.clone());
    let (state, host, sender) = (context.state, context.host, context.sender());
    let standing = law::check(state, host, &token, Use::Refresh, &sender).await.map_err(refuse)?;
    context.binds_certificate |= token.grant.x5t.is_some();
    context.pass(ROLE, "grant", Detail::None);
    let user = standing.user;
    let family = application.refresh_token_absolute_lifetime_seconds;
    let left = Left { scope: standing.scope, seconds: held.left(context.host, family) };
    let decision = renew(application, user.as_deref(), token.grant, left, &request.target)
        .map_err(|fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault))?;
    decision.note(&mut context.trace);
    Ok(Plan {
        decision,
        refresh: NextToken::Next(Box::new(held)),
        single_use: SingleUse::none(),
        settled_until: None,
    })
}
