//! Documents of clients that nobody registered. Anybody can name such a client and
//! have its document fetched, and each name is another one. So the fetches count for
//! the address that they come from, and for nothing else: what strangers have fetched
//! there turns no registered client away, and no client whose document is known.

use super::counts::Key;
use super::rate::Rate;
use super::shared::Turn;
use super::{Counted, Gate, Limits, TooMany, What};
use crate::host::Host;
use crate::step::cold;
use crate::time::Timestamp;

/// A document that is being fetched, and counts until it turns out to be good.
pub(crate) struct DocumentFetch<'a> {
    limits: &'a Limits,
    /// Nothing, where nothing is limited.
    counted: Option<(Key, Rate)>,
    now: Timestamp,
}

impl<'a> Gate<'a> {
    /// Counts a document before it is fetched: those that are fetched at the same time
    /// are not more than those that are fetched one by one.
    ///
    /// # Errors
    /// [`TooMany`] when too many were fetched for this address; this one then does not
    /// count.
    pub(crate) fn fetch_document(&self) -> Result<DocumentFetch<'a>, TooMany> {
        let fetch = |counted| DocumentFetch { limits: self.limits, counted, now: self.now };
        let (Some(rate), Some(_)) = (self.failures(1), self.sender) else {
            return Ok(fetch(None));
        };
        let key = (self.sender, Counted::Document);
        let mut counts = self.limits.counts.lock();
        let count = counts.entry(key, self.now);
        let too_many = |retry_after| TooMany { retry_after, what: What::Failures };
        rate.check(count.until, self.now).map_err(too_many)?;
        count.add(rate, self.now);
        Ok(fetch(Some((key, rate))))
    }
}

impl DocumentFetch<'_> {
    /// The client authenticated: its document does not count.
    pub(crate) fn was_good(self) {
        if let Some((key, rate)) = self.counted
            && let Some(count) = self.limits.counts.lock().kept(&key)
        {
            count.take_back(rate, self.now);
        }
    }

    /// The client did not authenticate, or that could not be decided. Tells the other
    /// processes.
    pub(crate) async fn was_in_vain(self, host: &Host) {
        let Some(counted) = self.counted else { return };
        if let Some(turn) = Turn::take(self.limits, &[counted], self.now) {
            cold(turn.share(host)).await;
        }
    }
}
