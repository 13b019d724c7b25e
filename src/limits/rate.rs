//! The generic cell rate algorithm (GCRA, ITU-T I.371): a rate, and the one number
//! that is kept of everything that was counted under it.
//!
//! That number is the time at which nothing of it is left. Each event moves it by
//! the interval of the rate, from now on if it has passed. An event is allowed as
//! long as the number is not further away than the period.
//!
//! Failures that were under way together when they were checked move it beyond the
//! period, by one more period at most. So do those of other processes, which would
//! otherwise each allow one whenever the rate allows one.

use crate::time::Timestamp;

/// In nanoseconds, so that rounding does not show at the largest rate.
const SECOND: u64 = 1_000_000_000;

/// So many events in a period, all at once or one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// Nanoseconds.
    interval: u64,
    /// Nanoseconds.
    period: u64,
    /// How far away the number may be, in nanoseconds.
    most: u64,
}

impl Rate {
    pub(super) fn per_minute(events: u64) -> Self {
        Self::of(events, 60, 120)
    }

    pub(super) fn per_second(events: u64) -> Self {
        Self::of(events, 1, 1)
    }

    fn of(events: u64, seconds: u64, most: u64) -> Self {
        let period = seconds * SECOND;
        Self { interval: (period / events.max(1)).max(1), period, most: most * SECOND }
    }

    /// Whether one more is allowed now.
    ///
    /// # Errors
    /// Seconds after which one is, at least one.
    pub(super) fn check(self, until: u64, now: Timestamp) -> Result<(), u64> {
        let beyond =
            self.running(until, now).saturating_add(self.interval).saturating_sub(self.period);
        if beyond == 0 { Ok(()) } else { Err(beyond.div_ceil(SECOND)) }
    }

    /// The number after one more.
    pub(super) fn add(self, until: u64, now: Timestamp) -> u64 {
        self.later(until, self.interval, now)
    }

    /// The number after as much more as `length` says.
    pub(super) fn later(self, until: u64, length: u64, now: Timestamp) -> u64 {
        let running = self.running(until, now).saturating_add(length);
        nanos(now).saturating_add(running.min(self.most))
    }

    /// How many are allowed now.
    pub(super) fn free(self, until: u64, now: Timestamp) -> u64 {
        self.period.saturating_sub(self.running(until, now)) / self.interval
    }

    /// How many there are in a period.
    pub(super) fn all(self) -> u64 {
        self.period / self.interval
    }

    /// As much as so many events are.
    pub(super) fn length(self, events: u64) -> u64 {
        self.interval.saturating_mul(events)
    }

    /// The number from which on none is allowed for a period.
    pub(super) fn full(self, now: Timestamp) -> u64 {
        nanos(now).saturating_add(self.period)
    }

    /// Whether the number is further away than it can be: it comes from another
    /// clock, or from before this one was set back.
    pub(super) fn is_ahead(self, until: u64, now: Timestamp) -> bool {
        until.saturating_sub(nanos(now)) > self.most
    }

    /// Nanoseconds from now on to the end. A number that is too far ahead is not
    /// accepted.
    pub(super) fn running(self, until: u64, now: Timestamp) -> u64 {
        if self.is_ahead(until, now) { 0 } else { until.saturating_sub(nanos(now)) }
    }
}

/// The number after as much less as `length` says.
pub(super) fn earlier(until: u64, length: u64, now: Timestamp) -> u64 {
    let until = until.saturating_sub(length);
    if until > nanos(now) { until } else { 0 }
}

/// Whether anything is left, under whatever rate.
pub(super) fn is_running(until: u64, now: Timestamp) -> bool {
    let now = nanos(now);
    now < until && until - now <= 2 * 60 * SECOND
}

/// The second in which the number has passed.
pub(super) fn end(until: u64) -> Timestamp {
    Timestamp(until.div_ceil(SECOND))
}

