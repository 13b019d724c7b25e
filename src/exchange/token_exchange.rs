//! The token exchange grant (RFC 8693).

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::issue::{Plan, Refresh};
use super::policy::{Wanted, decide};
use super::presented_token::{Origin, PresentedToken};
use super::request::TokenExchange;
use super::single_use::SingleUse;
use super::subject_token::{Manner, Part, accept};
use super::{RequestContext, id_jag};
use crate::config::{AccessTokenType, Application, GrantType};
use crate::identity::Purpose;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::token_type::TokenType;

pub(super) const SUBJECT: &str = "subject_token";
const ACTOR: &str = "actor_token";

/// Oldest `iat` of a token whose issuer does not say, in seconds.
const MAX_AGE: u64 = 3600;

/// Decides about an exchange.
///
/// # Errors
/// A [`Refusal`]; "if the request itself is not valid or if either the
/// subject_token or actor_token are invalid for any reason [...] the value of
/// the error parameter MUST be the invalid_request error code" (section 2.2.2).
pub(super) async fn plan(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &TokenExchange,
) -> Result<Plan, Refusal> {
    let kind = requested_type(application, request.requested_token_type)?;
    // "invalid_grant: the subject_token is not valid" (section 4.3.4.3 of the draft).
    let error = match kind {
        TokenType::IdJag => OAuthError::InvalidGrant,
        _ => OAuthError::InvalidRequest,
    };
    if kind == TokenType::IdJag {
        id_jag::check_request(application, request)?;
    }
    let subject = subject(context, application, request, error).await?;
    let actor = match &request.actor_token {
        Some((token, declared)) => Some(actor(context, application, token, *declared).await?),
        None => None,
    };
    // An issued token begins no family of refresh tokens: what was derived
    // from a token would outlive its revocation.
    let is_issued = subject.origin != Origin::External;
    if is_issued && kind == TokenType::RefreshToken {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::REQUESTED_TYPE,
            "a refresh token is not issued for a token of this server",
        ));
    }
    let wanted = Wanted { grant: GrantType::TokenExchange, kind, target: &request.target };
    let config = &context.state.config;
    let mut decision =
        decide(application, config, &subject, actor.as_ref(), &wanted, context.host.now)
            .map_err(|fault| Refusal::of_fault(SUBJECT, error, fault))?;
    let refreshable = application.grant_types.contains(&GrantType::RefreshToken);
    let is_token_of_client = matches!(kind, TokenType::IdToken | TokenType::IdJag);
    let refresh = if refreshable && !is_issued && !is_token_of_client {
        decision.begin_family(application);
        Refresh::First
    } else {
        Refresh::None
    };
    decision.note(&mut context.trace);
    let presented: Vec<_> =
        [(SUBJECT, &subject)].into_iter().chain(actor.iter().map(|actor| (ACTOR, actor))).collect();
    let single_use = SingleUse::of(error, &presented)?;
    let settled = actor.as_ref().map_or(subject.settled_until, |actor| {
        subject.settled_until.zip(actor.settled_until).map(|(one, other)| one.min(other))
    });
    Ok(Plan { decision, refresh, single_use, settled_until: settled })
}

/// Makes every check on the subject token. `error` is what an unacceptable one is.
///
/// # Errors
/// The [`Refusal`] of an exchange of it.
pub(super) async fn subject(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &TokenExchange,
    error: OAuthError,
) -> Result<PresentedToken, Refusal> {
    let purpose = match request.requested_token_type {
        Some(TokenType::IdJag) => Purpose::IdJag(application),
        _ => Purpose::Exchange(application),
    };
    let manner =
        Manner { role: SUBJECT, part: Part::Subject, purpose, application, max_age: MAX_AGE };
    accept(context, &manner, &request.subject_token, request.subject_token_type)
        .await
        .map_err(|denial| Refusal::of_token(SUBJECT, error, denial))
}

async fn actor(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    token: &str,
    declared: TokenType,
) -> Result<PresentedToken, Refusal> {
    let purpose = Purpose::Exchange(application);
    let manner = Manner { role: ACTOR, part: Part::Actor, purpose, application, max_age: MAX_AGE };
    accept(context, &manner, token, declared)
        .await
        .map_err(|denial| Refusal::of_token(ACTOR, OAuthError::InvalidRequest, denial))
}

/// What is to be issued. The type does not choose the form: an application
/// whose access tokens are opaque gets no JWT, which would survive the
/// revocation that opaque tokens are chosen for.
fn requested_type(
    application: &Arc<Application>,
    requested: Option<TokenType>,
) -> Result<TokenType, Refusal> {
    let kind = requested.unwrap_or_default();
    let allowed = match kind {
        // Whether it may have any is looked at with the rest of the request.
        TokenType::AccessToken | TokenType::IdToken | TokenType::IdJag => true,
        TokenType::Jwt => application.access_token_type == AccessTokenType::Jwt,
        TokenType::RefreshToken => application.grant_types.contains(&GrantType::RefreshToken),
    };
    if allowed { Ok(kind) } else { Err(requested_type_not_allowed(kind.uri())) }
}

/// A type that this application may not ask for, or that nobody may.
pub(super) fn requested_type_not_allowed(requested: &str) -> Refusal {
    let message = match TokenType::from_short_name(requested) {
        Some(meant) => format!(
            "the `requested_token_type` is the last word of an identifier; send `{}`",
            meant.uri()
        ),
        None => format!(
            "the application may not ask for this `requested_token_type`; it must be `{}`, `{}`, with access tokens in JWT form `{}`, or with the grant type refresh_token `{}`",
            TokenType::AccessToken.uri(),
            TokenType::IdToken.uri(),
            TokenType::Jwt.uri(),
            TokenType::RefreshToken.uri(),
        ),
    };
    Refusal::new(OAuthError::InvalidRequest, &reason::REQUESTED_TYPE, message)
        .comparing(crate::audit::shown_urn(requested))
}
