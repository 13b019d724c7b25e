//! Links between federated subjects and users: one (issuer, subject) belongs
//! to one user, a user may have many.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{delete, digest, parse, put};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed};
use crate::time::Timestamp;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// The trusted token issuer, by `iss`.
    pub(crate) issuer: String,
    /// What that issuer calls the user.
    pub(crate) sub: String,
    pub(crate) origin: Origin,
    /// The administrator who made it, as the audit log has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_by: Option<String>,
    pub(crate) created: Timestamp,
}

/// Who made a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Origin {
    /// Implicit association, during an exchange.
    Implicit,
    /// An administrator.
    Explicit,
}

/// Whether a link was made by this request or by an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    Now,
    Before,
}

impl Link {
    pub(crate) fn new(host: &Host, user_id: &str, issuer: &str, sub: &str, origin: Origin) -> Self {
        Self {
            id: host.entropy.identifier("link"),
            user_id: user_id.into(),
            issuer: issuer.into(),
            sub: sub.into(),
            origin,
            created_by: None,
            created: host.now,
        }
    }
}

/// A link as it was read, to be replaced at most once.
pub(crate) struct Held {
    pub(crate) link: Link,
    pub(crate) version: u64,
}

/// The link of a subject.
pub(crate) async fn find(host: &Host, issuer: &str, sub: &str) -> Result<Option<Held>, Failed> {
    match host.read(key(issuer, sub)).await {
        Ok(Some(record)) => Ok(Some(Held { link: parse(&record)?, version: record.version })),
        // A host without a store has no links.
        Ok(None) | Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// Makes a link, in the place of this one or of none.
pub(crate) async fn create(
    host: &Host,
    link: &Link,
    replaces: Option<&Held>,
) -> Result<Created, Failed> {
    let key = key(&link.issuer, &link.sub);
    let expect = replaces.map_or(Expect::Absent, |held| Expect::Version(held.version));
    let mut batch = alloc::vec![
        put(index_key(&link.user_id, &link.id), &key, Expect::Absent, None)?,
        put(key, link, expect, None)?,
    ];
    batch.extend(
        replaces.map(|held| delete(index_key(&held.link.user_id, &held.link.id), Expect::Any)),
    );
    Ok(match host.commit(batch).await? {
        Outcome::Committed => Created::Now,
        Outcome::Conflict => Created::Before,
    })
}

/// Whether a user still has this link. Every write of a link writes its row,
/// too, so that the row says it all.
pub(crate) async fn stands(host: &Host, user_id: &str, id: &str) -> Result<bool, Failed> {
    Ok(host.read(index_key(user_id, id)).await?.is_some())
}

/// The key of the row that says that a user has a link.
pub(crate) fn index_key(user_id: &str, id: &str) -> String {
    format!("user-link/{}/{id}", digest(&[user_id]))
}

/// The key of the link of a subject.
pub(crate) fn key(issuer: &str, sub: &str) -> String {
    super::key("link/", &[issuer, sub])
}
