//! Who may administer: the bearer of the admin token, or of an access token of
//! this server with the scope `exchequer:admin`.
//!
//! It is no part of the administration API, without which an engine can be
//! built: `/metrics` and `/oauth2/explain` are for administrators, too.

pub(crate) mod error;

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use self::error::{Error, FORBIDDEN, UNAUTHENTICATED};
use crate::audit::{Audit, Parties, Trace, printable};
use crate::config::{ADMIN_SCOPE, Application};
use crate::exchange::policy::may_have;
use crate::exchange::{access_token, bearer};
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::identity::Denial;
use crate::state::State;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The bearer of the admin token.
    AdminToken,
    /// The bearer of an access token of this server.
    Bearer { client_id: String, subject: Subject, act: Option<Value> },
}

impl Caller {
    /// The name in the audit log. A federated subject is named with its issuer,
    /// because it may be equal to the id of a local user.
    pub(crate) fn name(&self) -> String {
        let (subject, act) = match self {
            Self::AdminToken => return "admin token".into(),
            Self::Bearer { subject, act, .. } => (subject, act),
        };
        let subject = named(subject.sub(), subject.idp());
        let Some(act) = act else { return subject };
        let text = |name: &str| act.get(name).and_then(Value::as_str);
        let actor = named(text("sub").unwrap_or_default(), text("iss"));
        format!("{subject}, for whom {actor} acts")
    }
}

/// Somebody who may not call.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) error: Error,
    /// Who it is, if they said so: for the audit log.
    pub(crate) caller: Option<Caller>,
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self { error, caller: None }
    }
}

impl From<Denial> for Denied {
    fn from(denial: Denial) -> Self {
        Error::from(denial).into()
    }
}

fn named(sub: &str, issuer: Option<&str>) -> String {
    match issuer {
        Some(issuer) => format!("{} of {}", printable(sub), printable(issuer)),
        None => printable(sub),
    }
}

/// The reply to a request that only an administrator may send.
pub(crate) fn refuse(host: &Host, denied: Denied) -> Reply {
    let Denied { error, caller } = denied;
    let trace_id = host.entropy.identifier("trace");
    let reply = error.reply(&trace_id);
    let audit = Audit {
        error: Some(error.kind.code.into()),
        message: Some(error.description),
        ..audit(host, reply.status, caller, trace_id)
    };
    Reply { audit: Some(audit), ..reply }.with("cache-control", "no-store")
}

/// The line of the audit log about such a request.
pub(crate) fn audit(host: &Host, status: u16, caller: Option<Caller>, trace_id: String) -> Audit {
    let administrator = caller.as_ref().map(Caller::name);
    let mut parties = Parties::default();
    if let Some(Caller::Bearer { client_id, .. }) = caller {
        parties.client_id = Some(client_id);
    }
    Audit {
        time: host.now,
        event: "administration".into(),
        status,
        error: None,
        reason: None,
        claim: None,
        message: None,
        parties,
        checks: Trace::default(),
        administrator,
        change: None,
        trace_id: Some(trace_id),
    }
}

const HOW_TO_ENABLE: &str = "nobody may administer this server yet: give it an admin token \
     (`EXCHEQUER_ADMIN_TOKEN`), or send an access token of its own with the scope `exchequer:admin`";

/// The administrator who sent the request.
///
/// # Errors
/// 401 without good credentials, 403 when they are not an administrator's, and
/// when there is no admin token that could be sent.
pub(crate) async fn authorize(
    state: &State,
    host: &Host,
    request: &Request,
) -> Result<Caller, Denied> {
    let expected = state.config.admin_token.as_ref();
    let Some(token) = bearer(request) else {
        return Err(match expected {
            Some(_) => missing("send the admin token"),
            None => Error::new(&FORBIDDEN, HOW_TO_ENABLE),
        }
        .into());
    };
    if expected.is_some_and(|expected| expected.matches(token)) {
        return Ok(Caller::AdminToken);
    }
    let own = match access_token(state, host, token).await {
        Ok(own) => own,
        Err(Denial::Fault(_)) if expected.is_none() => {
            return Err(Error::new(&FORBIDDEN, HOW_TO_ENABLE).into());
        }
        Err(Denial::Fault(_)) => {
            let description = "the bearer token is neither the admin token nor an access token of this server that counts";
            let error = Error::new(&UNAUTHENTICATED, description);
            return Err(challenge(error, "invalid_token").into());
        }
        Err(unavailable) => return Err(unavailable.into()),
    };
    match check_administrator(state, host, &own.grant).await {
        Ok(()) => Ok(bearer_of(own.grant)),
        Err(error) => Err(Denied { error, caller: Some(bearer_of(own.grant)) }),
    }
}

pub(crate) fn bearer_of(grant: Grant) -> Caller {
    let Grant { client_id, subject, act, .. } = grant;
    Caller::Bearer { client_id, subject, act }
}

async fn check_administrator(state: &State, host: &Host, grant: &Grant) -> Result<(), Error> {
    if !grant.scope.iter().any(|scope| scope == ADMIN_SCOPE) {
        let description = format!("the access token does not have the scope `{ADMIN_SCOPE}`");
        return Err(challenge(Error::new(&FORBIDDEN, description), "insufficient_scope"));
    }
    check_audience(state, grant)?;
    check_power(state, host, grant).await
}

/// Whether the subject and its application may still have the scope. Removing
/// the role that grants it takes effect at once.
async fn check_power(state: &State, host: &Host, grant: &Grant) -> Result<(), Error> {
    let application = state.applications.named(host, &grant.client_id).await?;
    let user = match &grant.subject {
        Subject::Local { id } => state.directory.user(host, id).await?,
        Subject::Federated { .. } => None,
    };
    let may = |application: &Application| {
        may_have(application, &state.config, user.as_deref(), ADMIN_SCOPE)
    };
    if application.as_deref().is_some_and(may) {
        return Ok(());
    }
    let description =
        format!("the scope `{ADMIN_SCOPE}` was taken away since the token was issued");
    Err(challenge(Error::new(&FORBIDDEN, description), "insufficient_scope"))
}

/// A token for another API must not work here: the operator of that API has seen
/// it.
pub(crate) fn check_audience(state: &State, grant: &Grant) -> Result<(), Error> {
    let ours = |aud: &String| *aud == state.config.issuer || *aud == state.token_endpoint;
    let names_nobody = grant.audience.iter().all(|aud| *aud == grant.client_id);
    if names_nobody || grant.audience.iter().any(ours) {
        return Ok(());
    }
    let description = format!(
        "the access token is meant for another audience; ask for the audience `{}`, \
         which the application needs in its `audiences`",
        state.config.issuer
    );
    Err(challenge(Error::new(&FORBIDDEN, description), "insufficient_scope"))
}

pub(crate) fn missing(remedy: &str) -> Error {
    Error::new(
        &UNAUTHENTICATED,
        format!("the request has no bearer token; {remedy} as `Authorization: Bearer …`"),
    )
    .with("www-authenticate", "Bearer realm=\"administration\"")
}

fn challenge(error: Error, code: &str) -> Error {
    let scope = if code == "insufficient_scope" {
        format!(", scope=\"{ADMIN_SCOPE}\"")
    } else {
        String::new()
    };
    error.with(
        "www-authenticate",
        format!("Bearer realm=\"administration\", error=\"{code}\"{scope}"),
    )
}
