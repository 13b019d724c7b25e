//! What lists of trusted token issuers and applications are filtered by: one
//! record for each attribute of an object, in the order of the attribute's
//! values, which leads to the object; and one for each trusted token issuer that an
//! application uses. They are written in the batch that writes the object.
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
use serde_json::{Map, Value};

use super::resources::page;
use crate::config::Attribute;
use crate::gather::gathered;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::storage::resources::{self, Kind, Object};
use crate::storage::{parse, put};

/// Bytes of a value that are in a key, which has room for 512 in all.
const LENGTH: usize = 100;
/// Objects that are read at a time to add their records.
const STRIDE: u32 = 32;
/// Writes that add records in one batch, which has room for 100.
const MOST_WRITES: usize = 90;
/// Issuers of an application that have records. An application with more has one
/// record instead, and a filter looks at the application itself.
const MOST_ISSUERS: usize = 32;
/// Batches that one call writes to add what is missing. D1 takes a thousand
/// statements of one request.
const MOST_BATCHES: usize = 8;

/// What a filter asks of objects.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) enum Wanted<'a> {
    /// A value of one attribute.
    Value {
        attribute: Attribute,
        /// In lower case.
        value: &'a str,
        /// Whether this is the whole value, or what it begins with.
        whole: bool,
    },
    /// The issuer with this id among those that an application uses.
    Issuer(&'a str),
}

/// Records of objects that may have what is wanted.
pub(in crate::admin) struct Records {
    /// What their keys begin with.
    prefix: String,
    /// Whether the records alone tell which objects have it.
    pub(in crate::admin) tell: bool,
}

impl Wanted<'_> {
    /// Where the records are that lead to objects which may have this.
    pub(in crate::admin) fn records(&self, kind: Kind) -> Vec<Records> {
        match *self {
            Self::Value { attribute, value, whole } => {
                let mut prefix = prefix(kind, attribute, value);
                if whole {
                    prefix.push('.');
                }
                // A longer value is cut in them.
                alloc::vec![Records { prefix, tell: !whole && value.len() <= LENGTH }]
            }
            Self::Issuer(id) => alloc::vec![
                Records { prefix: format!("{}.", of_issuer(kind, Some(id))), tell: true },
                Records { prefix: format!("{}.", of_issuer(kind, None)), tell: false },
            ],
        }
    }
}

/// Ids of objects that may have what is wanted, in the order of its values, and
/// the cursor of the next.
pub(in crate::admin) async fn candidates(
    host: &Host,
    records: &Records,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<String>, Option<String>), Failed> {
    let (records, next) = host.list(records.prefix.clone(), cursor, limit).await?;
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
            let keys = keys(kind, object);
            if batch.len() + keys.len() > MOST_WRITES {
                host.commit(core::mem::take(&mut batch)).await?;
            }
            for key in keys {
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

/// Where it stands how far they were added. Applications got records of their issuers
/// later than the others, and of those whose tokens authenticate them last.
fn marker(kind: Kind) -> String {
    let since = match kind {
        Kind::TrustedTokenIssuer => "",
        Kind::Application => "-with-all-issuers",
    };
    format!("{}-filter-added{since}", kind.name())
}

/// The keys of an object's records.
pub(super) fn keys(kind: Kind, object: &Object) -> BTreeSet<String> {
    let key = |attribute: Attribute| {
        let value = attribute.of(&object.id, &object.document).to_lowercase();
        format!("{}.{}", prefix(kind, attribute, &value), object.id)
    };
    let mut keys: BTreeSet<String> = gathered(Attribute::ALL.map(key));
    if kind == Kind::Application {
        let issuers = issuers(&object.document);
        let many = issuers.len() > MOST_ISSUERS;
        let places = if many { alloc::vec![None] } else { issuers.into_iter().map(Some).collect() };
        keys.extend(places.into_iter().map(|id| format!("{}.{}", of_issuer(kind, id), object.id)));
    }
    keys
}

/// The issuers that an application uses, each once: those that it allows, and the one
/// whose tokens authenticate it. By their ids in the store, by their names in the
/// configuration document.
pub(in crate::admin) fn issuers(document: &Map<String, Value>) -> Vec<&str> {
    let grants = document.get("trustedTokenIssuers").and_then(Value::as_array);
    let mut used: Vec<&str> = grants.into_iter().flatten().filter_map(name).collect();
    let asserting = document.get("clientAssertion");
    let asserting = asserting.and_then(|assertion| assertion.get("issuer")?.as_str());
    used.extend(asserting.filter(|asserting| !used.contains(asserting)));
    used
}

fn name(grant: &Value) -> Option<&str> {
    match grant {
        Value::Object(members) => members.get("name")?.as_str(),
        name => name.as_str(),
    }
}

/// What the keys begin with that lead to applications which allow this issuer, or
/// too many to have a record for each.
fn of_issuer(kind: Kind, id: Option<&str>) -> String {
    let place = id.unwrap_or("many");
    let which = if id.is_some() { "allowed" } else { "allowing" };
    format!("{}-filter/{which}/{place}", kind.name())
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
