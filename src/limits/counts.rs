//! The counts in memory, a bounded number of them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Counted;
use super::rate::{self, Rate};
use super::slots::Slots;
use crate::http::Network;
use crate::time::Timestamp;

/// Most counts that are kept. Without room, those make room that are furthest from
/// their limit.
pub(super) const MOST: usize = 8192;

/// Seconds after which counts that are over are looked for. With the two minutes that
/// a count takes to end at most, nothing of an address is kept for longer than three.
const SWEEP: u64 = 60;

/// Seconds after which a request that shares a count is not waited for any more: its
/// store never answered.
const SHARED_WITHIN: u64 = 10;

/// Where something is counted: an address, if it is known, and what.
pub(super) type Key = (Option<Network>, Counted);

/// What is known of one of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    /// The time, in nanoseconds, at which nothing of it is left.
    pub(super) until: u64,
    /// The same of what happened here and is not in the shared number yet.
    pub(super) unshared: u64,
    /// Until when a request that shares it is waited for.
    busy_until: Timestamp,
    pub(super) slots: Slots,
}

impl Count {
    /// Counts one more, that other processes do not know of.
    pub(super) fn add(&mut self, rate: Rate, now: Timestamp) {
        self.until = rate.add(self.until, now);
        self.unshared = rate.add(self.unshared, now);
    }

    /// Counts one less, as if it had not happened.
    pub(super) fn take_back(&mut self, rate: Rate, now: Timestamp) {
        self.until = rate::earlier(self.until, rate.length(1), now);
        self.unshared = rate::earlier(self.unshared, rate.length(1), now);
    }

    /// Takes over what the shared number says. It never makes this one smaller: what
    /// happened here counts, whatever becomes of the store.
    pub(super) fn learn(&mut self, until: u64, rate: Rate, now: Timestamp) {
        if rate.running(until, now) > rate.running(self.until, now) {
            self.until = until;
        }
    }
}

#[derive(Default)]
pub(super) struct Counts {
    counts: BTreeMap<Key, Count>,
    sweep_at: Timestamp,
}

impl Counts {
    /// Whether nothing is counted, which is the usual case.
    pub(super) fn is_empty(&mut self, now: Timestamp) -> bool {
        if !self.counts.is_empty() && (now >= self.sweep_at || self.sweep_at > now.plus(SWEEP)) {
            self.sweep(now);
        }
        self.counts.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn until(&self, key: &Key) -> u64 {
        self.counts.get(key).map(|count| count.until).unwrap_or_default()
    }

    /// A count that is kept.
    pub(super) fn kept(&mut self, key: &Key) -> Option<&mut Count> {
        self.counts.get_mut(key)
    }

    /// The same; it begins if there is none.
    pub(super) fn entry(&mut self, key: Key, now: Timestamp) -> &mut Count {
        if self.counts.is_empty() {
            self.sweep_at = now.plus(SWEEP);
        }
        if self.counts.len() >= MOST && !self.counts.contains_key(&key) {
            self.make_room(now);
        }
        self.counts.entry(key).or_default()
    }

    /// Whether nobody shares this count, so that the caller does.
    pub(super) fn begin_sharing(&mut self, key: &Key, now: Timestamp) -> bool {
        let Some(count) = self.counts.get_mut(key) else { return false };
        let until = now.plus(SHARED_WITHIN);
        let is_free = count.busy_until <= now || count.busy_until > until;
        if is_free {
            count.busy_until = until;
        }
        is_free
    }

    pub(super) fn end_sharing(&mut self, key: &Key) {
        if let Some(count) = self.counts.get_mut(key) {
            count.busy_until = Timestamp::default();
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        self.counts.retain(|_, count| rate::is_running(count.until, now));
        self.sweep_at = now.plus(SWEEP);
    }

    /// Forgets the eighth of the counts that is nearest to its end: senders that
    /// failed once. Whoever is turned away stays.
    fn make_room(&mut self, now: Timestamp) {
        self.sweep(now);
        if self.counts.len() < MOST {
            return;
        }
        let mut ends: Vec<u64> = self.counts.values().map(|count| count.until).collect();
        let (_, last, _) = ends.select_nth_unstable(MOST / 8);
        let last = *last;
        let mut room = MOST / 8;
        self.counts.retain(|_, count| {
            let goes = count.until <= last && room > 0;
            room = room.saturating_sub(usize::from(goes));
            !goes
        });
    }
}
