//! What the administration API writes: records that are created, replaced and
//! removed together with everything that they are found by. The forms of the
//! records and the names of their keys are `storage`'s.
//!
//! A resource is one record. What must be unique of it is a record of its own,
//! made by a create-only write: of two resources that want a name at the same
//! time exactly one is made. Other records only lead to it. One batch writes
//! all of them, so that they always agree.

pub(super) mod changes;
mod counts;
pub(super) mod filtered;
pub(super) mod grants;
mod handover;
pub(super) mod links;
pub(super) mod resources;
pub(super) mod several;
pub(super) mod signing_keys;
pub(super) mod users;

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Record, Write};
use crate::storage::{delete, parse, put};

/// How often a write is tried that only lost a race for a count or a link.
const TRIES: usize = 16;

/// The keys of a resource's records.
struct Keys {
    /// What its kind is called in the counts.
    kind: &'static str,
    id: String,
    /// The key of the resource itself.
    own: String,
    /// The keys of what no other resource of its kind may have.
    unique: Vec<String>,
    /// The keys of records that several resources may have one of.
    index: BTreeSet<String>,
    /// A record of that kind that an earlier version may have made in the place
    /// of one of them.
    former: Option<String>,
    /// Whether an earlier version may have written the resource without the
    /// records of today.
    may_lack_index: bool,
}

/// A resource as it was read, to be written once.
#[derive(Debug)]
pub(super) struct Held<T> {
    pub(super) record: T,
    pub(super) version: u64,
}

impl<T: Clone> Held<T> {
    /// The same, to be written by another step.
    pub(super) fn copied(&self) -> Self {
        Self { record: self.record.clone(), version: self.version }
    }
}

impl<T: DeserializeOwned> Held<T> {
    fn of(record: &Record) -> Result<Self, Failed> {
        Ok(Self { record: parse(record)?, version: record.version })
    }
}

/// What became of a write.
enum Written {
    /// It happened. The version that it made, if it can still be read.
    Done(Option<u64>),
    /// Another resource has the unique record at this position.
    Taken(usize),
    /// Somebody else changed the resource, into this, or deleted it.
    Changed(Option<Record>),
}

/// Creates a resource, of which `value` is the record, and with it `also`.
async fn create(
    host: &Host,
    keys: &Keys,
    value: &[u8],
    also: Option<Write>,
) -> Result<Written, Failed> {
    for _ in 0..TRIES {
        let mut batch = creation(keys, value)?;
        batch.extend(also.clone());
        batch.push(counts::of(host, keys.kind, &keys.id).await?.one_more()?);
        if host.commit(batch).await? == Outcome::Committed {
            return Ok(Written::Done(version(host, keys, value).await));
        }
        if let Some(taken) = taken(host, keys).await? {
            return Ok(Written::Taken(taken));
        }
        // An id is drawn once: the resource is there because the commit
        // happened and its answer was lost.
        if let Some(record) = host.read(keys.own.clone()).await? {
            return Ok(Written::Done((record.value == value).then_some(record.version)));
        }
    }
    Err(Failed::Broken)
}

/// The writes of a creation, without its count.
fn creation(keys: &Keys, value: &[u8]) -> Result<Vec<Write>, Failed> {
    let mut batch = alloc::vec![resource(keys, value, Expect::Absent)];
    for key in &keys.unique {
        batch.push(put(key.clone(), &keys.id, Expect::Absent, None)?);
    }
    for key in &keys.index {
        batch.push(put(key.clone(), &keys.id, Expect::Any, None)?);
    }
    Ok(batch)
}

