//! Keys of third parties by URL: one [`KeyCache`] each, and the fetching that
//! it says is due. Every URL comes from the configuration, or from a discovery
//! document named there.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use core::sync::atomic::{AtomicU64, Ordering};

use spin::Mutex;

use super::discovery;
use super::jwks::{Health, KeyCache, Plan, Snapshot};
use crate::host::{Fetched, Host};
use crate::jose::JwkSet;
use crate::refusal::Denial;
use crate::step::Failed;
use crate::time::Timestamp;
use crate::url;

/// Longest JWK set or discovery document, in bytes.
const MAX_BYTES: u32 = 64 * 1024;
/// How often a redirect is followed.
const MAX_REDIRECTS: usize = 3;
/// How long a `jwks_uri` that was discovered is used, in seconds.
const DISCOVERED_FOR: u64 = 24 * 3600;
/// After this, in seconds, an origin that nobody asked for is forgotten: keys
/// are fresh for a day at most, and go on for another.
const FORGOTTEN_AFTER: u64 = 48 * 3600;

/// Where keys are fetched from, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The JWK set's URL, or the issuer's for discovery.
    pub(crate) url: String,
    pub(crate) discovery: bool,
    pub(crate) timeout_ms: u32,
    pub(crate) danger_allow_http: bool,
}

impl Origin {
    /// Seconds after which a fetch is given up for lost: two documents, each
    /// with its redirects.
    fn patience(&self) -> u64 {
        let documents = if self.discovery { 2 } else { 1 };
        u64::from(self.timeout_ms) * documents * (MAX_REDIRECTS as u64 + 1) / 1000 + 1
    }

    fn name(&self) -> Name {
        let Self { url, discovery, danger_allow_http, .. } = self;
        Name { url: url.clone(), discovery: *discovery, danger_allow_http: *danger_allow_http }
    }
}

/// Keys that a request works with.
pub(crate) struct Keys {
    pub(crate) snapshot: Snapshot,
    /// They were fetched for this very request: newer ones cannot be expected.
    pub(crate) just_fetched: bool,
}

/// Keys cannot be had now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unavailable {
    /// Why, for the trace; names the URL.
    pub(crate) detail: String,
    /// Seconds.
    pub(crate) retry_after: u64,
}

impl From<Unavailable> for Denial {
    fn from(unavailable: Unavailable) -> Self {
        Self::keys_unavailable(unavailable.detail, unavailable.retry_after)
    }
}

/// The caches of all origins. Bounded by the issuers and applications there
/// are, and were lately: no request adds an origin that none of them names.
#[derive(Debug, Default)]
pub(crate) struct KeyDirectory {
    entries: Mutex<BTreeMap<Name, Entry>>,
    /// How often the keys of some origin became others.
    changes: AtomicU64,
}

/// Which origins share a cache. One URL may be the issuer of one party and the
/// key set of another; and keys that were found under `dangerAllowHttp` are not
/// for whoever does without.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    url: String,
    discovery: bool,
    danger_allow_http: bool,
}

#[derive(Debug)]
struct Entry {
    origin: Origin,
    cache: KeyCache,
    discovered: Option<(String, Timestamp)>,
    /// When somebody last had to do with it.
    asked: Timestamp,
}

