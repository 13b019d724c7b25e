//! Why a request is not granted: the OAuth error, the reason, and what to say.
//!
//! [`Refusal`] is about a request, [`Denial`] about a token. How a refusal is
//! written into an HTTP reply is the business of `endpoints`.

mod denial;

use alloc::format;
use alloc::string::String;
use core::fmt;

pub(crate) use self::denial::{Denial, store_failed};
use crate::audit::{Audit, Outcome, Trace};
use crate::reason::{self, Fault, Reason};
use crate::step::Failed;

/// The error codes of RFC 6749 section 5.2 and RFC 8693 section 2.2.2, and
/// those borrowed from the authorization endpoint for what they leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OAuthError {
    /// The request, or a token in it, is not acceptable.
    InvalidRequest,
    /// The client did not authenticate.
    InvalidClient,
    /// The assertion or the refresh token is not acceptable.
    InvalidGrant,
    /// The application may not use this grant.
    UnauthorizedClient,
    /// This server does not have the grant.
    UnsupportedGrantType,
    /// The application may not ask for the scope.
    InvalidScope,
    /// The application may not ask for the audience or the resource.
    InvalidTarget,
    /// The account is locked or disabled.
    AccessDenied,
    /// The DPoP proof is missing or not acceptable (RFC 9449 section 5).
    InvalidDpopProof,
    /// The DPoP proof needs a nonce of this server (RFC 9449 section 8).
    UseDpopNonce,
    /// Too many attempts failed, or the client sent too many requests: see `limits` in
    /// the configuration.
    TooManyRequests,
    /// Something outside did not answer; the same request may succeed later.
    TemporarilyUnavailable,
}

impl OAuthError {
    /// The code on the wire, such as `invalid_request`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            // OAuth has no code for it. This one is for "a temporary overloading"
            // (RFC 6749 section 4.1.2.1), and clients try again.
            Self::TooManyRequests | Self::TemporarilyUnavailable => "temporarily_unavailable",
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
            | Self::InvalidTarget
            | Self::InvalidDpopProof
            | Self::UseDpopNonce => 400,
            Self::InvalidClient => 401,
            Self::TooManyRequests => 429,
            Self::TemporarilyUnavailable => 503,
        }
    }
}

/// A request that is not granted. It holds no token and no secret.
#[derive(Clone, Debug)]
pub struct Refusal {
    error: OAuthError,
    /// The parameter that carried the token at fault, if one was.
    role: Option<&'static str>,
    fault: Fault,
    /// Seconds, with [`OAuthError::TemporarilyUnavailable`] and
    /// [`OAuthError::TooManyRequests`].
    retry_after: Option<u64>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Refusal {}

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
            one if one == &reason::PROOF_NONCE => OAuthError::UseDpopNonce,
            one if reason::BINDING.contains(&one) || reason::CERTIFICATE_BINDING.contains(&one) => {
                OAuthError::InvalidGrant
            }
            _ => error,
        };
        Self { error, role: fault.reason.of_token.then_some(role), fault, retry_after: None }
    }

    /// The store failed.
    pub(crate) fn of_store(failed: Failed) -> Self {
        Self::of_token("", OAuthError::TemporarilyUnavailable, store_failed(failed))
    }

    /// No key to sign with, or the signing failed.
    pub(crate) fn of_signing(failed: Failed) -> Self {
        let message = "a token cannot be signed at the moment; try again later";
        Self {
            error: OAuthError::TemporarilyUnavailable,
            role: None,
            fault: Fault::new(&reason::SIGNING, message).comparing(format!("signing {failed}")),
            retry_after: Some(1),
        }
    }

    /// The same with the seconds after which the request may succeed.
    pub(crate) fn retrying_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Whether the DPoP proof that came is not good, whatever the grant says of that. A
    /// nonce that is demanded is no fault of the client.
    pub(crate) fn is_of_a_proof(&self) -> bool {
        self.role == Some("dpop") && self.error != OAuthError::UseDpopNonce
    }

    /// The same with what was compared, for the trace.
    pub(crate) fn comparing(mut self, detail: impl Into<String>) -> Self {
        self.fault = self.fault.comparing(detail);
        self
    }

    /// The OAuth error.
    #[must_use]
    pub fn error(&self) -> OAuthError {
        self.error
    }

    /// The reason code, such as `subject_token.claim.aud.mismatch`. Codes stay
    /// the same from release to release.
    #[must_use]
    pub fn reason(&self) -> String {
        let code = self.fault.reason.code;
        self.role.map_or_else(|| code.into(), |role| format!("{role}.{code}"))
    }

    /// One sentence for the client: what was wrong and what was expected.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.fault.message
    }

    /// The reason as the catalogue has it, with its cause and its remedy.
    #[must_use]
    pub fn catalogued(&self) -> &'static Reason {
        self.fault.reason
    }

    /// The name of the claim at fault, if the fault is in a claim.
    #[must_use]
    pub fn claim(&self) -> Option<&'static str> {
        self.fault.claim
    }

    /// Seconds after which the same request may succeed, for
    /// [`OAuthError::TemporarilyUnavailable`] and [`OAuthError::TooManyRequests`].
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after.map(|seconds| seconds.max(1))
    }

    /// The HTTP status of a reply with this refusal.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.fault.reason {
            reason if reason == &reason::BODY_TOO_LARGE => 413,
            _ => self.error.status(),
        }
    }

    /// The request waited and asked for nothing. No request of this engine does.
    pub(crate) fn internal() -> Self {
        Self::of_store(Failed::Broken)
    }

    /// Notes the refusal as the last check of the trace.
    pub(crate) fn note(&self, trace: &mut Trace) {
        let outcome = match self.error {
            OAuthError::TemporarilyUnavailable => Outcome::Unavailable,
            _ => Outcome::Fail,
        };
        let detail = self.fault.detail.clone().unwrap_or_else(|| self.fault.message.clone());
        let role = self.role.unwrap_or_default();
        trace.note(role, self.fault.reason.code, outcome, detail.into());
    }

    /// Says in the audit record what was refused and why.
    pub(crate) fn record(&self, audit: &mut Audit) {
        audit.status = self.status();
        audit.error = Some(self.error.code().into());
        audit.reason = Some(self.reason());
        audit.claim = self.fault.claim.map(Into::into);
        audit.message = Some(self.fault.message.clone());
    }
}

/// "Values for the error_description parameter MUST NOT include characters
/// outside the set %x20-21 / %x23-5B / %x5D-7E" (RFC 6749 section 5.2).
pub(crate) fn plain(message: &str) -> String {
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
