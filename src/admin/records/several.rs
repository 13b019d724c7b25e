//! Writes of several objects together: all of them in one batch where it has
//! room, else in as few as it takes.

use alloc::string::String;
use alloc::vec::Vec;

use super::resources::{HeldObject, keys};
use super::{counts, creation, filtered, removal, replacement, written};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Record, Write};
use crate::storage::resources::{Kind, Object};

/// Most writes of a batch.
const MAX_WRITES: usize = 100;

/// What becomes of one object.
pub(in crate::admin) enum Step {
    Create(Kind, Object),
    Replace(Kind, HeldObject, Object),
    Remove(Kind, HeldObject),
}

/// Several steps that happen all or not at all.
#[derive(Default)]
pub(in crate::admin) struct Batch {
    writes: Vec<Write>,
    /// How many more objects there are, by the key of their count.
    counts: Vec<(String, i64)>,
    /// How many steps it has.
    pub(in crate::admin) steps: usize,
}

/// The steps in batches, in their order.
pub(in crate::admin) fn batches(steps: &[Step]) -> Result<Vec<Batch>, Failed> {
    let mut batches: Vec<Batch> = Vec::new();
    for step in steps {
        let next = Batch::of(step)?;
        match batches.last_mut() {
            Some(last) if last.has_room_for(&next) => last.take(next),
            _ => batches.push(next),
        }
    }
    Ok(batches)
}

impl Batch {
    fn of(step: &Step) -> Result<Self, Failed> {
        let mut batch = Self { steps: 1, ..Self::default() };
        let (kind, id, more, writes) = match step {
            Step::Create(kind, object) => {
                (kind, &object.id, 1, creation(&keys(*kind, object), &written(object)?)?)
            }
            Step::Replace(kind, held, object) => {
                let (before, after) = (keys(*kind, &held.record), keys(*kind, object));
                let value = written(object)?;
                (kind, &object.id, 0, replacement(&before, held.version, &after, &value)?)
            }
            Step::Remove(kind, held) => {
                let keys = keys(*kind, &held.record);
                (kind, &held.record.id, -1, removal(&keys, held.version))
            }
        };
        if more != 0 {
            batch.counts.push((counts::key_of(kind.name(), id), more));
        }
        writes.into_iter().for_each(|write| batch.put(write));
        Ok(batch)
    }

    fn has_room_for(&self, other: &Self) -> bool {
        // And the record that goes with the first object of a kind.
        self.writes.len() + other.writes.len() + self.counts.len() + other.counts.len() + 2
            <= MAX_WRITES
    }

    fn take(&mut self, other: Self) {
        other.writes.into_iter().for_each(|write| self.put(write));
        for (key, more) in other.counts {
            match self.counts.iter_mut().find(|count| count.0 == key) {
                Some(count) => count.1 += more,
                None => self.counts.push((key, more)),
            }
        }
        self.steps += other.steps;
    }

    /// A name that one object gives up and another takes is written once.
    fn put(&mut self, write: Write) {
        match self.writes.iter_mut().find(|there| there.key == write.key) {
            None => self.writes.push(write),
            Some(there) if write.value.is_some() => {
                *there = Write { expect: Expect::Any, ..write };
            }
            Some(there) if there.value.is_some() => there.expect = Expect::Any,
            Some(_) => {}
        }
    }

    /// Writes it.
    pub(in crate::admin) async fn commit(self, host: &Host) -> Result<Outcome, Failed> {
        let wanted = self.writes;
        let mut writes = wanted.clone();
        for (key, more) in self.counts {
            writes.push(counts::at(host, key).await?.more(more)?);
        }
        for kind in [Kind::TrustedTokenIssuer, Kind::Application] {
            writes.extend(filtered::first(host, kind).await?);
        }
        match host.commit_unseen(writes).await {
            Ok(Outcome::Committed) => Ok(Outcome::Committed),
            // It may have happened, and only its answer was lost.
            _ if stand(host, &wanted).await? => Ok(Outcome::Committed),
            outcome => outcome,
        }
    }
}

/// Whether the store holds what these would write.
async fn stand(host: &Host, writes: &[Write]) -> Result<bool, Failed> {
    let keys = writes.iter().map(|write| write.key.clone()).collect();
    let records = host.read_all(keys).await?;
    let stands = |(write, record): (&Write, &Option<Record>)| {
        write.value.as_ref() == record.as_ref().map(|record| &record.value)
    };
    Ok(writes.iter().zip(&records).all(stands))
}
