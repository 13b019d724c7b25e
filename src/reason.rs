//! Reason codes: why a request was refused, in words that stay the same.
//!
//! A code is dotted: what was checked, then what was wrong with it. A reason
//! that concerns a token is written after the parameter that carried it, as in
//! `subject_token.claim.aud.mismatch` or `client_assertion.signature.rejected`;
//! every other stands alone. [`ALL`] is the catalogue that the reference of
//! reason codes is made from.

mod catalogue;

use alloc::string::String;
use core::fmt;

pub use self::catalogue::*;

/// A reason for a refusal.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// The code, without the name of the parameter.
    pub code: &'static str,
    /// Whether it is written after the name of the parameter that carried the
    /// token.
    pub of_token: bool,
    /// What it means.
    pub cause: &'static str,
    /// What to do about it, and where.
    pub remedy: &'static str,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// The parameters that a reason of a token may stand behind.
pub const PARAMETERS: [&str; 7] = [
    "subject_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "refresh_token",
    "token",
    "dpop",
];

/// Why a token that is bound to a key, or has to be, is not accepted.
pub(crate) static BINDING: [&Reason; 4] = [&BOUND, &BOUND_TO_ANOTHER, &BOUND_UNKNOWN, &NOT_BOUND];

/// Why a token that is bound to a client certificate is not accepted.
pub(crate) static CERTIFICATE_BINDING: [&Reason; 2] =
    [&BOUND_TO_CERTIFICATE, &BOUND_TO_ANOTHER_CERTIFICATE];

/// A reason code as it is written in audit lines and errors. Only its schema is
/// of use: the codes themselves are text.
#[cfg(feature = "schema")]
pub(crate) struct ReasonCode;

/// What is wrong with a token, before it is said whose token it was.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) reason: &'static Reason,
    /// One sentence for the client: what was wrong, what was expected.
    pub(crate) message: String,
    /// What was compared, for the trace only.
    pub(crate) detail: Option<String>,
    /// The claim at fault, if it is one.
    pub(crate) claim: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(reason: &'static Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), detail: None, claim: None }
    }

    pub(crate) fn of_claim(mut self, claim: &'static str) -> Self {
        self.claim = Some(claim);
        self
    }

    pub(crate) fn comparing(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        for (index, reason) in ALL.iter().enumerate() {
            assert!(
                ALL[..index].iter().all(|other| other.code != reason.code),
                "{} stands twice",
                reason.code
            );
        }
    }
}
