//! Keys of third parties by URL: one [`KeyCache`] each, and the fetching that
//! it says is due. Every URL comes from the configuration, or from a discovery
//! document named there.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::sync::atomic::{AtomicU64, Ordering};

use spin::Mutex;

use super::jwks::{Health, KeyCache, PAUSE, Plan, Snapshot};
use super::{client_metadata, discovery};
use crate::host::{Fetched, Host};
use crate::jose::JwkSet;
use crate::refusal::Denial;
use crate::time::Timestamp;

mod discovered;
mod fetch;
mod origin;

use discovered::Discovered;
pub(crate) use fetch::FetchError;
pub(super) use fetch::Why;
pub(super) use fetch::failure;
pub(super) use fetch::get;
#[cfg(feature = "admin")]
pub(super) use fetch::submit;
use origin::Name;
pub(crate) use origin::{KeyDocument, Origin};

/// After this, in seconds, an origin that nobody asked for is forgotten: keys
/// are fresh for a day at most, and go on for another.
const FORGOTTEN_AFTER: u64 = 48 * 3600;
/// Seconds between two looks for such origins, at least: to look at all of them
/// for each new one would cost the more the more there are.
const SWEEP_EVERY: u64 = 3600;
/// Most clients that are not registered whose keys are remembered.
const MAX_CLIENTS: usize = 1000;

/// Keys that a request works with.
pub(crate) struct Keys {
    pub(crate) snapshot: Snapshot,
    /// They were fetched for this very request: newer ones cannot be expected.
    pub(crate) just_fetched: bool,
}

/// There are no keys now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub(crate) why: FetchError,
    /// Seconds.
    pub(crate) retry_after: u64,
}

impl From<Unavailable> for Denial {
    fn from(unavailable: Unavailable) -> Self {
        let Unavailable { why, retry_after } = unavailable;
        Self::Unavailable { fault: why.fault(), retry_after }
    }
}

/// The caches of all origins. Bounded by the issuers and applications there
/// are, and were lately: no request adds an origin that none of them names, but for
/// client ids of clients that are not registered, which have a bound of their own.
#[derive(Debug, Default)]
pub(crate) struct KeyDirectory {
    entries: Mutex<Entries>,
    /// How often the keys of some origin became others.
    changes: AtomicU64,
}

#[derive(Debug, Default)]
struct Entries {
    by_name: BTreeMap<Name, Entry>,
    /// When those that nobody asked for were forgotten.
    swept: Timestamp,
}

#[derive(Debug)]
struct Entry {
    origin: Origin,
    cache: KeyCache,
    /// Why the last attempt failed, if it did.
    failure: Option<FetchError>,
    discovered: Option<Discovered>,
    /// When somebody last had to do with it.
    asked: Timestamp,
}

impl KeyDirectory {
    /// Keys that are good enough, fetched if need be.
    pub(crate) async fn keys(&self, host: &Host, origin: &Origin) -> Result<Keys, Unavailable> {
        let plan =
            self.with(origin, host.now, |entry| entry.cache.plan(host.now, origin.patience()));
        match plan {
            Plan::Use(snapshot) => return Ok(Keys { snapshot, just_fetched: false }),
            Plan::Rest { seconds, .. } => return Err(self.resting(origin, host.now, seconds)),
            Plan::Fetch | Plan::Join => {}
        }
        let outcome = self.fetch(host, origin).await;
        // Stale keys bridge an outage.
        let last = self.with(origin, host.now, |entry| entry.cache.use_last(host.now));
        match (last, outcome) {
            (Some(snapshot), outcome) => {
                let just_fetched = outcome.is_ok() && self.was_found_now(origin, host.now);
                Ok(Keys { snapshot, just_fetched })
            }
            (None, Err(why)) => Err(Unavailable { why, retry_after: PAUSE }),
            (None, Ok(())) => Err(self.resting(origin, host.now, PAUSE)),
        }
    }

