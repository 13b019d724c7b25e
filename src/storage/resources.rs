//! Objects that were made by the administration API: trusted token issuers and
//! applications. Each is kept as the piece of the configuration document that
//! it would be, and checked like one when it is read.
//!
//! What must be unique is a record of its own, which leads to the object.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{digest, parse};
use crate::crypto::SecretHash;
use crate::host::Host;
use crate::step::{Failed, Record};
use crate::time::Timestamp;

/// What kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    TrustedTokenIssuer,
    Application,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
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

/// The object with this id.
pub(crate) async fn find(host: &Host, kind: Kind, id: &str) -> Result<Option<Object>, Failed> {
    record(host, kind, id).await?.as_ref().map(parse).transpose()
}

/// The same as it is kept.
pub(crate) async fn record(host: &Host, kind: Kind, id: &str) -> Result<Option<Record>, Failed> {
    // An id comes from the URL: what has not the form of an id is not looked up.
    if !is_id(id) {
        return Ok(None);
    }
    host.read(key(kind, id)).await
}

/// The object that has this.
pub(crate) async fn find_by(
    host: &Host,
    kind: Kind,
    unique: &Unique,
) -> Result<Option<Object>, Failed> {
    let Some(record) = host.read(unique_key(kind, unique)).await? else { return Ok(None) };
    let object = find(host, kind, &parse::<String>(&record)?).await?;
    // It may have got another one between the two reads.
    Ok(object.filter(|object| object.has(unique)))
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
