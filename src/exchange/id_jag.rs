//! Identity assertion grants (ID-JAG,
//! draft-ietf-oauth-identity-assertion-authz-grant): what may be granted for the
//! authorization server of another domain. The claims of such a grant are in
//! `claims`; grants of other servers are checked in `identity::id_jag`.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::bounds::{some_of, within};
use super::presented_token::{PresentedToken, Said};
use super::request::{Target, TokenExchange};
use crate::audit::shown_name;
use crate::config::{Application, IdJagAudience};
use crate::gather::gathered;
use crate::http::missing;
use crate::reason::{self, Fault};
use crate::refusal::{OAuthError, Refusal};
use crate::token_type::TokenType;

/// How long a grant counts at most, in seconds: its client uses it at once.
pub(super) const LIFETIME: u64 = 300;

/// What a token for another server has that one for this server has not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Elsewhere {
    /// What the application is called there.
    pub(super) client_id: String,
    /// The APIs there.
    pub(super) resources: Vec<String>,
    /// How the subject signed in: `acr`, `amr` and `auth_time`, as the ID token says.
    pub(super) login: Map<String, Value>,
}

/// What may be granted of a request.
pub(super) struct Granted {
    pub(super) audience: Arc<[String]>,
    pub(super) scope: Vec<String>,
    pub(super) elsewhere: Elsewhere,
}

/// Checks that a request for a grant is one.
///
/// # Errors
/// A [`Refusal`] when the application may have no grants, when the subject token is
/// no identity assertion, or when somebody is to act.
pub(super) fn check_request(
    application: &Application,
    request: &TokenExchange,
) -> Result<(), Refusal> {
    let refused = |reason, message: &str| Refusal::new(OAuthError::InvalidRequest, reason, message);
    if application.id_jag.is_empty() {
        return Err(refused(
            &reason::ID_JAG_NOT_ALLOWED,
            "the application may not ask for identity assertion grants",
        ));
    }
    // "subject_token_type: [...] id_token, saml2" or a refresh token (section 4.3).
    let kind = request.subject_token_type;
    if !matches!(kind, TokenType::IdToken | TokenType::RefreshToken) {
        return Err(refused(
            &reason::ID_JAG_SUBJECT,
            "an identity assertion grant is issued for an ID token or for a refresh token of this server, and for no other token",
        )
        .comparing(kind.uri()));
    }
    if request.actor_token.is_some() {
        return Err(refused(
            &reason::ID_JAG_ACTOR,
            "an identity assertion grant has no actor; send it without `actor_token`",
        ));
    }
    if request.target.audience.is_empty() {
        return Err(missing("audience").into());
    }
    Ok(())
}

/// What is granted: never more than the application may ask for at the other
/// server, nor than was granted with the refresh token that was presented.
///
/// # Errors
/// A [`Fault`] when the application may not ask for what it asks for.
pub(super) fn granted(
    application: &Application,
    subject: &PresentedToken,
    target: &Target,
) -> Result<Granted, Fault> {
    let (issuer, requested) =
        target.audience.split_first().map_or((None, &[][..]), |(a, b)| (Some(a), b));
    let known = application.id_jag.iter();
    let audience = known.clone().find(|one| Some(&one.issuer) == issuer).ok_or_else(|| {
        let issuers: Vec<&str> = known.map(|one| &*one.issuer).collect();
        not_allowed(
            "the application may not ask for grants for the requested audience, which has to be the issuer of an authorization server",
            issuer,
            &issuers.join(", "),
        )
    })?;
    let limit = &subject.limit;
    if let Some(limit) = &limit.audience
        && !limit.contains(&audience.issuer)
    {
        let message = "the requested audience was not granted with the refresh token";
        return Err(not_allowed(message, issuer, &limit.join(", ")));
    }
    Ok(Granted {
        audience: [audience.issuer.clone()].into(),
        scope: scope(audience, subject, target)?,
        elsewhere: Elsewhere {
            client_id: audience.client_id.clone(),
            resources: resources(audience, subject, requested)?,
            login: login(&subject.claims)?,
        },
    })
}

/// The requested APIs, or all there are.
fn resources(
    audience: &IdJagAudience,
    subject: &PresentedToken,
    requested: &[String],
) -> Result<Vec<String>, Fault> {
    let limit = subject.limit.audience.as_ref();
    let may = |one: &&String| {
        audience.resources.contains(one) && limit.is_none_or(|limit| limit.contains(one))
    };
    if let Some(foreign) = requested.iter().find(|one| !may(one)) {
        let message = "the application may not ask for grants for the requested resource";
        return Err(not_allowed(message, Some(foreign), &audience.resources.join(", ")));
    }
    let wanted = if requested.is_empty() { &*audience.resources } else { requested };
    let mut granted: Vec<String> = Vec::new();
    for one in wanted.iter().filter(may) {
        if !granted.contains(one) {
            granted.push(one.clone());
        }
    }
    // A grant without a resource would be for every API there.
    if granted.is_empty() && !audience.resources.is_empty() {
        let message = "none of the resources was granted with the refresh token";
        return Err(not_allowed(message, None, &audience.resources.join(", ")));
    }
    Ok(granted)
}

/// "The scope claim MUST contain the scopes that were granted", which are among
/// those that were asked for (section 4.3.3).
fn scope(
    audience: &IdJagAudience,
    subject: &PresentedToken,
    target: &Target,
) -> Result<Vec<String>, Fault> {
    let allowed: Vec<&String> = audience.scopes.iter().collect();
    let limit = subject.limit.scope.as_deref();
    let granted = match target.scope.as_deref() {
        Some(requested) => some_of(requested, &allowed, limit)?,
        None => within(&audience.scopes, &allowed, limit),
    };
    // A grant without a scope would leave it to the other server.
    if granted.is_empty() && (limit.is_some() || !audience.scopes.is_empty()) {
        let message = "none of the scopes was granted with the refresh token";
        return Err(Fault::new(&reason::SCOPE, message));
    }
    Ok(granted)
}

/// Whether a claim has the type that it should have.
type IsRight = fn(&Value) -> bool;

/// Copied as they are: a receiver may ask for a stronger or a newer sign-in.
fn login(claims: &Said) -> Result<Map<String, Value>, Fault> {
    let Said::Foreign(claims) = claims else { return Ok(Map::new()) };
    let is_of_type: [(&str, IsRight); 3] = [
        ("acr", Value::is_string),
        ("amr", |amr| amr.as_array().is_some_and(|all| all.iter().all(Value::is_string))),
        ("auth_time", Value::is_u64),
    ];
    let mut login = Vec::new();
    for (name, is_right) in is_of_type {
        let Some(value) = claims.get(name).map(crate::jose::Raw::value) else { continue };
        if !is_right(&value) {
            let message = format!("the token's claim `{name}` has another type than it should");
            return Err(Fault::new(&reason::CLAIM_TYPE, message).of_claim(name));
        }
        login.push((String::from(name), value));
    }
    Ok(gathered(login))
}

fn not_allowed(message: &str, asked: Option<&String>, allowed: &str) -> Fault {
    let asked = asked.map(|asked| shown_name(asked)).unwrap_or_default();
    Fault::new(&reason::TARGET, message).comparing(format!("{asked}; allowed: {allowed}"))
}
