//! The engine: configuration and memory in, one step at a time out.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::config::Config;
use crate::crypto::{HostCrypto, SigningKey};
use crate::endpoints;
use crate::exchange::{self, Protection};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::state::State;
use crate::step::{Answer, Mailbox, Step, advance};
use crate::time::{Entropy, Timestamp};

/// A security token service. Cheap to clone: clones share their memory.
#[derive(Clone)]
pub struct Engine {
    state: Arc<State>,
    host_crypto: HostCrypto,
}

impl Engine {
    /// An engine for this configuration, on a host that answers for these
    /// algorithms.
    #[must_use]
    pub fn new(config: Config, host_crypto: HostCrypto) -> Self {
        Self { state: Arc::new(State::new(config)), host_crypto }
    }

    /// Begins a request. `now` is the time it came; `entropy` is fresh.
    pub fn handle(&self, request: Request, now: Timestamp, entropy: Entropy) -> Step {
        self.start(now, entropy, move |state, host| endpoints::respond(state, host, request))
    }

    /// Begins examining what an exchange would begin with: the client and the
    /// token, for an exchange that happens elsewhere. 200, or the reply that
    /// the exchange would have got.
    pub(crate) fn examine(&self, request: Request, now: Timestamp, entropy: Entropy) -> Step {
        self.start(now, entropy, move |state, host| async move {
            endpoints::examine(&state, &host, &request).await
        })
    }

    /// Begins protecting an API: whether the request's bearer token (RFC 6750)
    /// is an access token of ours that counts. The reply is 200 with its claims
    /// as JSON, or the one to give instead.
    pub fn protect(
        &self,
        request: Request,
        protection: Protection,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step {
        self.start(now, entropy, move |state, host| async move {
            exchange::protect(&state, &host, &request, &protection).await
        })
    }

    /// Work that is better done between requests: fetching keys of an issuer
    /// that are in use and about to expire. `None` when nothing is due. Call
    /// it after a reply and drive the step like a request; what the reply
    /// says does not matter.
    #[must_use]
    pub fn upkeep(&self, now: Timestamp, entropy: Entropy) -> Option<Step> {
        let origin = self.state.trust.keys.due(now)?;
        Some(self.start(now, entropy, move |state, host| async move {
            match state.trust.keys.fetch(&host, &origin).await {
                Ok(()) => Reply::json(200, &"fetched"),
                Err(why) => Reply::json(503, &why),
            }
        }))
    }

    /// Takes over what another engine with the same configuration fetched from
    /// a URL at that time, so that workers of one host fetch once for all. The
    /// answer is one to [`Ask::Fetch`](crate::Ask::Fetch) of exactly this URL.
    pub fn learn(&self, url: &str, answer: Answer, at: Timestamp) {
        self.state.trust.learn(url, answer, at);
    }

    /// How often keys of issuers have become others.
    pub(crate) fn key_changes(&self) -> u64 {
        self.state.trust.keys.changes()
    }

    /// The key of ours with this `kid`, for a host that answers `Ask::Sign`.
    #[must_use]
    pub fn signing_key(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.state.signing_key(kid)
    }

    fn start<F, R>(&self, now: Timestamp, entropy: Entropy, run: F) -> Step
    where
        F: FnOnce(Arc<State>, Host) -> R,
        R: Future<Output = Reply> + Send + 'static,
    {
        let mailbox = Arc::new(Mailbox::default());
        let host = Host::new(Arc::clone(&mailbox), self.host_crypto, now, entropy);
        advance(Box::pin(run(Arc::clone(&self.state), host)), mailbox)
    }
}