    /// Keys newer than these, if there may be any; `None` when there are none.
    pub(crate) async fn newer(
        &self,
        host: &Host,
        origin: &Origin,
        than: &Keys,
    ) -> Result<Option<Keys>, Unavailable> {
        if than.just_fetched {
            return Ok(None);
        }
        let seen = than.snapshot.generation;
        let plan = self.with(origin, host.now, |entry| {
            let plan = entry.cache.plan_newer(seen, host.now, origin.patience());
            if plan == Plan::Fetch
                && let Some(discovered) = &mut entry.discovered
            {
                discovered.is_doubted = true;
            }
            plan
        });
        match plan {
            Plan::Use(snapshot) => Ok(Some(Keys { snapshot, just_fetched: false })),
            Plan::Rest { failing: false, .. } => Ok(None),
            Plan::Rest { failing: true, seconds } => Err(self.resting(origin, host.now, seconds)),
            Plan::Fetch | Plan::Join => match self.fetch(host, origin).await {
                Ok(()) => Ok(self
                    .with(origin, host.now, |entry| entry.cache.use_last(host.now))
                    .map(|snapshot| Keys { snapshot, just_fetched: true })),
                Err(why) => Err(Unavailable { why, retry_after: PAUSE }),
            },
        }
    }

    /// What is said while no attempt is made: what the last one failed for.
    fn resting(&self, origin: &Origin, now: Timestamp, seconds: u64) -> Unavailable {
        let failure = self.with(origin, now, |entry| entry.failure.clone());
        let unknown =
            || FetchError::new(Why::Connection, format!("{} was not fetched", origin.url));
        Unavailable { why: failure.unwrap_or_else(unknown), retry_after: seconds }
    }

    /// An origin whose keys should be fetched ahead; the caller then fetches.
    pub(crate) fn due(&self, now: Timestamp) -> Option<Origin> {
        let mut entries = self.entries.lock();
        entries.by_name.values_mut().find_map(|entry| {
            let patience = entry.origin.patience();
            entry.cache.plan_ahead(now, patience).then(|| entry.origin.clone())
        })
    }

    /// Whether there are keys of this origin to go on with.
    pub(super) fn has_keys(&self, origin: &Origin, now: Timestamp) -> bool {
        let entries = self.entries.lock();
        entries.by_name.get(&origin.name()).is_some_and(|entry| entry.cache.has_keys(now))
    }

    /// How the keys of an origin are doing.
    pub(crate) fn health(&self, origin: &Origin, now: Timestamp) -> Health {
        let entries = self.entries.lock();
        entries.by_name.get(&origin.name()).map_or(Health::Unused, |entry| entry.cache.health(now))
    }

    /// The URL that keys are fetched from, as far as it is known.
    #[cfg(feature = "admin")]
    pub(crate) fn place(&self, origin: &Origin) -> Option<String> {
        if origin.document == KeyDocument::KeySet {
            return Some(origin.url.clone());
        }
        let entries = self.entries.lock();
        entries.by_name.get(&origin.name())?.discovered.as_ref().map(|found| found.url.clone())
    }

    /// Fetches and reports to the cache.
    pub(crate) async fn fetch(&self, host: &Host, origin: &Origin) -> Result<(), FetchError> {
        let attempt = self.with(origin, host.now, |entry| entry.cache.attempt());
        let fetched = self.fetch_set(host, origin).await;
        self.with(origin, host.now, |entry| match fetched {
            Ok((keys, cache_control)) => {
                entry.failure = None;
                let cache_control = cache_control.as_deref();
                self.note(entry.cache.loaded(attempt, keys, cache_control, host.now));
                Ok(())
            }
            Err(why) => {
                // The keys may have moved: discover anew next time.
                entry.discovered = None;
                entry.failure = Some(why.clone());
                entry.cache.failed(attempt, host.now);
                Err(why)
            }
        })
    }

    /// Takes over a document that somebody else fetched at that time, if it is
    /// one that the keys of this origin come from.
    pub(crate) fn seed(&self, origin: &Origin, url: &str, fetched: &Fetched, at: Timestamp) {
        let discovered = self.with(origin, at, |entry| entry.discovered.clone());
        let is_set = match &discovered {
            _ if origin.document == KeyDocument::KeySet => url == origin.url,
            Some(found) => url == found.url,
            None => false,
        };
        if is_set && let Ok(keys) = JwkSet::parse(&fetched.body) {
            let cache_control = fetched.cache_control.as_deref();
            let seeded = |entry: &mut Entry| entry.cache.seeded(keys, cache_control, at);
            self.note(self.with(origin, at, seeded));
        } else if origin.document == KeyDocument::Discovery
            && url == discovery::document(origin)
            && let Ok(jwks_uri) = discovery::jwks_uri(origin, &fetched.body)
        {
            self.with(origin, at, |entry| entry.discovered = Some(Discovered::new(jwks_uri, at)));
        }
    }

