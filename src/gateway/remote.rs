//! The exchange at a token endpoint elsewhere (RFC 8693 section 2).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::config::{Remote, Treatment};
use crate::config::GrantType;
use crate::step::Answer;
use crate::token_type::TokenType;

/// Longest answer of a token endpoint that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// An HTTP `POST` through a cluster of the proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The cluster.
    pub cluster: String,
    /// The `Host` of the request.
    pub authority: String,
    /// Its path.
    pub path: String,
    /// Its header fields; some are secret.
    pub headers: Vec<(&'static str, String)>,
    /// Its body, which is secret.
    pub body: Vec<u8>,
    /// For the whole exchange, in milliseconds.
    pub timeout_ms: u32,
    /// Longest body of the answer, in bytes.
    pub max_bytes: u32,
}

impl core::fmt::Debug for Call {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Call({}{})", self.cluster, self.path)
    }
}

/// A token that the remote endpoint issued.
#[derive(Debug, PartialEq)]
pub(super) struct Issued {
    pub(super) token: String,
    /// Seconds; 0 where it does not say.
    pub(super) expires_in: u64,
}

/// The request for an exchange.
pub(super) fn call(remote: &Remote, treatment: &Treatment, token: &str) -> Call {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", GrantType::TokenExchange.name())
        .append_pair("subject_token", token)
        .append_pair("subject_token_type", TokenType::from(treatment.subject_token_type).uri());
    for audience in &treatment.audience {
        form.append_pair("audience", audience);
    }
    if let Some(scope) = &treatment.scope {
        form.append_pair("scope", scope);
    }
    // RFC 6749 section 2.3.1: both are form-encoded first.
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encoded(&remote.client_id), encoded(&remote.client_secret));
    Call {
        cluster: remote.cluster.clone(),
        authority: remote.authority.clone(),
        path: remote.path.clone(),
        headers: Vec::from([
            (":scheme", "https".to_string()),
            ("authorization", format!("Basic {}", STANDARD.encode(credentials))),
            ("content-type", "application/x-www-form-urlencoded".to_string()),
            ("accept", "application/json".to_string()),
        ]),
        body: form.finish().into_bytes(),
        timeout_ms: remote.timeout_ms,
        max_bytes: MAX_BYTES as u32,
    }
}

/// Why the endpoint issues no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not accept the token.
    Token,
    /// It denies what the request needs.
    Denied,
    Unavailable,
}

/// What the endpoint answered.
///
/// # Errors
/// Why the request does not pass.
pub(super) fn issued(answer: Answer) -> Result<Issued, Fault> {
    let Answer::Fetched { status, body, .. } = answer else {
        return Err(Fault::Unavailable);
    };
    let body: Option<Value> =
        (body.len() <= MAX_BYTES).then(|| serde_json::from_slice(&body).ok()).flatten();
    let text = |name: &str| body.as_ref().and_then(|body| body.get(name)?.as_str());
    match status {
        200 => {
            let is_bearer =
                text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
            // It goes into a header field: b64token (RFC 6750 section 2.1).
            let is_token = |token: &&str| {
                !token.is_empty()
                    && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
            };
            let token = text("access_token").filter(is_token).filter(|_| is_bearer);
            let token = token.ok_or(Fault::Unavailable)?;
            let expires_in = body.as_ref().and_then(|body| body.get("expires_in")?.as_u64());
            Ok(Issued { token: token.to_string(), expires_in: expires_in.unwrap_or(0) })
        }
        400..=499 => Err(match text("error") {
            Some("invalid_request" | "invalid_grant") => Fault::Token,
            Some("invalid_scope" | "invalid_target" | "access_denied") => Fault::Denied,
            // Our own credentials, or no token endpoint at all.
            _ => Fault::Unavailable,
        }),
        _ => Err(Fault::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal::Refused;
    use super::*;

    fn answered(status: u16, body: &str) -> Result<Issued, u16> {
        issued(Answer::Fetched {
            status,
            cache_control: None,
            location: None,
            body: body.as_bytes().to_vec(),
        })
        .map_err(|fault| Refused::remote(fault, None).reply.status)
    }

    #[test]
    fn only_a_bearer_token_is_passed_on() {
        let good = r#"{"access_token":"abc","token_type":"bearer","expires_in":60}"#;
        assert_eq!(answered(200, good), Ok(Issued { token: "abc".into(), expires_in: 60 }));
        for bad in [
            "",
            "[]",
            r#"{"access_token":"abc","token_type":"N_A"}"#,
            r#"{"access_token":"a\r\nx: y","token_type":"Bearer"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":7,"token_type":"Bearer"}"#,
        ] {
            assert_eq!(answered(200, bad), Err(503), "{bad}");
        }
    }

    #[test]
    fn whose_fault_it_is_decides_the_status() {
        let error = |code: &str| alloc::format!(r#"{{"error":"{code}"}}"#);
        assert_eq!(answered(400, &error("invalid_request")), Err(401));
        assert_eq!(answered(400, &error("invalid_scope")), Err(403));
        assert_eq!(answered(401, &error("invalid_client")), Err(503));
        assert_eq!(answered(404, "nothing here"), Err(503));
        assert_eq!(answered(302, ""), Err(503));
        assert_eq!(answered(500, ""), Err(503));
    }
}
