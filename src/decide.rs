//! The decision: whom the token is about, for whom, with what scope and for
//! how long. Pure: everything it depends on is an argument.
//!
//! Nothing comes out that was not allowed in: scopes and audiences are those
//! of the application, and a token does not outlive the one it was made from.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::Timestamp;
use crate::config::Application;
use crate::reason::{self, Fault};
use crate::trust::{ForeignToken, mapped};

/// Deepest chain of actors (RFC 8693 section 4.1) that is carried on.
const MAX_ACTORS: usize = 8;

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
    /// An access token, whatever its format.
    AccessToken,
    /// An access token that is a JWT, asked for as such.
    Jwt,
    IdToken,
}

/// A token as it will be.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) kind: Kind,
    pub(crate) subject: String,
    /// The foreign issuer, whose name for its subject `subject` is.
    pub(crate) identity_provider: String,
    pub(crate) client_id: String,
    /// Never empty.
    pub(crate) audience: Vec<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) lifetime_seconds: u64,
    pub(crate) attributes: Map<String, Value>,
    /// Who acts for the subject, as the subject token said.
    pub(crate) act: Option<Value>,
}

/// Decides about a subject token that passed every check.
///
/// # Errors
/// A [`Fault`] when what was asked for may not be had.
pub(crate) fn decide(
    application: &Application,
    token: &ForeignToken,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Decision, Fault> {
    // "may_act" is enforced by what the token says, not by which parameters
    // were sent (RFC 8693 section 4.4).
    if token.claims.all.contains_key("may_act") && !application.allow_without_actor {
        return Err(Fault::new(
            &reason::MAY_ACT,
            "the subject token has `may_act`, and no actor token was sent",
        ));
    }
    let scope = scope(application, wanted)?;
    if wanted.kind == Kind::IdToken && !scope.iter().any(|scope| scope == "openid") {
        return Err(Fault::new(
            &reason::ID_TOKEN_SCOPE,
            "an ID token is issued only with the scope `openid`",
        ));
    }
    Ok(Decision {
        kind: wanted.kind,
        subject: token.claims.sub.clone(),
        identity_provider: token.issuer.issuer.clone(),
        client_id: application.client_id.clone(),
        audience: audience(application, wanted)?,
        scope,
        lifetime_seconds: lifetime(application, token, now)?,
        attributes: attributes(application, token),
        act: act(&token.claims.all)?,
    })
}

/// What was asked for and may be had; what the application has when nothing
/// was asked for. An ID token is for the client itself in any case (OpenID
/// Connect Core section 2).
fn audience(application: &Application, wanted: &Wanted) -> Result<Vec<String>, Fault> {
    let own = core::slice::from_ref(&application.client_id);
    let allowed =
        if application.audiences.is_empty() { own } else { &*application.audiences };
    if let Some(target) = wanted.targets.iter().find(|target| !allowed.contains(target)) {
        return Err(Fault::new(
            &reason::TARGET,
            "the application may not have tokens for the requested audience or resource",
        )
        .comparing(format!("{}; allowed: {}", crate::trace::shown(target), allowed.join(", "))));
    }
    let mut audience: Vec<String> = match wanted.kind {
        Kind::IdToken => own.to_vec(),
        Kind::AccessToken | Kind::Jwt if wanted.targets.is_empty() => allowed.to_vec(),
        Kind::AccessToken | Kind::Jwt => Vec::new(),
    };
    for target in &wanted.targets {
        if !audience.contains(target) {
            audience.push(target.clone());
        }
    }
    Ok(audience)
}

/// Requested ∩ allowed, in the order requested.
fn scope(application: &Application, wanted: &Wanted) -> Result<Vec<String>, Fault> {
    let Some(requested) = &wanted.scope else {
        return Ok(application.default_scopes.clone());
    };
    let mut granted: Vec<String> = Vec::new();
    for scope in requested {
        if application.scopes.contains(scope) && !granted.contains(scope) {
            granted.push(scope.clone());
        }
    }
    if granted.is_empty() {
        return Err(Fault::new(
            &reason::SCOPE,
            "the application may have none of the requested scopes",
        )
        .comparing(format!("allowed: {}", application.scopes.join(" "))));
    }
    Ok(granted)
}

/// The application's, but not beyond the subject token's end.
fn lifetime(
    application: &Application,
    token: &ForeignToken,
    now: Timestamp,
) -> Result<u64, Fault> {
    let own = application.access_token_lifetime_seconds;
    if application.outlive_subject {
        return Ok(own);
    }
    match token.claims.exp.since(now).min(own) {
        0 => Err(Fault::new(
            &reason::SUBJECT_EXPIRES,
            "the subject token expires before a token could be issued",
        )),
        seconds => Ok(seconds),
    }
}

/// What the issuer's mapping lets out and the application asks for.
fn attributes(application: &Application, token: &ForeignToken) -> Map<String, Value> {
    mapped(&token.issuer.claims, &token.claims.all)
        .into_iter()
        .filter(|(name, _)| application.attributes.contains(name))
        .collect()
}

/// The actors that the subject token names, outermost first, each by `sub`
/// and `iss` alone (RFC 8693 section 4.1: other claims "are not meaningful").
fn act(claims: &Map<String, Value>) -> Result<Option<Value>, Fault> {
    let malformed = |what: &str| {
        Fault::new(&reason::CLAIM_TYPE, format!("the subject token's claim `act` {what}"))
    };
    let mut actors: Vec<Map<String, Value>> = Vec::new();
    let mut next = claims.get("act");
    while let Some(act) = next {
        let act = act.as_object().ok_or_else(|| malformed("is not an object"))?;
        if actors.len() == MAX_ACTORS {
            return Err(malformed("is nested deeper than 8 actors"));
        }
        let mut actor = Map::new();
        for name in ["sub", "iss"] {
            match act.get(name) {
                Some(Value::String(value)) if !value.is_empty() => {
                    actor.insert(name.to_string(), value.as_str().into());
                }
                None if name == "iss" => {}
                _ => return Err(malformed("names no actor by `sub`")),
            }
        }
        actors.push(actor);
        next = act.get("act");
    }
    Ok(actors.into_iter().rev().fold(None, |inner, mut actor| {
        if let Some(inner) = inner {
            actor.insert("act".to_string(), inner);
        }
        Some(Value::Object(actor))
    }))
}
