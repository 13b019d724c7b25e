//! What administrators changed: kept in the store in the order in which it
//! happened, the newest first in a list. A change that is one too many takes the
//! place of the oldest.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::Held;
use crate::audit::{Change, StoredChange};
use crate::config::ChangesPolicy;
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Write};
use crate::storage::{ascending, delete, descending, parse, put};

/// What the keys of changes begin with.
const PREFIX: &str = "change/";
const COUNT: &str = "change-count";
/// Most changes that are stored in one batch, which has room for 100 writes.
const PER_BATCH: usize = 49;
/// How often a write is tried that lost a race for the count.
const TRIES: usize = 8;

/// Stores what a call changed.
pub(in crate::admin) async fn record(
    host: &Host,
    policy: ChangesPolicy,
    administrator: &str,
    trace_id: &str,
    changes: &[Change],
) -> Result<(), Failed> {
    for changes in changes.chunks(PER_BATCH) {
        let mut tries = 0;
        while !record_batch(host, policy, administrator, trace_id, changes).await? {
            tries += 1;
            if tries == TRIES {
                return Err(Failed::Broken);
            }
        }
    }
    Ok(())
}

/// False when another call was first to use these numbers.
async fn record_batch(
    host: &Host,
    policy: ChangesPolicy,
    administrator: &str,
    trace_id: &str,
    changes: &[Change],
) -> Result<bool, Failed> {
    let count = host.read(COUNT.into()).await?.as_ref().map(Held::<u64>::of).transpose()?;
    let (mut id, expect) = match count {
        Some(count) => (count.record, Expect::Version(count.version)),
        None => (0, Expect::Absent),
    };
    let expires = host.now.plus(policy.days.saturating_mul(86_400));
    let mut batch = Vec::new();
    for change in changes {
        id = id.saturating_add(1);
        let stored = StoredChange {
            id,
            time: host.now,
            trace_id: trace_id.into(),
            administrator: administrator.into(),
            change: change.clone(),
        };
        batch.push(put(key(id), &stored, Expect::Any, Some(expires))?);
        if let Some(oldest) = id.checked_sub(policy.max_records).filter(|oldest| *oldest > 0) {
            // Where one call makes more than are kept, it may be of this batch.
            batch.retain(|write: &Write| write.key != key(oldest));
            batch.push(delete(key(oldest), Expect::Any));
        }
    }
    batch.push(put(COUNT.into(), &id, expect, None)?);
    let outcome = host.commit_unseen(batch).await;
    if outcome == Ok(Outcome::Committed) {
        return Ok(true);
    }
    // It may have happened, and only its answer was lost.
    let stored = find(host, id).await?;
    let is_ours = stored.and_then(|stored| stored.get("traceId").map(|id| id == trace_id));
    if is_ours == Some(true) { Ok(true) } else { outcome.map(|_| false) }
}

/// The change with this number.
pub(in crate::admin) async fn find(
    host: &Host,
    id: u64,
) -> Result<Option<Map<String, Value>>, Failed> {
    match host.read(key(id)).await {
        Err(Failed::Unsupported) => Ok(None),
        record => record?.as_ref().map(parse).transpose(),
    }
}

/// Some changes, the newest first: those before this number, and the number to
/// go on before if there are more.
pub(in crate::admin) async fn page(
    host: &Host,
    before: Option<u64>,
    limit: u32,
) -> Result<(Vec<Map<String, Value>>, Option<u64>), Failed> {
    let (records, next) = match host.list(PREFIX.into(), before.map(key), limit).await {
        Err(Failed::Unsupported) => return Ok((Vec::new(), None)),
        page => page?,
    };
    let changes = records.iter().map(parse).collect::<Result<_, _>>()?;
    let next = next.and_then(|key| ascending(key.strip_prefix(PREFIX)?));
    Ok((changes, next))
}

fn key(id: u64) -> String {
    format!("{PREFIX}{}", descending(id))
}
