//! The decision: whom the token is about, for whom, with what scope and for
//! how long. Pure: everything it depends on is an argument.
//!
//! Nothing comes out that was not allowed in: scopes and audiences are those
//! of the application and its users' roles, never wider than a token of ours
//! that was brought, and a token does not outlive the one it was made from.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::Timestamp;
use crate::audit::Trace;
use crate::config::{Application, Config, User};
use crate::grant::{Grant, Subject};
use crate::reason::{self, Fault};
use crate::step::Write;

/// What a token that passed every check is evidence of.
pub(crate) struct Evidence {
    /// The subject of what is issued for it.
    pub(crate) subject: Subject,
    /// The user that the subject is, if it is one.
    pub(crate) user: Option<Arc<User>>,
    /// The trusted token issuer it comes from, by `iss`.
    pub(crate) issuer: Option<String>,
    /// The link by which its subject is that user, by id.
    pub(crate) link: Option<String>,
    pub(crate) expires: Timestamp,
    /// A token of ours: what is issued is never wider than this.
    pub(crate) scope: Option<Vec<String>>,
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

/// What the client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    /// `audience` and `resource`, in the order they came.
    pub(crate) targets: Vec<String>,
    /// `None`: nothing said about scope.
    pub(crate) scope: Option<Vec<String>>,
}

/// What kind of token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An access token, in the application's format.
    AccessToken,
    /// An access token that is a JWT, asked for as such.
    Jwt,
    IdToken,
    RefreshToken,
}

/// A token as it will be.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) kind: Kind,
    pub(crate) grant: Grant,
    pub(crate) lifetime_seconds: u64,
}

impl Decision {
    /// Says in the trace what was decided.
    pub(crate) fn note(&self, trace: &mut Trace) {
        let Grant { audience, scope, .. } = &self.grant;
        trace.pass("target", "audience", audience.join(" "));
        trace.pass("target", "scope", scope.join(" "));
        trace.pass("target", "lifetime", alloc::format!("{} s", self.lifetime_seconds));
    }
}

