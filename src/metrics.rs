//! What was decided, counted: by kind of request and by the reason of a
//! refusal; and how the caches of tokens are doing. Nothing of what was sent becomes a label, so that there are as many
//! counters as there are reasons, and no more.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use spin::Mutex;

use crate::audit::Audit;
use crate::config;
use crate::token_cache::CacheCounters;

/// What was asked for, and why it was refused.
type Label = (Cow<'static, str>, Cow<'static, str>);

/// Counters since the engine was made.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<Label, u64>>);

impl Metrics {
    /// Counts a decision.
    pub(crate) fn count(&self, audit: &Audit) {
        let reason = match (&audit.reason, &audit.error) {
            (Some(reason), _) => Cow::Owned(reason.clone()),
            (None, Some(error)) => error.clone(),
            (None, None) => Cow::Borrowed(""),
        };
        let mut counters = self.0.lock();
        let counter = counters.entry((audit.event.clone(), reason)).or_default();
        *counter = counter.saturating_add(1);
    }

    /// The counters in the text format that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "# HELP exchequer_decisions_total Requests that were decided; reason is empty for what was granted.\n\
             # TYPE exchequer_decisions_total counter\n",
        );
        for ((event, reason), count) in &*self.0.lock() {
            let outcome = if reason.is_empty() { "granted" } else { "refused" };
            text.push_str(&format!(
                "exchequer_decisions_total{{event=\"{event}\",outcome=\"{outcome}\",reason=\"{reason}\"}} {count}\n"
            ));
        }
        text
    }
}

/// The caches of tokens, counted. Those that are off are all zero.
pub(crate) struct Caches {
    config: config::Caches,
    pub(crate) verified: Arc<CacheCounters>,
    pub(crate) issued: Arc<CacheCounters>,
}

/// How the memory of tokens is doing: see `caches` in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenCaches {
    /// Tokens whose signature was found good; `None` where that is off.
    pub verified: Option<TokenCacheFigures>,
    /// Issued tokens that a gateway gives out again; `None` where that is off.
    pub issued: Option<TokenCacheFigures>,
}

/// The figures of one cache since the engine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenCacheFigures {
    /// How often a token was found.
    pub hits: u64,
    /// How often it was not.
    pub misses: u64,
    /// How many tokens made room for others.
    pub evictions: u64,
    /// How many bytes the cache takes now.
    pub bytes: u64,
}

impl Caches {
    pub(crate) fn new(config: config::Caches) -> Self {
        Self { config, verified: Arc::default(), issued: Arc::default() }
    }

    /// The same counters under another configuration.
    pub(crate) fn under(&self, config: config::Caches) -> Self {
        Self { config, verified: Arc::clone(&self.verified), issued: Arc::clone(&self.issued) }
    }

    pub(crate) fn figures(&self) -> TokenCaches {
        let of = |is_on, counters| if is_on { Some(figures(counters)) } else { None };
        TokenCaches {
            verified: of(self.config.verified_tokens.is_some(), &self.verified),
            issued: of(self.config.issued_tokens.is_some(), &self.issued),
        }
    }

    /// The figures in the text format that Prometheus reads; nothing where both
    /// are off.
    pub(crate) fn text(&self) -> String {
        let TokenCaches { verified, issued } = self.figures();
        let caches = [("verified", verified), ("issued", issued)];
        let mut text = String::new();
        for (name, kind, help, figure) in FIGURES {
            if caches.iter().any(|(_, figures)| figures.is_some()) {
                text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
            }
            for (cache, figures) in &caches {
                if let Some(figures) = figures {
                    text.push_str(&format!("{name}{{cache=\"{cache}\"}} {}\n", figure(figures)));
                }
            }
        }
        text
    }
}

type Figure = (&'static str, &'static str, &'static str, fn(&TokenCacheFigures) -> u64);

const FIGURES: [Figure; 4] = [
    ("exchequer_token_cache_hits_total", "counter", "Tokens that were found.", |one| one.hits),
    ("exchequer_token_cache_misses_total", "counter", "Tokens that were not.", |one| one.misses),
    (
        "exchequer_token_cache_evictions_total",
        "counter",
        "Tokens that made room for others.",
        |one| one.evictions,
    ),
    ("exchequer_token_cache_bytes", "gauge", "Bytes that the cache takes.", |one| one.bytes),
];

fn figures(counters: &CacheCounters) -> TokenCacheFigures {
    let CacheCounters { hits, misses, evictions, bytes } = counters;
    let of = |counter: &core::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    TokenCacheFigures {
        hits: of(hits),
        misses: of(misses),
        evictions: of(evictions),
        bytes: of(bytes),
    }
}
