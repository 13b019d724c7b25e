//! Protecting an API with tokens of ours (RFC 6750).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::introspect::active;
use super::issued_token::{Form, OwnToken, recognise};
use super::refusal::plain;
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::identity::Denial;
use crate::reason::{self, Fault};
use crate::state::State;

/// What a token must have to be let in.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// Every one of these scopes.
    pub scopes: Vec<String>,
    /// One of these audiences; empty: any, which is right only for an API
    /// that is the only one that tokens are issued for.
    pub audiences: Vec<String>,
}

/// 200 with the claims of the bearer token, or the reply to give instead: 401
/// or 403 with `WWW-Authenticate` (section 3).
pub(crate) async fn protect(
    state: &State,
    host: &Host,
    request: &Request,
    protection: &Protection,
) -> Reply {
    let Some(token) = bearer(request) else {
        // "If the request lacks any authentication information [...] the
        // resource server SHOULD NOT include an error code" (section 3.1).
        return challenge(401, None, protection);
    };
    let own = match access_token(state, host, token).await {
        Ok(own) => own,
        Err(Denial::Fault(fault)) => {
            return challenge(401, Some(("invalid_token", &fault.message)), protection);
        }
        Err(Denial::Unavailable { fault, retry_after }) => {
            return unavailable(&fault.message, retry_after);
        }
    };
    let meant = own.grant.audience.iter().any(|aud| protection.audiences.contains(aud));
    if !protection.audiences.is_empty() && !meant {
        return challenge(
            401,
            Some(("invalid_token", "the token is meant for another audience")),
            protection,
        );
    }
    if protection.scopes.iter().any(|scope| !own.grant.scope.contains(scope)) {
        let message = "the token does not have every scope that is needed";
        return challenge(403, Some(("insufficient_scope", message)), protection);
    }
    match active(state, host, own).await {
        Ok(claims) => Reply::json(200, &claims),
        Err(_) => unavailable("the store cannot be asked at the moment; try again later", 1),
    }
}

/// An access token of ours that counts.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(crate) async fn access_token(
    state: &State,
    host: &Host,
    token: &str,
) -> Result<OwnToken, Denial> {
    let own = recognise(state, host, token).await?;
    if matches!(own.form, Form::Refresh(_)) {
        return Err(Fault::new(&reason::TYP_MISMATCH, "the token is not an access token").into());
    }
    Ok(own)
}

fn unavailable(message: &str, retry_after: u64) -> Reply {
    let body = json!({ "error": "temporarily_unavailable", "error_description": message });
    Reply::json(503, &body).with("retry-after", retry_after.max(1).to_string())
}

/// The one bearer token of a request (section 2.1).
pub(crate) fn bearer(request: &Request) -> Option<&str> {
    let mut values = request.values("authorization");
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn challenge(status: u16, error: Option<(&str, &str)>, protection: &Protection) -> Reply {
    let mut header = "Bearer realm=\"api\"".to_string();
    let mut body = Value::Null;
    if let Some((code, message)) = error {
        let message = plain(message);
        header.push_str(&format!(", error=\"{code}\", error_description=\"{message}\""));
        if code == "insufficient_scope" {
            header.push_str(&format!(", scope=\"{}\"", protection.scopes.join(" ")));
        }
        body = json!({ "error": code, "error_description": message });
    }
    Reply::json(status, &body).with("www-authenticate", header).with("cache-control", "no-store")
}