impl KeyDirectory {
    /// Keys that are good enough, fetched if need be.
    pub(crate) async fn keys(&self, host: &Host, origin: &Origin) -> Result<Keys, Unavailable> {
        let plan =
            self.with(origin, host.now, |entry| entry.cache.plan(host.now, origin.patience()));
        match plan {
            Plan::Use(snapshot) => Ok(Keys { snapshot, just_fetched: false }),
            Plan::Fetch | Plan::Join | Plan::Rest { .. } => {
                let outcome = self.fetch(host, origin).await;
                // Stale keys bridge an outage.
                let last = self.with(origin, host.now, |entry| entry.cache.use_last(host.now));
                match (last, outcome) {
                    (Some(snapshot), outcome) => {
                        Ok(Keys { snapshot, just_fetched: outcome.is_ok() })
                    }
                    (None, Err(detail)) => Err(Unavailable { detail, retry_after: 1 }),
                    (None, Ok(())) => {
                        Err(Unavailable { detail: "no keys".to_string(), retry_after: 1 })
                    }
                }
            }
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
            entry.cache.plan_newer(seen, host.now, origin.patience())
        });
        match plan {
            Plan::Use(snapshot) => Ok(Some(Keys { snapshot, just_fetched: false })),
            Plan::Rest { failing: false, .. } => Ok(None),
            Plan::Rest { failing: true, seconds } => Err(Unavailable {
                detail: format!("fetching newer keys from {} failed recently", origin.url),
                retry_after: seconds,
            }),
            Plan::Fetch | Plan::Join => match self.fetch(host, origin).await {
                Ok(()) => Ok(self
                    .with(origin, host.now, |entry| entry.cache.use_last(host.now))
                    .map(|snapshot| Keys { snapshot, just_fetched: true })),
                Err(detail) => Err(Unavailable { detail, retry_after: 1 }),
            },
        }
    }

    /// An origin whose keys should be fetched ahead; the caller then fetches.
    pub(crate) fn due(&self, now: Timestamp) -> Option<Origin> {
        let mut entries = self.entries.lock();
        entries.values_mut().find_map(|entry| {
            let patience = entry.origin.patience();
            entry.cache.plan_ahead(now, patience).then(|| entry.origin.clone())
        })
    }

    /// How the keys of an origin are doing.
    pub(crate) fn health(&self, origin: &Origin, now: Timestamp) -> Health {
        let entries = self.entries.lock();
        entries.get(&origin.name()).map_or(Health::Unused, |entry| entry.cache.health(now))
    }

    /// The URL that keys are fetched from, as far as it is known.
    #[cfg(feature = "admin")]
    pub(crate) fn place(&self, origin: &Origin) -> Option<String> {
        if !origin.discovery {
            return Some(origin.url.clone());
        }
        let entries = self.entries.lock();
        entries.get(&origin.name())?.discovered.as_ref().map(|(url, _)| url.clone())
    }

    /// Fetches and reports to the cache. The error is for the trace.
    pub(crate) async fn fetch(&self, host: &Host, origin: &Origin) -> Result<(), String> {
        let fetched = self.fetch_set(host, origin).await;
        self.with(origin, host.now, |entry| match fetched {
            Ok((keys, cache_control)) => {
                self.note(entry.cache.loaded(keys, cache_control.as_deref(), host.now));
                Ok(())
            }
            Err(detail) => {
                // The keys may have moved: discover anew next time.
                entry.discovered = None;
                entry.cache.failed(host.now);
                Err(detail)
            }
        })
    }

    /// Takes over a document that somebody else fetched at that time, if it is
    /// one that the keys of this origin come from.
    pub(crate) fn learn(&self, origin: &Origin, url: &str, fetched: &Fetched, at: Timestamp) {
        let set = || JwkSet::parse(&fetched.body).ok().filter(|set| !set.keys.is_empty());
        let discovered = self.with(origin, at, |entry| entry.discovered.clone());
        let is_set = match &discovered {
            _ if !origin.discovery => url == origin.url,
            Some((jwks_uri, _)) => url == jwks_uri,
            None => false,
        };
        if is_set && let Some(keys) = set() {
            let cache_control = fetched.cache_control.as_deref();
            let learned = |entry: &mut Entry| entry.cache.learned(keys, cache_control, at);
            self.note(self.with(origin, at, learned));
        } else if origin.discovery
            && url == discovery::document(origin)
            && let Ok(jwks_uri) = discovery::jwks_uri(origin, url, &fetched.body)
        {
            self.with(origin, at, |entry| entry.discovered = Some((jwks_uri, at)));
        }
    }

    /// How often the keys of some origin became others than they were.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    fn note(&self, others: bool) {
        self.changes.fetch_add(u64::from(others), Ordering::Relaxed);
    }

    async fn fetch_set(
        &self,
        host: &Host,
        origin: &Origin,
    ) -> Result<(JwkSet, Option<String>), String> {
        let url =
            if origin.discovery { self.discover(host, origin).await? } else { origin.url.clone() };
        let fetched = get(host, origin, &url).await?;
        let keys = JwkSet::parse(&fetched.body).map_err(|why| format!("{url}: {why}"))?;
        if keys.keys.is_empty() {
            let skipped = keys.skipped.join("; ");
            return Err(format!("{url}: no key in the set is usable ({skipped})"));
        }
        Ok((keys, fetched.cache_control))
    }

    /// The `jwks_uri` of an issuer (OpenID Connect Discovery section 4).
    async fn discover(&self, host: &Host, origin: &Origin) -> Result<String, String> {
        let known = self.with(origin, host.now, |entry| entry.discovered.clone());
        if let Some((url, at)) = known
            && host.now.since(at) < DISCOVERED_FOR
        {
            return Ok(url);
        }
        let at = discovery::document(origin);
        let fetched = get(host, origin, &at).await?;
        let jwks_uri = discovery::jwks_uri(origin, &at, &fetched.body)?;
        self.with(origin, host.now, |entry| {
            entry.discovered = Some((jwks_uri.clone(), host.now));
        });
        Ok(jwks_uri)
    }

    /// The entry of an origin; the lock is never held across an ask.
    fn with<T>(&self, origin: &Origin, now: Timestamp, work: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries.lock();
        let name = origin.name();
        if !entries.contains_key(&name) {
            entries.retain(|_, entry| now.since(entry.asked) < FORGOTTEN_AFTER);
        }
        let entry = entries.entry(name).or_insert_with(|| Entry {
            origin: origin.clone(),
            cache: KeyCache::default(),
            discovered: None,
            asked: now,
        });
        entry.asked = now;
        work(entry)
    }
}

/// A document, with redirects followed to the same host only.
async fn get(host: &Host, origin: &Origin, url: &str) -> Result<Fetched, String> {
    let mut at = url.to_string();
    for _ in 0..=MAX_REDIRECTS {
        let fetched = host
            .fetch(at.clone(), origin.timeout_ms, MAX_BYTES)
            .await
            .map_err(|failed: Failed| format!("{at} {failed}"))?;
        match (fetched.status, &fetched.location) {
            (200, _) => return Ok(fetched),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let to = url::resolve(&at, location).filter(|to| url::same_host(&at, to));
                at = to.ok_or_else(|| format!("{at} redirects to another host"))?;
            }
            (status, _) => return Err(format!("{at} answered with status {status}")),
        }
    }
    Err(format!("{url} redirects too often"))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{FORGOTTEN_AFTER, KeyDirectory, Origin};
    use crate::time::Timestamp;

    #[test]
    fn origins_that_nobody_names_any_more_are_forgotten() {
        let directory = KeyDirectory::default();
        let ask = |number: u64, now: u64| {
            let origin = Origin {
                url: format!("https://idp.example/{number}"),
                discovery: false,
                timeout_ms: 1000,
                danger_allow_http: false,
            };
            directory.with(&origin, Timestamp(now), |_| {});
        };
        for number in 0..100 {
            ask(number, 1);
        }
        ask(7, FORGOTTEN_AFTER);
        ask(100, FORGOTTEN_AFTER + 1);
        assert_eq!(directory.entries.lock().len(), 2, "the one still in use, and the new one");
    }
}
