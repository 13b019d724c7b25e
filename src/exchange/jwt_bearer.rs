//! The JWT bearer grant (RFC 7521 section 4.1, RFC 7523 section 2.1).

use alloc::sync::Arc;

use super::RequestContext;
use super::issue::{Plan, Refresh};
use super::policy::{Wanted, decide};
use super::request::JwtBearer;
use super::single_use::SingleUse;
use super::subject_token::{Manner, Part, accept_jwt};
use crate::config::{Application, ClientAuthentication, GrantType};
use crate::dpop::Proven;
use crate::identity::{Purpose, id_jag};
use crate::reason::{self, Fault};
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
    let jws = context.host.read_token(&request.assertion);
    let is_id_jag = jws.as_ref().is_ok_and(id_jag::is_one);
    let (purpose, kind) = match is_id_jag {
        true => (Purpose::IdentityGrant(application), TokenType::IdJag),
        false => (Purpose::Grant(application), TokenType::Jwt),
    };
    if is_id_jag && matches!(application.authentication, ClientAuthentication::None) {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::ID_JAG_PUBLIC,
            "a public client may not use identity assertion grants",
        ));
    }
    if request.is_bound {
        check_proven(context)?;
    }
    let manner =
        Manner { role: ROLE, part: Part::Assertion, purpose, application, max_age: MAX_AGE };
    let subject = match jws {
        Ok(jws) => accept_jwt(context, &manner, jws, kind).await,
        Err(fault) => Err(fault.into()),
    };
    let subject =
        subject.map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidGrant, denial))?;
    if request.is_bound && !subject.is_bound {
        let message =
            "the assertion is not bound to a key, and the grant type `jwt-dpop` says that it is";
        let fault = Fault::new(&reason::NOT_BOUND, message).of_claim("cnf");
        return Err(Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault));
    }
    let wanted = Wanted {
        grant: GrantType::JwtBearer,
        kind: TokenType::AccessToken,
        target: &request.target,
    };
    let config = &context.state.config;
    let mut decision = decide(application, config, &subject, None, &wanted, context.host.now)
        .map_err(|fault| Refusal::of_fault(ROLE, OAuthError::InvalidGrant, fault))?;
    let refreshable = application.grant_types.contains(&GrantType::RefreshToken);
    // "it is RECOMMENDED that the authorization server not issue a refresh token"
    // for a grant of another server, which decides again each time.
    let refresh = if refreshable && !is_id_jag {
        decision.begin_family(application);
        Refresh::First
    } else {
        Refresh::None
    };
    decision.note(&mut context.trace);
    let single_use = SingleUse::of(OAuthError::InvalidGrant, &[(ROLE, &subject)])?;
    Ok(Plan { decision, refresh, single_use, settled_until: subject.settled_until })
}

/// The grant type `…:jwt-dpop` needs a proof: "any failure [...] invalid_grant"
/// (draft-parecki-oauth-jwt-dpop-grant).
fn check_proven(context: &RequestContext<'_>) -> Result<(), Refusal> {
    match context.proven {
        Proven::Nothing => Err(Refusal::new(
            OAuthError::InvalidGrant,
            &reason::PROOF_MISSING,
            "the grant type `jwt-dpop` needs a DPoP proof",
        )),
        _ => Ok(()),
    }
}
