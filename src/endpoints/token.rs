//! `POST` to `/oauth2/token`, `/oauth2/introspect` and `/oauth2/revoke`: a
//! form comes in, the client authenticates, something is decided, and the
//! audit log hears of it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::audit::{Audit, shown_urn};
use crate::config::GrantType;
use crate::exchange::{self, OAuthError, Refusal, RequestContext};
use crate::host::Host;
use crate::http::{Form, Reply, Request};
use crate::reason;
use crate::state::State;

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
pub(super) async fn post(state: &State, host: &Host, request: &Request, event: Event) -> Reply {
    let mut context = RequestContext::new(state, host);
    let decided = match event {
        Event::Token => token(&mut context, request).await,
        Event::Introspection => introspect(&mut context, request).await,
        Event::Revocation => revoke(&mut context, request).await,
        Event::Examination => examine(&mut context, request).await,
    };
    let mut reply = match &decided {
        Ok(body) => Reply::json(200, body),
        Err(refusal) => {
            refusal.note(&mut context.trace);
            refusal.reply()
        }
    };
    let mut audit = audit(host, context, event.name().into());
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
    Issued(exchange::Issued),
    Json(Value),
}

async fn token(context: &mut RequestContext<'_>, request: &Request) -> Result<Body, Refusal> {
    decide(context, request).await.map(Body::Issued)
}

/// Decides a token request.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with it.
pub(super) async fn decide(
    context: &mut RequestContext<'_>,
    request: &Request,
) -> Result<exchange::Issued, Refusal> {
    let form = Form::parse(request)?;
    let grant = form.value("grant_type").and_then(GrantType::from_name);
    context.parties.grant_type = grant.map(|grant| grant.name().into());
    let application = exchange::authenticate(context, request, &form).await?;

    let grant = grant_type(form.required("grant_type")?)?;
    if !application.grant_types.contains(&grant) {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::GRANT_NOT_ALLOWED,
            "the application may not use this grant type",
        ));
    }
    context.pass("grant_type", "allowed", None);

    if let Some(name) = UNSUPPORTED.into_iter().find(|name| form.value(name).is_some()) {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::UNSUPPORTED,
            format!("the parameter `{name}` is not supported"),
        ));
    }
    exchange::grant(context, &application, grant, &form).await
}

/// The line of the audit log about a request that was granted, until it says
/// otherwise.
pub(super) fn audit(host: &Host, context: RequestContext<'_>, event: Cow<'static, str>) -> Audit {
    Audit {
        time: host.now,
        event,
        status: 200,
        error: None,
        reason: None,
        claim: None,
        message: None,
        parties: context.parties,
        checks: context.trace,
        administrator: None,
        change: None,
        trace_id: None,
    }
}

async fn introspect(context: &mut RequestContext<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = exchange::authenticate_confidential(context, request, &form).await?;
    exchange::introspect(context.state, context.host, &application, &form).await.map(Body::Json)
}

async fn revoke(context: &mut RequestContext<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = exchange::authenticate(context, request, &form).await?;
    exchange::revoke(context.state, context.host, &application, &form).await?;
    Ok(Body::Json(json!({})))
}

async fn examine(context: &mut RequestContext<'_>, request: &Request) -> Result<Body, Refusal> {
    let form = Form::parse(request)?;
    let application = exchange::authenticate(context, request, &form).await?;
    exchange::examine(context, &application, &form).await?;
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
        .comparing(shown_urn(name))
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
