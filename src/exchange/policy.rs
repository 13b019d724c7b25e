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

use super::bounds::{allowed_scopes, audience, narrowed, some_of, within};
use super::delegation;
use super::id_jag::{self, Elsewhere, LIFETIME};
use super::presented_token::{Limit, Origin, PresentedToken};
use super::request::Target;
use crate::audit::{Detail, Trace};
use crate::config::{Application, Config, GrantType, SubjectIdentifier, User};
use crate::gather::gathered;
use crate::grant::{Evidence, Grant, Subject};
use crate::reason::{self, Fault};
use crate::time::Timestamp;
use crate::token_type::TokenType;

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
    /// It is a grant for another server.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// How many actors of other issuers the subject token named.
    dropped_actors: usize,
}

impl Decision {
    /// Its subject is a local user by this link.
    pub(super) fn came_by(&mut self, link: String) {
        if let Some(evidence) = &mut self.grant.evidence {
            evidence.link = Some(link);
        }
    }

    /// It begins a family of refresh tokens, and ends with it at the latest.
    pub(super) fn begin_family(&mut self, application: &Application) {
        let family = application.refresh_token_absolute_lifetime_seconds;
        self.lifetime_seconds = self.lifetime_seconds.min(family);
    }

    /// Says in the trace what was decided.
    pub(crate) fn note(&self, trace: &mut Trace) {
        let Grant { audience, scope, .. } = &self.grant;
        if self.dropped_actors > 0 {
            let dropped = self.dropped_actors as u64;
            let dropped = Detail::Number("", dropped, " that are not the issuer's");
            trace.pass("delegation", "actors.dropped", dropped);
        }
        trace.pass("target", "audience", Detail::Several(Arc::clone(audience)));
        trace.pass("target", "scope", Detail::Several(Arc::clone(scope)));
        trace.pass("target", "lifetime", Detail::seconds(self.lifetime_seconds, " s"));
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
    let Bounds { audience, scope, elsewhere } = match wanted.kind {
        TokenType::IdJag => {
            let id_jag::Granted { audience, scope, elsewhere } =
                id_jag::granted(application, subject, wanted.target)?;
            Bounds { audience, scope, elsewhere: Some(elsewhere) }
        }
        _ => Bounds {
            scope: scope(application, config, subject, wanted)?,
            audience: audience(application, &subject.limit, wanted.kind, &wanted.target.audience)?,
            elsewhere: None,
        },
    };
    let own = match wanted.kind {
        TokenType::IdJag => LIFETIME.min(subject.expires.since(now)),
        _ => lifetime(application, subject, now),
    };
    Ok(Decision {
        kind: wanted.kind,
        lifetime_seconds: own,
        elsewhere,
        dropped_actors: dropped,
        grant: Grant {
            client_id: application.client_id.clone(),
            subject: subject.subject.clone(),
            evidence: Some(evidence(application, subject, actor, wanted.grant)),
            audience,
            scope: scope.into(),
            attributes: attributes(application, subject),
            act,
            jkt: None,
            x5t: None,
            // An actor that was allowed has used it.
            may_act: if actor.is_none() { delegation::carried_may_act(subject) } else { None },
        },
    })
}

/// For whom a token is, and with what scope.
struct Bounds {
    audience: Arc<[String]>,
    scope: Vec<String>,
    elsewhere: Option<Elsewhere>,
}

/// The requested scopes as far as they are allowed. Without a request an identity
/// assertion grant says which they are, and for any other token the application.
fn scope(
    application: &Application,
    config: &Config,
    subject: &PresentedToken,
    wanted: &Wanted<'_>,
) -> Result<Vec<String>, Fault> {
    let allowed = allowed_scopes(application, config, subject.user.as_deref());
    let limit = subject.limit.scope.as_deref();
    let scope = match wanted.target.scope.as_deref() {
        Some(requested) => some_of(requested, &allowed, limit)?,
        None => {
            let asked = limit.filter(|_| subject.is_id_jag);
            within(asked.unwrap_or(&application.default_scopes), &allowed, limit)
        }
    };
    if wanted.kind == TokenType::IdToken && !scope.iter().any(|scope| scope == "openid") {
        return Err(Fault::new(
            &reason::ID_TOKEN_SCOPE,
            "an ID token is issued only with the scope `openid`",
        ));
    }
    Ok(scope)
}

fn evidence(
    application: &Application,
    subject: &PresentedToken,
    actor: Option<&PresentedToken>,
    grant: GrantType,
) -> Evidence {
    Evidence {
        issuer: Some(subject.issuer.clone()),
        conditions: subject.conditions.clone(),
        actors: delegation::evidence(application, subject, actor),
        application: application.id.clone(),
        grant,
        link: subject.link.clone(),
        family: subject.family.clone(),
        qualified: application.subject_identifier == SubjectIdentifier::Qualified
            && subject.subject.idp().is_some(),
    }
}

/// Decides about a token that a client gets about itself (RFC 6749 section 4.4,
/// RFC 9068 section 2.2: `sub` "SHOULD correspond to an identifier the
/// authorization server uses to indicate the client application").
///
/// # Errors
/// A [`Fault`] when the application may not ask for what it asks for.
pub(crate) fn for_client(
    application: &Application,
    config: &Config,
    target: &Target,
) -> Result<Decision, Fault> {
    let allowed = allowed_scopes(application, config, None);
    let scope = match target.scope.as_deref() {
        Some(requested) => some_of(requested, &allowed, None)?,
        None => within(&application.default_scopes, &allowed, None),
    };
    let kind = TokenType::AccessToken;
    Ok(Decision {
        kind,
        lifetime_seconds: application.access_token_lifetime_seconds,
        elsewhere: None,
        dropped_actors: 0,
        grant: Grant {
            client_id: application.client_id.clone(),
            subject: Subject::Client { id: application.client_id.clone() },
            evidence: Some(Evidence {
                application: application.id.clone(),
                conditions: String::new(),
                actors: Vec::new(),
                family: None,
                grant: GrantType::ClientCredentials,
                issuer: None,
                link: None,
                qualified: false,
            }),
            audience: audience(application, &Limit::default(), kind, &target.audience)?,
            scope: scope.into(),
            attributes: Map::new(),
            act: None,
            jkt: None,
            x5t: None,
            may_act: None,
        },
    })
}

/// What is left of what a refresh token stands for.
pub(crate) struct Left {
    /// The granted scopes that may still be granted.
    pub(crate) scope: Vec<String>,
    /// Until its family ends.
    pub(crate) seconds: u64,
}

/// What a refresh token gives again: never more than was granted, and only
/// what the application and the user may still have (RFC 6749 section 6: "The requested scope MUST NOT
/// include any scope not originally granted").
///
/// # Errors
/// A [`Fault`] when the application may not ask for what it asks for.
pub(crate) fn renew(
    application: &Application,
    user: Option<&User>,
    granted: Grant,
    left: Left,
    target: &Target,
) -> Result<Decision, Fault> {
    let requested = target.scope.as_deref().unwrap_or(&granted.scope);
    if requested.iter().any(|scope| !granted.scope.contains(scope)) {
        return Err(Fault::new(
            &reason::SCOPE_NOT_GRANTED,
            "the requested scope has something in it that was not granted at first",
        )
        .comparing(alloc::format!("granted: {}", granted.scope.join(" "))));
    }
    let allowed: Vec<&String> = left.scope.iter().collect();
    let scope = if requested.is_empty() { Vec::new() } else { some_of(requested, &allowed, None)? };
    let audience = narrowed(&granted.audience, &target.audience)?;
    let attributes = match user {
        Some(user) => profile(application, user),
        None => chosen(application, &granted.attributes),
    };
    Ok(Decision {
        kind: TokenType::AccessToken,
        lifetime_seconds: application.access_token_lifetime_seconds.min(left.seconds),
        elsewhere: None,
        dropped_actors: 0,
        grant: Grant { scope: scope.into(), attributes, audience, ..granted },
    })
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
    let chosen = attributes.iter().filter(|(name, _)| application.attributes.contains(name));
    gathered(chosen.map(|(name, value)| (name.clone(), value.clone())))
}
