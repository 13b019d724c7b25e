//! The replies of a protected API (RFC 6750 section 3, RFC 9449 section 7).

use alloc::format;
use alloc::string::ToString;

use serde_json::{Value, json};

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
        Err(unauthorized) => refused(&unauthorized, request.credentials_of("dpop").is_none()),
    }
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

/// What a protected API answers.
fn refused(unauthorized: &Unauthorized, is_bearer: bool) -> Reply {
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
        _ => reply
            .with("www-authenticate", unauthorized.challenge("api", is_bearer))
            .with("cache-control", "no-store"),
    }
}

/// What a protected API answers to a request with a bearer token.
impl From<&Unauthorized> for Reply {
    fn from(unauthorized: &Unauthorized) -> Self {
        refused(unauthorized, true)
    }
}
