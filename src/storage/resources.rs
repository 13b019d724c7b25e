//! Objects that were made by the administration API: trusted token issuers and
//! applications. Each is kept as the piece of the configuration document that
//! it would be, and checked like one when it is read.
//!
//! What must be unique is a record of its own, made by a create-only write: of
//! two objects that want a name at the same time exactly one is made.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{counts, delete, digest, parse, put};
use crate::Timestamp;
use crate::crypto::SecretHash;
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Record, Write};

/// How often a write is tried that only lost a race for the count.
const TRIES: usize = 16;

/// What kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    TrustedTokenIssuer,
    Application,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::TrustedTokenIssuer => "issuer",
            Self::Application => "application",
        }
    }
}

/// Something of an object that no other of its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unique {
    /// What it is: `name`, `issuer`, `clientId`.
    pub(crate) of: &'static str,
    pub(crate) value: String,
}

/// An object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) id: String,
    /// The piece of the configuration document that it would be; without
    /// secrets, and with issuers named by their ids.
    pub(crate) document: Map<String, Value>,
    /// What the API shows of it and the engine has no use for.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) about: Map<String, Value>,
    /// An application's client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<SecretHash>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

impl Object {
    fn has(&self, unique: &Unique) -> bool {
        self.document.get(unique.of).and_then(Value::as_str) == Some(&unique.value)
    }
}

/// An object as it was read, to be written once.
pub(crate) struct Held {
    pub(crate) object: Object,
    pub(crate) version: u64,
}

/// What became of a write.
pub(crate) enum Written {
    /// It happened. The version that it made, if it can still be read.
    Done(Option<u64>),
    /// Another object has this already.
    Taken(Unique),
    /// The object was changed by somebody else, into this, or deleted.
    Changed(Option<Held>),
}

/// The object with this id.
pub(crate) async fn find(host: &Host, kind: Kind, id: &str) -> Result<Option<Held>, Failed> {
    // An id comes from the URL: what is none of ours is not looked up.
    if !is_id(id) {
        return Ok(None);
    }
    match host.read(key(kind, id)).await? {
        Some(record) => held(&record).map(Some),
        None => Ok(None),
    }
}

/// The object that has this.
pub(crate) async fn find_by(
    host: &Host,
    kind: Kind,
    unique: &Unique,
) -> Result<Option<Held>, Failed> {
    let Some(record) = host.read(unique_key(kind, unique)).await? else { return Ok(None) };
    let held = find(host, kind, &parse::<String>(&record)?).await?;
    // It may have got another one between the two reads.
    Ok(held.filter(|held| held.object.has(unique)))
}

/// How many objects of this kind there are.
pub(crate) async fn total(host: &Host, kind: Kind) -> Result<u64, Failed> {
    counts::total(host, kind.name()).await
}

/// A page of objects in the order of their ids, and the cursor of the next.
pub(crate) async fn page(
    host: &Host,
    kind: Kind,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<Object>, Option<String>), Failed> {
    let (records, next) = host.list(format!("{}/", kind.name()), cursor, limit).await?;
    let objects = records.iter().map(parse).collect::<Result<_, _>>()?;
    Ok((objects, next))
}

/// Makes an object with everything of it that is unique.
pub(crate) async fn create(
    host: &Host,
    kind: Kind,
    object: &Object,
    uniques: &[Unique],
) -> Result<Written, Failed> {
    for _ in 0..TRIES {
        let mut batch = alloc::vec![put(key(kind, &object.id), object, Expect::Absent, None)?];
        for unique in uniques {
            batch.push(put(unique_key(kind, unique), &object.id, Expect::Absent, None)?);
        }
        batch.push(counts::of(host, kind.name(), &object.id).await?.one_more()?);
        if host.commit(batch).await? == Outcome::Committed {
            return Ok(Written::Done(landed(host, kind, object).await));
        }
        if let Some(taken) = taken(host, kind, uniques, &object.id).await? {
            return Ok(Written::Taken(taken));
        }
        // An id is drawn once: the object is there because the commit happened
        // and its answer was lost.
        if let Some(record) = host.read(key(kind, &object.id)).await? {
            return Ok(Written::Done(is(&record, object).then_some(record.version)));
        }
    }
    Err(Failed::Broken)
}

