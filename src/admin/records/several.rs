//! Writes of several objects together: all of them in one batch where it has
//! room, else in as few as it takes.

use alloc::string::String;
use alloc::vec::Vec;

use super::handover::{Group, groups};
use super::resources::{HeldObject, keys};
use super::{TRIES, counts, creation, filtered, removal, replacement, written};
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
    pub(in crate::admin) steps: Vec<Step>,
    writes: Vec<Write>,
    /// How many more objects there are, by the key of their count.
    counts: Vec<(String, i64)>,
}

/// All steps, in batches.
#[derive(Default)]
pub(in crate::admin) struct Batches {
    pub(in crate::admin) batches: Vec<Batch>,
    /// Those that no batch has room for, and that cannot happen one after another:
    /// their names go round in a ring.
    pub(in crate::admin) rings: Vec<Vec<Step>>,
}

impl Batches {
    /// The steps in their order, but for names that change hands: an object gives a
    /// name up before another takes it, or in the same batch.
    pub(in crate::admin) fn of(steps: Vec<Step>) -> Result<Self, Failed> {
        let mut all = Self::default();
        for Group { steps, is_ring } in groups(steps) {
            let mut whole = Batch::default();
            for step in steps {
                whole.take(Batch::of(step)?);
            }
            if whole.has_room_for(&Batch::default()) {
                all.push(whole);
            } else if is_ring {
                all.rings.push(whole.steps);
            } else {
                for step in whole.steps {
                    all.push(Batch::of(step)?);
                }
            }
        }
        Ok(all)
    }

    fn push(&mut self, next: Batch) {
        match self.batches.last_mut() {
            Some(last) if last.has_room_for(&next) => last.take(next),
            _ => self.batches.push(next),
        }
    }
}

impl Batch {
    fn of(step: Step) -> Result<Self, Failed> {
        let mut batch = Self::default();
        let (kind, id, more, writes) = match &step {
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
        batch.steps.push(step);
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
        self.steps.extend(other.steps);
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

    /// Writes it. A conflict is one with somebody who changed these objects, or took a
    /// name. When other objects were counted at the same time, it is tried again.
    pub(in crate::admin) async fn commit(&self, host: &Host) -> Result<Outcome, Failed> {
        for _ in 0..TRIES {
            let outcome = host.commit_unseen(self.counted(host).await?).await;
            if outcome == Ok(Outcome::Committed) {
                return outcome;
            }
            let keys = self.writes.iter().map(|write| write.key.clone()).collect();
            let records = host.read_all(keys).await?;
            let all = |holds: fn(&Write, Option<&Record>) -> bool| {
                self.writes
                    .iter()
                    .zip(&records)
                    .all(|(write, record)| holds(write, record.as_ref()))
            };
            // It may have happened, and only its answer was lost.
            if all(stands) {
                return Ok(Outcome::Committed);
            }
            if outcome? == Outcome::Conflict && !all(may_be_written) {
                return Ok(Outcome::Conflict);
            }
        }
        Err(Failed::Broken)
    }

    /// The writes, with those of the counts.
    async fn counted(&self, host: &Host) -> Result<Vec<Write>, Failed> {
        let mut writes = self.writes.clone();
        for (key, more) in &self.counts {
            writes.push(counts::at(host, key.clone()).await?.more(*more)?);
        }
        for kind in [Kind::TrustedTokenIssuer, Kind::Application] {
            writes.extend(filtered::first(host, kind).await?);
        }
        Ok(writes)
    }
}

/// Whether the store holds what this would write.
fn stands(write: &Write, record: Option<&Record>) -> bool {
    write.value.as_ref() == record.map(|record| &record.value)
}

/// Whether the store holds what this expects.
fn may_be_written(write: &Write, record: Option<&Record>) -> bool {
    match write.expect {
        Expect::Any => true,
        Expect::Absent => record.is_none(),
        Expect::Version(version) => record.is_some_and(|record| record.version == version),
    }
}
