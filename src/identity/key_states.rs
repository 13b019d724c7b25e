//! How the keys of all trusted token issuers are doing, counted.

use spin::Mutex;

use super::foreign::Trust;
use super::jwks::Health;
use crate::time::Timestamp;

/// More issuers than these are counted once a second at most: anybody may ask
/// `/healthz`, which must not cost more than other requests.
const COUNTED_EACH_TIME: usize = 100;

/// Enabled issuers by the state of their keys. Counted, not named: anybody may
/// ask.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyStates {
    pub(crate) fresh: usize,
    /// Their issuer is out of reach, and the last good ones go on.
    pub(crate) stale: usize,
    pub(crate) unavailable: usize,
    /// Not needed yet.
    pub(crate) unused: usize,
}

/// What was counted last, and when.
#[derive(Default)]
pub(super) struct LastCount(Mutex<Option<(Timestamp, KeyStates)>>);

impl Trust {
    /// The issuers that are in use, counted.
    pub(crate) fn key_states(&self, now: Timestamp) -> KeyStates {
        if let Some((at, states)) = *self.counted.0.lock()
            && at == now
        {
            return states;
        }
        let issuers = self.issuers.in_use();
        let mut states = KeyStates::default();
        for issuer in issuers.iter().filter(|issuer| issuer.enabled) {
            *match self.key_health(issuer, now) {
                None | Some(Health::Fresh) => &mut states.fresh,
                Some(Health::Stale) => &mut states.stale,
                Some(Health::Unavailable) => &mut states.unavailable,
                Some(Health::Unused) => &mut states.unused,
            } += 1;
        }
        if issuers.len() > COUNTED_EACH_TIME {
            *self.counted.0.lock() = Some((now, states));
        }
        states
    }
}
