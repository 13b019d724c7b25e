//! Where people sign in at a trusted token issuer (OpenID Connect Core section
//! 3.1): its endpoints, and the ID token for a code.
//!
//! Nothing is decided here. An ID token that comes back counts for what the token
//! endpoint gives for it, like any other token of that issuer.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use spin::Mutex;

use super::discovery::{self, Endpoints};
use super::keys::{FetchError, KeyDocument, Origin, submit};
use crate::audit::printable;
use crate::config::TrustedTokenIssuer;
use crate::host::Host;
use crate::jose::document_json;
use crate::time::Timestamp;

/// How long endpoints that were discovered are used, in seconds.
const DISCOVERED_FOR: u64 = 3600;
/// Longest answer of a token endpoint that is looked at, in bytes.
const MAX_ANSWER: u32 = 64 * 1024;

/// The endpoints of the issuer, once they are known.
#[derive(Default)]
pub(crate) struct SignInPlace(Mutex<Option<(Endpoints, Timestamp)>>);

/// What a browser brings back, and what it began with.
pub(crate) struct Code<'a> {
    pub(crate) code: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
}

/// Why there is no ID token.
pub(crate) enum NoToken {
    /// The issuer did not answer, or not as it has to.
    Unavailable(FetchError),
    /// The issuer does not accept the code. In its words, made printable.
    Refused(String),
    /// It answered without an ID token.
    Missing,
}

impl From<FetchError> for NoToken {
    fn from(error: FetchError) -> Self {
        Self::Unavailable(error)
    }
}

impl SignInPlace {
    /// The endpoints, from the discovery document of the issuer.
    pub(crate) async fn endpoints(
        &self,
        host: &Host,
        issuer: &TrustedTokenIssuer,
    ) -> Result<Endpoints, FetchError> {
        if let Some((known, at)) = &*self.0.lock()
            && host.now.0 < at.0.saturating_add(DISCOVERED_FOR)
        {
            return Ok(known.clone());
        }
        let found = discovery::endpoints(host, &origin(issuer)).await?;
        *self.0.lock() = Some((found.clone(), host.now));
        Ok(found)
    }

    /// The ID token for a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    pub(crate) async fn id_token(
        &self,
        host: &Host,
        issuer: &TrustedTokenIssuer,
        client_id: &str,
        code: &Code<'_>,
    ) -> Result<String, NoToken> {
        let Endpoints { token, .. } = self.endpoints(host, issuer).await?;
        let form = form(&[
            ("grant_type", "authorization_code"),
            ("code", code.code),
            ("code_verifier", code.verifier),
            ("redirect_uri", code.redirect_uri),
            ("client_id", client_id),
        ]);
        let answer = submit(host, &origin(issuer), &token, form, MAX_ANSWER).await?;
        let body = document_json(&answer.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        match (answer.status, text("id_token")) {
            (200, Some(id_token)) => Ok(id_token.into()),
            (200, None) => Err(NoToken::Missing),
            (status, _) => Err(NoToken::Refused(match text("error") {
                Some(error) => format!("`{}`", printable(error)),
                None => format!("status {status}"),
            })),
        }
    }
}

fn origin(issuer: &TrustedTokenIssuer) -> Origin {
    Origin {
        url: issuer.issuer.clone(),
        document: KeyDocument::Discovery,
        timeout_ms: issuer.read_timeout_ms,
        danger_allow_http: issuer.danger_allow_http,
    }
}

/// `application/x-www-form-urlencoded`.
fn form(pairs: &[(&str, &str)]) -> String {
    let encoded = |value| utf8_percent_encode(value, NON_ALPHANUMERIC);
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn a_form_keeps_every_byte_of_its_values() {
        let pairs = [("code", "a&b=c d+%é"), ("redirect_uri", "https://sts.example/console/")];
        let expected =
            "code=a%26b%3Dc%20d%2B%25%C3%A9&redirect_uri=https%3A%2F%2Fsts%2Eexample%2Fconsole%2F";
        assert_eq!(form(&pairs), expected);
    }
}
