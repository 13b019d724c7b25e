//! What is known about a token that a client presented, after every check.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::config::User;
use crate::grant::{ActorEvidence, Subject};
use crate::jose::{Object, Raw};
use crate::step::Write;
use crate::time::Timestamp;

/// A token that a client presented, after every check.
pub(crate) struct PresentedToken {
    /// The subject of what is issued for it.
    pub(crate) subject: Subject,
    /// The local user that the subject is, if it is one.
    pub(crate) user: Option<Arc<User>>,
    pub(crate) origin: Origin,
    /// What is issued for it is never wider than this.
    pub(crate) limit: Limit,
    /// It names a key, which its sender has.
    pub(crate) is_bound: bool,
    /// It is an identity assertion grant, which says what it is for.
    pub(crate) is_id_jag: bool,
    /// The application that the token is about, by its own id, if it is about one.
    pub(crate) client: Option<String>,
    /// The trusted token issuer it came from, by id.
    pub(crate) issuer: String,
    /// The digest of the conditions that held (see `Evidence`).
    pub(crate) conditions: String,
    /// The link by which its subject is that user, by id.
    pub(crate) link: Option<String>,
    pub(crate) expires: Timestamp,
    /// Until when what is issued for it may be issued again without a check.
    /// `None`: something has to be checked each time.
    pub(crate) settled_until: Option<Timestamp>,
    /// What else may be said about the subject.
    pub(crate) attributes: Map<String, Value>,
    pub(crate) act: Option<Value>,
    /// The actors whose tokens were presented for it, if it is an issued one.
    pub(crate) actors: Vec<ActorEvidence>,
    pub(crate) may_act: Option<Value>,
    /// How the token names its subject: `iss` and `sub`, and its other claims.
    pub(crate) claims: Said,
    /// The write that spends the token, if it counts once.
    pub(crate) spend: Option<Write>,
    /// The family of refresh tokens that the token belongs to.
    pub(crate) family: Option<String>,
}

/// What a token says.
pub(crate) enum Said {
    /// The claims of a foreign token.
    Foreign(Object),
    /// Of an issued token, as its grant has it.
    Issued(Map<String, Value>),
}

impl Said {
    /// One claim.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        match self {
            Self::Foreign(claims) => claims.get(name).map(Raw::value),
            Self::Issued(claims) => claims.get(name).cloned(),
        }
    }
}

/// Who made a presented token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A trusted token issuer.
    External,
    /// This server.
    Issued,
}

/// What was granted with a presented token, where that bounds what is issued for
/// it: by this server, or by an issuer with an identity assertion grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) scope: Option<Vec<String>>,
    pub(crate) audience: Option<Arc<[String]>>,
}
