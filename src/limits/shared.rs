//! Counting together: what this process counted goes into the number that the
//! processes share in the store, and what others counted comes back.
//!
//! The store is never asked whether somebody may try. When it does not answer, or
//! would be asked too often, what is in memory decides alone.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::counts::Key;
use super::rate::{self, Rate};
use super::{Counted, Limits};
use crate::host::{Host, Outcome};
use crate::http::Network;
use crate::step::{Failed, Write};
use crate::storage::limits::{self, Held};
use crate::time::Timestamp;

/// How often a request tries to write when others are first.
pub(super) const TRIES: usize = 2;

/// Seconds for which nothing is shared after the store has failed.
const REST: u64 = 5;

/// How many failures of a minute this process shares.
const FAILURES: u64 = 1200;

/// How many blocks of slots this process takes in a second.
const BLOCKS: u64 = 100;

/// How often this process asks the store.
#[derive(Default)]
pub(super) struct Pace {
    rests_until: Timestamp,
    failures: u64,
    blocks: u64,
}

impl Pace {
    /// Leaves the store alone for a while.
    pub(super) fn rest(&mut self, now: Timestamp) {
        self.rests_until = now.plus(REST);
    }

    fn allows(&mut self, key: &Key, now: Timestamp) -> bool {
        if now < self.rests_until && self.rests_until <= now.plus(REST) {
            return false;
        }
        let (rate, number) = match key.1 {
            Counted::Requests(_) => (Rate::per_second(BLOCKS), &mut self.blocks),
            _ => (Rate::per_minute(FAILURES), &mut self.failures),
        };
        let is_allowed = rate.check(*number, now).is_ok();
        if is_allowed {
            *number = rate.add(*number, now);
        }
        is_allowed
    }
}

/// What one batch adds to the shared numbers.
#[derive(Default)]
struct Addition {
    writes: Vec<Write>,
    /// How much of each count that is.
    lengths: Vec<(Key, u64)>,
}

/// The right to share some counts, which one request of this process has at a time.
pub(super) struct Turn<'a> {
    limits: &'a Limits,
    counts: Vec<(Key, Rate)>,
    keys: Vec<String>,
    now: Timestamp,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut counts = self.limits.counts.lock();
        for (key, _) in &self.counts {
            counts.end_sharing(key);
        }
    }
}

impl<'a> Turn<'a> {
    /// Those of these counts that nobody shares now, unless the store is to be left
    /// alone.
    pub(super) fn take(limits: &'a Limits, counts: &[(Key, Rate)], now: Timestamp) -> Option<Self> {
        let mut kept = limits.counts.lock();
        let free = counts.iter().filter(|(key, _)| kept.begin_sharing(key, now));
        let counts: Vec<(Key, Rate)> = free.copied().collect();
        drop(kept);
        let (first, _) = *counts.first()?;
        let keys = counts.iter().map(|(key, _)| name(key)).collect();
        let turn = Self { limits, counts, keys, now };
        let may_ask = limits.pace.lock().allows(&first, now);
        may_ask.then_some(turn)
    }

    /// The shared numbers.
    pub(super) async fn read(&self, host: &Host) -> Result<Vec<Held>, Failed> {
        limits::read(host, self.keys.clone()).await
    }

    /// The write of a shared number.
    pub(super) fn write(&self, index: usize, held: &Held, until: u64) -> Result<Write, Failed> {
        let key = self.keys.get(index).ok_or(Failed::Broken)?;
        limits::write(key, held, until, rate::end(until))
    }

    /// Leaves the store alone for a while if it failed. A host that has none costs
    /// nothing to be asked.
    pub(super) fn rest(&self, failed: Failed) {
        if failed != Failed::Unsupported {
            self.limits.pace.lock().rest(self.now);
        }
    }

    /// Shares failures.
    pub(super) async fn share(&self, host: &Host) {
        for _ in 0..TRIES {
            match self.share_once(host).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(failed) => return self.rest(failed),
            }
        }
    }

    /// Whether nothing is left to be shared.
    async fn share_once(&self, host: &Host) -> Result<bool, Failed> {
        let held = self.read(host).await?;
        let Addition { writes, lengths } = self.merged(&held)?;
        if writes.is_empty() {
            return Ok(true);
        }
        // Whether a batch was written whose answer is lost is not looked for: it may
        // count twice.
        if host.commit_unseen(writes).await? == Outcome::Conflict {
            return Ok(false);
        }
        Ok(self.settle(&lengths))
    }

    /// Takes over what others counted, and says what to add for what was counted here.
    fn merged(&self, held: &[Held]) -> Result<Addition, Failed> {
        let mut addition = Addition::default();
        let mut counts = self.limits.counts.lock();
        for (index, ((key, rate), held)) in self.counts.iter().zip(held).enumerate() {
            let Some(count) = counts.kept(key) else { continue };
            // Another clock has its own idea of when this ends.
            if rate.is_ahead(held.until, self.now) {
                continue;
            }
            let length = rate.running(count.unshared, self.now);
            let until = rate.later(held.until, length, self.now);
            count.learn(until, *rate, self.now);
            if length > 0 {
                addition.writes.push(self.write(index, held, until)?);
                addition.lengths.push((*key, length));
            }
        }
        Ok(addition)
    }

    /// Notes what was written. Says whether nothing was counted meanwhile.
    fn settle(&self, lengths: &[(Key, u64)]) -> bool {
        let mut counts = self.limits.counts.lock();
        let mut is_all = true;
        for (key, length) in lengths {
            if let Some(count) = counts.kept(key) {
                count.unshared = rate::earlier(count.unshared, *length, self.now);
                is_all &= count.unshared == 0;
            }
        }
        is_all
    }
}

/// The key of a count in the store. It has addresses and client ids as hashes only.
fn name((sender, counted): &Key) -> String {
    let sender = match sender {
        None => String::new(),
        Some(Network::V4(bits)) => format!("4:{bits:08x}"),
        Some(Network::V6(bits)) => format!("6:{bits:016x}"),
    };
    match counted {
        Counted::Address => limits::key(&["failures", &sender], "address"),
        Counted::Client(id) => limits::key(&["failures", &sender], &format!("client.{id:016x}")),
        Counted::UnknownClient => limits::key(&["failures", &sender], "unknown-client"),
        Counted::Document => limits::key(&["failures", &sender], "document"),
        Counted::Bearer => limits::key(&["failures", &sender], "bearer"),
        #[cfg(feature = "admin")]
        Counted::SignIn => limits::key(&["failures", &sender], "sign-in"),
        Counted::Requests(id) => {
            limits::key(&["requests", &format!("{id:016x}"), &sender], "requests")
        }
    }
}
