//! How many decisions an instance stores, and how many it made.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Counts, Decided};
use crate::audit::Audit;
use crate::host::Host;
use crate::time::Timestamp;

/// Seconds for which nothing is stored after the store has failed.
const REST: u64 = 10;

/// The minute that is, and what happened in it.
#[derive(Default)]
pub(super) struct Pace {
    /// Tells the counts of this instance from those of others.
    instance: String,
    minute: Timestamp,
    counts: Counts,
    /// Whether `counts` is what was stored last.
    is_stored: bool,
    stored: u64,
    of_strangers: u64,
    rests_until: Timestamp,
}

/// What is to be stored with a decision.
pub(super) struct Due {
    pub(super) instance: String,
    /// The counts of this minute, and those of an earlier one that were not
    /// stored to its end.
    pub(super) counts: Vec<(Timestamp, Counts)>,
}

impl Pace {
    /// Counts a decision; what is to be stored with it, if it is to be stored.
    pub(super) fn take(&mut self, most: u64, host: &Host, audit: &Audit) -> Option<Due> {
        if self.instance.is_empty() {
            self.instance = host.entropy.identifier("instance");
        }
        let minute = Timestamp(host.now.0 - host.now.0 % 60);
        let mut counts = Vec::new();
        if self.minute != minute {
            if !self.is_stored && self.counts != Counts::default() {
                counts.push((self.minute, self.counts));
            }
            self.minute = minute;
            (self.counts, self.stored, self.of_strangers) = (Counts::default(), 0, 0);
        }
        match Decided::of(audit) {
            Decided::Granted => self.counts.granted = self.counts.granted.saturating_add(1),
            Decided::Refused => self.counts.refused = self.counts.refused.saturating_add(1),
        }
        self.is_stored = false;
        let is_stranger = is_stranger(audit);
        let has_room =
            self.stored < most && (!is_stranger || self.of_strangers.saturating_mul(2) < most);
        if !has_room || host.now < self.rests_until {
            // Counts of an earlier minute are lost here only while the store fails:
            // the first decision of a minute has room.
            return None;
        }
        self.stored += 1;
        self.of_strangers += u64::from(is_stranger);
        self.is_stored = true;
        counts.push((minute, self.counts));
        Some(Due { instance: self.instance.clone(), counts })
    }

    /// The store has failed: a request must not wait for it each time.
    pub(super) fn rest(&mut self, now: Timestamp) {
        self.is_stored = false;
        self.rests_until = now.plus(REST);
    }
}

/// Whoever did not authenticate cannot hide what happens to those who did.
fn is_stranger(audit: &Audit) -> bool {
    audit.administrator.is_none() && !audit.checks.has_passed("client", "authentication")
}
