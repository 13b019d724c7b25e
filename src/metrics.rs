//! What was decided, counted: by kind of request and by the reason of a
//! refusal. Nothing of what was sent becomes a label, so that there are as many
//! counters as there are reasons, and no more.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use spin::Mutex;

use crate::audit::Audit;

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
