//! The parameters of the token endpoint, as typed requests (RFC 8693 section
//! 2.1, RFC 7523 section 2.1, RFC 6749 sections 4.4 and 6).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::shown_urn;
use crate::config::GrantType;
use crate::exchange::{
    AskedGrant, ExchangeParameters, GrantRequest, JwtBearer, Refresh, Target, TokenExchange,
};
use crate::http::{Form, missing};
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::token_type::TokenType;

/// Parameters that would change what is asked for: refused, never ignored.
const UNSUPPORTED: [&str; 2] = ["authorization_details", "claims"];

/// The JWT bearer grant for assertions that are bound to a key
/// (draft-parecki-oauth-jwt-dpop-grant).
pub(super) const JWT_DPOP: &str = "urn:ietf:params:oauth:grant-type:jwt-dpop";

/// The grant that a form asks for.
pub(super) fn grant(form: &Form<'_>) -> AskedGrant {
    match grant_type(form) {
        Ok(grant_type) => AskedGrant::of(grant_type, request(form, grant_type)),
        Err(refusal) => AskedGrant { grant_type: None, request: Err(refusal) },
    }
}

fn request(form: &Form<'_>, grant_type: GrantType) -> Result<GrantRequest, Refusal> {
    if let Some(name) = UNSUPPORTED.into_iter().find(|name| form.value(name).is_some()) {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::UNSUPPORTED,
            format!("the parameter `{name}` is not supported"),
        ));
    }
    Ok(match grant_type {
        GrantType::TokenExchange => GrantRequest::TokenExchange(token_exchange(form)?),
        GrantType::JwtBearer => GrantRequest::JwtBearer(JwtBearer {
            assertion: form.required("assertion")?.into(),
            is_bound: form.value("grant_type") == Some(JWT_DPOP),
            target: target(form)?,
        }),
        GrantType::RefreshToken => GrantRequest::RefreshToken(Refresh {
            refresh_token: form.required("refresh_token")?.into(),
            target: target(form)?,
        }),
        GrantType::ClientCredentials => GrantRequest::ClientCredentials(target(form)?),
    })
}

fn grant_type(form: &Form<'_>) -> Result<GrantType, Refusal> {
    let name = form.required("grant_type")?;
    // The JWT bearer grant by its other name.
    if name == JWT_DPOP {
        return Ok(GrantType::JwtBearer);
    }
    GrantType::from_name(name).ok_or_else(|| {
        let all: Vec<_> = GrantType::ALL.iter().map(|grant| grant.name()).collect();
        Refusal::new(
            OAuthError::UnsupportedGrantType,
            &reason::GRANT_UNKNOWN,
            format!("the grant type is not supported; this server has {}", all.join(", ")),
        )
        .comparing(shown_urn(name))
    })
}

fn token_exchange(form: &Form<'_>) -> Result<TokenExchange, Refusal> {
    check_audience(form)?;
    TokenExchange::parse(ExchangeParameters {
        subject_token: form.value("subject_token").unwrap_or_default(),
        subject_token_type: form.value("subject_token_type").unwrap_or_default(),
        actor_token: form.value("actor_token"),
        actor_token_type: form.value("actor_token_type"),
        requested_token_type: form.value("requested_token_type"),
        target: target(form)?,
    })
}

/// An identity assertion grant is for one authorization server: "audience: REQUIRED"
/// (section 4.3 of the draft). What else is asked for are resources there.
fn check_audience(form: &Form<'_>) -> Result<(), Refusal> {
    if form.value("requested_token_type") != Some(TokenType::IdJag.uri()) {
        return Ok(());
    }
    match form.values("audience").count() {
        0 => Err(missing("audience").into()),
        1 => Ok(()),
        _ => Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::REPEATED,
            "the parameter `audience` was sent more than once; an identity assertion grant is for one authorization server",
        )),
    }
}

fn target(form: &Form<'_>) -> Result<Target, Refusal> {
    // "It MUST NOT include a fragment component" (RFC 8707 section 2).
    if form.values("resource").any(|resource| resource.contains('#')) {
        return Err(Refusal::new(
            OAuthError::InvalidTarget,
            &reason::TARGET,
            "the parameter `resource` has a fragment, which it may not have",
        ));
    }
    let audience = form.values("audience").chain(form.values("resource"));
    Ok(Target::new(audience.map(String::from).collect(), form.value("scope")))
}
