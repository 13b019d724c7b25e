//! The engine: configuration and memory in, one step at a time out.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::config::Config;
use crate::crypto::{HostCrypto, SigningKey};
use crate::http::{Reply, Request};
use crate::step::{Step, advance};
use crate::world::{Mailbox, World};
use crate::{Entropy, Timestamp};

/// A security token service. Cheap to clone: clones share their memory.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    #[allow(dead_code)]
    config: Config,
    host_crypto: HostCrypto,
}

impl Engine {
    /// An engine for this configuration, on a host that answers for these
    /// algorithms.
    #[must_use]
    pub fn new(config: Config, host_crypto: HostCrypto) -> Self {
        Self(Arc::new(Inner { config, host_crypto }))
    }

    /// Begins a request. `now` is the time it came; `entropy` is fresh.
    pub fn handle(&self, request: Request, now: Timestamp, entropy: Entropy) -> Step {
        self.start(now, entropy, move |_engine, _world| async move {
            Reply::json(200, &request.path())
        })
    }

    /// Work that is better done between requests: keys of an issuer that are
    /// about to expire. `None` when nothing is due. Call it after a reply,
    /// and drive the step like a request; the reply says nothing.
    #[must_use]
    pub fn upkeep(&self, now: Timestamp, entropy: Entropy) -> Option<Step> {
        let _ = (now, entropy);
        None
    }

    /// The key of ours with this `kid`, for a host that answers `Ask::Sign`.
    #[must_use]
    pub fn signing_key(&self, kid: &str) -> Option<Arc<SigningKey>> {
        let _ = kid;
        None
    }

    fn start<F, R>(&self, now: Timestamp, entropy: Entropy, run: F) -> Step
    where
        F: FnOnce(Self, World) -> R,
        R: Future<Output = Reply> + Send + 'static,
    {
        let mailbox = Arc::new(Mailbox::default());
        let world = World::new(Arc::clone(&mailbox), self.0.host_crypto, now, entropy);
        advance(Box::pin(run(self.clone(), world)), mailbox)
    }
}
