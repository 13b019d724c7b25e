//! How often a sender may fail to authenticate, and how many requests a client may
//! send: the rates of `limits` in the configuration.
//!
//! A failure counts for its client and the address that it came from, and for the
//! address alone. It never counts for a client as such: anybody knows the id of a
//! client and can fail in its name, and would have it turned away. Where the host
//! knows no address, failures are therefore not limited. Requests of a client are
//! counted after it authenticated, for the same reason.
//!
//! Counts are in the memory of an engine. A store is not asked, so that failing
//! costs a stranger's target nothing; several engines allow as many times the rate.

mod rate;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use spin::Mutex;

use self::rate::Rate;
use crate::config::RateLimits;
use crate::host::Host;
use crate::http::Network;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::time::Timestamp;

/// Most counts that are kept. Without room, those make room that are furthest from
/// their limit.
const MOST: usize = 8192;

/// Seconds after which counts that are over are looked for. With the minute that a
/// count takes to end, nothing of an address is kept for longer than two.
const SWEEP: u64 = 60;

/// An address may fail so many times as often as one client there.
const CLIENTS_OF_AN_ADDRESS: u64 = 10;

/// In whose name somebody tries to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt<'a> {
    /// The application with this client id, which exists.
    Client(&'a str),
    /// An application that does not exist.
    UnknownClient,
    /// The bearer of an admin token, or of an access token for this server.
    Bearer,
    /// Somebody who signs in to the console.
    #[cfg(feature = "admin")]
    SignIn,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Address,
    Client(u64),
    UnknownClient,
    Bearer,
    #[cfg(feature = "admin")]
    SignIn,
    Requests(u64),
}

impl From<Attempt<'_>> for Counted {
    fn from(attempt: Attempt<'_>) -> Self {
        match attempt {
            Attempt::Client(id) => Self::Client(short(id)),
            Attempt::UnknownClient => Self::UnknownClient,
            Attempt::Bearer => Self::Bearer,
            #[cfg(feature = "admin")]
            Attempt::SignIn => Self::SignIn,
        }
    }
}

/// A client id in few bytes.
fn short(id: &str) -> u64 {
    let digest = Sha256::digest(id);
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// Where something is counted: an address, if it is known, and what.
type Key = (Option<Network>, Counted);

/// The counts of an engine. They go on under another configuration.
#[derive(Default)]
pub(crate) struct Limits {
    counts: Mutex<Counts>,
    /// Failures that are not limited, because their address is not known.
    without_address: AtomicU64,
}

#[derive(Default)]
struct Counts {
    /// For each the time, in nanoseconds, at which nothing of it is left.
    until: BTreeMap<Key, u64>,
    sweep_at: Timestamp,
}

/// More than the configuration allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// Seconds after which one more is allowed.
    pub(crate) retry_after: u64,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Failures,
    FailuresOfAddress,
    Requests,
}

impl TooMany {
    /// One sentence for whoever is turned away.
    pub(crate) fn message(&self) -> alloc::string::String {
        let what = match self.what {
            What::Failures => "authentication failed too often from this address",
            What::FailuresOfAddress => {
                "authentication of several clients failed too often from this address"
            }
            What::Requests => "the client sent more requests than it may",
        };
        let seconds = self.retry_after;
        format!("{what}; try again in {seconds} second{}", if seconds == 1 { "" } else { "s" })
    }
}

impl From<TooMany> for Refusal {
    fn from(too_many: TooMany) -> Self {
        let reason = match too_many.what {
            What::Failures => &reason::LIMIT_FAILURES,
            What::FailuresOfAddress => &reason::LIMIT_FAILURES_OF_ADDRESS,
            What::Requests => &reason::LIMIT_REQUESTS,
        };
        Self::new(OAuthError::TooManyRequests, reason, too_many.message())
            .retrying_after(too_many.retry_after)
    }
}

/// The limits as they are for one request.
#[derive(Clone, Copy)]
pub(crate) struct Gate<'a> {
    limits: &'a Limits,
    rates: &'a RateLimits,
    sender: Option<Network>,
    now: Timestamp,
}

impl Limits {
    pub(crate) fn gate<'a>(&'a self, rates: &'a RateLimits, host: &Host) -> Gate<'a> {
        Gate { limits: self, rates, sender: host.sender, now: host.now }
    }

    /// The figures in the text format that Prometheus reads.
    pub(crate) fn text(&self) -> alloc::string::String {
        format!(
            "# HELP exchequer_limits_counts Counts that are kept of failed attempts and of requests.\n\
             # TYPE exchequer_limits_counts gauge\n\
             exchequer_limits_counts {}\n\
             # HELP exchequer_failures_without_address_total Failed attempts that are not limited, because the address of their sender is not known.\n\
             # TYPE exchequer_failures_without_address_total counter\n\
             exchequer_failures_without_address_total {}\n",
            self.counts.lock().until.len(),
            self.without_address.load(Ordering::Relaxed)
        )
    }
}

