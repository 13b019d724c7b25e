//! `GET /healthz`: whether this server can do its work.
//!
//! 200 while tokens can be issued, 503 when not. An issuer whose keys are out
//! of reach is no reason for 503: restarting this server would not mend it.

use serde_json::json;

use crate::host::Host;
use crate::http::Reply;
use crate::identity::Health;
use crate::state::State;
use crate::step::Failed;
use crate::time::Timestamp;

pub(super) async fn get(state: &State, host: &Host) -> Reply {
    // Asked also when keys are configured: the store keeps more than them. A
    // host without a store is asked for nothing else.
    let store = host.read("health".into()).await.map(|_| ());
    let store = match store {
        Err(Failed::Unsupported) if !state.config.keys.is_empty() => Ok(()),
        other => other,
    };
    let signing = state.signing_keys(host).await.map(|_| ());
    let ready = store.and(signing);
    let keys = IssuerKeys::count(state, host.now);
    let (status, word) = if ready.is_ok() { (200, "ok") } else { (503, "unavailable") };
    let store = match ready {
        Ok(()) => "ok".into(),
        Err(failed) => alloc::format!("the store {failed}"),
    };
    let body = json!({
        "status": word,
        "store": store,
        "issuerKeys": {
            "issuers": keys.fresh + keys.stale + keys.unavailable + keys.unused,
            "ready": keys.fresh, "stale": keys.stale, "unavailable": keys.unavailable,
        },
    });
    Reply::json(status, &body).with("cache-control", "no-store")
}

/// Enabled issuers by the state of their keys. Counted, not named: anybody may
/// ask.
#[derive(Default)]
pub(super) struct IssuerKeys {
    pub(super) fresh: usize,
    /// Their issuer is out of reach, and the last good ones go on.
    pub(super) stale: usize,
    pub(super) unavailable: usize,
    /// Not needed yet.
    pub(super) unused: usize,
}

impl IssuerKeys {
    pub(super) fn count(state: &State, now: Timestamp) -> Self {
        let mut keys = Self::default();
        for issuer in state.trust.issuers.in_use().iter().filter(|issuer| issuer.enabled) {
            *match state.trust.key_health(issuer, now) {
                None | Some(Health::Fresh) => &mut keys.fresh,
                Some(Health::Stale) => &mut keys.stale,
                Some(Health::Unavailable) => &mut keys.unavailable,
                Some(Health::Unused) => &mut keys.unused,
            } += 1;
        }
        keys
    }
}
