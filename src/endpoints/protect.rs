//! The replies of a protected API (RFC 6750 section 3, RFC 9449 section 7).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;

use serde_json::{Value, json};

use crate::config::metadata_of;
use crate::exchange::authenticate;
use crate::exchange::{AccessCredentials, AccessRequirements, AccessToken, Unauthorized};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::refusal::plain;
use crate::state::State;

/// 200 with the claims of the access token, or the reply to give instead: 400,
/// 401 or 403 with `WWW-Authenticate`, or 503.
pub(crate) async fn protect(
    state: &State,
    host: &Host,
    request: &Request,
    requirements: &AccessRequirements,
) -> Reply {
    match checked(state, host, request, requirements).await {
        Ok(token) => Reply::json(200, &token.claims),
        Err(unauthorized) => {
            let is_bearer = request.credentials_of("dpop").is_none();
            refused(state, host, requirements, &unauthorized, is_bearer).await
        }
    }
}

/// The access token of a request, if it counts and has what is required; or why it
/// does not, and the reply to give instead.
pub(crate) async fn admit(
    state: &State,
    host: &Host,
    credentials: Result<Option<AccessCredentials>, Unauthorized>,
    requirements: &AccessRequirements,
) -> Result<AccessToken, AccessDenied> {
    let admitted = match credentials {
        Ok(credentials) => authenticate(state, host, credentials.as_ref(), requirements).await,
        Err(unauthorized) => Err(unauthorized),
    };
    match admitted {
        Ok(token) => Ok(token),
        Err(unauthorized) => {
            let reply = refused(state, host, requirements, &unauthorized, true).await.into();
            Err(AccessDenied { unauthorized, reply })
        }
    }
}

/// Why a request does not get to an API, and what it is answered.
#[derive(Clone, Debug)]
pub struct AccessDenied {
    /// Why.
    pub unauthorized: Unauthorized,
    /// The reply: 400, 401 or 403 with `WWW-Authenticate`, or 503.
    pub reply: Box<Reply>,
}

async fn checked(
    state: &State,
    host: &Host,
    request: &Request,
    requirements: &AccessRequirements,
) -> Result<AccessToken, Unauthorized> {
    let url = || {
        let origin = requirements.origin.as_deref()?;
        Some(format!("{}{}", origin.trim_end_matches('/'), request.path()))
    };
    let credentials =
        AccessCredentials::of(request, state.config.client_certificates.as_ref(), url)?;
    authenticate(state, host, credentials.as_ref(), requirements).await
}

impl AccessDenied {
    /// The request waited and asked for nothing. No request of this engine does.
    pub(crate) fn internal() -> Self {
        let reply = Reply::internal_error().into();
        Self { unauthorized: Unauthorized::internal(), reply }
    }
}

/// What a protected API answers.
async fn refused(
    state: &State,
    host: &Host,
    requirements: &AccessRequirements,
    unauthorized: &Unauthorized,
    is_bearer: bool,
) -> Reply {
    let body = match unauthorized.code() {
        None => Value::Null,
        Some(error) => {
            json!({ "error": error, "error_description": plain(&unauthorized.to_string()) })
        }
    };
    let reply = Reply::json(unauthorized.status(), &body);
    match unauthorized {
        Unauthorized::Unavailable { retry_after, .. } => {
            reply.with("retry-after", retry_after.to_string())
        }
        _ => {
            let challenge = unauthorized.challenge("api", is_bearer);
            let mut reply = reply.with("www-authenticate", challenge);
            let audiences = &requirements.audiences;
            match metadata_of(&state.config.protected_resources, audiences) {
                known @ Some(_) => reply.name_metadata(known),
                None if audiences.is_empty() => {}
                None => {
                    let all = state.protected_resources(host).await;
                    reply.name_metadata(metadata_of(&all, audiences));
                }
            }
            reply.headers.extend(unauthorized.dpop_nonce().map(|one| ("dpop-nonce", one.into())));
            reply.with("cache-control", "no-store")
        }
    }
}
