//! `GET /metrics`: counters, the state of issuers' keys and of those that sign, and the
//! caches of tokens, for Prometheus.
//!
//! For administrators: how often which check refuses tells an attacker how far
//! he gets.

use alloc::format;
use alloc::string::String;

use crate::administrator::{self, Right};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::identity::KeyStates;
use crate::own_keys::Counted;
use crate::state::State;

pub(super) async fn get(state: &State, host: &Host, request: &Request) -> Reply {
    match administrator::authorize(state, host, request, Right::Read).await {
        Ok(_) => text(state, host),
        Err(denied) => administrator::refuse(host, denied),
    }
}

fn text(state: &State, host: &Host) -> Reply {
    let mut text = state.metrics.text();
    text.push_str(
        "# HELP exchequer_issuer_keys Enabled trusted token issuers by the state of their keys.\n\
         # TYPE exchequer_issuer_keys gauge\n",
    );
    let KeyStates { fresh, stale, unavailable, unused } = state.trust.key_states(host.now);
    for (name, issuers) in
        [("fresh", fresh), ("stale", stale), ("unavailable", unavailable), ("unused", unused)]
    {
        text.push_str(&format!("exchequer_issuer_keys{{state=\"{name}\"}} {issuers}\n"));
    }
    signing_keys(state, host, &mut text);
    text.push_str(&state.limits.text());
    text.push_str(&state.caches.text());
    Reply {
        status: 200,
        headers: alloc::vec![("content-type", "text/plain; version=0.0.4; charset=utf-8".into())],
        body: text.into(),
        audit: None,
    }
    .with("cache-control", "no-store")
}

/// The keys that the server makes itself, as far as they are known without the store.
fn signing_keys(state: &State, host: &Host, text: &mut String) {
    let Some(Counted { next, retiring, since }) = state.own_keys.counted(host.now) else { return };
    text.push_str(
        "# HELP exchequer_signing_keys Keys that the server makes, by what they are there for.\n\
         # TYPE exchequer_signing_keys gauge\n",
    );
    for (name, keys) in [("current", 1), ("next", next), ("retiring", retiring)] {
        text.push_str(&format!("exchequer_signing_keys{{state=\"{name}\"}} {keys}\n"));
    }
    text.push_str(&format!(
        "# HELP exchequer_signing_key_since_seconds From when on the key that signs has signed, in seconds since 1970.\n\
         # TYPE exchequer_signing_key_since_seconds gauge\n\
         exchequer_signing_key_since_seconds {}\n",
        since.0
    ));
}
