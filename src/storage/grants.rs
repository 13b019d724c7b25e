//! Which grants a user and an application have: rows that lead from them to
//! their families of refresh tokens and opaque access tokens. They are written
//! in the batch that writes the grant, and expire with it.
//!
//! The id of a grant is that of its record: the family of a refresh token, or
//! the hash of an opaque token. Neither is a token, and none can be made of it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{descending, digest, put};
use crate::grant::{Grant, Subject};
use crate::step::{Expect, Failed, Write};
use crate::time::Timestamp;

/// Whose grants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'a> {
    /// Those about this local user.
    User(&'a str),
    /// Those that were issued to this application, by its own id.
    Application(&'a str),
}

/// A grant's record, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Refresh,
    Opaque,
}

impl Kind {
    /// Of the grant with this id; `None` when it has not the form of one.
    #[cfg(feature = "admin")]
    pub(crate) fn of(id: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match id.len() {
            22 if id.bytes().all(plain) => Some(Self::Refresh),
            43 if id.bytes().all(plain) => Some(Self::Opaque),
            _ => None,
        }
    }

    /// The key of the record.
    pub(crate) fn key(self, id: &str) -> String {
        match self {
            Self::Refresh => format!("refresh/{id}"),
            Self::Opaque => format!("opaque/{id}"),
        }
    }
}

/// The rows of a grant, as they are written with its record.
pub(super) fn rows(
    grant: &Grant,
    issued: Timestamp,
    id: &str,
    expires: Timestamp,
) -> Result<Vec<Write>, Failed> {
    let row = |key| put(key, &(), Expect::Any, Some(expires));
    keys(grant, issued, id).into_iter().map(row).collect()
}

/// The keys of the rows of a grant. A grant without evidence has none of an
/// application.
pub(crate) fn keys(grant: &Grant, issued: Timestamp, id: &str) -> Vec<String> {
    let user = match &grant.subject {
        Subject::Local { id } => Some(Owner::User(id)),
        Subject::Federated { .. } | Subject::Client { .. } => None,
    };
    let application = grant.evidence.as_ref();
    let application = application.map(|evidence| Owner::Application(&evidence.application));
    let owners = [user, application].into_iter().flatten();
    owners.map(|owner| format!("{}{}", prefix(owner), place(issued, id))).collect()
}

/// What the keys of an owner's rows begin with.
pub(crate) fn prefix(owner: Owner<'_>) -> String {
    let (kind, id) = match owner {
        Owner::User(id) => ("user", id),
        Owner::Application(id) => ("application", id),
    };
    format!("grant/{kind}/{}/", digest(&[id]))
}

/// Where a grant stands in the list of its owner: the newest comes first.
fn place(issued: Timestamp, id: &str) -> String {
    format!("{}.{id}", descending(issued.0))
}

#[cfg(all(test, feature = "admin"))]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind_and_nothing_else_is_one() {
        assert_eq!(Kind::of(&"a".repeat(22)), Some(Kind::Refresh));
        assert_eq!(Kind::of(&"a".repeat(43)), Some(Kind::Opaque));
        for no_id in ["", "a", &"a/".repeat(11), &"ä".repeat(11), &"a".repeat(66)] {
            assert_eq!(Kind::of(no_id), None, "{no_id}");
        }
    }
}
