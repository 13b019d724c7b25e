//! `GET /healthz`: whether this server can do its work.
//!
//! 200 while tokens can be issued, 503 when not. An issuer whose keys are out
//! of reach is no reason for 503: restarting this server would not mend it.

use serde_json::json;

use crate::http::Reply;
use crate::state::State;
use crate::trust::{Health, keyring};
use crate::world::World;

pub(super) async fn get(state: &State, world: &World) -> Reply {
    let signing = state.signing_keys(world).await;
    // Counted, not named: anybody may ask.
    let (mut total, mut fresh, mut stale, mut unavailable) = (0, 0, 0, 0);
    for issuer in state.trust.issuers().filter(|issuer| issuer.enabled) {
        total += 1;
        match keyring(issuer).origin().map(|origin| state.trust.keys.health(&origin, world.now)) {
            None | Some(Health::Fresh) => fresh += 1,
            Some(Health::Stale) => stale += 1,
            Some(Health::Unavailable) => unavailable += 1,
            Some(Health::Unused) => {}
        }
    }
    let (status, word) = if signing.is_ok() { (200, "ok") } else { (503, "unavailable") };
    let store = match signing {
        Ok(_) => "ok".into(),
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
