//! An explanation: what a rehearsal decided and why, as every face says it.

use alloc::string::{String, ToString};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Decided, Rehearsal};
use crate::audit::{Parties, Trace};

/// How a token request would be decided, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// Whether a token would be issued.
    pub granted: bool,
    /// The HTTP status that the token endpoint would answer with.
    pub status: u16,
    /// What would be issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<WouldIssue>,
    /// The OAuth error code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The refusal in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// The reason code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::reason::ReasonCode>"))]
    pub reason: Option<String>,
    /// The claim at fault, if the fault is in a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What the reason means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// What to do about it, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<&'static str>,
    /// Who was involved, as far as it was found out.
    pub parties: Parties,
    /// Every check, in the order in which they were made.
    pub checks: Trace,
}

/// What would be issued.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WouldIssue {
    /// The reply of the token endpoint, without its tokens.
    pub reply: RehearsedReply,
    /// Whether a refresh token would go with it.
    pub refresh_token: bool,
    /// The claims of the token, or what introspection would say about it.
    pub claims: Map<String, Value>,
}

/// The reply of the token endpoint, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RehearsedReply {
    /// What would be issued; only for a token exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// `Bearer`, or `N_A` for what is no access token.
    pub token_type: &'static str,
    /// Seconds until the token would expire.
    pub expires_in: u64,
    /// The scopes, with spaces between them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

impl From<&Decided<Rehearsal>> for Explanation {
    fn from(decided: &Decided<Rehearsal>) -> Self {
        let Decided { result, audit, .. } = decided;
        let refusal = result.as_ref().err();
        Self {
            granted: result.is_ok(),
            status: refusal.map_or(200, |refusal| refusal.status()),
            issued: result.as_ref().ok().map(WouldIssue::from),
            error: refusal.map(|refusal| refusal.error().code().into()),
            error_description: refusal.map(|refusal| refusal.message().into()),
            reason: refusal.map(|refusal| refusal.reason()),
            claim: refusal.and_then(|refusal| refusal.claim()).map(ToString::to_string),
            cause: refusal.map(|refusal| refusal.catalogued().cause),
            remedy: refusal.map(|refusal| refusal.catalogued().remedy),
            parties: audit.parties.clone(),
            checks: audit.checks.clone(),
        }
    }
}

impl From<&Rehearsal> for WouldIssue {
    fn from(rehearsal: &Rehearsal) -> Self {
        Self {
            reply: RehearsedReply {
                issued_token_type: rehearsal.issued_token_type.map(|kind| kind.uri()),
                token_type: rehearsal.token_type,
                expires_in: rehearsal.expires_in,
                scope: rehearsal.scope.clone(),
            },
            refresh_token: rehearsal.has_refresh_token,
            claims: rehearsal.claims.clone(),
        }
    }
}
