//! The decision: whom the token is about, for whom, with what scope and for
//! how long. Pure: everything it depends on is an argument.
//!
//! Nothing comes out that was not allowed in: scopes and audiences are those
//! of the application and its users' roles, never wider than an issued token
//! that was presented, and a token does not outlive the one it was made from.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::delegation;
use super::request::Target;
use crate::audit::Trace;
use crate::config::{Application, Config, GrantType, SubjectIdentifier, User};
use crate::grant::{Evidence, Grant, Subject};
use crate::identity::accounts::PendingLink;
use crate::reason::{self, Fault};
use crate::step::Write;
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// A token that a client presented, after every check.
pub(crate) struct PresentedToken {
    /// The subject of what is issued for it.
    pub(crate) subject: Subject,
    /// The local user that the subject is, if it is one.
    pub(crate) user: Option<Arc<User>>,
    pub(crate) origin: Origin,
    /// The trusted token issuer it came from, by id.
    pub(crate) issuer: String,
    /// The digest of the conditions that held (see `Evidence`).
    pub(crate) conditions: String,
    /// The link by which its subject is that user, by id.
    pub(crate) link: Option<String>,
    /// The link that has to be made before anything is issued.
    pub(crate) new_link: Option<PendingLink>,
    pub(crate) expires: Timestamp,
    /// What else may be said about the subject.
    pub(crate) attributes: Map<String, Value>,
    pub(crate) act: Option<Value>,
    pub(crate) may_act: Option<Value>,
    /// How the token names its subject: `iss` and `sub`, and its other claims.
    pub(crate) claims: Map<String, Value>,
    /// The write that spends the token, if it counts once.
    pub(crate) spend: Option<Write>,
    /// The family of refresh tokens that the token belongs to.
    pub(crate) family: Option<String>,
}

/// Who made a presented token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A trusted token issuer.
    External,
    /// This server. What is issued for it is never wider than its scope.
    Issued {
        scope: Vec<String>,
        /// Of a refresh token: the audiences that were granted to it.
        audience: Option<Vec<String>>,
    },
}

impl Origin {
    /// The scope of an issued token.
    fn scope(&self) -> Option<&[String]> {
        match self {
            Self::External => None,
            Self::Issued { scope, .. } => Some(scope),
        }
    }
}

/// What the client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) grant: GrantType,
    pub(crate) kind: TokenType,
    pub(crate) target: &'a Target,
}

/// A token as it will be.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) kind: TokenType,
    pub(crate) grant: Grant,
    pub(crate) lifetime_seconds: u64,
    /// How many actors of other issuers the subject token named.
    dropped_actors: usize,
}

impl Decision {
    /// Says in the trace what was decided.
    pub(crate) fn note(&self, trace: &mut Trace) {
        let Grant { audience, scope, .. } = &self.grant;
        if self.dropped_actors > 0 {
            let dropped = alloc::format!("{} that are not the issuer's", self.dropped_actors);
            trace.pass("delegation", "actors.dropped", dropped);
        }
        trace.pass("target", "audience", audience.join(" "));
        trace.pass("target", "scope", scope.join(" "));
        trace.pass("target", "lifetime", alloc::format!("{} s", self.lifetime_seconds));
    }
}

