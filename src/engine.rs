//! The engine: configuration and memory in, one step at a time out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

use crate::config::Config;
use crate::crypto::{HostCrypto, SigningKey};
use crate::endpoints;
use crate::exchange::{self, Protection};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::identity::SupplyKeysError;
use crate::state::State;
use crate::step::{Answer, Mailbox, Step, advance};
use crate::{Entropy, Timestamp};

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
    pub fn seed_cache(&self, url: &str, answer: Answer, at: Timestamp) {
        self.state.trust.seed_cache(url, answer, at);
    }

    /// Takes over the keys of a trusted token issuer from the host: a JWK set as
    /// JSON text, of at most 512 KiB. They replace the keys that the
    /// configuration names, until others are supplied, and nothing is fetched
    /// for that issuer any more. A set without keys for signatures is one: no
    /// token of the issuer is good then. `algorithms` and everything else that
    /// the configuration says of the issuer stays.
    ///
    /// An issuer of the document is always known. One that the administration
    /// API made is known for a few seconds after it was read from the store:
    /// [`find_issuer`](Self::find_issuer) reads it.
    ///
    /// ```
    /// use exchequer::{Config, Engine, HostCrypto, SupplyKeysError, Timestamp};
    ///
    /// let config = r#"{
    ///   "issuer": "https://sts.example.com",
    ///   "trustedTokenIssuers": [{
    ///     "name": "Cluster",
    ///     "issuer": "https://cluster.internal",
    ///     "certificate": { "jwksUri": "https://cluster.internal/openid/v1/jwks" }
    ///   }]
    /// }"#;
    /// let engine = Engine::new(Config::parse(config)?.without_secrets()?, HostCrypto::default());
    /// let now = Timestamp(1_790_000_000);
    ///
    /// let jwks = r#"{ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "2026-11",
    ///                            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }"#;
    /// assert_eq!(engine.supply_keys("https://cluster.internal", jwks, now), Ok(()));
    ///
    /// let unknown = engine.supply_keys("https://cluster.internal/", jwks, now).unwrap_err();
    /// assert!(matches!(unknown, SupplyKeysError::UnknownIssuer { .. }));
    /// let html = engine.supply_keys("https://cluster.internal", "<html>", now).unwrap_err();
    /// assert_eq!(html, SupplyKeysError::NotAKeySet { why: "is not JSON but HTML or XML".into() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SupplyKeysError`] when the engine knows no such issuer, or when what
    /// was given is not a JWK set. The keys are then as they were.
    pub fn supply_keys(
        &self,
        issuer: &str,
        jwks: impl AsRef<[u8]>,
        now: Timestamp,
    ) -> Result<(), SupplyKeysError> {
        self.state.trust.supply_keys(issuer, jwks.as_ref(), now)
    }

    /// Begins looking up a trusted token issuer, in the store if the document
    /// has none with this `iss`, so that [`supply_keys`](Self::supply_keys)
    /// knows it. The reply is 200 when there is one and 404 when there is none;
    /// 503 when the store did not say.
    pub fn find_issuer(&self, issuer: &str, now: Timestamp, entropy: Entropy) -> Step {
        let issuer = String::from(issuer);
        self.start(now, entropy, move |state, host| async move {
            match state.trust.issuers.named(&host, &issuer).await {
                Ok(Some(_)) => Reply::json(200, &"found"),
                Ok(None) => Reply::json(404, &"no such issuer"),
                Err(failed) => Reply::json(503, &alloc::format!("the store {failed}")),
            }
        })
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