/// Decides about tokens that passed every check.
///
/// # Errors
/// A [`Fault`] when what was asked for may not be had.
pub(crate) fn decide(
    application: &Application,
    config: &Config,
    subject: &Evidence,
    actor: Option<&Evidence>,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Decision, Fault> {
    let act = super::delegation::act(application, &config.issuer, subject, actor)?;
    let allowed = allowed_scopes(application, config, subject.user.as_deref());
    let scope = scope(application, &allowed, subject.scope.as_deref(), wanted)?;
    if wanted.kind == Kind::IdToken && !scope.iter().any(|scope| scope == "openid") {
        return Err(Fault::new(
            &reason::ID_TOKEN_SCOPE,
            "an ID token is issued only with the scope `openid`",
        ));
    }
    let lifetime_seconds = lifetime(application, subject, now);
    Ok(Decision {
        kind: wanted.kind,
        lifetime_seconds,
        grant: Grant {
            client_id: application.client_id.clone(),
            application: Some(application.id.clone()),
            audience: audience(application, wanted)?,
            scope,
            attributes: attributes(application, subject),
            subject: subject.subject.clone(),
            issuer: subject.issuer.clone(),
            link: subject.link.clone(),
            act,
        },
    })
}

/// What a refresh token gives again: never more than was granted, and only
/// what the application and the user may still have (RFC 6749 section 6: "The
/// requested scope MUST NOT include any scope not originally granted").
///
/// # Errors
/// A [`Fault`] when what was asked for may not be had.
pub(crate) fn renew(
    application: &Application,
    config: &Config,
    user: Option<&User>,
    granted: Grant,
    requested: Option<Vec<String>>,
    narrowed: Vec<String>,
) -> Result<Decision, Fault> {
    if requested.iter().flatten().any(|scope| !granted.scope.contains(scope)) {
        return Err(Fault::new(
            &reason::SCOPE_NOT_GRANTED,
            "the requested scope has something in it that was not granted at first",
        )
        .comparing(alloc::format!("granted: {}", granted.scope.join(" "))));
    }
    let allowed = allowed_scopes(application, config, user);
    let nothing_granted = granted.scope.is_empty();
    let wanted = Wanted {
        kind: Kind::AccessToken,
        targets: Vec::new(),
        scope: Some(requested.unwrap_or_else(|| granted.scope.clone())),
    };
    let scope = if nothing_granted && wanted.scope.as_ref().is_some_and(Vec::is_empty) {
        Vec::new()
    } else {
        scope(application, &allowed, Some(&granted.scope), &wanted)?
    };
    let own = core::slice::from_ref(&application.client_id);
    let targets = if application.audiences.is_empty() { own } else { &*application.audiences };
    if let Some(target) = granted.audience.iter().find(|target| !targets.contains(target)) {
        return Err(Fault::new(
            &reason::TARGET,
            "the application may not have tokens for the audience any more",
        )
        .comparing(target.clone()));
    }
    if let Some(target) = narrowed.iter().find(|target| !granted.audience.contains(target)) {
        return Err(Fault::new(
            &reason::TARGET,
            "the requested audience or resource was not granted at first",
        )
        .comparing(crate::audit::shown(target)));
    }
    let attributes = match user {
        Some(user) => profile(application, user),
        None => granted.attributes.clone(),
    };
    let audience = if narrowed.is_empty() { granted.audience.clone() } else { narrowed };
    Ok(Decision {
        kind: Kind::AccessToken,
        lifetime_seconds: application.access_token_lifetime_seconds,
        grant: Grant { scope, attributes, audience, ..granted },
    })
}

/// What was asked for and may be had; what the application has when nothing
/// was asked for. An ID token is for the client itself and nobody else: an API
/// that sees its own name in one might take it for an access token.
fn audience(application: &Application, wanted: &Wanted) -> Result<Vec<String>, Fault> {
    let own = core::slice::from_ref(&application.client_id);
    let allowed = match wanted.kind {
        Kind::IdToken => own,
        _ if application.audiences.is_empty() => own,
        _ => &*application.audiences,
    };
    if let Some(target) = wanted.targets.iter().find(|target| !allowed.contains(target)) {
        let compared =
            alloc::format!("{}; allowed: {}", crate::audit::shown(target), allowed.join(", "));
        return Err(Fault::new(
            &reason::TARGET,
            "the application may not have tokens for the requested audience or resource",
        )
        .comparing(compared));
    }
    if wanted.targets.is_empty() {
        return Ok(allowed.to_vec());
    }
    let mut audience: Vec<String> = Vec::new();
    for target in &wanted.targets {
        if !audience.contains(target) {
            audience.push(target.clone());
        }
    }
    Ok(audience)
}

/// Whether a scope may be had through this application, about this user.
pub(crate) fn may_have(
    application: &Application,
    config: &Config,
    user: Option<&User>,
    scope: &str,
) -> bool {
    allowed_scopes(application, config, user).into_iter().any(|allowed| allowed == scope)
}

/// The application's, and for a local user what the user's roles grant.
fn allowed_scopes<'a>(
    application: &'a Application,
    config: &'a Config,
    user: Option<&User>,
) -> Vec<&'a String> {
    let of_roles =
        user.into_iter().flat_map(|user| &user.roles).filter_map(|role| config.roles.get(role));
    application.scopes.iter().chain(of_roles.flatten()).collect()
}

/// Requested ∩ allowed ∩ the limit, in the order requested; the application's
/// defaults within the same bounds when nothing was requested.
fn scope(
    application: &Application,
    allowed: &[&String],
    limit: Option<&[String]>,
    wanted: &Wanted,
) -> Result<Vec<String>, Fault> {
    let requested = wanted.scope.as_deref().unwrap_or(&application.default_scopes);
    let mut granted: Vec<String> = Vec::new();
    for scope in requested {
        let within = limit.is_none_or(|limit| limit.contains(scope));
        if within && allowed.contains(&scope) && !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    if granted.is_empty() && wanted.scope.is_some() {
        let allowed: Vec<&str> = allowed.iter().map(|scope| scope.as_str()).collect();
        return Err(Fault::new(&reason::SCOPE, "none of the requested scopes may be had")
            .comparing(alloc::format!("allowed: {}", allowed.join(" "))));
    }
    Ok(granted)
}

/// The application's, but not beyond the subject token's end. Only a foreign
/// token may be outlived: a token of ours could be renewed by itself for ever.
fn lifetime(application: &Application, subject: &Evidence, now: Timestamp) -> u64 {
    let own = application.access_token_lifetime_seconds;
    if application.outlive_subject && subject.scope.is_none() {
        return own;
    }
    own.min(subject.expires.since(now))
}

/// Of a local user, the profile; of a federated subject, what the issuer's
/// mapping lets out. Either way only what the application asks for.
fn attributes(application: &Application, subject: &Evidence) -> Map<String, Value> {
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
