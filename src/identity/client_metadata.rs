//! Metadata documents of clients that are not registered
//! (draft-ietf-oauth-client-id-metadata-document): fetched at their client id, and
//! read for the keys of the client alone.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::keys::{FetchError, Origin, Why};
use crate::audit::printable;
use crate::host::{Fetched, Host};
use crate::jose::{JwkSet, json};
use crate::url;

/// Longest document, in bytes: "a maximum response size [of] 5 kilobytes".
const MAX_BYTES: u32 = 5 * 1024;

/// Members of private keys and of secrets (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Where the keys of a client are.
pub(super) enum Found {
    /// In the document, which may be kept for as long as this header field says.
    Keys(JwkSet, Option<String>),
    /// At this URL.
    Url(String),
}

/// Fetches the document of a client. "The authorization server MUST NOT
/// automatically follow HTTP redirects" (section 5).
pub(super) async fn fetch(host: &Host, origin: &Origin) -> Result<Found, FetchError> {
    let url = &origin.url;
    let fetched = host.fetch(url.clone(), origin.timeout_ms, MAX_BYTES).await;
    let fetched = fetched.map_err(|failed| super::keys::failure(url, origin, failed, MAX_BYTES))?;
    // "any response other than a 200 (OK) [...] MUST be treated as an error".
    if fetched.status != 200 {
        let detail = format!("{url} answered with status {}: expected 200", fetched.status);
        return Err(FetchError::new(Why::Status, detail));
    }
    read(url, fetched).map_err(|what| FetchError::new(Why::NotExpected, format!("{url} {what}")))
}

/// The keys that a document names.
///
/// # Errors
/// A phrase that says what is wrong with it.
fn read(url: &str, fetched: Fetched) -> Result<Found, String> {
    let document =
        json::object(&fetched.body).ok_or("is not a JSON object that has one meaning")?;
    // "The client_id property value MUST match the URL of the document".
    match document.get("client_id").and_then(Value::as_str) {
        Some(named) if named == url => {}
        Some(named) => return Err(format!("is of the `client_id` `{}`", printable(named))),
        None => return Err("has no `client_id`".into()),
    }
    check_method(&document)?;
    match (document.get("jwks"), document.get("jwks_uri")) {
        (Some(jwks), None) => {
            check_public(jwks)?;
            let keys = JwkSet::from_value(jwks).map_err(|why| format!("has `jwks` that {why}"))?;
            Ok(Found::Keys(keys, fetched.cache_control))
        }
        (None, Some(Value::String(at))) => {
            url::discovered(url, at, false)
                .map_err(|why| format!("has the `jwks_uri` `{}`, which {why}", printable(at)))?;
            Ok(Found::Url(at.clone()))
        }
        _ => Err("does not have exactly one of `jwks` and `jwks_uri`".into()),
    }
}

/// "The token_endpoint_auth_method property MUST NOT include
/// client_secret_post, client_secret_basic, client_secret_jwt" nor
/// "client_secret" (section 4.1). Here the client has to have a key.
fn check_method(document: &Map<String, Value>) -> Result<(), String> {
    for name in ["client_secret", "client_secret_expires_at"] {
        if document.contains_key(name) {
            return Err(format!("has `{name}`, which everybody could read"));
        }
    }
    match document.get("token_endpoint_auth_method").and_then(Value::as_str) {
        Some("private_key_jwt") => Ok(()),
        _ => Err("does not say `\"token_endpoint_auth_method\": \"private_key_jwt\"`".into()),
    }
}

/// A private key in a public document is everybody's.
fn check_public(jwks: &Value) -> Result<(), String> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    let is_private = |key: &Value| PRIVATE.iter().any(|member| key.get(*member).is_some());
    match keys.is_some_and(|keys| keys.iter().any(is_private)) {
        true => Err("has a private key in `jwks`".into()),
        false => Ok(()),
    }
}
