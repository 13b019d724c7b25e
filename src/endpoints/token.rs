//! `POST` to `/oauth2/token`, `/oauth2/introspect` and `/oauth2/revoke`: a
//! form comes in, the client authenticates, something is decided, and the
//! audit log hears of it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::config::GrantType;
use crate::http::{Form, Reply, Request};
use crate::oauth::{self, Case, OAuthError, Refusal};
use crate::reason;
use crate::state::State;
use crate::trace::{Audit, shown};
use crate::world::World;

/// Parameters that would change what is asked for: refused, never ignored.
const UNSUPPORTED: [&str; 2] = ["authorization_details", "claims"];

/// What a client may want of these endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Token,
    Introspection,
    Revocation,
    /// Of a token that is exchanged elsewhere; no path leads here.
    Examination,
}

/// Decides a request and says so in the audit log.
pub(super) async fn post(state: &State, world: &World, request: &Request, event: Event) -> Reply {
    let mut case = Case::new(state, world);
    let decided = match event {
        Event::Token => token(&mut case, request).await,
        Event::Introspection => introspect(&mut case, request).await,
        Event::Revocation => revoke(&mut case, request).await,
        Event::Examination => examine(&mut case, request).await,
    };
    let mut reply = match &decided {
        Ok(body) => Reply::json(200, body),
        Err(refusal) => {
            refusal.note(&mut case.trace);
            refusal.reply()
        }
    };
    let mut audit = audit(world, case, event.name().into());
    audit.status = reply.status;
    if let Err(refusal) = decided {
        refusal.record(&mut audit);
    }
    reply.audit = Some(audit);
    // "The authorization server MUST include the HTTP Cache-Control response
    // header field with a value of no-store [...] as well as the Pragma
    // response header field with a value of no-cache" (RFC 6749 section 5.1).
    reply.with("cache-control", "no-store").with("pragma", "no-cache")
}

/// What is answered when all is well.
enum Body {
    Issued(oauth::Issued),
    Json(Value),
}

async fn token(case: &mut Case<'_>, request: &Request) -> Result<Body, Refusal> {
    decide(case, request).await.map(Body::Issued)
}

/// Decides a token request.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with it.
pub(super) async fn decide(
    case: &mut Case<'_>,
    request: &Request,
) -> Result<oauth::Issued, Refusal> {
    let form = Form::parse(request)?;
    case.parties.grant_type = form.value("grant_type").map(shown);
    let application = oauth::authenticate(case, request, &form).await?;

    let grant = grant_type(form.required("grant_type")?)?;
    if !application.grant_types.contains(&grant) {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::GRANT_NOT_ALLOWED,
            "the application may not use this grant type",
        ));
    }
    case.pass("grant_type", "allowed", None);

    if let Some(name) = UNSUPPORTED.into_iter().find(|name| form.value(name).is_some()) {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::UNSUPPORTED,
            format!("the parameter `{name}` is not supported"),
        ));
    }
    oauth::grant(case, &application, grant, &form).await
}

/// The line of the audit log about a request that was granted, until it says
/// otherwise.
pub(super) fn audit(world: &World, case: Case<'_>, event: Cow<'static, str>) -> Audit {
    Audit {
        time: world.now,
        event,
        status: 200,
        error: None,
        reason: None,
        claim: None,
        message: None,
        parties: case.parties,
        checks: case.trace,
        administrator: None,
        change: None,
        trace_id: None,
    }
}

async fn introspect(case: &mut Case<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = oauth::authenticate_confidential(case, request, &form).await?;
    oauth::introspect(case.state, case.world, &application, &form).await.map(Body::Json)
}

async fn revoke(case: &mut Case<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = oauth::authenticate(case, request, &form).await?;
    oauth::revoke(case.state, case.world, &application, &form).await?;
    Ok(Body::Json(json!({})))
}

async fn examine(case: &mut Case<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = oauth::authenticate(case, request, &form).await?;
    oauth::examine(case, &application, &form).await?;
    Ok(Body::Json(json!({})))
}

fn grant_type(name: &str) -> Result<GrantType, Refusal> {
    GrantType::from_name(name).ok_or_else(|| {
        let all: Vec<_> = GrantType::ALL.iter().map(|grant| grant.name()).collect();
        Refusal::new(
            OAuthError::UnsupportedGrantType,
            &reason::GRANT_UNKNOWN,
            format!("the grant type is not supported; this server has {}", all.join(", ")),
        )
        .comparing(shown(name))
    })
}

impl Event {
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Examination => "examination",
        }
    }
}

impl serde::Serialize for Body {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Issued(issued) => issued.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}
