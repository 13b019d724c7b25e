//! The audit log: who asked for what, what was checked, and what was decided.
//!
//! The same [`Trace`] answers "why was my token refused?" in the audit log, at the
//! command line and in the console. It never shows a token or a secret: what
//! a token says comes out of it only through [`shown`].

mod line;
mod trace;

use alloc::borrow::Cow;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::trace::{Check, Outcome, Trace};
pub(crate) use self::trace::{Conditioned, Detail, Named};
use crate::time::Timestamp;

/// What the bearer of the admin token is called.
pub(crate) const ADMIN_TOKEN: &str = "admin token";

/// One line of the audit log: one request that was decided, or one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// When the request came, seconds since the epoch.
    pub time: Timestamp,
    /// What was asked for: `token`.
    pub event: Cow<'static, str>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// The OAuth error code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Cow<'static, str>>,
    /// The reason code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::reason::ReasonCode>"))]
    pub reason: Option<String>,
    /// The claim at fault, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Cow<'static, str>>,
    /// The refusal in one sentence, as the client saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who was involved, as far as it was found out.
    #[serde(flatten)]
    pub parties: Parties,
    /// What was checked.
    pub checks: Trace,
    /// Who called the administration API, or was turned away there: the bearer
    /// of the admin token, or the subject of the access token that was sent,
    /// with its issuer if it is a federated one, and whoever acts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub administrator: Option<String>,
    /// What an administrator, or a user of their own account, changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// By which an error of the administration API is found here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The trace that the request belongs to, as its header field `traceparent` says
    /// (W3C Trace Context).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl Audit {
    /// The line of a request that was granted, until it says otherwise.
    pub(crate) fn of(event: Cow<'static, str>, time: Timestamp) -> Self {
        Self {
            time,
            event,
            status: 200,
            error: None,
            reason: None,
            claim: None,
            message: None,
            parties: Parties::default(),
            checks: Trace::default(),
            administrator: None,
            change: None,
            trace_id: None,
            traceparent: None,
        }
    }
}

/// A write through the administration API. Secrets are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `create`, `update` or `delete`.
    pub action: Cow<'static, str>,
    /// What kind of object: `user`, `trusted-token-issuer`.
    pub resource: Cow<'static, str>,
    /// Its id; `several` when one call wrote several.
    pub id: String,
    /// What it was, as the API shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it is, as the API shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A change, as the store keeps it.
#[cfg(feature = "admin")]
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredChange {
    /// The number of the change: a later one has a larger one.
    pub(crate) id: u64,
    /// When it happened, seconds since the epoch.
    pub(crate) time: Timestamp,
    /// By which it is found in the audit log.
    pub(crate) trace_id: String,
    /// Who made it.
    pub(crate) administrator: String,
    pub(crate) change: Change,
}

/// Who was involved in a request, as far as the checks got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Parties {
    /// The application, by client id, if there is one with that id.
    /// Authenticated only if the check `client.authentication` passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The grant type asked for, if it is one that this server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// The name of the trusted token issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_token_issuer: Option<String>,
    /// Whom the issued token is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The `jti` of the issued token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
}

/// What a stranger sent, fit to be shown: control characters out, cut at 120
/// characters, and of every long run of base64url, which may be a token, a
/// secret or a key, no more than its beginning.
pub(crate) fn shown(value: &str) -> String {
    printable(&redacted(value))
}

/// The same text with the beginning only of every long run of base64url, which
/// may be a token, a secret or a key.
pub(crate) fn redacted(value: &str) -> String {
    /// Longer than a UUID, shorter than any issued token.
    const RUN: usize = 40;
    const BEGINNING: usize = 6;
    let mut out = String::new();
    let is_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=');
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| is_run(c) != is_run(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(length);
        if is_run(first) && (piece.len() >= RUN || piece.starts_with("eyJ")) {
            out.push_str(piece.get(..BEGINNING).unwrap_or_default());
            out.push('…');
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out
}

/// The same of a name or a URL, in whose place a secret may have been sent by mistake:
/// also of a word that no person made up, no more than its beginning.
pub(crate) fn shown_name(value: &str) -> String {
    printable(&guarded(value))
}

/// The text as [`redacted`], and with the beginning only of every word of twenty letters
/// and digits or more. Not for claims of tokens: the names of keys and of clusters are
/// such words, and people look for them.
pub(crate) fn guarded(value: &str) -> String {
    const WORD: usize = 20;
    const BEGINNING: usize = 6;
    let is_random = |word: &str| {
        let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
        word.len() >= WORD && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
    };
    let mut out = String::new();
    let redacted = redacted(value);
    let mut rest = redacted.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if is_random(word) {
            out.push_str(word.get(..BEGINNING).unwrap_or_default());
            out.push('…');
        } else {
            out.push_str(word);
        }
        let mut after = after.chars();
        out.extend(after.next());
        rest = after.as_str();
    }
    out
}

/// A URN that a client sent as a grant type or a token type. Any other text may
/// be a secret that was sent in the wrong place, and is not shown.
pub(crate) fn shown_urn(value: &str) -> String {
    if value.starts_with("urn:") { shown(value) } else { "not a URN".into() }
}

/// What somebody we trust said: control characters out, cut at 120 characters.
pub(crate) fn printable(value: &str) -> String {
    if value.len() <= 120 && value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return value.into();
    }
    let mut out = String::new();
    for (count, character) in value.chars().enumerate() {
        if count == 120 {
            out.push('…');
            break;
        }
        out.push(if character.is_control() { '\u{fffd}' } else { character });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{guarded, shown, shown_name};

    #[test]
    fn what_a_secret_may_have_been_sent_for_is_not_shown_whole() {
        for (name, seen) in [
            ("https://api.example/v2", "https://api.example/v2"),
            ("api.eu-west-1.internal.example.com", "api.eu-west-1.internal.example.com"),
            ("6f1c1f3e-7d2b-4d51-9c3e-0a1b2c3d4e5f", "6f1c1f3e-7d2b-4d51-9c3e-0a1b2c3d4e5f"),
            ("5f4dcc3b5aa765d61d8327deb882cf99", "5f4dcc…"),
            ("app_5f4dcc3b5aa765d61d8327deb882cf99", "app_5f4dcc…"),
            ("q7Zk1xWb9TtL0cVf4sHn:x", "q7Zk1x…:x"),
            ("internationalisation", "internationalisation"),
            ("", ""),
        ] {
            assert_eq!(shown_name(name), seen);
        }
        assert_eq!(guarded("`é5f4dcc3b5aa765d61d8327deb882cf99`ü"), "`é5f4dcc…`ü");
    }

    #[test]
    fn what_may_be_a_token_or_a_secret_is_not_shown() {
        let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let refresh = "GAjyc0p7A0eXSpP0mYLDhA.bK1vTn2yq6YwX0cE5pJ8sL3dR7uF9hQ4zA1mG6iO0kC";
        let other = "ewogICJhbGciOiAiRVMyNTYiCn0.ewogICJzdWIiOiAiYSIKfQ.c2lnbmF0dXJl";
        for secret in [jwt, refresh, other] {
            for text in [secret.into(), alloc::format!("iss {secret} end")] {
                let seen = shown(&text);
                assert!(!seen.contains(secret.get(..10).unwrap()), "{seen}");
            }
        }
        for plain in
            ["https://idp.example/tenant", "build-4711", "6f1c1f3e-7d2b-4d51-9c3e-0a1b2c3d4e5f"]
        {
            assert_eq!(shown(plain), plain);
        }
    }
}
