//! Trusted token issuers and applications: written and listed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::{Also, Held, Keys, counts, filtered};
use crate::host::Host;
use crate::step::Failed;
use crate::storage::parse;
use crate::storage::resources::{Kind, Object, Unique, key, record, unique_key};

/// An object as it was read, to be written once.
pub(in crate::admin) type HeldObject = Held<Object>;

/// What became of a write.
pub(in crate::admin) enum Written {
    /// It happened. The version that it made, if it can still be read.
    Done(Option<u64>),
    /// Another object has this already.
    Taken(Unique),
    /// Somebody else changed the object, into this, or deleted it.
    Changed(Option<HeldObject>),
}

/// What of an object no other of its kind has.
pub(in crate::admin) fn uniques(kind: Kind, object: &Object) -> [Unique; 2] {
    let fields = match kind {
        Kind::TrustedTokenIssuer => ["name", "issuer"],
        Kind::Application => ["name", "clientId"],
    };
    fields.map(|of| {
        let value = object.document.get(of).and_then(Value::as_str);
        Unique { of, value: value.unwrap_or_default().into() }
    })
}

/// The object with this id.
pub(in crate::admin) async fn find(
    host: &Host,
    kind: Kind,
    id: &str,
) -> Result<Option<HeldObject>, Failed> {
    record(host, kind, id).await?.as_ref().map(Held::of).transpose()
}

/// How many objects of this kind there are.
pub(in crate::admin) async fn total(host: &Host, kind: Kind) -> Result<u64, Failed> {
    counts::total(host, kind.name()).await
}

/// A page of objects in the order of their ids, and the cursor of the next.
pub(in crate::admin) async fn page(
    host: &Host,
    kind: Kind,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<Object>, Option<String>), Failed> {
    let (records, next) = host.list(format!("{}/", kind.name()), cursor, limit).await?;
    let objects = records.iter().map(parse).collect::<Result<_, _>>()?;
    Ok((objects, next))
}

/// The same, to be written.
pub(in crate::admin) async fn held_page(
    host: &Host,
    kind: Kind,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<HeldObject>, Option<String>), Failed> {
    let (records, next) = host.list(format!("{}/", kind.name()), cursor, limit).await?;
    let objects = records.iter().map(Held::of).collect::<Result<_, _>>()?;
    Ok((objects, next))
}

/// Creates an object.
pub(in crate::admin) async fn create(
    host: &Host,
    kind: Kind,
    object: &Object,
) -> Result<Written, Failed> {
    let first = filtered::first(host, kind).await?;
    let written = super::create(host, &keys(kind, object), &super::written(object)?, first).await?;
    outcome(kind, object, written)
}

/// Replaces an object.
pub(in crate::admin) async fn replace(
    host: &Host,
    kind: Kind,
    held: &HeldObject,
    object: &Object,
) -> Result<Written, Failed> {
    let (before, after) = (keys(kind, &held.record), keys(kind, object));
    let value = super::written(object)?;
    let written = super::replace(host, &before, held.version, &after, &value).await?;
    outcome(kind, object, written)
}

/// Removes an object.
pub(in crate::admin) async fn remove(
    host: &Host,
    kind: Kind,
    held: &HeldObject,
) -> Result<Written, Failed> {
    let keys = keys(kind, &held.record);
    let written = super::remove(host, &keys, held.version, Also::Nothing).await?;
    outcome(kind, &held.record, written)
}

fn outcome(kind: Kind, object: &Object, written: super::Written) -> Result<Written, Failed> {
    Ok(match written {
        super::Written::Done(version) => Written::Done(version),
        super::Written::Taken(position) => {
            let mut uniques = uniques(kind, object).into_iter();
            Written::Taken(uniques.nth(position).ok_or(Failed::Broken)?)
        }
        super::Written::Changed(now) => Written::Changed(now.as_ref().map(Held::of).transpose()?),
    })
}

pub(super) fn keys(kind: Kind, object: &Object) -> Keys {
    Keys {
        kind: kind.name(),
        id: object.id.clone(),
        own: key(kind, &object.id),
        unique: uniques(kind, object).iter().map(|unique| unique_key(kind, unique)).collect(),
        index: filtered::keys(kind, object),
        former: None,
        may_lack_index: true,
    }
}