/// Replaces a resource at this version, whose keys were `before`.
async fn replace(
    host: &Host,
    before: &Keys,
    version: u64,
    after: &Keys,
    value: &[u8],
) -> Result<Written, Failed> {
    let batch = replacement(before, version, after, value)?;
    if host.commit(batch).await? == Outcome::Committed {
        return Ok(Written::Done(self::version(host, after, value).await));
    }
    if let Some(taken) = taken(host, after).await? {
        return Ok(Written::Taken(taken));
    }
    Ok(match host.read(after.own.clone()).await? {
        // It happened, and only its answer was lost.
        Some(record) if record.value == value => Written::Done(Some(record.version)),
        now => Written::Changed(now),
    })
}

/// The writes of a replacement.
fn replacement(
    before: &Keys,
    version: u64,
    after: &Keys,
    value: &[u8],
) -> Result<Vec<Write>, Failed> {
    let id = &after.id;
    let mut batch = alloc::vec![resource(after, value, Expect::Version(version))];
    for key in after.unique.iter().filter(|key| !before.unique.contains(key)) {
        batch.push(put(key.clone(), id, Expect::Absent, None)?);
    }
    let stands = |key: &&String| !before.may_lack_index && before.index.contains(*key);
    for key in after.index.iter().filter(|key| !stands(key)) {
        batch.push(put(key.clone(), id, Expect::Any, None)?);
    }
    let gone = before.unique.iter().filter(|key| !after.unique.contains(key));
    let gone = gone.chain(before.index.difference(&after.index)).chain(&before.former);
    batch.extend(gone.map(|key| delete(key.clone(), Expect::Any)));
    Ok(batch)
}

/// Removes a resource at this version, and with it `also`, which is gathered
/// anew for every try.
async fn remove(host: &Host, keys: &Keys, version: u64, also: Also<'_>) -> Result<Written, Failed> {
    for _ in 0..TRIES {
        let mut batch = removal(keys, version);
        batch.push(counts::of(host, keys.kind, &keys.id).await?.one_less()?);
        batch.extend(also.writes(host).await?);
        if host.commit(batch).await? == Outcome::Committed {
            return Ok(Written::Done(None));
        }
        match host.read(keys.own.clone()).await? {
            // Somebody else removed it meanwhile. That is what was asked for.
            None => return Ok(Written::Done(None)),
            Some(record) if record.version != version => {
                return Ok(Written::Changed(Some(record)));
            }
            Some(_) => {}
        }
    }
    Err(Failed::Broken)
}

/// The writes of a removal, without its count.
fn removal(keys: &Keys, version: u64) -> Vec<Write> {
    let mut batch = alloc::vec![delete(keys.own.clone(), Expect::Version(version))];
    let found_by = keys.unique.iter().chain(&keys.index).chain(&keys.former);
    batch.extend(found_by.map(|key| delete(key.clone(), Expect::Any)));
    batch
}

/// What is removed with a resource.
enum Also<'a> {
    Nothing,
    /// The links of this user that come first.
    LinksOf(&'a str),
}

impl Also<'_> {
    async fn writes(&self, host: &Host) -> Result<Vec<Write>, Failed> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::LinksOf(user_id) => links::removal(host, user_id).await,
        }
    }
}

/// The version of what was just written: the answer to a commit does not tell
/// it. `None` if this read fails, or if the resource has changed since.
async fn version(host: &Host, keys: &Keys, value: &[u8]) -> Option<u64> {
    let record = host.read(keys.own.clone()).await.ok()??;
    (record.value == value).then_some(record.version)
}

fn resource(keys: &Keys, value: &[u8], expect: Expect) -> Write {
    Write { key: keys.own.clone(), value: Some(value.into()), expect, expires_at: None }
}

/// A resource as it is written.
fn written(resource: &impl Serialize) -> Result<Vec<u8>, Failed> {
    serde_json::to_vec(resource).map_err(|_| Failed::Broken)
}

/// The position of the first unique record that another resource has.
async fn taken(host: &Host, keys: &Keys) -> Result<Option<usize>, Failed> {
    for (index, record) in host.read_all(keys.unique.clone()).await?.iter().enumerate() {
        if let Some(record) = record
            && parse::<String>(record)? != keys.id
        {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
