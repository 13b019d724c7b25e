//! Versions of what can be written, and writes of one version only (RFC 9110
//! sections 8.8.3 and 13.1.1): whoever changes what they have seen does not
//! undo what somebody else changed meanwhile.

use alloc::format;
use alloc::string::String;

use super::error::{Error, STALE};
use super::time;
use crate::http::{Reply, Request};
use crate::time::Timestamp;

/// The entity tag of a version, which every write changes.
pub(super) fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The same reply with the version of what it shows, if that is known.
pub(super) fn tagged(reply: Reply, version: Option<u64>) -> Reply {
    match version {
        Some(version) => reply.with("etag", tag(version)),
        None => reply,
    }
}

/// Whether a header field names this version; `None` when there is no such
/// field. What is not there has no version, and nothing names it, not even `*`.
///
/// A weak tag counts as the strong one, other than RFC 9110 section 13.1.1 has
/// it: every write changes the version, and proxies that compress make the one
/// the other.
pub(super) fn named(request: &Request, field: &str, version: Option<u64>) -> Option<bool> {
    named_tag(request, field, version.map(tag).as_deref())
}

/// Whether a header field names this entity tag; `None` when there is no such
/// field.
pub(super) fn named_tag(request: &Request, field: &str, version: Option<&str>) -> Option<bool> {
    let mut tags = request.values(field).flat_map(|tags| tags.split(',')).map(str::trim).peekable();
    tags.peek()?;
    let Some(version) = version else { return Some(false) };
    Some(tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == version))
}

/// The sentence for whoever would change another version than there is: who
/// wrote that one, and when.
pub(super) fn changed(by: Option<&str>, at: Timestamp) -> String {
    let by = by.map(|name| format!("by `{name}` ")).unwrap_or_default();
    let at = time::written(at);
    format!("changed {by}at {at}; read it again and send the change with its ETag")
}

/// 412 with that sentence.
pub(super) fn stale(by: Option<&str>, at: Timestamp) -> Error {
    Error::new(&STALE, changed(by, at))
}