    /// The keys of this origin are not needed for now: they are not fetched
    /// ahead, until somebody uses them again.
    pub(crate) fn idle(&self, origin: &Origin) {
        if let Some(entry) = self.entries.lock().by_name.get_mut(&origin.name()) {
            entry.cache.idle();
        }
    }

    /// An origin may be fetched in another way from now on.
    pub(super) fn adopt(&self, origin: &Origin) {
        if let Some(entry) = self.entries.lock().by_name.get_mut(&origin.name()) {
            entry.origin = origin.clone();
        }
    }

    /// How often the keys of some origin became others than they were.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Counts keys that became others.
    pub(super) fn note(&self, others: bool) {
        self.changes.fetch_add(u64::from(others), Ordering::Relaxed);
    }

    async fn fetch_set(
        &self,
        host: &Host,
        origin: &Origin,
    ) -> Result<(JwkSet, Option<String>), FetchError> {
        let url = match origin.document {
            KeyDocument::KeySet => origin.url.clone(),
            KeyDocument::Discovery => self.discover(host, origin).await?,
            // It is looked at again with its keys: it may withdraw them.
            KeyDocument::ClientMetadata => match client_metadata::fetch(host, origin).await? {
                client_metadata::Found::Keys(keys, cache) => return Ok((keys, cache)),
                client_metadata::Found::Url(url) => url,
            },
        };
        let fetched = get(host, origin, &url).await?;
        let keys = JwkSet::parse(&fetched.body)
            .map_err(|what| FetchError::new(Why::NotExpected, format!("{url} {what}")))?;
        Ok((keys, fetched.cache_control))
    }

    /// The `jwks_uri` of an issuer (OpenID Connect Discovery section 4).
    async fn discover(&self, host: &Host, origin: &Origin) -> Result<String, FetchError> {
        let known = self.with(origin, host.now, |entry| entry.discovered.clone());
        let known = known.filter(|known| known.counts(host.now));
        if let Some(known) = &known
            && !known.is_doubted
        {
            return Ok(known.url.clone());
        }
        // A document that is not there does not take away what it said.
        let url = match (discovery::find(host, origin).await, known) {
            (Ok(url), _) => url,
            (Err(_), Some(known)) => return Ok(known.url),
            (Err(why), None) => return Err(why),
        };
        let found = Discovered::new(url.clone(), host.now);
        self.with(origin, host.now, |entry| entry.discovered = Some(found));
        Ok(url)
    }

    /// Whether the place of keys that were fetched now was asked for with them: then they
    /// are not those of a place that their issuer left.
    fn was_found_now(&self, origin: &Origin, now: Timestamp) -> bool {
        let discovered = self.with(origin, now, |entry| entry.discovered.clone());
        origin.document != KeyDocument::Discovery || discovered.is_some_and(|it| it.at == now)
    }

    /// The entry of an origin; the lock is never held across an ask.
    fn with<T>(&self, origin: &Origin, now: Timestamp, work: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries.lock();
        let Entries { by_name, swept } = &mut *entries;
        let name = origin.name();
        if now.since(*swept) >= SWEEP_EVERY && !by_name.contains_key(&name) {
            *swept = now;
            by_name.retain(|_, entry| now.since(entry.asked) < FORGOTTEN_AFTER);
        }
        if name.document == KeyDocument::ClientMetadata && !by_name.contains_key(&name) {
            make_room(by_name, now);
        }
        let entry = by_name.entry(name).or_insert_with(|| Entry {
            origin: origin.clone(),
            cache: KeyCache::default(),
            failure: None,
            discovered: None,
            asked: now,
        });
        entry.asked = now;
        work(entry)
    }
}

/// Strangers name client ids, so there is a bound on those that are remembered: one is
/// forgotten for a new one. That is one without keys, if there is any, and otherwise the
/// one that nobody has asked for the longest. So names that stand for no document do not
/// take the place of clients that there are.
fn make_room(by_name: &mut BTreeMap<Name, Entry>, now: Timestamp) {
    let of_clients = || by_name.iter().rev().take_while(|(name, _)| name.is_of_client());
    if of_clients().count() < MAX_CLIENTS {
        return;
    }
    let worth = |entry: &Entry| (entry.cache.has_keys(now), entry.asked);
    let oldest = of_clients().min_by_key(|(_, entry)| worth(entry)).map(|(name, _)| name.clone());
    if let Some(oldest) = oldest {
        by_name.remove(&oldest);
    }
}

#[cfg(test)]
mod tests;
