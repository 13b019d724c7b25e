//! What lists of trusted token issuers and applications are filtered by: one
//! record for each attribute of an object, in the order of the attribute's
//! values, which leads to the object. It is written in the batch that writes
//! the object.
//!
//! Earlier versions did not write these records. A record of its own says for
//! each kind how far they were added since; until that is done, a filter is held
//! against every object, so that none is hidden.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::resources::page;
use crate::config::Attribute;
use crate::gather::gathered;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::storage::resources::{self, Kind, Object};
use crate::storage::{parse, put};

/// Bytes of a value that are in a key, which has room for 512 in all.
const LENGTH: usize = 100;
/// Objects whose records are added in one batch, which has room for 100 writes.
const STRIDE: u32 = 32;
/// Batches that one call writes to add what is missing. D1 takes a thousand
/// statements of one request.
const MOST_BATCHES: usize = 8;

/// What a filter asks of one attribute.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Wanted<'a> {
    pub(in crate::admin) attribute: Attribute,
    /// In lower case.
    pub(in crate::admin) value: &'a str,
    /// Whether this is the whole value, or what it begins with.
    pub(in crate::admin) whole: bool,
}

impl Wanted<'_> {
    /// Whether the records alone tell which objects have this. A longer value is
    /// cut in them.
    pub(in crate::admin) fn is_told_by_records(&self) -> bool {
        !self.whole && self.value.len() <= LENGTH
    }

    fn prefix(&self, kind: Kind) -> String {
        let mut prefix = prefix(kind, self.attribute, self.value);
        if self.whole {
            prefix.push('.');
        }
        prefix
    }
}

/// Ids of objects that may have what is wanted, in the order of its values, and
/// the cursor of the next.
pub(in crate::admin) async fn candidates(
    host: &Host,
    kind: Kind,
    wanted: &Wanted<'_>,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<String>, Option<String>), Failed> {
    let (records, next) = host.list(wanted.prefix(kind), cursor, limit).await?;
    Ok((records.iter().map(parse).collect::<Result<_, _>>()?, next))
}

/// Several objects by their ids. One that is gone meanwhile is left out.
pub(in crate::admin) async fn objects(
    host: &Host,
    kind: Kind,
    ids: &[String],
) -> Result<Vec<Object>, Failed> {
    let keys = ids.iter().map(|id| resources::key(kind, id)).collect();
    host.read_all(keys).await?.iter().flatten().map(parse).collect()
}

/// How far the records were added that earlier versions did not write.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Added {
    /// To every object.
    All,
    /// To those up to this cursor.
    UpTo(String),
}

/// Whether every object of the kind has its records. Adds some of those that
/// are missing.
pub(in crate::admin) async fn complete(host: &Host, kind: Kind) -> Result<bool, Failed> {
    let mut cursor = match added(host, kind).await? {
        Some(Added::All) => return Ok(true),
        Some(Added::UpTo(cursor)) => Some(cursor),
        None => None,
    };
    for _ in 0..MOST_BATCHES {
        let (objects, next) = page(host, kind, cursor, STRIDE).await?;
        let mut batch = Vec::new();
        for object in &objects {
            for key in keys(kind, object) {
                batch.push(put(key, &object.id, Expect::Any, None)?);
            }
        }
        let added = next.clone().map_or(Added::All, Added::UpTo);
        batch.push(put(marker(kind), &added, Expect::Any, None)?);
        host.commit(batch).await?;
        cursor = next;
        if cursor.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The write that goes with the first object of a kind: an earlier version has
/// written none that lacks records.
pub(super) async fn first(host: &Host, kind: Kind) -> Result<Option<Write>, Failed> {
    if added(host, kind).await?.is_some() || !page(host, kind, None, 1).await?.0.is_empty() {
        return Ok(None);
    }
    put(marker(kind), &Added::All, Expect::Any, None).map(Some)
}

async fn added(host: &Host, kind: Kind) -> Result<Option<Added>, Failed> {
    host.read(marker(kind)).await?.as_ref().map(parse).transpose()
}

fn marker(kind: Kind) -> String {
    format!("{}-filter-added", kind.name())
}

/// The keys of an object's records.
pub(super) fn keys(kind: Kind, object: &Object) -> BTreeSet<String> {
    let key = |attribute: Attribute| {
        let value = attribute.of(&object.id, &object.document).to_lowercase();
        format!("{}.{}", prefix(kind, attribute, &value), object.id)
    };
    gathered(Attribute::ALL.map(key))
}

/// What the keys begin with that lead to objects whose attribute begins with
/// this. In hexadecimal digits a value keeps its order and has no characters
/// that mean something in a key.
fn prefix(kind: Kind, attribute: Attribute, lower: &str) -> String {
    let attribute = match attribute {
        Attribute::Name => "name",
        Attribute::Identifier => "identifier",
        Attribute::Id => "id",
    };
    let mut prefix = format!("{}-filter/{attribute}/", kind.name());
    for byte in lower.bytes().take(LENGTH) {
        // Writing to a string does not fail.
        let _ = write!(prefix, "{byte:02x}");
    }
    prefix
}