impl Gate<'_> {
    /// Whether this may be tried from here.
    ///
    /// # Errors
    /// [`TooMany`] when it failed too often.
    pub(crate) fn check(&self, attempt: Attempt<'_>) -> Result<(), TooMany> {
        self.check_count(|| attempt.into(), 1, What::Failures)
    }

    /// Whether anything may be tried from here. To be asked before the store is.
    ///
    /// # Errors
    /// [`TooMany`] when the attempts of this address failed too often.
    pub(crate) fn check_address(&self) -> Result<(), TooMany> {
        self.check_count(|| Counted::Address, CLIENTS_OF_AN_ADDRESS, What::FailuresOfAddress)
    }

    fn check_count(
        &self,
        counted: impl FnOnce() -> Counted,
        times: u64,
        what: What,
    ) -> Result<(), TooMany> {
        let (Some(rate), Some(sender)) = (self.failures(times), self.sender) else {
            return Ok(());
        };
        let mut counts = self.limits.counts.lock();
        if counts.is_empty(self.now) {
            return Ok(());
        }
        let until = counts.get(&(Some(sender), counted()));
        rate.check(until, self.now).map_err(|retry_after| TooMany { retry_after, what })
    }

    /// Notes that an attempt failed.
    pub(crate) fn failed(&self, attempt: Attempt<'_>) {
        let (Some(one), Some(all)) = (self.failures(1), self.failures(CLIENTS_OF_AN_ADDRESS))
        else {
            return;
        };
        if self.sender.is_none() {
            self.limits.without_address.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut counts = self.limits.counts.lock();
        counts.add((self.sender, attempt.into()), one, self.now);
        counts.add((self.sender, Counted::Address), all, self.now);
    }

    /// Counts a request of a client. Anybody can speak for a public client, so its
    /// requests are counted for each address.
    ///
    /// # Errors
    /// [`TooMany`] when it has sent too many; this one is then not counted.
    pub(crate) fn request(&self, client_id: &str, is_public: bool) -> Result<(), TooMany> {
        let Some(per_second) = self.rates.requests_per_second else { return Ok(()) };
        let rate = Rate::per_second(per_second);
        let sender = if is_public { self.sender } else { None };
        let key = (sender, Counted::Requests(short(client_id)));
        let mut counts = self.limits.counts.lock();
        let until = counts.get(&key);
        rate.check(until, self.now)
            .map_err(|retry_after| TooMany { retry_after, what: What::Requests })?;
        counts.add(key, rate, self.now);
        Ok(())
    }

    fn failures(&self, times: u64) -> Option<Rate> {
        self.rates.failures_per_minute.map(|each| Rate::per_minute(each.saturating_mul(times)))
    }
}

impl Counts {
    /// Whether nothing is counted, which is the usual case.
    fn is_empty(&mut self, now: Timestamp) -> bool {
        if !self.until.is_empty() && (now >= self.sweep_at || self.sweep_at > now.plus(SWEEP)) {
            self.sweep(now);
        }
        self.until.is_empty()
    }

    fn get(&self, key: &Key) -> u64 {
        self.until.get(key).copied().unwrap_or_default()
    }

    fn add(&mut self, key: Key, rate: Rate, now: Timestamp) {
        if self.until.is_empty() {
            self.sweep_at = now.plus(SWEEP);
        }
        if self.until.len() >= MOST && !self.until.contains_key(&key) {
            self.make_room(now);
        }
        let until = self.until.entry(key).or_default();
        *until = rate.add(*until, now);
    }

    fn sweep(&mut self, now: Timestamp) {
        self.until.retain(|_, until| rate::is_running(*until, now));
        self.sweep_at = now.plus(SWEEP);
    }

    /// Forgets the eighth of the counts that is nearest to its end: senders that
    /// failed once. Whoever is turned away stays.
    fn make_room(&mut self, now: Timestamp) {
        self.sweep(now);
        if self.until.len() < MOST {
            return;
        }
        let mut ends: Vec<u64> = self.until.values().copied().collect();
        let (_, last, _) = ends.select_nth_unstable(MOST / 8);
        let last = *last;
        let mut room = MOST / 8;
        self.until.retain(|_, until| {
            let goes = *until <= last && room > 0;
            room = room.saturating_sub(usize::from(goes));
            !goes
        });
    }
}

#[cfg(test)]
mod tests;
