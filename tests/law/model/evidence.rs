//! What the model keeps of every token that was issued: what it was made from,
//! and what was granted.

use super::today::InForce;
use crate::vocabulary::{App, Form, GrantType, Iss, Key, Scope};

/// An issued token. Tokens are numbered from 1, in the order of their issue.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) number: usize,
    pub(crate) form: Form,
    pub(crate) evidence: Evidence,
    pub(crate) audience: Vec<String>,
    pub(crate) scope: Vec<Scope>,
    pub(crate) ends: u64,
    pub(crate) revoked: bool,
    /// The family of refresh tokens that it belongs to, or was made from.
    pub(crate) family: Option<usize>,
    /// The key that it is bound to.
    pub(crate) key: Option<Key>,
}

/// What a token was made from.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// The application that it was issued to: its id, and its client id.
    pub(crate) application: String,
    pub(crate) app: App,
    /// The grant that the application used.
    pub(crate) grant: GrantType,
    /// The trusted token issuer; none if the application presented no token.
    pub(crate) issuer: Option<Issued>,
    pub(crate) subject: Subject,
    /// The link by which the subject is a local user, by number.
    pub(crate) link: Option<usize>,
    /// The actors, the newest first.
    pub(crate) actors: Vec<Party>,
    /// What the tokens of actors were made from that were presented.
    pub(crate) acted: Vec<Acted>,
    /// The only actor who may use the token.
    pub(crate) may_act: Option<Party>,
}

/// What the token of an actor was made from.
#[derive(Clone, Debug)]
pub(crate) struct Acted {
    /// The application that presented it, by id.
    pub(crate) at: String,
    pub(crate) issuer: Option<Issued>,
    pub(crate) subject: Subject,
    pub(crate) link: Option<usize>,
    /// The application that acts, by id, if one does.
    pub(crate) client: Option<String>,
}

/// The issuer that a token came from.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// By id.
    pub(crate) by: String,
    /// What was in force for that issuer's tokens.
    pub(crate) in_force: InForce,
}

/// Whom a token is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Federated(Party),
    /// A local user, by id.
    Local(String),
    /// The application that got the token about itself.
    Client(App),
}

/// Somebody by `iss` and `sub`. Without `iss` it is a local user, or an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) iss: Option<Iss>,
    pub(crate) sub: String,
}

/// A family of refresh tokens.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    /// The numbers of its tokens, the newest last.
    pub(crate) tokens: Vec<usize>,
    /// When the newest was issued.
    pub(crate) rotated: u64,
    /// When the first was issued.
    pub(crate) began: u64,
    pub(crate) ended: bool,
}

impl Subject {
    /// The local user, by id.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Local(id) => Some(id),
            Self::Federated(_) | Self::Client(_) => None,
        }
    }

    /// The subject as an actor is named.
    pub(crate) fn party(&self) -> Party {
        match self {
            Self::Local(id) => Party { iss: None, sub: id.clone() },
            Self::Client(app) => Party { iss: None, sub: app.text().into() },
            Self::Federated(party) => party.clone(),
        }
    }
}
