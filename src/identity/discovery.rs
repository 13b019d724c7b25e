//! The document in which an issuer says where its keys are (OpenID Connect
//! Discovery section 4).

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use super::keys::Origin;
use crate::url;

/// Its URL.
pub(super) fn document(origin: &Origin) -> String {
    format!("{}/.well-known/openid-configuration", origin.url.trim_end_matches('/'))
}

/// The `jwks_uri` it names, if it may be fetched.
///
/// # Errors
/// What is wrong with it, for the trace.
pub(super) fn jwks_uri(origin: &Origin, at: &str, body: &[u8]) -> Result<String, String> {
    let document: Value = serde_json::from_slice(body).map_err(|_| format!("{at}: not JSON"))?;
    // "The issuer value returned MUST be identical to the Issuer URL that was
    // directly used to retrieve the configuration information" (section 4.3).
    if document.get("issuer").and_then(Value::as_str) != Some(&origin.url) {
        return Err(format!("{at}: its `issuer` is not `{}`", origin.url));
    }
    let jwks_uri = document
        .get("jwks_uri")
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{at}: it has no `jwks_uri`"))?;
    url::discovered(&origin.url, jwks_uri, origin.danger_allow_http)
        .map_err(|why| format!("{at}: its `jwks_uri` {why}"))?;
    Ok(jwks_uri.into())
}
