//! Users that were provisioned. A user is one record; what users are found by
//! are records of their own, written in the same batch.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{digest, parse};
use crate::config::{LookupAttribute, User};
use crate::gather::gathered;
use crate::host::Host;
use crate::step::{Failed, Record};
use crate::time::Timestamp;

/// What the ids of users begin with that this server makes.
pub(crate) const MADE_HERE: &str = "usr_";

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserRecord {
    /// All that the exchange needs.
    pub(crate) user: User,
    /// What the client that provisioned the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    /// The SCIM attributes, without `schemas`, `id` and `meta`.
    pub(crate) resource: Map<String, Value>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// Who wrote it last, as the audit log calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) modified_by: Option<String>,
}

/// The user with this id.
pub(crate) async fn find(host: &Host, id: &str) -> Result<Option<UserRecord>, Failed> {
    record(host, id).await?.as_ref().map(parse).transpose()
}

/// The same as it is kept.
pub(crate) async fn record(host: &Host, id: &str) -> Result<Option<Record>, Failed> {
    // An id may come from a URL: what has not the form of an id is not looked up.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if id.len() > 64 || !id.bytes().all(plain) {
        return Ok(None);
    }
    host.read(key(id)).await
}

/// Users with this value of a lookup attribute: two at most, for two are one
/// too many.
pub(crate) async fn by_attribute(
    host: &Host,
    attribute: LookupAttribute,
    value: &str,
) -> Result<Vec<User>, Failed> {
    let wanted = attribute.compared(value);
    let mut rows = ids(host, attribute_prefix(attribute, &wanted), 2).await?;
    if wanted != value {
        // As an earlier version wrote it.
        rows.extend(ids(host, attribute_prefix(attribute, value), 2).await?);
    }
    let mut users: Vec<User> = Vec::new();
    for id in gathered::<BTreeSet<_>, _>(rows) {
        // The user may have got another value between the reads.
        let user = find(host, &id).await?.map(|record| record.user);
        let has = |user: &User| {
            user.attribute(attribute).is_some_and(|has| attribute.compared(has) == wanted)
        };
        users.extend(user.filter(has));
    }
    Ok(users)
}

/// The ids that the records below a prefix lead to.
pub(crate) async fn ids(host: &Host, prefix: String, limit: u32) -> Result<Vec<String>, Failed> {
    let (records, _) = host.list(prefix, None, limit).await?;
    records.iter().map(parse).collect()
}

pub(crate) fn key(id: &str) -> String {
    format!("user/{id}")
}

/// What the keys begin with that lead to users with this value.
pub(crate) fn attribute_prefix(attribute: LookupAttribute, value: &str) -> String {
    format!("user-attribute/{}/", digest(&[attribute.name(), value]))
}
