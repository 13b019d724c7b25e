//! Counters in the proxy's statistics. They have no labels, so the reason of a
//! refusal is in the name: `exchequer.refused.subject_token.claim.exp.expired`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use exchequer::{TokenCacheFigures, TokenCaches};
use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

/// Counters by name. Bounded: names are ours, and reason codes are a catalogue.
#[derive(Default)]
pub(crate) struct Metrics {
    ids: RefCell<BTreeMap<String, u32>>,
    /// The figures of the caches of tokens that were told last.
    told: Cell<TokenCaches>,
}

impl Metrics {
    pub(crate) fn count(&self, name: &str) {
        self.add(MetricType::Counter, name, 1);
    }

    /// Of requests that wait.
    pub(crate) fn waiting(&self, change: i64) {
        self.add(MetricType::Gauge, "waiting", change);
    }

    /// Of the caches of tokens, as far as they have changed. Told now and then, so
    /// that a request with a known token does not pay for it.
    pub(crate) fn caches(&self, now: TokenCaches) {
        let TokenCaches { verified, issued, .. } = self.told.replace(now);
        self.cache("verified", verified, now.verified);
        self.cache("issued", issued, now.issued);
    }

    fn cache(&self, name: &str, told: Option<TokenCacheFigures>, now: Option<TokenCacheFigures>) {
        let (told, Some(now)) = (told.unwrap_or_default(), now) else { return };
        for (kind, figure, told, now) in [
            (MetricType::Counter, "hits", told.hits, now.hits),
            (MetricType::Counter, "misses", told.misses, now.misses),
            (MetricType::Counter, "evictions", told.evictions, now.evictions),
            (MetricType::Gauge, "bytes", told.bytes, now.bytes),
        ] {
            if told != now {
                let change = now.cast_signed().wrapping_sub(told.cast_signed());
                self.add(kind, &format!("cache.{name}.{figure}"), change);
            }
        }
    }

    fn add(&self, kind: MetricType, name: &str, offset: i64) {
        let known = self.ids.borrow().get(name).copied();
        let id = match known {
            Some(id) => id,
            None => {
                let Ok(id) = hostcalls::define_metric(kind, &format!("exchequer.{name}")) else {
                    return;
                };
                self.ids.borrow_mut().insert(name.into(), id);
                id
            }
        };
        let _ = hostcalls::increment_metric(id, offset);
    }
}
