//! What a token of ours stands for, whatever its form: a JWT says it in its
//! claims, an opaque or a refresh token has it in the store.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Whom a token is about. A federated subject is never a local user, even if
/// its name happens to be a user's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Subject {
    /// A subject of a trusted token issuer, by that issuer's name for it.
    Federated {
        /// The issuer: the `iss` of its tokens.
        idp: String,
        sub: String,
    },
    /// A user of ours, by id.
    Local { id: String },
}

impl Subject {
    /// The `sub` of tokens about this subject.
    pub(crate) fn sub(&self) -> &str {
        match self {
            Self::Federated { sub, .. } => sub,
            Self::Local { id } => id,
        }
    }

    /// The `idp` of tokens about this subject: whose name `sub` is. A token
    /// without it is about a user of ours.
    pub(crate) fn idp(&self) -> Option<&str> {
        match self {
            Self::Federated { idp, .. } => Some(idp),
            Self::Local { .. } => None,
        }
    }
}

/// What a client was granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    /// The application by its own id, which no other gets: another one may get
    /// its client id. A JWT does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) application: Option<String>,
    pub(crate) subject: Subject,
    /// The trusted token issuer whose token it was granted for, by `iss`;
    /// `None` when that is lost in a chain of tokens of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    /// The link by which a subject of that issuer is the local user, by id:
    /// once it is removed, the grant counts for nothing. Kept where the store
    /// keeps the grant; a JWT does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    /// Never empty.
    pub(crate) audience: Vec<String>,
    pub(crate) scope: Vec<String>,
    /// Claims about the subject.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) attributes: Map<String, Value>,
    /// Who acts for the subject (RFC 8693 section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Value>,
}
