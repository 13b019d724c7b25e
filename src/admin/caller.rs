//! Who may administer: the bearer of the admin token, or of an access token of
//! ours with the scope `exchequer:admin`; and whose own links somebody may see:
//! those of the user that an access token of ours is about.

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use super::error::{Error, FORBIDDEN, UNAUTHENTICATED};
use crate::audit::printable;
use crate::config::ADMIN_SCOPE;
use crate::exchange::access_token;
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::http::Request;
use crate::refusal::Denial;
use crate::state::State;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The bearer of the admin token.
    AdminToken,
    /// The bearer of an access token of ours.
    Bearer { client_id: String, subject: Subject, act: Option<Value> },
}

impl Caller {
    /// As the audit log calls it. What an issuer calls its subject stands there
    /// with the issuer: it may be the id of a user of ours.
    pub(crate) fn name(&self) -> String {
        let (subject, act) = match self {
            Self::AdminToken => return "admin token".into(),
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
    pub(super) error: Error,
    /// Who it is, if they said so: for the audit log.
    pub(super) caller: Option<Caller>,
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

const HOW_TO_ENABLE: &str = "nobody may administer this server yet: give it an admin token \
     (`EXCHEQUER_ADMIN_TOKEN`), or send an access token of its own with the scope `exchequer:admin`";

/// The administrator who calls.
///
/// # Errors
/// 401 without good credentials, 403 when they are not an administrator's, and
/// when there is no admin token that could be sent.
pub(crate) async fn administrator(
    state: &State,
    host: &Host,
    request: &Request,
) -> Result<Caller, Denied> {
    let expected = state.config.admin_token.as_ref();
    let Some(token) = request.bearer() else {
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
    match check_administrator(state, &own.grant) {
        Ok(()) => Ok(bearer_of(own.grant)),
        Err(error) => Err(Denied { error, caller: Some(bearer_of(own.grant)) }),
    }
}

fn bearer_of(grant: Grant) -> Caller {
    let Grant { client_id, subject, act, .. } = grant;
    Caller::Bearer { client_id, subject, act }
}

/// The scope is what still stands of the token's scope: removing the role that
/// grants it takes effect at once.
fn check_administrator(state: &State, grant: &Grant) -> Result<(), Error> {
    if !grant.scope.iter().any(|scope| scope == ADMIN_SCOPE) {
        let description = format!("the access token does not have the scope `{ADMIN_SCOPE}`");
        return Err(challenge(Error::new(&FORBIDDEN, description), "insufficient_scope"));
    }
    check_audience(state, grant)
}

/// The user who calls, by id.
///
/// # Errors
/// 401 without an access token of ours, 403 when it is not about a local user,
/// and for the admin token, which is nobody's.
pub(super) async fn user(
    state: &State,
    host: &Host,
    request: &Request,
) -> Result<(Caller, String), Denied> {
    let token = request.bearer().ok_or_else(|| missing("send an access token of this server"))?;
    if state.config.admin_token.as_ref().is_some_and(|expected| expected.matches(token)) {
        let description = "the admin token is no user's; name the user by id in the place of `me`, \
             or send an access token of this server";
        return Err(Error::new(&FORBIDDEN, description).into());
    }
    let own = access_token(state, host, token).await?;
    match check_user(state, &own.grant) {
        Ok(id) => Ok((bearer_of(own.grant), id)),
        Err(error) => Err(Denied { error, caller: Some(bearer_of(own.grant)) }),
    }
}

fn check_user(state: &State, grant: &Grant) -> Result<String, Error> {
    check_audience(state, grant)?;
    if grant.act.is_some() {
        let description = "the access token is one by which somebody else acts for the user, who \
             has to come in person";
        return Err(Error::new(&FORBIDDEN, description));
    }
    match &grant.subject {
        Subject::Local { id } => Ok(id.clone()),
        Subject::Federated { .. } => {
            let description = "the access token is about a federated subject, who has no local \
                 account; get one from an application with `useMappedLocalSubject`";
            Err(Error::new(&FORBIDDEN, description))
        }
    }
}

/// A token made for an API must not work here when that API is not this
/// server: whoever serves that API has seen it.
fn check_audience(state: &State, grant: &Grant) -> Result<(), Error> {
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

fn missing(remedy: &str) -> Error {
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
