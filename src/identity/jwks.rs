//! The keys of one URL over time: a pure state machine. Time is passed in and
//! fetching is somebody else's work; this only says what is due.
//!
//! - What was fetched is fresh for as long as `Cache-Control` says, between
//!   [`FLOOR`] and [`CEILING`], and [`DEFAULT`] when it says nothing.
//! - An unknown `kid`, or a signature that is bad under a known one, earns one
//!   refetch; after it the URL rests for [`COOLDOWN`], so that a flood of
//!   invented names costs one fetch. The place of the keys is looked for anew with it,
//!   where a discovery document names that.
//! - One fetch is under way at a time; a request that needs it meanwhile joins
//!   it.
//! - When fetching fails, the last good keys are used for [`STALE`] beyond their
//!   time, with retries at growing distances.
//! - Without any keys there is one attempt every [`PAUSE`], so that a client that
//!   waits as long as it was told is served by the first request after an outage.
//! - What was fetched counts, also a set without keys: then no token is good.

use alloc::sync::Arc;

use crate::jose::JwkSet;
use crate::time::Timestamp;

/// Shortest time that keys are fresh for, in seconds.
const FLOOR: u64 = 60;
/// Longest.
const CEILING: u64 = 24 * 3600;
/// When the server does not say.
const DEFAULT: u64 = 15 * 60;
/// Rest after a refetch that a token caused.
const COOLDOWN: u64 = 30;
/// How long keys outlive their freshness while fetching fails.
const STALE: u64 = 24 * 3600;
/// Longest distance between retries while there are keys to go on with.
const MAX_BACKOFF: u64 = 300;
/// Rest after a failed attempt while there are none; what `Retry-After` says.
pub(super) const PAUSE: u64 = 1;

/// What to do for somebody who needs keys.
#[derive(Debug, PartialEq)]
pub(crate) enum Plan {
    /// Use these.
    Use(Snapshot),
    /// Fetch, and report with [`KeyCache::loaded`] or [`KeyCache::failed`].
    Fetch,
    /// Somebody fetches already: wait for the same answer, and report it too.
    Join,
    /// Keys may not be fetched yet.
    Rest {
        /// Seconds until they may.
        seconds: u64,
        /// The last attempt failed: what the keys are now is not known.
        failing: bool,
    },
}

/// Keys as they were at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) keys: Arc<JwkSet>,
    /// Counts the successful fetches.
    pub(crate) generation: u64,
    /// Past their time, and used because fetching fails.
    pub(crate) stale: bool,
    /// When their time is over.
    pub(crate) fresh_until: Timestamp,
}

/// How the keys of a URL are doing, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Never asked for.
    Unused,
    Fresh,
    Stale,
    Unavailable,
}

/// The state of one URL.
#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    loaded: Option<Loaded>,
    generation: u64,
    /// Counts the attempts to fetch.
    attempts: u64,
    /// The attempt under way, and when it will have given up.
    in_flight: Option<(u64, Timestamp)>,
    /// The attempt that brought the keys that there are.
    loaded_by: u64,
    /// No refetch that a token causes before this.
    rest_until: Timestamp,
    /// The same while fetching fails; a success ends it.
    failing_until: Timestamp,
    /// Failures since the last success.
    failures: u32,
    /// No retry before this while there are keys to go on with.
    retry_at: Timestamp,
    /// No retry before this while there are none.
    pause_until: Timestamp,
}

#[derive(Debug)]
struct Loaded {
    keys: Arc<JwkSet>,
    /// When they were fetched.
    at: Timestamp,
    fresh_until: Timestamp,
    /// When upkeep may fetch ahead.
    ahead_at: Timestamp,
    /// Whether anybody used them since; unused keys are not fetched ahead.
    used: bool,
}

