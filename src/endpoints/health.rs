//! `GET /healthz`: whether this server can do its work.
//!
//! 200 while tokens can be issued, 503 when not. An issuer whose keys are out
//! of reach is no reason for 503: restarting this server would not mend it.

use serde_json::json;

use crate::host::Host;
use crate::http::Reply;
use crate::own_keys::NoKeys;
use crate::state::State;
use crate::step::Failed;

pub(super) async fn get(state: &State, host: &Host) -> Reply {
    // Asked also when keys are configured: the store keeps more than them. A
    // host without a store is asked for nothing else.
    let store = host.read("health".into()).await.map(|_| ());
    let store = match store {
        Err(Failed::Unsupported) if !state.config.keys.is_empty() => Ok(()),
        other => other,
    };
    let signing = state.own_keys.published(host).await.map(|_| ());
    let ready = store.map_err(NoKeys::Store).and(signing);
    let keys = state.trust.key_states(host.now);
    let (status, word) = if ready.is_ok() { (200, "ok") } else { (503, "unavailable") };
    let store = match ready {
        Ok(()) => "ok".into(),
        Err(why) => alloc::format!("{why}"),
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
