//! How often a sender may fail to authenticate, and how many requests a client may
//! send: the rates of `limits` in the configuration.
//!
//! A failure counts for its client and the address that it came from, and for the
//! address alone. It never counts for a client as such: anybody knows the id of a
//! client and can fail in its name, and would have it turned away. Where the host
//! knows no address, failures are therefore not limited. Requests of a client are
//! counted after it authenticated, for the same reason.
//!
//! Fetches of documents of clients that nobody registered count as well: see `documents`.
//!
//! Counts are in the memory of an engine, and that alone is asked whether somebody is
//! turned away. Several engines on one store count together: see `shared`.

mod counts;
mod documents;
mod rate;
mod shared;
mod slots;

use alloc::format;
use core::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use spin::Mutex;

use self::counts::{Counts, Key};
pub(crate) use self::documents::DocumentFetch;
use self::rate::Rate;
use self::shared::{Pace, Turn};
use crate::config::RateLimits;
use crate::host::Host;
use crate::http::Network;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::step::cold;
use crate::time::Timestamp;

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
    /// A document of a client that nobody registered.
    Document,
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

/// The counts of an engine. They go on under another configuration.
#[derive(Default)]
pub(crate) struct Limits {
    counts: Mutex<Counts>,
    pace: Mutex<Pace>,
    /// Failures that are not limited, because their address is not known.
    without_address: AtomicU64,
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
            self.counts.lock().len(),
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
        let until = counts.until(&(Some(sender), counted()));
        rate.check(until, self.now).map_err(|retry_after| TooMany { retry_after, what })
    }

    /// Notes that an attempt failed, and tells the other processes.
    pub(crate) async fn failed(&self, host: &Host, attempt: Attempt<'_>) {
        let Some(counted) = self.count(attempt) else { return };
        if let Some(turn) = Turn::take(self.limits, &counted, self.now) {
            cold(turn.share(host)).await;
        }
    }

    /// Notes that an attempt failed.
    fn count(&self, attempt: Attempt<'_>) -> Option<[(Key, Rate); 2]> {
        let (one, all) = (self.failures(1)?, self.failures(CLIENTS_OF_AN_ADDRESS)?);
        if self.sender.is_none() {
            self.limits.without_address.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let counted =
            [((self.sender, attempt.into()), one), ((self.sender, Counted::Address), all)];
        let mut counts = self.limits.counts.lock();
        for (key, rate) in counted {
            counts.entry(key, self.now).add(rate, self.now);
        }
        Some(counted)
    }

    /// Whether requests of clients are counted.
    pub(crate) fn counts_requests(&self) -> bool {
        self.rates.requests_per_second.is_some()
    }

    /// Counts a request of a client. Anybody can speak for a public client, so its
    /// requests are counted for each address.
    ///
    /// # Errors
    /// [`TooMany`] when it has sent too many; this one is then not counted.
    pub(crate) async fn request(
        &self,
        host: &Host,
        client_id: &str,
        is_public: bool,
    ) -> Result<(), TooMany> {
        let Some(per_second) = self.rates.requests_per_second else { return Ok(()) };
        let sender = if is_public { self.sender } else { None };
        let key = (sender, Counted::Requests(short(client_id)));
        slots::take(self.limits, host, key, Rate::per_second(per_second)).await
    }

    fn failures(&self, times: u64) -> Option<Rate> {
        self.rates.failures_per_minute.map(|each| Rate::per_minute(each.saturating_mul(times)))
    }
}

#[cfg(test)]
mod tests;
