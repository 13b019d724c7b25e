//! Protecting an API with issued access tokens (RFC 6750).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value};

use super::introspect::members;
use super::issued_token::{Form, recognise};
use super::law::Use;
use crate::grant::Grant;
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::state::State;

/// What an access token must have to be let in.
#[derive(Clone, Debug, Default)]
pub struct AccessRequirements {
    /// Every one of these scopes.
    pub scopes: Vec<String>,
    /// One of these audiences; empty: any, which is right only for an API
    /// that is the only one that tokens are issued for.
    pub audiences: Vec<String>,
}

/// An issued access token that counts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// Its claims, as introspection says them (RFC 7662 section 2.2).
    pub claims: Map<String, Value>,
    /// What it was granted. The scope is what still stands of it.
    pub(crate) grant: Grant,
}

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
            Self::InvalidToken { message, .. } | Self::Unavailable { message, .. } => {
                f.write_str(message)
            }
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
            Self::InsufficientScope { .. } => Some("insufficient_scope"),
            Self::Unavailable { .. } => Some("temporarily_unavailable"),
        }
    }

    /// The reason code of a token that does not count.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::InvalidToken { reason, .. } => Some(reason),
            _ => None,
        }
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

/// The access token, if it counts and has what is required.
///
/// # Errors
/// [`Unauthorized`].
pub(crate) async fn authenticate(
    state: &State,
    host: &Host,
    token: Option<&str>,
    requirements: &AccessRequirements,
) -> Result<AccessToken, Unauthorized> {
    let token = token.ok_or(Unauthorized::Missing)?;
    let token = access_token(state, host, token).await?;
    let AccessRequirements { scopes, audiences } = requirements;
    let Grant { audience, scope, .. } = &token.grant;
    if !audiences.is_empty() && !audience.iter().any(|aud| audiences.contains(aud)) {
        let message = "the token is meant for another audience";
        return Err(Fault::new(&reason::AUD_MISMATCH, message).into());
    }
    if scopes.iter().any(|required| !scope.contains(required)) {
        return Err(Unauthorized::InsufficientScope { required: scopes.clone() });
    }
    Ok(token)
}

/// An issued access token that counts.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(crate) async fn access_token(
    state: &State,
    host: &Host,
    token: &str,
) -> Result<AccessToken, Denial> {
    let (token, standing) = recognise(state, host, token, Use::Access).await?;
    if matches!(token.form, Form::Refresh(_)) {
        return Err(Fault::new(&reason::TYP_MISMATCH, "the token is not an access token").into());
    }
    let grant = Grant { scope: standing.scope.clone().into(), ..token.grant.clone() };
    Ok(AccessToken { claims: members(state, token, &standing), grant })
}

impl AccessToken {
    /// The `sub` of the token (RFC 7519 section 4.1.2).
    #[must_use]
    pub fn sub(&self) -> String {
        self.grant.sub().to_string()
    }
}
