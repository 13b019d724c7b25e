//! A store in memory, with versions, expectations and expiry: the least that
//! [`exchequer::Ask`] asks of one.

use std::collections::BTreeMap;

use exchequer::{Answer, Expect, Record, Timestamp, Write};

#[derive(Clone, Default)]
pub(crate) struct Store {
    records: BTreeMap<String, (Record, Option<u64>)>,
    versions: u64,
}

impl Store {
    pub(crate) fn read(&self, keys: &[String], now: Timestamp) -> Answer {
        Answer::Records { records: keys.iter().map(|key| self.live(key, now).cloned()).collect() }
    }

    pub(crate) fn list(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: u32,
        now: Timestamp,
    ) -> Answer {
        let mut records: Vec<Record> = self
            .records
            .keys()
            .filter(|key| {
                key.starts_with(prefix) && cursor.is_none_or(|cursor| key.as_str() > cursor)
            })
            .filter_map(|key| self.live(key, now).cloned())
            .take(limit as usize + 1)
            .collect();
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let next = records.last().filter(|_| more).map(|last| last.key.clone());
        Answer::Page { records, next }
    }

    pub(crate) fn commit(&mut self, batch: &[Write], now: Timestamp) -> Answer {
        let holds = |write: &Write| match write.expect {
            Expect::Absent => self.live(&write.key, now).is_none(),
            Expect::Version(version) => {
                self.live(&write.key, now).is_some_and(|record| record.version == version)
            }
            Expect::Any => true,
        };
        if !batch.iter().all(holds) {
            return Answer::Conflict;
        }
        for write in batch {
            self.write(write);
        }
        Answer::Committed
    }

    fn write(&mut self, write: &Write) {
        let Some(value) = &write.value else {
            self.records.remove(&write.key);
            return;
        };
        self.versions += 1;
        let record =
            Record { key: write.key.clone(), value: value.clone(), version: self.versions };
        self.records.insert(write.key.clone(), (record, write.expires_at));
    }

    fn live(&self, key: &str, now: Timestamp) -> Option<&Record> {
        let (record, expires_at) = self.records.get(key)?;
        expires_at.is_none_or(|at| now.0 < at).then_some(record)
    }

    /// What is kept under a key, whatever its age.
    pub(crate) fn value(&self, key: &str) -> Option<&[u8]> {
        self.records.get(key).map(|(record, _)| record.value.as_slice())
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}
