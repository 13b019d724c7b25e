//! Who may administer: the bearer of the admin token, or of an access token of
//! this server with the scope `exchequer:admin`, or one of those below it.
//!
//! It is no part of the administration API, without which an engine can be
//! built: `/metrics` and `/oauth2/explain` are for administrators, too.

pub(crate) mod error;
mod rights;

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use self::error::{Error, FORBIDDEN, UNAUTHENTICATED};
pub(crate) use self::rights::{Right, Rights};
use crate::audit::{ADMIN_TOKEN, Audit, Parties, Trace, printable};
use crate::exchange::{AccessCredentials, Unauthorized, access_token};
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::limits::{Attempt, Gate};
use crate::state::State;
use crate::step::cold;
use crate::url::below_issuer;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The bearer of the admin token.
    AdminToken,
    /// The bearer of an access token of this server.
    Bearer { client_id: String, subject: Subject, act: Option<Value>, rights: Rights },
}

impl Caller {
    /// What it may do.
    #[cfg(feature = "admin")]
    pub(crate) fn rights(&self) -> Rights {
        match self {
            Self::AdminToken => Rights::ALL,
            Self::Bearer { rights, .. } => *rights,
        }
    }

    /// The name in the audit log. A federated subject is named with its issuer,
    /// because it may be equal to the id of a local user.
    pub(crate) fn name(&self) -> String {
        let (subject, act) = match self {
            Self::AdminToken => return ADMIN_TOKEN.into(),
            Self::Bearer { subject, act, .. } => (subject, act),
        };
        let subject = named(subject.name(), subject.idp());
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

impl From<Unauthorized> for Denied {
    fn from(unauthorized: Unauthorized) -> Self {
        Error::from(unauthorized).into()
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
        traceparent: None,
    }
}

const HOW_TO_ENABLE: &str = "nobody may administer this server yet: give it an admin token \
     (`EXCHEQUER_ADMIN_TOKEN`), or send an access token of its own with the scope `exchequer:admin`";

/// The administrator who sent the request, with the right that it needs.
///
/// # Errors
/// 401 without good credentials, 403 when they do not give this right, and when
/// there is no admin token that could be sent.
pub(crate) async fn authorize(
    state: &State,
    host: &Host,
    request: &Request,
    right: Right,
) -> Result<Caller, Denied> {
    let expected = state.config.admin_token.as_ref();
    let credentials = credentials(state, request).map_err(Error::from)?;
    let Some(credentials) = credentials else {
        return Err(match expected {
            Some(_) => missing("send the admin token"),
            None => Error::new(&FORBIDDEN, HOW_TO_ENABLE),
        }
        .into());
    };
    let gate = state.gate(host);
    gate.check_address().and_then(|()| gate.check(Attempt::Bearer)).map_err(Error::from)?;
    if is_admin_token(state, &credentials) {
        return Ok(Caller::AdminToken);
    }
    let own = access_token(state, host, &credentials).await;
    note_failure(host, &gate, own.as_ref().err()).await;
    let own = match own {
        Ok(own) => own,
        // The client can do something about its proof.
        Err(
            unauthorized @ (Unauthorized::InvalidProof { .. }
            | Unauthorized::NonceRequired { .. }
            | Unauthorized::Unavailable { .. }),
        ) => {
            return Err(Error::from(unauthorized).into());
        }
        Err(_) if expected.is_none() => {
            return Err(Error::new(&FORBIDDEN, HOW_TO_ENABLE).into());
        }
        Err(_) => {
            let description = "the bearer token is neither the admin token nor a valid access token of this server";
            let error = Error::new(&UNAUTHENTICATED, description);
            let challenge = "Bearer realm=\"administration\", error=\"invalid_token\"";
            return Err(error.with("www-authenticate", challenge).into());
        }
    };
    match check_administrator(state, &own.grant, right) {
        Ok(()) => Ok(bearer_of(own.grant)),
        Err(error) => Err(Denied { error, caller: Some(bearer_of(own.grant)) }),
    }
}

/// Counts a token or a proof that is not good.
pub(crate) async fn note_failure(
    host: &Host,
    gate: &Gate<'_>,
    unauthorized: Option<&Unauthorized>,
) {
    if let Some(Unauthorized::InvalidToken { .. } | Unauthorized::InvalidProof { .. }) =
        unauthorized
    {
        cold(gate.failed(host, Attempt::Bearer)).await;
    }
}

/// What a request brings, at the URL that the client sees: below the issuer.
pub(crate) fn credentials(
    state: &State,
    request: &Request,
) -> Result<Option<AccessCredentials>, Unauthorized> {
    let issuer = &state.config.issuer;
    AccessCredentials::of(request, state.config.client_certificates.as_ref(), || {
        Some(format!("{}{}", issuer.trim_end_matches('/'), below_issuer(issuer, request.path())))
    })
}

/// The admin token is a bearer token.
pub(crate) fn is_admin_token(state: &State, credentials: &AccessCredentials) -> bool {
    let expected = state.config.admin_token.as_ref();
    credentials.is_bearer() && expected.is_some_and(|one| one.matches(credentials.token()))
}

pub(crate) fn bearer_of(grant: Grant) -> Caller {
    let rights = Rights::of(&grant.scope);
    let Grant { client_id, subject, act, .. } = grant;
    Caller::Bearer { client_id, subject, act, rights }
}

/// The scope is what still stands of the token's scope: removing the role that
/// grants it takes effect at once.
fn check_administrator(state: &State, grant: &Grant, right: Right) -> Result<(), Error> {
    if right == Right::All {
        check_scope(grant, right.scope())?;
    } else if !Rights::of(&grant.scope).allow(right) {
        let description = format!(
            "the access token has neither the scope `{}` nor `{}`, or it was taken away since",
            Right::All.scope(),
            right.scope()
        );
        return Err(insufficient(Error::new(&FORBIDDEN, description), right.scope()));
    }
    check_audience(state, grant, right.scope())
}

pub(crate) fn check_scope(grant: &Grant, scope: &str) -> Result<(), Error> {
    if grant.scope.iter().any(|granted| granted == scope) {
        return Ok(());
    }
    let description =
        format!("the access token does not have the scope `{scope}`, or it was taken away since");
    Err(insufficient(Error::new(&FORBIDDEN, description), scope))
}

/// A token for another API must not work here: the operator of that API has seen
/// it.
pub(crate) fn check_audience(state: &State, grant: &Grant, scope: &str) -> Result<(), Error> {
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
    Err(insufficient(Error::new(&FORBIDDEN, description), scope))
}

pub(crate) fn missing(remedy: &str) -> Error {
    Error::new(
        &UNAUTHENTICATED,
        format!("the request has no bearer token; {remedy} as `Authorization: Bearer …`"),
    )
    .with("www-authenticate", "Bearer realm=\"administration\"")
}

fn insufficient(error: Error, scope: &str) -> Error {
    let challenge =
        format!("Bearer realm=\"administration\", error=\"insufficient_scope\", scope=\"{scope}\"");
    error.with("www-authenticate", challenge)
}
