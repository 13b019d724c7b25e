//! The links of a user, as the administration API lists, makes and removes
//! them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::gather::gathered;
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Write};
use crate::storage::links::{Held, Link, Origin, index_key, key};
use crate::storage::{delete, parse};

/// Most links that are removed in one batch, which has room for 100 writes.
const PER_BATCH: u32 = 40;
/// How often a removal is tried that lost a race.
const TRIES: usize = 8;

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::admin) enum Removed {
    Now,
    /// The link was removed, or replaced, by somebody else.
    Changed,
}

/// A link that an administrator makes; the `nth` of this request, for one
/// request may make several, and no two have the same id.
pub(in crate::admin) fn explicit(
    host: &Host,
    user_id: &str,
    subject: (&str, &str),
    by: &str,
    nth: usize,
) -> Link {
    let (issuer, sub) = subject;
    Link {
        id: host.entropy.identifier(&format!("link {nth}")),
        created_by: Some(by.into()),
        ..Link::new(host, user_id, issuer, sub, Origin::Explicit)
    }
}

/// The links of a user that come first, and the writes that remove them: two
/// for each.
pub(super) async fn removal(host: &Host, user_id: &str) -> Result<Vec<Write>, Failed> {
    let (rows, _) = host.list(index_key(user_id, ""), None, PER_BATCH).await?;
    let keys = rows.iter().map(parse).collect::<Result<Vec<String>, _>>()?;
    let keys: BTreeSet<String> = gathered(keys);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut batch = Vec::new();
    for record in host.read_all(keys.into_iter().collect()).await?.iter().flatten() {
        let link: Link = parse(record)?;
        // What somebody else made of it meanwhile is not ours to remove.
        if link.user_id == user_id {
            batch.push(delete(record.key.clone(), Expect::Version(record.version)));
        }
    }
    batch.extend(rows.into_iter().map(|row| delete(row.key, Expect::Any)));
    Ok(batch)
}

/// Some links of a user, in the order of their ids: those behind the one with
/// the id `after`, and the id to go on behind if there are more.
pub(in crate::admin) async fn of_user(
    host: &Host,
    user_id: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<Held>, Option<String>), Failed> {
    let after = after.map(|id| index_key(user_id, id));
    let (rows, next) = host.list(index_key(user_id, ""), after, limit).await?;
    let keys = rows.iter().map(parse).collect::<Result<Vec<String>, _>>()?;
    let records = if keys.is_empty() { Vec::new() } else { host.read_all(keys).await? };
    let mut links = Vec::new();
    for (row, record) in rows.iter().zip(records) {
        let Some(record) = record else { continue };
        let held = Held { link: parse(&record)?, version: record.version };
        // A row may be of a moment when the subject's link was another one.
        if index_key(user_id, &held.link.id) == row.key && held.link.user_id == user_id {
            links.push(held);
        }
    }
    let next = next.and_then(|key| key.rsplit('/').next().map(String::from));
    Ok((links, next))
}

/// This link of a user. That of another user is none.
pub(in crate::admin) async fn find_of_user(
    host: &Host,
    user_id: &str,
    id: &str,
) -> Result<Option<Held>, Failed> {
    // An id comes from the URL: what has not the form of an id is not looked up.
    if !is_id(id) {
        return Ok(None);
    }
    let Some(row) = host.read(index_key(user_id, id)).await? else { return Ok(None) };
    let Some(record) = host.read(parse(&row)?).await? else { return Ok(None) };
    let held = Held { link: parse(&record)?, version: record.version };
    Ok((held.link.id == id && held.link.user_id == user_id).then_some(held))
}

/// Removes links: all of them or none.
pub(in crate::admin) async fn remove(host: &Host, links: &[Held]) -> Result<Removed, Failed> {
    let mut batch = Vec::new();
    for Held { link, version } in links {
        batch.push(delete(key(&link.issuer, &link.sub), Expect::Version(*version)));
        batch.push(delete(index_key(&link.user_id, &link.id), Expect::Any));
    }
    Ok(match host.commit(batch).await? {
        Outcome::Committed => Removed::Now,
        Outcome::Conflict => Removed::Changed,
    })
}

/// Removes the links of a user that come first, and answers them; none when
/// there are none left. As many as a batch has room for: for all, repeat.
pub(in crate::admin) async fn remove_some(host: &Host, user_id: &str) -> Result<Vec<Link>, Failed> {
    for _ in 0..TRIES {
        let (links, _) = of_user(host, user_id, None, PER_BATCH).await?;
        if links.is_empty() || remove(host, &links).await? == Removed::Now {
            return Ok(links.into_iter().map(|held| held.link).collect());
        }
    }
    Err(Failed::Broken)
}

/// Whether a user has this many links or more.
pub(in crate::admin) async fn has_many(
    host: &Host,
    user_id: &str,
    many: u32,
) -> Result<bool, Failed> {
    let (rows, _) = host.list(index_key(user_id, ""), None, many).await?;
    Ok(u32::try_from(rows.len()).is_ok_and(|found| found >= many))
}

/// Whether this has the form of a link's id.
pub(in crate::admin) fn is_id(id: &str) -> bool {
    id.len() == 22 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
