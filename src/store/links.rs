//! Links between federated subjects and users: one (issuer, subject) belongs
//! to one user, a user may have many.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{delete, digest, parse, put};
use crate::Timestamp;
use crate::step::{Expect, Failed};
use crate::world::{Outcome, World};

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
    pub(crate) created: Timestamp,
}

/// Who made a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Origin {
    /// Implicit association, during an exchange.
    Implicit,
}

/// Whether a link was made by this request or by an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    Now,
    Before,
}

impl Link {
    pub(crate) fn new(
        world: &World,
        user_id: &str,
        issuer: &str,
        sub: &str,
        origin: Origin,
    ) -> Self {
        Self {
            id: world.entropy.identifier("link"),
            user_id: user_id.into(),
            issuer: issuer.into(),
            sub: sub.into(),
            origin,
            created: world.now,
        }
    }
}

/// A link as it was read, to be replaced at most once.
pub(crate) struct Held {
    pub(crate) link: Link,
    version: u64,
}

/// The link of a subject.
pub(crate) async fn find(world: &World, issuer: &str, sub: &str) -> Result<Option<Held>, Failed> {
    match world.read(key(issuer, sub)).await {
        Ok(Some(record)) => Ok(Some(Held { link: parse(&record)?, version: record.version })),
        // A host without a store has no links.
        Ok(None) | Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// Makes a link, in the place of this one or of none.
pub(crate) async fn create(
    world: &World,
    link: &Link,
    replaces: Option<&Held>,
) -> Result<Created, Failed> {
    let key = key(&link.issuer, &link.sub);
    let expect = replaces.map_or(Expect::Absent, |held| Expect::Version(held.version));
    let mut batch = alloc::vec![
        put(of_user(link), &key, Expect::Absent, None)?,
        put(key, link, expect, None)?,
    ];
    batch.extend(replaces.map(|held| delete(of_user(&held.link), Expect::Any)));
    Ok(match world.commit(batch).await? {
        Outcome::Committed => Created::Now,
        Outcome::Conflict => Created::Before,
    })
}

fn of_user(link: &Link) -> String {
    format!("user-link/{}/{}", digest(&[&link.user_id]), link.id)
}

fn key(issuer: &str, sub: &str) -> String {
    format!("link/{}", digest(&[issuer, sub]))
}
