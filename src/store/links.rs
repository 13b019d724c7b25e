//! Links between federated subjects and users: one (issuer, subject) belongs
//! to one user, a user may have many.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{delete, digest, parse, put};
use crate::Timestamp;
use crate::step::{Expect, Failed, Write};
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
    match world.read(key(issuer, sub)).await? {
        Some(record) => Ok(Some(Held { link: parse(&record)?, version: record.version })),
        None => Ok(None),
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

/// The links of a user that come first, and the writes that remove them: two
/// for each.
pub(crate) async fn removal(world: &World, user_id: &str, most: u32) -> Result<Vec<Write>, Failed> {
    let prefix = format!("user-link/{}/", digest(&[user_id]));
    let (rows, _) = world.list(prefix, None, most).await?;
    let keys = rows.iter().map(parse).collect::<Result<BTreeSet<String>, _>>()?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut batch = Vec::new();
    for record in world.read_all(keys.into_iter().collect()).await?.iter().flatten() {
        let link: Link = parse(record)?;
        // What somebody else made of it meanwhile is not ours to remove.
        if link.user_id == user_id {
            batch.push(delete(record.key.clone(), Expect::Version(record.version)));
        }
    }
    batch.extend(rows.into_iter().map(|row| delete(row.key, Expect::Any)));
    Ok(batch)
}

fn of_user(link: &Link) -> String {
    format!("user-link/{}/{}", digest(&[&link.user_id]), link.id)
}

fn key(issuer: &str, sub: &str) -> String {
    format!("link/{}", digest(&[issuer, sub]))
}
