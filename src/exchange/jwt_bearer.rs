//! The JWT bearer grant (RFC 7521 section 4.1, RFC 7523 section 2.1).

use alloc::sync::Arc;

use super::RequestContext;
use super::issue::{Plan, Refresh};
use super::policy::{Wanted, decide};
use super::request::JwtBearer;
use super::single_use::SingleUse;
use super::subject_token::{Manner, Part, accept};
use crate::config::{Application, GrantType};
use crate::refusal::{OAuthError, Refusal};
use crate::token_type::TokenType;

/// The parameter that carries the token.
const ROLE: &str = "assertion";

/// Oldest `iat` of an assertion whose issuer does not say, in seconds.
const MAX_AGE: u64 = 1800;

/// Decides about an assertion.
///
/// # Errors
/// A [`Refusal`]; "if the assertion is not valid or has expired [...] the value
/// of the `error` parameter MUST be the `invalid_grant` error code" (RFC 7521
/// section 4.1.1).
pub(super) async fn plan(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &JwtBearer,
) -> Result<Plan, Refusal> {
    let manner = Manner { role: ROLE, part: Part::Assertion, application, max_age: MAX_AGE };
    let subject = accept(context, &manner, &request.assertion, TokenType::Jwt)
        .await
        .map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial))?;
    let wanted = Wanted {
        grant: GrantType::JwtBearer,
        kind: TokenType::AccessToken,
        target: &request.target,
    };
    let config = &context.state.config;
    let decision = decide(application, config, &subject, None, &wanted, context.host.now)
        .map_err(|fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault))?;
    decision.note(&mut context.trace);
    let refreshable = application.grant_types.contains(&GrantType::RefreshToken);
    let refresh = if refreshable { Refresh::First } else { Refresh::None };
    let single_use = SingleUse::of(OAuthError::InvalidGrant, &[(ROLE, &subject)])?;
    Ok(Plan { decision, refresh, single_use, settled_until: subject.settled_until })
}
