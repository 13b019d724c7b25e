//! The requests of a client: each uses a slot of its second. A process takes slots in
//! blocks from the number that the processes share.

use super::counts::{Count, Key};
use super::rate::{self, Rate};
use super::shared::{TRIES, Turn};
use super::{Limits, TooMany, What};
use crate::host::{Host, Outcome};
use crate::step::{Failed, cold};
use crate::time::Timestamp;

/// A request counts in the second that is, if it came so many seconds ago at most.
const LATE: u64 = 5;

/// The slots of a second.
#[derive(Clone, Copy, Default)]
pub(super) struct Slots {
    second: Timestamp,
    /// Taken from the shared number and not used.
    left: u64,
    /// In this second, and in the one before.
    used: u64,
    used_before: u64,
}

impl Slots {
    /// The second in which a request counts that came at this time.
    fn turn(&mut self, now: Timestamp) -> Timestamp {
        let is_late = now < self.second && self.second <= now.plus(LATE);
        if is_late || now == self.second {
            return self.second;
        }
        let used_before = if now == self.second.plus(1) { self.used } else { 0 };
        *self = Self { second: now, left: 0, used: 0, used_before };
        now
    }

    /// How many slots to take beside those that are used already.
    fn block(self, rest: u64, rate: Rate) -> u64 {
        // The request that asks is one of those in use.
        let grown = self.used.saturating_sub(1) / 2;
        let expected = self.used_before.saturating_sub(self.used).max(grown);
        expected.min((rest / 2).max(rate.all() / 16)).min(rest)
    }
}

impl Count {
    /// The second in which this request counts, and whether it has a slot that was
    /// taken before.
    fn take_slot(&mut self, rate: Rate, now: Timestamp) -> Result<(Timestamp, bool), u64> {
        let now = self.slots.turn(now);
        rate.check(self.until, now)?;
        let was_taken = self.slots.left > 0;
        if was_taken {
            self.slots.left -= 1;
            self.until = rate.add(self.until, now);
        } else {
            self.add(rate, now);
        }
        self.slots.used += 1;
        Ok((now, was_taken))
    }
}

/// Counts a request.
///
/// # Errors
/// [`TooMany`] when there are no slots left.
pub(super) async fn take(
    limits: &Limits,
    host: &Host,
    key: Key,
    rate: Rate,
) -> Result<(), TooMany> {
    let too_many = |retry_after| TooMany { retry_after, what: What::Requests };
    let taken = limits.counts.lock().entry(key, host.now).take_slot(rate, host.now);
    let (now, was_taken) = taken.map_err(too_many)?;
    if was_taken {
        return Ok(());
    }
    let Some(turn) = Turn::take(limits, &[(key, rate)], now) else { return Ok(()) };
    let block = Block { limits, key, rate, now };
    match cold(block.take(host, &turn)).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(too_many(1)),
        Err(failed) => {
            turn.rest(failed);
            Ok(())
        }
    }
}

/// Slots that are taken from the shared number at once.
struct Block<'a> {
    limits: &'a Limits,
    key: Key,
    rate: Rate,
    now: Timestamp,
}

impl Block<'_> {
    /// Whether there is a slot for the request that asks, as far as is known.
    async fn take(&self, host: &Host, turn: &Turn<'_>) -> Result<bool, Failed> {
        for _ in 0..TRIES {
            let Some(held) = turn.read(host).await?.pop() else { return Ok(true) };
            if self.rate.is_ahead(held.until, self.now) {
                return Ok(true);
            }
            let free = self.rate.free(held.until, self.now);
            if free == 0 {
                self.close();
                return Ok(false);
            }
            let (owed, block) = self.wanted(free);
            let length = self.rate.length(owed.saturating_add(block));
            let until = self.rate.later(held.until, length, self.now);
            let batch = alloc::vec![turn.write(0, &held, until)?];
            if host.commit_unseen(batch).await? == Outcome::Committed {
                self.open(owed, block);
                return Ok(true);
            }
        }
        Ok(true)
    }

    /// How many slots are in use and not in the shared number, and how many more are
    /// wanted, of those that are free.
    fn wanted(&self, free: u64) -> (u64, u64) {
        let mut counts = self.limits.counts.lock();
        let Some(count) = counts.kept(&self.key) else { return (1, 0) };
        let unshared = self.rate.running(count.unshared, self.now);
        let owed = (unshared / self.rate.length(1)).clamp(1, free);
        (owed, count.slots.block(free - owed, self.rate))
    }

    /// The slots were taken.
    fn open(&self, owed: u64, block: u64) {
        if let Some(count) = self.limits.counts.lock().kept(&self.key) {
            count.unshared = rate::earlier(count.unshared, self.rate.length(owed), self.now);
            if count.slots.second == self.now {
                count.slots.left = count.slots.left.saturating_add(block);
            }
        }
    }

    /// None is left in this second.
    fn close(&self) {
        if let Some(count) = self.limits.counts.lock().kept(&self.key) {
            count.learn(self.rate.full(self.now), self.rate, self.now);
            count.unshared = rate::earlier(count.unshared, self.rate.length(1), self.now);
        }
    }
}
