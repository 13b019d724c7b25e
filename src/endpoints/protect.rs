//! The replies of a protected API (RFC 6750 section 3).

use alloc::format;
use alloc::string::ToString;

use serde_json::{Value, json};

use crate::exchange::{AccessRequirements, Unauthorized, authenticate};
use crate::host::Host;
use crate::http::{Reply, Request, bearer};
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
    match authenticate(state, host, bearer(request), requirements).await {
        Ok(token) => Reply::json(200, &token.claims),
        Err(unauthorized) => refused(&unauthorized),
    }
}

fn refused(unauthorized: &Unauthorized) -> Reply {
    let message = plain(&unauthorized.to_string());
    let (status, error) = match unauthorized {
        // "If the request lacks any authentication information [...] the
        // resource server SHOULD NOT include an error code" (section 3.1).
        Unauthorized::Missing => {
            let challenge = "Bearer realm=\"api\"";
            return Reply::json(401, &Value::Null)
                .with("www-authenticate", challenge)
                .with("cache-control", "no-store");
        }
        Unauthorized::Unavailable { retry_after, .. } => {
            let body = json!({ "error": "temporarily_unavailable", "error_description": message });
            return Reply::json(503, &body).with("retry-after", retry_after.to_string());
        }
        Unauthorized::InvalidToken { .. } => (401, "invalid_token"),
        Unauthorized::InsufficientScope { .. } => (403, "insufficient_scope"),
    };
    let mut challenge =
        format!("Bearer realm=\"api\", error=\"{error}\", error_description=\"{message}\"");
    if let Unauthorized::InsufficientScope { required } = unauthorized {
        challenge.push_str(&format!(", scope=\"{}\"", required.join(" ")));
    }
    let body = json!({ "error": error, "error_description": message });
    Reply::json(status, &body).with("www-authenticate", challenge).with("cache-control", "no-store")
}
