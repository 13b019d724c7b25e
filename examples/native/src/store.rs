//! Where records are kept, and one such place in memory: an ordered map with
//! versions, expectations and expiry.

use std::collections::BTreeMap;

use exchequer::{Answer, Expect, Record, Timestamp, Write};

/// What answers the asks about records. One that cannot answers
/// [`Answer::Failed`], and the engine refuses.
pub trait Store: Send {
    /// A record or nothing for each key.
    fn read(&self, keys: &[String], now: Timestamp) -> Answer;

    /// A page of the records whose key begins with a prefix.
    fn list(&self, prefix: &str, after: Option<&str>, limit: u32, now: Timestamp) -> Answer;

    /// All of the batch, or nothing of it.
    fn commit(&mut self, batch: &[Write], now: Timestamp) -> Answer;
}

/// Records by key, each with when it expires.
#[derive(Default)]
pub struct MemoryStore {
    records: BTreeMap<String, (Record, Option<u64>)>,
    /// The last version that was given.
    version: u64,
}

impl Store for MemoryStore {
    fn read(&self, keys: &[String], now: Timestamp) -> Answer {
        Answer::Records { records: keys.iter().map(|key| self.live(key, now).cloned()).collect() }
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: u32, now: Timestamp) -> Answer {
        let mut found = self
            .records
            .keys()
            .filter(|key| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after))
            .filter_map(|key| self.live(key, now).cloned());
        let records: Vec<_> = found.by_ref().take(limit as usize).collect();
        let next = found.next().and(records.last()).map(|last| last.key.clone());
        Answer::Page { records, next }
    }

    fn commit(&mut self, batch: &[Write], now: Timestamp) -> Answer {
        if !batch.iter().all(|write| self.holds(write, now)) {
            return Answer::Conflict;
        }
        for Write { key, value, expires_at, .. } in batch {
            self.records.remove(key);
            if let Some(value) = value.clone() {
                self.version += 1;
                let record = Record { key: key.clone(), value, version: self.version };
                self.records.insert(key.clone(), (record, *expires_at));
            }
        }
        Answer::Committed
    }
}

impl MemoryStore {
    fn holds(&self, write: &Write, now: Timestamp) -> bool {
        let found = self.live(&write.key, now);
        match write.expect {
            Expect::Absent => found.is_none(),
            Expect::Version(version) => found.is_some_and(|record| record.version == version),
            Expect::Any => true,
        }
    }

    fn live(&self, key: &str, now: Timestamp) -> Option<&Record> {
        let (record, expires_at) = self.records.get(key)?;
        expires_at.is_none_or(|at| now.0 < at).then_some(record)
    }
}
