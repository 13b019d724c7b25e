//! Why an access token does not let its bearer in, and how that is said (RFC 6750
//! section 3, RFC 9449 sections 7.1 and 9).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::dpop;
use crate::reason::{self, BINDING, Fault};
use crate::refusal::{Denial, plain};

/// Why an access token does not let its bearer in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unauthorized {
    /// The request brought no token.
    Missing,
    /// The token does not count, or is meant for another audience:
    /// `invalid_token` (RFC 6750 section 3.1).
    InvalidToken {
        /// The reason code, such as `claim.exp.expired`.
        reason: &'static str,
        /// One sentence: what was wrong and what was expected.
        message: String,
    },
    /// The DPoP proof is not acceptable: `invalid_dpop_proof` (RFC 9449 section
    /// 7.1).
    InvalidProof {
        /// The reason code, such as `claim.htu.mismatch`.
        reason: &'static str,
        /// One sentence: what was wrong and what was expected.
        message: String,
    },
    /// The DPoP proof needs a nonce of this server: `use_dpop_nonce` (RFC 9449 section
    /// 9). The reply has it in `DPoP-Nonce`.
    NonceRequired {
        /// The nonce to use.
        nonce: String,
        /// One sentence: what was wrong and what was expected.
        message: String,
    },
    /// The request presents tokens in several ways: `invalid_request`.
    InvalidRequest {
        /// One sentence: what is wrong with it.
        message: String,
    },
    /// The token lacks one of these scopes: `insufficient_scope`.
    InsufficientScope {
        /// Every scope that is required.
        required: Vec<String>,
    },
    /// It cannot be decided now, because a store or an issuer does not answer.
    Unavailable {
        /// One sentence: what does not answer.
        message: String,
        /// Seconds after which it may.
        retry_after: u64,
    },
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the request has no bearer token"),
            Self::InvalidToken { message, .. }
            | Self::InvalidProof { message, .. }
            | Self::NonceRequired { message, .. }
            | Self::InvalidRequest { message }
            | Self::Unavailable { message, .. } => f.write_str(message),
            Self::InsufficientScope { .. } => {
                f.write_str("the token does not have every scope that is needed")
            }
        }
    }
}

impl core::error::Error for Unauthorized {}

impl Unauthorized {
    /// The error code of RFC 6750 section 3.1, or `temporarily_unavailable`. A
    /// request without a token gets none: "the resource server SHOULD NOT
    /// include an error code".
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Missing => None,
            Self::InvalidToken { .. } => Some("invalid_token"),
            Self::InvalidProof { .. } => Some("invalid_dpop_proof"),
            Self::NonceRequired { .. } => Some("use_dpop_nonce"),
            Self::InvalidRequest { .. } => Some("invalid_request"),
            Self::InsufficientScope { .. } => Some("insufficient_scope"),
            Self::Unavailable { .. } => Some("temporarily_unavailable"),
        }
    }

    /// The reason code of a token that does not count.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::InvalidToken { reason, .. } | Self::InvalidProof { reason, .. } => Some(reason),
            Self::NonceRequired { .. } => Some(reason::PROOF_NONCE.code),
            _ => None,
        }
    }

    /// The nonce that the next proof has to name: the value of `DPoP-Nonce` in a reply
    /// with it.
    #[must_use]
    pub fn dpop_nonce(&self) -> Option<&str> {
        match self {
            Self::NonceRequired { nonce, .. } => Some(nonce),
            _ => None,
        }
    }

    /// The proof of a request does not count, or it cannot be decided.
    pub(super) fn of_proof(denial: Denial) -> Self {
        match denial {
            Denial::Fault(fault) => {
                Self::InvalidProof { reason: fault.reason.code, message: fault.message }
            }
            unavailable @ Denial::Unavailable { .. } => unavailable.into(),
        }
    }

    /// The HTTP status of a reply with it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest { .. } => 400,
            Self::Missing
            | Self::InvalidToken { .. }
            | Self::InvalidProof { .. }
            | Self::NonceRequired { .. } => 401,
            Self::InsufficientScope { .. } => 403,
            Self::Unavailable { .. } => 503,
        }
    }

    /// The value of `WWW-Authenticate` in a reply with it (RFC 6750 section 3, RFC
    /// 9449 section 7.1). A client that may have to send a proof learns which
    /// algorithms are taken.
    pub(crate) fn challenge(&self, realm: &str, is_bearer: bool) -> String {
        let of_key = |reason: &str| BINDING.iter().any(|one| one.code == reason);
        let wants_proof = match self {
            Self::InvalidProof { .. } | Self::NonceRequired { .. } => true,
            Self::InvalidToken { reason, .. } => of_key(reason),
            _ => false,
        };
        let scheme = if is_bearer && !wants_proof { "Bearer" } else { "DPoP" };
        let mut challenge = format!("{scheme} realm=\"{realm}\"");
        if let Some(error) = self.code() {
            let message = plain(&self.to_string());
            challenge.push_str(&format!(", error=\"{error}\", error_description=\"{message}\""));
        }
        if let Self::InsufficientScope { required } = self {
            challenge.push_str(&format!(", scope=\"{}\"", required.join(" ")));
        }
        if scheme == "DPoP" {
            challenge.push_str(&format!(", algs=\"{}\"", dpop::algorithm_names()));
        }
        challenge
    }

    /// The request waited and asked for nothing. No request of this engine does.
    pub(crate) fn internal() -> Self {
        Self::Unavailable { message: "internal error".into(), retry_after: 1 }
    }
}

impl From<Denial> for Unauthorized {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Fault(fault) => Self::from(fault),
            Denial::Unavailable { fault, retry_after } => {
                Self::Unavailable { message: fault.message, retry_after: retry_after.max(1) }
            }
        }
    }
}

impl From<Fault> for Unauthorized {
    fn from(fault: Fault) -> Self {
        Self::InvalidToken { reason: fault.reason.code, message: fault.message }
    }
}