/// Decides about tokens that passed every check.
///
/// # Errors
/// A [`Fault`] when the application may not ask for what it asks for.
pub(crate) fn decide(
    application: &Application,
    config: &Config,
    subject: &PresentedToken,
    actor: Option<&PresentedToken>,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Decision, Fault> {
    let delegation::Acting { act, dropped } = delegation::act(application, subject, actor)?;
    let allowed = allowed_scopes(application, config, subject.user.as_deref());
    let requested = wanted.target.scope.as_deref();
    let scope = match requested {
        Some(requested) => some_of(requested, &allowed, subject.origin.scope())?,
        None => within(&application.default_scopes, &allowed, subject.origin.scope()),
    };
    if wanted.kind == TokenType::IdToken && !scope.iter().any(|scope| scope == "openid") {
        return Err(Fault::new(
            &reason::ID_TOKEN_SCOPE,
            "an ID token is issued only with the scope `openid`",
        ));
    }
    Ok(Decision {
        kind: wanted.kind,
        lifetime_seconds: lifetime(application, subject, now),
        dropped_actors: dropped,
        grant: Grant {
            client_id: application.client_id.clone(),
            subject: subject.subject.clone(),
            evidence: Some(evidence(application, subject, wanted.grant)),
            audience: audience(application, &subject.origin, wanted)?,
            scope,
            attributes: attributes(application, subject),
            act,
            // An actor that was allowed has used it.
            may_act: if actor.is_none() { delegation::carried_may_act(subject) } else { None },
        },
    })
}

fn evidence(application: &Application, subject: &PresentedToken, grant: GrantType) -> Evidence {
    Evidence {
        issuer: subject.issuer.clone(),
        conditions: subject.conditions.clone(),
        application: application.id.clone(),
        grant,
        link: subject.link.clone(),
        family: subject.family.clone(),
        qualified: application.subject_identifier == SubjectIdentifier::Qualified
            && subject.subject.idp().is_some(),
    }
}

/// What a refresh token gives again: never more than was granted, and only
/// what the application and the user may still have. `scope` is what is left of
/// the granted scope today (RFC 6749 section 6: "The requested scope MUST NOT
/// include any scope not originally granted").
///
/// # Errors
/// A [`Fault`] when the application may not ask for what it asks for.
pub(crate) fn renew(
    application: &Application,
    user: Option<&User>,
    granted: Grant,
    scope: Vec<String>,
    target: &Target,
) -> Result<Decision, Fault> {
    let requested = target.scope.as_ref().unwrap_or(&granted.scope);
    if let Some(beyond) = requested.iter().find(|scope| !granted.scope.contains(scope)) {
        return Err(Fault::new(&reason::SCOPE, "the requested scope was not granted at first")
            .comparing(crate::audit::shown(beyond)));
    }
    let left: Vec<&String> = scope.iter().collect();
    let scope = if requested.is_empty() { Vec::new() } else { some_of(requested, &left, None)? };
    let audience = narrowed(&granted.audience, &target.audience)?;
    let attributes = match user {
        Some(user) => profile(application, user),
        None => chosen(application, &granted.attributes),
    };
    Ok(Decision {
        kind: TokenType::AccessToken,
        lifetime_seconds: application.access_token_lifetime_seconds,
        dropped_actors: 0,
        grant: Grant { scope, attributes, audience, ..granted },
    })
}

/// The audiences that an application may ask tokens for.
pub(super) fn targets(application: &Application) -> &[String] {
    match &*application.audiences {
        [] => core::slice::from_ref(&application.client_id),
        audiences => audiences,
    }
}

/// The requested audiences, if the application may ask for them; all that it
/// may ask for when it requests none. An ID token is for the client itself and
/// nobody else: an API that sees its own name in one might take it for an
/// access token. What was granted to a refresh token bounds an exchange of it.
fn audience(
    application: &Application,
    origin: &Origin,
    wanted: &Wanted<'_>,
) -> Result<Vec<String>, Fault> {
    let allowed = match wanted.kind {
        TokenType::IdToken => core::slice::from_ref(&application.client_id),
        _ => targets(application),
    };
    let requested = &wanted.target.audience;
    if let Some(target) = requested.iter().find(|target| !allowed.contains(target)) {
        let compared =
            alloc::format!("{}; allowed: {}", crate::audit::shown(target), allowed.join(", "));
        return Err(Fault::new(
            &reason::TARGET,
            "the application may not ask for tokens for the requested audience or resource",
        )
        .comparing(compared));
    }
    match origin {
        Origin::Issued { audience: Some(granted), .. } if wanted.kind != TokenType::IdToken => {
            narrowed(granted, requested)
        }
        _ if requested.is_empty() => Ok(allowed.to_vec()),
        _ => Ok(distinct(requested)),
    }
}

/// The requested ones among the granted audiences; all of them when none is
/// requested.
fn narrowed(granted: &[String], requested: &[String]) -> Result<Vec<String>, Fault> {
    if let Some(target) = requested.iter().find(|target| !granted.contains(target)) {
        return Err(Fault::new(
            &reason::TARGET,
            "the requested audience or resource was not granted at first",
        )
        .comparing(crate::audit::shown(target)));
    }
    Ok(if requested.is_empty() { granted.to_vec() } else { distinct(requested) })
}

fn distinct(values: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for value in values {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    distinct
}

/// The scopes that an application may be granted: its own, and for a local
/// user those of the user's roles.
pub(super) fn allowed_scopes<'a>(
    application: &'a Application,
    config: &'a Config,
    user: Option<&User>,
) -> Vec<&'a String> {
    let of_roles =
        user.into_iter().flat_map(|user| &user.roles).filter_map(|role| config.roles.get(role));
    application.scopes.iter().chain(of_roles.flatten()).collect()
}

/// Those that are allowed and within the limit, in their order.
fn within(scopes: &[String], allowed: &[&String], limit: Option<&[String]>) -> Vec<String> {
    let mut granted: Vec<String> = Vec::new();
    for scope in scopes {
        let within = limit.is_none_or(|limit| limit.contains(scope));
        if within && allowed.contains(&scope) && !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    granted
}

/// The same for what was requested, of which something must remain.
fn some_of(
    requested: &[String],
    allowed: &[&String],
    limit: Option<&[String]>,
) -> Result<Vec<String>, Fault> {
    let granted = within(requested, allowed, limit);
    if granted.is_empty() {
        let allowed: Vec<&str> = allowed.iter().map(|scope| scope.as_str()).collect();
        return Err(Fault::new(
            &reason::SCOPE,
            "the application may not ask for any of the requested scopes",
        )
        .comparing(alloc::format!("allowed: {}", allowed.join(" "))));
    }
    Ok(granted)
}

/// The application's, but not beyond the subject token's end. Only a foreign
/// token may be outlived: an issued token could be renewed by itself for ever.
fn lifetime(application: &Application, subject: &PresentedToken, now: Timestamp) -> u64 {
    let own = application.access_token_lifetime_seconds;
    if application.outlive_subject && subject.origin == Origin::External {
        return own;
    }
    own.min(subject.expires.since(now))
}

/// Of a local user, the profile; of a federated subject, what the issuer's
/// mapping lets out. Either way only what the application asks for.
fn attributes(application: &Application, subject: &PresentedToken) -> Map<String, Value> {
    match &subject.user {
        Some(user) => profile(application, user),
        None => chosen(application, &subject.attributes),
    }
}

fn profile(application: &Application, user: &User) -> Map<String, Value> {
    let mut attributes = chosen(application, &user.claims);
    if application.attributes.iter().any(|name| name == "username") {
        attributes.insert("username".into(), user.username.clone().into());
    }
    attributes
}

fn chosen(application: &Application, attributes: &Map<String, Value>) -> Map<String, Value> {
    attributes
        .iter()
        .filter(|(name, _)| application.attributes.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
