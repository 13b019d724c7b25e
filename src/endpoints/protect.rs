//! The replies of a protected API (RFC 6750 section 3).

use alloc::format;
use alloc::string::ToString;

use serde_json::{Value, json};

use crate::exchange::{AccessRequirements, Unauthorized, authenticate};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::refusal::plain;
use crate::state::State;

/// 200 with the claims of the bearer token, or the reply to give instead: 401
/// or 403 with `WWW-Authenticate`, or 503.
pub(crate) async fn protect(
    state: &State,
    host: &Host,
    request: &Request,
    requirements: &AccessRequirements,
) -> Reply {
    match authenticate(state, host, request.bearer(), requirements).await {
        Ok(token) => Reply::json(200, &token.claims),
        Err(unauthorized) => Reply::from(&unauthorized),
    }
}

/// What a protected API answers: 401 or 403 with `WWW-Authenticate`, or 503.
impl From<&Unauthorized> for Reply {
    fn from(unauthorized: &Unauthorized) -> Self {
        let Some(error) = unauthorized.code() else {
            return Self::json(401, &Value::Null)
                .with("www-authenticate", "Bearer realm=\"api\"")
                .with("cache-control", "no-store");
        };
        let message = plain(&unauthorized.to_string());
        let body = json!({ "error": error, "error_description": message });
        let mut challenge =
            format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{message}\"");
        let status = match unauthorized {
            Unauthorized::Unavailable { retry_after, .. } => {
                return Self::json(503, &body).with("retry-after", retry_after.to_string());
            }
            Unauthorized::InsufficientScope { required } => {
                challenge.push_str(&format!(", scope=\"{}\"", required.join(" ")));
                403
            }
            Unauthorized::InvalidToken { .. } | Unauthorized::Missing => 401,
        };
        Self::json(status, &body)
            .with("www-authenticate", challenge)
            .with("cache-control", "no-store")
    }
}
