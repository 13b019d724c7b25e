//! Counters in the proxy's statistics. They have no labels, so the reason of a
//! refusal is in the name: `exchequer.refused.subject_token.claim.exp.expired`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

/// Counters by name. Bounded: names are ours, and reason codes are a catalogue.
#[derive(Default)]
pub(crate) struct Metrics(RefCell<BTreeMap<String, u32>>);

impl Metrics {
    pub(crate) fn count(&self, name: &str) {
        self.add(MetricType::Counter, name, 1);
    }

    /// Of requests that wait.
    pub(crate) fn waiting(&self, change: i64) {
        self.add(MetricType::Gauge, "waiting", change);
    }

    fn add(&self, kind: MetricType, name: &str, offset: i64) {
        let known = self.0.borrow().get(name).copied();
        let id = match known {
            Some(id) => id,
            None => {
                let Ok(id) = hostcalls::define_metric(kind, &format!("exchequer.{name}")) else {
                    return;
                };
                self.0.borrow_mut().insert(name.into(), id);
                id
            }
        };
        let _ = hostcalls::increment_metric(id, offset);
    }
}
