//! The decision trace: what was checked, in order, and how it came out.
//!
//! The same trace answers "why was my token refused?" in the audit log, at the
//! command line and in the console. It never holds a token or a secret: what
//! a token says reaches it only through [`shown`].

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The checks of one request, in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace {
    /// The checks.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked, dotted: `subject_token.claim.aud`. For a check that
    /// failed, the reason code: `subject_token.claim.aud.mismatch`.
    pub code: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was compared, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It held.
    Pass,
    /// It did not, and the request was refused.
    Fail,
    /// It did not, and would have refused the request, were it not in audit mode.
    Audit,
    /// It could not be decided: something outside did not answer.
    Unavailable,
}

impl Trace {
    pub(crate) fn pass(&mut self, role: &str, check: &str, detail: impl Into<Option<String>>) {
        self.note(role, check, Outcome::Pass, detail.into());
    }

    pub(crate) fn note(
        &mut self,
        role: &str,
        check: &str,
        outcome: Outcome,
        detail: Option<String>,
    ) {
        let mut code = String::with_capacity(role.len() + 1 + check.len());
        code.push_str(role);
        code.push('.');
        code.push_str(check);
        self.checks.push(Check { code, outcome, detail });
    }
}

/// One line of the audit log: one request to the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// Who was involved in a request, as far as the checks got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parties {
    /// The application, by client id. Authenticated only if the check
    /// `client.authentication` passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The grant type asked for.
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
/// characters, and nothing that looks like a compact token.
pub(crate) fn shown(value: &str) -> String {
    if looks_like_a_token(value) {
        return "[a token]".to_string();
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

/// A JWS or JWE begins with the base64url of `{"`.
fn looks_like_a_token(value: &str) -> bool {
    value.contains("eyJ") && value.contains('.')
}
