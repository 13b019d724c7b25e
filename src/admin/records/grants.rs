//! Grants: families of refresh tokens and opaque access tokens, listed and
//! revoked by administrators.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::grant::Grant;
use crate::host::Host;
use crate::step::{Expect, Failed, Record, Write};
use crate::storage::grants::{Kind, Owner, keys, prefix};
use crate::storage::refresh::Family;
use crate::storage::tokens::Opaque;
use crate::storage::{delete, parse};
use crate::time::Timestamp;

/// Most grants that are revoked in one batch, which has room for 100 writes: a
/// record and two rows for each.
pub(in crate::admin) const PER_BATCH: u32 = 33;

/// A grant as it was read.
pub(in crate::admin) struct Entry {
    pub(in crate::admin) id: String,
    pub(in crate::admin) kind: Kind,
    pub(in crate::admin) grant: Grant,
    pub(in crate::admin) issued: Timestamp,
    pub(in crate::admin) expires: Timestamp,
    /// When it was used last, if the store knows.
    pub(in crate::admin) used: Option<Timestamp>,
}

impl Entry {
    fn of(id: &str, kind: Kind, record: &Record) -> Result<Self, Failed> {
        let id = id.into();
        Ok(match kind {
            Kind::Refresh => {
                let Family { grant, issued, expires, used, .. } = parse(record)?;
                Self { id, kind, grant, issued, expires, used }
            }
            Kind::Opaque => {
                let Opaque { grant, issued, expires, .. } = parse(record)?;
                Self { id, kind, grant, issued, expires, used: None }
            }
        })
    }

    fn removal(&self) -> Vec<Write> {
        let mut keys = keys(&self.grant, self.issued, &self.id);
        keys.push(self.kind.key(&self.id));
        keys.into_iter().map(|key| delete(key, Expect::Any)).collect()
    }
}

/// The grant with this id.
pub(in crate::admin) async fn find(host: &Host, id: &str) -> Result<Option<Entry>, Failed> {
    let Some(kind) = Kind::of(id) else { return Ok(None) };
    match host.read(kind.key(id)).await {
        Ok(record) => record.map(|record| Entry::of(id, kind, &record)).transpose(),
        // A host without a store has none.
        Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// Some grants of an owner, the newest first: those behind this place, and the
/// place to go on behind if there are more. Those that were revoked are left out.
pub(in crate::admin) async fn page(
    host: &Host,
    owner: Owner<'_>,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<Entry>, Option<String>), Failed> {
    let prefix = prefix(owner);
    let after = after.map(|after| format!("{prefix}{after}"));
    let (rows, next) = match host.list(prefix.clone(), after, limit).await {
        Err(Failed::Unsupported) => return Ok((Vec::new(), None)),
        page => page?,
    };
    let ids: Vec<(&str, Kind)> = rows.iter().filter_map(|row| named(&row.key)).collect();
    let records = host.read_all(ids.iter().map(|(id, kind)| kind.key(id)).collect()).await?;
    let mut entries = Vec::new();
    for ((id, kind), record) in ids.into_iter().zip(records) {
        let Some(record) = record else { continue };
        entries.push(Entry::of(id, kind, &record)?);
    }
    let next = next.and_then(|key| key.strip_prefix(&prefix).map(String::from));
    Ok((entries, next))
}

/// The grant that a row is about.
fn named(row: &str) -> Option<(&str, Kind)> {
    let (_, id) = row.rsplit_once('.')?;
    Some((id, Kind::of(id)?))
}

/// Revokes grants, at most as many as a batch has room for. A token of them that
/// is being used at the same time gets no successor: its record is gone.
pub(in crate::admin) async fn revoke(host: &Host, entries: &[Entry]) -> Result<(), Failed> {
    let batch: Vec<Write> = entries.iter().flat_map(Entry::removal).collect();
    if batch.is_empty() {
        return Ok(());
    }
    // Nothing is expected, so that there is no conflict.
    host.commit(batch).await.map(|_| ())
}
