//! `GET /metrics`: counters, the state of issuers' keys and the caches of tokens,
//! for Prometheus.
//!
//! For administrators: how often which check refuses tells an attacker how far
//! he gets.

use alloc::format;

use crate::administrator;
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::identity::KeyStates;
use crate::state::State;

pub(super) async fn get(state: &State, host: &Host, request: &Request) -> Reply {
    match administrator::authorize(state, host, request).await {
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
    text.push_str(&state.caches.text());
    Reply {
        status: 200,
        headers: alloc::vec![("content-type", "text/plain; version=0.0.4; charset=utf-8".into())],
        body: text.into(),
        audit: None,
    }
    .with("cache-control", "no-store")
}