impl KeyCache {
    /// What to do for a token that needs keys. `timeout` is how many seconds
    /// a fetch may take.
    pub(crate) fn plan(&mut self, now: Timestamp, timeout: u64) -> Plan {
        self.forgive_the_clock(now);
        let fresh = self.loaded.as_ref().is_some_and(|loaded| now < loaded.fresh_until);
        let backing_off = self.failures > 0 && now < self.retry_at;
        if (fresh || backing_off)
            && let Some(snapshot) = self.use_last(now)
        {
            return Plan::Use(snapshot);
        }
        let pausing = self.failures > 0 && !self.is_fetching(now) && now < self.pause_until;
        if pausing && self.use_last(now).is_none() {
            return Plan::Rest { seconds: self.pause_until.since(now), failing: true };
        }
        self.fetch(now, timeout)
    }

    /// What to do for a token that the keys of this generation do not serve.
    pub(crate) fn plan_newer(&mut self, than: u64, now: Timestamp, timeout: u64) -> Plan {
        self.forgive_the_clock(now);
        if self.generation > than
            && let Some(snapshot) = self.use_last(now)
        {
            return Plan::Use(snapshot);
        }
        let failing = self.failures > 0;
        let rest_until = if failing { self.failing_until } else { self.rest_until };
        if !self.is_fetching(now) && now < rest_until {
            return Plan::Rest { seconds: rest_until.since(now), failing };
        }
        let plan = self.fetch(now, timeout);
        if plan == Plan::Fetch {
            self.rest_until = now.plus(COOLDOWN);
        }
        plan
    }

    /// Whether keys that are in use are near their end and should be fetched
    /// ahead; says yes to one caller only.
    pub(crate) fn plan_ahead(&mut self, now: Timestamp, timeout: u64) -> bool {
        let due = self.loaded.as_ref().is_some_and(|loaded| loaded.used && now >= loaded.ahead_at);
        due && now >= self.retry_at && self.fetch(now, timeout) == Plan::Fetch
    }

    /// The number of the attempt that was begun last. A report carries it.
    pub(crate) fn attempt(&self) -> u64 {
        self.attempts
    }

    /// An attempt brought these keys. All who waited for it report; the first
    /// report counts, and one that comes after a later attempt's does not.
    ///
    /// Says whether they are others than before.
    pub(crate) fn loaded(
        &mut self,
        attempt: u64,
        keys: JwkSet,
        cache_control: Option<&str>,
        now: Timestamp,
    ) -> bool {
        self.ended(attempt);
        if attempt <= self.loaded_by {
            return false;
        }
        self.loaded_by = attempt;
        self.replace(keys, cache_control, now)
    }

    /// Somebody else fetched these keys at that time: they are taken over, if
    /// they are newer, and are fresh for as long as they are there.
    ///
    /// Says whether they are others than before.
    pub(crate) fn seeded(
        &mut self,
        keys: JwkSet,
        cache_control: Option<&str>,
        at: Timestamp,
    ) -> bool {
        let newer = self.loaded.as_ref().is_none_or(|loaded| loaded.at < at);
        newer && self.replace(keys, cache_control, at)
    }

    /// Nobody needs the keys for now: they are not fetched ahead.
    pub(crate) fn idle(&mut self) {
        if let Some(loaded) = &mut self.loaded {
            loaded.used = false;
        }
    }

    fn replace(&mut self, keys: JwkSet, cache_control: Option<&str>, at: Timestamp) -> bool {
        let lifetime = lifetime(cache_control, keys.refresh_hint);
        let before = self.loaded.take().map(|loaded| loaded.keys);
        let others = before.as_ref().is_some_and(|before| **before != keys);
        // Equal keys stay the same objects: what they verified still counts.
        let keys = before.filter(|_| !others).unwrap_or_else(|| Arc::new(keys));
        self.generation += 1;
        self.failures = 0;
        self.retry_at = at;
        self.loaded = Some(Loaded {
            keys,
            at,
            fresh_until: at.plus(lifetime),
            ahead_at: at.plus(lifetime - (lifetime / 5).min(300)),
            used: false,
        });
        others
    }

