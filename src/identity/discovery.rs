//! The document in which an issuer says where its keys are (OpenID Connect
//! Discovery section 4).

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use super::keys::{Origin, Why};
use crate::audit::printable;
use crate::jose::document_json;
use crate::url;

/// Its URL.
pub(super) fn document(origin: &Origin) -> String {
    format!("{}/.well-known/openid-configuration", origin.url.trim_end_matches('/'))
}

/// The `jwks_uri` it names, if it may be fetched.
///
/// # Errors
/// What kind of cause it is, and a phrase that says what is wrong with the
/// document, for the trace: "is not JSON".
pub(super) fn jwks_uri(origin: &Origin, body: &[u8]) -> Result<String, (Why, String)> {
    let document = document_json(body).map_err(not_expected)?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    // "The issuer value returned MUST be identical to the Issuer URL that was
    // directly used to retrieve the configuration information" (section 4.3).
    match text("issuer") {
        Some(issuer) if issuer == origin.url => {}
        Some(issuer) => {
            let (found, expected) = (printable(issuer), &origin.url);
            let what = format!("is of the `issuer` `{found}`: expected exactly `{expected}`");
            return Err((Why::OtherIssuer, what));
        }
        None => {
            return Err(not_expected("is not a discovery document: it names no `issuer`"));
        }
    }
    let jwks_uri = text("jwks_uri").ok_or_else(|| not_expected("has no `jwks_uri`"))?;
    url::discovered(&origin.url, jwks_uri, origin.danger_allow_http).map_err(|why| {
        not_expected(format!("has the `jwks_uri` `{}`, which {why}", printable(jwks_uri)))
    })?;
    Ok(jwks_uri.into())
}

fn not_expected(what: impl Into<String>) -> (Why, String) {
    (Why::NotExpected, what.into())
}
