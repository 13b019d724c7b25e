//! `GET /healthz`: whether this server can do its work.
//!
//! 200 while tokens can be issued, 503 when not. An issuer whose keys are out
//! of reach is no reason for 503: restarting this server would not mend it.

use serde_json::json;

use crate::http::Reply;
use crate::state::State;
use crate::step::Failed;
use crate::trust::{Health, keyring};
use crate::world::World;

pub(super) async fn get(state: &State, world: &World) -> Reply {
    // Asked also when keys are configured: the store keeps more than them. A
    // host without a store is asked for nothing else.
    let store = world.read("health".into()).await.map(|_| ());
    let store = match store {
        Err(Failed::Unsupported) if !state.config.keys.is_empty() => Ok(()),
        other => other,
    };
    let signing = state.signing_keys(world).await.map(|_| ());
    let ready = store.and(signing);
    // Counted, not named: anybody may ask.
    let (mut total, mut fresh, mut stale, mut unavailable) = (0, 0, 0, 0);
    for issuer in state.trust.issuers.in_use().iter().filter(|issuer| issuer.enabled) {
        total += 1;
        match keyring(issuer).origin().map(|origin| state.trust.keys.health(&origin, world.now)) {
            None | Some(Health::Fresh) => fresh += 1,
            Some(Health::Stale) => stale += 1,
            Some(Health::Unavailable) => unavailable += 1,
            Some(Health::Unused) => {}
        }
    }
    let (status, word) = if ready.is_ok() { (200, "ok") } else { (503, "unavailable") };
    let store = match ready {
        Ok(()) => "ok".into(),
        Err(failed) => alloc::format!("the store {failed}"),
    };
    let body = json!({
        "status": word,
        "store": store,
        "issuerKeys": {
            "issuers": total, "ready": fresh, "stale": stale, "unavailable": unavailable,
        },
    });
    Reply::json(status, &body).with("cache-control", "no-store")
}
