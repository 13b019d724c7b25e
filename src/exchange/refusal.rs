//! Refusals, and the one map from them to the wire (RFC 6749 section 5.2).

use alloc::format;
use alloc::string::String;

use serde::Serialize;

use crate::audit::{Audit, Outcome, Trace};
use crate::http::Reply;
use crate::identity::{Denial, store_failed};
use crate::reason::{self, Fault, Reason};

/// The error codes of RFC 6749 section 5.2 and RFC 8693 section 2.2.2, and
/// those borrowed from the authorization endpoint for what they leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    AccessDenied,
    TemporarilyUnavailable,
}

impl OAuthError {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::AccessDenied
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::InvalidTarget => 400,
            Self::InvalidClient => 401,
            Self::TemporarilyUnavailable => 503,
        }
    }
}

/// A request that is not granted.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: OAuthError,
    /// The parameter that carried the token at fault, if one was.
    role: Option<&'static str>,
    fault: Fault,
    /// Seconds, with [`OAuthError::TemporarilyUnavailable`].
    retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal that is not about a token.
    pub(crate) fn new(
        error: OAuthError,
        reason: &'static Reason,
        message: impl Into<String>,
    ) -> Self {
        Self { error, role: None, fault: Fault::new(reason, message), retry_after: None }
    }

    /// A refusal of the token that this parameter carried. `error` is what the
    /// grant says an unacceptable token is.
    pub(crate) fn of_token(role: &'static str, error: OAuthError, denial: Denial) -> Self {
        match denial {
            Denial::Fault(fault) => Self::of_fault(role, error, fault),
            Denial::Unavailable { fault, retry_after } => Self {
                error: OAuthError::TemporarilyUnavailable,
                role: fault.reason.of_token.then_some(role),
                fault,
                retry_after: Some(retry_after),
            },
        }
    }

    /// The same for what is known to be a fault. Some reasons have an error
    /// code of their own, whatever the grant.
    pub(crate) fn of_fault(role: &'static str, error: OAuthError, fault: Fault) -> Self {
        let error = match fault.reason {
            one if one == &reason::TARGET => OAuthError::InvalidTarget,
            one if [&reason::SCOPE, &reason::SCOPE_NOT_GRANTED, &reason::ID_TOKEN_SCOPE]
                .contains(&one) =>
            {
                OAuthError::InvalidScope
            }
            one if one == &reason::ACCOUNT_LOCKED || one == &reason::ACCOUNT_DISABLED => {
                OAuthError::AccessDenied
            }
            _ => error,
        };
        Self { error, role: fault.reason.of_token.then_some(role), fault, retry_after: None }
    }

    /// The store failed.
    pub(crate) fn of_store(failed: crate::Failed) -> Self {
        Self::of_token("", OAuthError::TemporarilyUnavailable, store_failed(failed))
    }

    /// No key to sign with, or the signing failed.
    pub(crate) fn of_signing(failed: crate::Failed) -> Self {
        let message = "a token cannot be signed at the moment; try again later";
        Self {
            error: OAuthError::TemporarilyUnavailable,
            role: None,
            fault: Fault::new(&reason::SIGNING, message).comparing(format!("signing {failed}")),
            retry_after: Some(1),
        }
    }

    /// The same with what was compared, for the trace.
    pub(crate) fn comparing(mut self, detail: impl Into<String>) -> Self {
        self.fault = self.fault.comparing(detail);
        self
    }

    /// The reason as the catalogue has it: with its cause and its remedy.
    pub(crate) fn catalogued(&self) -> &'static Reason {
        self.fault.reason
    }

    /// The reason code.
    pub(crate) fn reason(&self) -> String {
        let code = self.fault.reason.code;
        self.role.map_or_else(|| code.into(), |role| format!("{role}.{code}"))
    }

    /// Notes the refusal as the last check of the trace.
    pub(crate) fn note(&self, trace: &mut Trace) {
        let outcome = match self.error {
            OAuthError::TemporarilyUnavailable => Outcome::Unavailable,
            _ => Outcome::Fail,
        };
        let detail = self.fault.detail.clone().unwrap_or_else(|| self.fault.message.clone());
        trace.checks.push(crate::audit::Check {
            code: self.reason(),
            outcome,
            detail: Some(detail),
        });
    }

    /// Says in the audit record what was refused and why.
    pub(crate) fn record(&self, audit: &mut Audit) {
        audit.error = Some(self.error.code().into());
        audit.reason = Some(self.reason());
        audit.claim = self.fault.claim.map(Into::into);
        audit.message = Some(self.fault.message.clone());
    }

    pub(crate) fn reply(&self) -> Reply {
        let body = Body { error: self.error.code(), error_description: plain(&self.fault.message) };
        let status = match self.fault.reason {
            reason if reason == &reason::BODY_TOO_LARGE => 413,
            _ => self.error.status(),
        };
        let mut reply = Reply::json(status, &body);
        if self.error == OAuthError::InvalidClient {
            // "the authorization server MUST [...] include the
            // WWW-Authenticate response header field" (RFC 6749 section 5.2).
            reply = reply.with("www-authenticate", "Basic realm=\"token\", charset=\"UTF-8\"");
        }
        if let Some(seconds) = self.retry_after {
            reply = reply.with("retry-after", format!("{}", seconds.max(1)));
        }
        reply
    }
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: String,
}

impl Refusal {
    /// A message as it may stand in a header field or an error description.
    pub(crate) fn plain(message: &str) -> String {
        plain(message)
    }
}

/// "Values for the error_description parameter MUST NOT include characters
/// outside the set %x20-21 / %x23-5B / %x5D-7E" (RFC 6749 section 5.2).
pub(super) fn plain(message: &str) -> String {
    message
        .chars()
        .map(|character| match character {
            '"' | '`' => '\'',
            '\\' => '/',
            ' '..='~' => character,
            _ => '?',
        })
        .collect()
}

/// Something is wrong with the request itself.
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { error: OAuthError::InvalidRequest, role: None, fault, retry_after: None }
    }
}
