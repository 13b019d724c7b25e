//! The document in which an issuer says where its keys are (OpenID Connect
//! Discovery section 4).

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use super::keys::{FetchError, Origin, Why, get};
use crate::audit::printable;
use crate::host::Host;
use crate::jose::document_json;
use crate::url;

/// Its URL.
pub(super) fn document(origin: &Origin) -> String {
    format!("{}/.well-known/openid-configuration", origin.url.trim_end_matches('/'))
}

/// Fetches it for the `jwks_uri` that it names.
pub(super) async fn find(host: &Host, origin: &Origin) -> Result<String, FetchError> {
    let at = document(origin);
    let fetched = get(host, origin, &at).await?;
    jwks_uri(origin, &fetched.body)
        .map_err(|(why, what)| FetchError::new(why, format!("{at} {what}")))
}

/// The `jwks_uri` it names, if it may be fetched.
///
/// # Errors
/// What kind of cause it is, and a phrase that says what is wrong with the
/// document, for the trace: "is not JSON".
pub(super) fn jwks_uri(origin: &Origin, body: &[u8]) -> Result<String, (Why, String)> {
    url_of(&of_issuer(origin, body)?, "jwks_uri", origin)
}

/// Where people sign in, and where the browser's code is exchanged.
#[cfg(feature = "admin")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) authorization: String,
    pub(crate) token: String,
}

/// Fetches the document of an issuer for its endpoints.
#[cfg(feature = "admin")]
pub(super) async fn endpoints(host: &Host, origin: &Origin) -> Result<Endpoints, FetchError> {
    let at = document(origin);
    let fetched = get(host, origin, &at).await?;
    let document = of_issuer(origin, &fetched.body);
    let found = document.and_then(|document| {
        Ok(Endpoints {
            authorization: url_of(&document, "authorization_endpoint", origin)?,
            token: url_of(&document, "token_endpoint", origin)?,
        })
    });
    found.map_err(|(why, what)| FetchError::new(why, format!("{at} {what}")))
}

/// The document, if it is of this issuer.
fn of_issuer(origin: &Origin, body: &[u8]) -> Result<Value, (Why, String)> {
    let document = document_json(body).map_err(not_expected)?;
    // "The issuer value returned MUST be identical to the Issuer URL that was
    // directly used to retrieve the configuration information" (section 4.3).
    match document.get("issuer").and_then(Value::as_str) {
        Some(issuer) if issuer == origin.url => Ok(document),
        Some(issuer) => {
            let (found, expected) = (printable(issuer), &origin.url);
            let what = format!("is of the `issuer` `{found}`: expected exactly `{expected}`");
            Err((Why::OtherIssuer, what))
        }
        None => Err(not_expected("is not a discovery document: it names no `issuer`")),
    }
}

/// A URL that the document names, if it may be fetched.
fn url_of(document: &Value, name: &str, origin: &Origin) -> Result<String, (Why, String)> {
    let url = document.get(name).and_then(Value::as_str);
    let url = url.ok_or_else(|| not_expected(format!("has no `{name}`")))?;
    url::discovered(&origin.url, url, origin.danger_allow_http).map_err(|why| {
        not_expected(format!("has the `{name}` `{}`, which {why}", printable(url)))
    })?;
    Ok(url.into())
}

fn not_expected(what: impl Into<String>) -> (Why, String) {
    (Why::NotExpected, what.into())
}