    /// An attempt failed. All who waited for it report; the first report counts,
    /// and none once another attempt is under way.
    pub(crate) fn failed(&mut self, attempt: u64, now: Timestamp) {
        if !self.ended(attempt) {
            return;
        }
        let backoff = 1_u64.checked_shl(self.failures).unwrap_or(MAX_BACKOFF).min(MAX_BACKOFF);
        self.failures += 1;
        self.retry_at = now.plus(backoff);
        // What failed said nothing about newer keys: do not rest for all of
        // the cooldown, or the first token after an outage is refused; and not
        // beyond the outage, or keys that were rotated in it are.
        self.failing_until = now.plus(backoff.min(COOLDOWN));
        self.rest_until = now;
        self.pause_until = now.plus(PAUSE);
    }

    /// The last good keys, unless they are too old for everything.
    pub(crate) fn use_last(&mut self, now: Timestamp) -> Option<Snapshot> {
        let generation = self.generation;
        let loaded = self.loaded.as_mut()?;
        if now >= loaded.fresh_until.plus(STALE) {
            return None;
        }
        loaded.used = true;
        Some(Snapshot {
            keys: Arc::clone(&loaded.keys),
            generation,
            stale: now >= loaded.fresh_until,
            fresh_until: loaded.fresh_until,
        })
    }

    /// Whether there are keys to go on with.
    pub(super) fn has_keys(&self, now: Timestamp) -> bool {
        matches!(self.health(now), Health::Fresh | Health::Stale)
    }

    pub(crate) fn health(&self, now: Timestamp) -> Health {
        match &self.loaded {
            Some(loaded) if now < loaded.fresh_until => Health::Fresh,
            Some(loaded) if now < loaded.fresh_until.plus(STALE) => Health::Stale,
            None if self.failures == 0 => Health::Unused,
            _ => Health::Unavailable,
        }
    }

    /// After the clock stepped back, nothing lies further ahead than it could.
    fn forgive_the_clock(&mut self, now: Timestamp) {
        self.rest_until = self.rest_until.min(now.plus(COOLDOWN));
        self.failing_until = self.failing_until.min(now.plus(COOLDOWN));
        self.retry_at = self.retry_at.min(now.plus(MAX_BACKOFF));
        self.pause_until = self.pause_until.min(now.plus(PAUSE));
        if let Some(loaded) = &mut self.loaded {
            loaded.fresh_until = loaded.fresh_until.min(now.plus(CEILING));
        }
    }

    /// Begins a fetch, unless one is under way. One whose reporter went away
    /// is given up for lost when its time is over.
    fn fetch(&mut self, now: Timestamp, timeout: u64) -> Plan {
        if self.is_fetching(now) {
            return Plan::Join;
        }
        self.attempts += 1;
        self.in_flight = Some((self.attempts, now.plus(timeout)));
        Plan::Fetch
    }

    fn is_fetching(&self, now: Timestamp) -> bool {
        self.in_flight.is_some_and(|(_, until)| now < until)
    }

    /// Says whether this attempt was the one under way.
    fn ended(&mut self, attempt: u64) -> bool {
        self.in_flight.take_if(|(number, _)| *number == attempt).is_some()
    }
}

/// Seconds that a reply with this `Cache-Control` (RFC 9111 section 5.2.2) is
/// fresh for. What a document says of itself, as a SPIFFE bundle does, shortens
/// them, or stands where the reply says nothing.
fn lifetime(cache_control: Option<&str>, hint: Option<u64>) -> u64 {
    let hint = hint.map(|hint| hint.clamp(FLOOR, CEILING));
    let Some(directives) = cache_control else { return hint.unwrap_or(DEFAULT) };
    let mut lifetime = hint.unwrap_or(DEFAULT);
    for directive in directives.split(',').map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return FLOOR;
        }
        if name.eq_ignore_ascii_case("max-age")
            && let Ok(seconds) = value.trim_matches('"').parse::<u64>()
        {
            lifetime = seconds.min(hint.unwrap_or(CEILING));
        }
    }
    lifetime.clamp(FLOOR, CEILING)
}

#[cfg(test)]
mod tests;
