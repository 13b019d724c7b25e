//! What the workers of a proxy tell each other: the documents of issuers, and
//! who fetches one now. In the proxy's shared data, in slots of which there are
//! as many as documents. `counts` has slots of its own there.
//!
//! Whoever has the same `vm_id` reads and writes here, so nothing is secret,
//! and the documentation says that a `vm_id` belongs to one filter.

use std::collections::BTreeMap;

use exchequer::Answer;
use proxy_wasm::hostcalls::{get_shared_data, set_shared_data};

/// When each document was fetched, in milliseconds since the epoch.
const INDEX: &str = "exchequer.index";

/// How often a write is tried again that another worker was first with.
const TRIES: usize = 16;

/// The name of a document: the cluster it comes through, and its URL.
pub(crate) type Name = (String, String);

/// Within which limits a document is fetched. A fetch that fails with these may do well
/// with others, so each has a lease of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Terms {
    pub(crate) timeout_ms: u32,
    pub(crate) max_bytes: u32,
}

/// Who fetches a document, and when it was last tried, in milliseconds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lease {
    /// Nobody else fetches before this.
    pub(crate) until: u64,
    /// When the last fetch ended, well or not.
    pub(crate) ended: u64,
    /// The same if it failed, else 0.
    pub(crate) failed: u64,
}

impl Lease {
    fn read(bytes: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u64::from_le_bytes).unwrap_or_default()
        };
        Self { until: number(0), ended: number(8), failed: number(16) }
    }

    fn write(self) -> Vec<u8> {
        [self.until, self.ended, self.failed].into_iter().flat_map(u64::to_le_bytes).collect()
    }
}

fn document_slot((cluster, url): &Name) -> String {
    format!("exchequer.document.{cluster} {url}")
}

fn lease_slot((cluster, url): &Name, terms: Terms) -> String {
    let Terms { timeout_ms, max_bytes } = terms;
    format!("exchequer.lease.{timeout_ms}.{max_bytes}.{cluster} {url}")
}

/// A number that no value has: the proxy counts up from 1. Where nothing is, a write
/// with any number begins the value.
const NOWHERE: u32 = u32::MAX;

/// A value, and the number that changes with each write of it.
pub(crate) fn read(key: &str) -> (Option<Vec<u8>>, Option<u32>) {
    get_shared_data(key).unwrap_or_default()
}

/// Writes a value, unless somebody has since it was read.
pub(crate) fn replace(key: &str, value: &[u8], version: Option<u32>) -> bool {
    set_shared_data(key, Some(value), version.or(Some(NOWHERE))).is_ok()
}

/// The lease of a document.
pub(crate) fn lease(name: &Name, terms: Terms) -> Lease {
    read(&lease_slot(name, terms)).0.map(|bytes| Lease::read(&bytes)).unwrap_or_default()
}

/// Takes the lease, unless somebody has it.
pub(crate) fn take(name: &Name, terms: Terms, now: u64, until: u64) -> bool {
    let key = lease_slot(name, terms);
    let (value, version) = read(&key);
    let held = value.map(|bytes| Lease::read(&bytes)).unwrap_or_default();
    let mine = Lease { until, ..held }.write();
    // A lease that ends too far ahead is from before the clock stepped back.
    let is_free = held.until <= now || held.until > until.saturating_add(60_000);
    is_free && replace(&key, &mine, version)
}

/// Gives the lease back, and says whether the fetch was a good one.
pub(crate) fn release(name: &Name, terms: Terms, now: u64, good: bool) {
    let lease = Lease { until: 0, ended: now, failed: if good { 0 } else { now } };
    let _ = set_shared_data(&lease_slot(name, terms), Some(&lease.write()), None);
}

/// A document and when it was fetched: the time, a space, and the answer as JSON.
pub(crate) fn document(name: &Name) -> Option<(u64, Answer)> {
    let written = read(&document_slot(name)).0?;
    let (at, answer) = str::from_utf8(&written).ok()?.split_once(' ')?;
    Some((at.parse().ok()?, Answer::from_json(answer.as_bytes())?))
}

/// Leaves a document for the other workers.
pub(crate) fn publish(name: &Name, now: u64, answer: &Answer) {
    let Ok(answer) = serde_json::to_string(answer) else { return };
    let written = format!("{now} {answer}");
    if set_shared_data(&document_slot(name), Some(written.as_bytes()), None).is_err() {
        return;
    }
    for _ in 0..TRIES {
        let (index, version) = read(INDEX);
        let mut index = parse(&index.unwrap_or_default());
        index.insert(format!("{} {}", name.0, name.1), now);
        let Ok(bytes) = serde_json::to_vec(&index) else { return };
        if replace(INDEX, &bytes, version) {
            return;
        }
    }
}

/// When each document was fetched, as it is written.
pub(crate) fn index() -> Vec<u8> {
    read(INDEX).0.unwrap_or_default()
}

/// The documents in it that were fetched later than in another one.
pub(crate) fn news(index: &[u8], before: &[u8]) -> Vec<Name> {
    let before = parse(before);
    let news = parse(index).into_iter().filter(|(name, at)| before.get(name) != Some(at));
    news.filter_map(|(name, _)| {
        let (cluster, url) = name.split_once(' ')?;
        Some((cluster.into(), url.into()))
    })
    .collect()
}

fn parse(index: &[u8]) -> BTreeMap<String, u64> {
    serde_json::from_slice(index).unwrap_or_default()
}