/// Replaces an object, with what was and what is unique of it.
pub(crate) async fn replace(
    host: &Host,
    kind: Kind,
    held: &Held,
    object: &Object,
    before: &[Unique],
    after: &[Unique],
) -> Result<Written, Failed> {
    let version = Expect::Version(held.version);
    let mut batch = alloc::vec![put(key(kind, &object.id), object, version, None)?];
    for unique in after.iter().filter(|unique| !before.contains(unique)) {
        batch.push(put(unique_key(kind, unique), &object.id, Expect::Absent, None)?);
    }
    for unique in before.iter().filter(|unique| !after.contains(unique)) {
        batch.push(delete(unique_key(kind, unique), Expect::Any));
    }
    if host.commit(batch).await? == Outcome::Committed {
        return Ok(Written::Done(landed(host, kind, object).await));
    }
    if let Some(taken) = taken(host, kind, after, &object.id).await? {
        return Ok(Written::Taken(taken));
    }
    Ok(match host.read(key(kind, &object.id)).await? {
        // It happened, and only its answer was lost.
        Some(record) if is(&record, object) => Written::Done(Some(record.version)),
        Some(record) => Written::Changed(Some(self::held(&record)?)),
        None => Written::Changed(None),
    })
}

/// The version of what was just written: an answer to a commit does not say.
/// Nothing that comes after the commit undoes it, so that a store that fails now
/// only leaves the version unknown; so does whoever has changed it since.
async fn landed(host: &Host, kind: Kind, object: &Object) -> Option<u64> {
    let record = host.read(key(kind, &object.id)).await.ok()??;
    is(&record, object).then_some(record.version)
}

fn is(record: &Record, object: &Object) -> bool {
    serde_json::to_vec(object).is_ok_and(|wanted| wanted == record.value)
}

/// Removes an object and everything of it that was unique.
pub(crate) async fn remove(
    host: &Host,
    kind: Kind,
    held: &Held,
    uniques: &[Unique],
) -> Result<Written, Failed> {
    let id = &held.object.id;
    for _ in 0..TRIES {
        let mut batch: Vec<Write> =
            alloc::vec![delete(key(kind, id), Expect::Version(held.version))];
        batch.extend(uniques.iter().map(|unique| delete(unique_key(kind, unique), Expect::Any)));
        batch.push(counts::of(host, kind.name(), id).await?.one_less()?);
        if host.commit(batch).await? == Outcome::Committed {
            return Ok(Written::Done(None));
        }
        match host.read(key(kind, id)).await? {
            // Gone is what it should be, whoever it was.
            None => return Ok(Written::Done(None)),
            Some(record) if record.version != held.version => {
                return Ok(Written::Changed(Some(self::held(&record)?)));
            }
            Some(_) => {}
        }
    }
    Err(Failed::Broken)
}

/// What of these another object has.
async fn taken(
    host: &Host,
    kind: Kind,
    uniques: &[Unique],
    id: &str,
) -> Result<Option<Unique>, Failed> {
    let keys = uniques.iter().map(|unique| unique_key(kind, unique)).collect();
    for (unique, record) in uniques.iter().zip(host.read_all(keys).await?) {
        if let Some(record) = record
            && parse::<String>(&record)? != id
        {
            return Ok(Some(unique.clone()));
        }
    }
    Ok(None)
}

fn held(record: &Record) -> Result<Held, Failed> {
    Ok(Held { object: parse(record)?, version: record.version })
}

fn is_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

pub(crate) fn key(kind: Kind, id: &str) -> String {
    format!("{}/{id}", kind.name())
}

/// The key of the record that says which object has this; others remember the
/// object by it, too.
pub(crate) fn unique_key(kind: Kind, unique: &Unique) -> String {
    format!("{}-by/{}/{}", kind.name(), unique.of, digest(&[&unique.value]))
}