fn nanos(now: Timestamp) -> u64 {
    now.0.saturating_mul(SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000);

    /// How many of the attempts, each made now and counted if it is allowed, are.
    fn allowed(rate: Rate, until: &mut u64, now: Timestamp, attempts: usize) -> usize {
        let attempts = (0..attempts).filter(|_| {
            let is_allowed = rate.check(*until, now).is_ok();
            if is_allowed {
                *until = rate.add(*until, now);
            }
            is_allowed
        });
        attempts.count()
    }

    #[test]
    fn as_many_are_allowed_at_once_as_in_a_period_and_then_one_for_each_interval() {
        let (rate, mut until) = (Rate::per_minute(60), 0);
        assert_eq!(allowed(rate, &mut until, NOW, 100), 60);
        assert_eq!(rate.check(until, NOW), Err(1));
        assert_eq!(allowed(rate, &mut until, NOW.plus(1), 100), 1);
        assert_eq!(allowed(rate, &mut until, NOW.plus(11), 100), 10);
        assert_eq!(allowed(rate, &mut until, NOW.plus(71), 100), 60);
    }

    #[test]
    fn who_waits_as_long_as_is_said_is_let_in() {
        for events in [1, 2, 7, 60, 1000, 60_000] {
            for rate in [Rate::per_minute(events), Rate::per_second(events)] {
                let mut until = 0;
                let first = allowed(rate, &mut until, NOW, 100_000);
                assert!(first as u64 >= events && first as u64 <= events + events / 10_000);
                let wait = rate.check(until, NOW).unwrap_err();
                assert_eq!(rate.check(until, NOW.plus(wait)), Ok(()));
                assert!(wait == 1 || rate.check(until, NOW.plus(wait - 1)).is_err());
            }
        }
    }

    #[test]
    fn in_any_hour_no_more_are_allowed_than_the_rate_and_one_burst() {
        for events in [1, 3, 59, 60, 61, 600] {
            let (rate, mut until, mut total) = (Rate::per_minute(events), 0, 0);
            for second in 0..3600 {
                total += allowed(rate, &mut until, NOW.plus(second), 700);
            }
            assert!(total as u64 <= events * 61, "{events}: {total}");
            assert!(total as u64 >= events * 60, "{events}: {total}");
        }
    }

    #[test]
    fn failures_that_were_under_way_together_lock_nobody_out_for_longer_than_a_period() {
        let (rate, mut until) = (Rate::per_minute(60), 0);
        for _ in 0..10_000 {
            until = rate.add(until, NOW);
        }
        assert_eq!(rate.check(until, NOW), Err(61));
        assert!(!is_running(until, NOW.plus(120)));
    }

    #[test]
    fn what_is_taken_away_is_counted_no_more() {
        let rate = Rate::per_minute(60);
        let until = rate.later(0, rate.length(7), NOW);
        let rest = earlier(until, rate.length(3), NOW);
        assert_eq!(rate.running(rest, NOW), rate.length(4));
        assert_eq!(earlier(until, rate.length(7), NOW), 0);
        assert_eq!(earlier(until, rate.length(8), NOW), 0);
    }

    #[test]
    fn a_number_of_another_clock_is_told_from_one_that_is_full() {
        let (minute, second) = (Rate::per_minute(60), Rate::per_second(5));
        for rate in [minute, second] {
            assert!(!rate.is_ahead(rate.full(NOW), NOW));
            assert_eq!((rate.free(rate.full(NOW), NOW), rate.free(0, NOW)), (0, rate.all()));
        }
        assert!(second.is_ahead(second.full(NOW.plus(1)), NOW));
        assert!(minute.is_ahead(minute.full(NOW.plus(61)), NOW));
        assert_eq!(minute.running(minute.full(NOW.plus(61)), NOW), 0);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let (rate, mut until) = (Rate::per_minute(60), 0);
        assert_eq!(allowed(rate, &mut until, NOW, 60), 60);
        let before = Timestamp(NOW.0 - 3600);
        assert_eq!(rate.check(until, before), Ok(()));
        assert!(!is_running(until, before));
    }
}
