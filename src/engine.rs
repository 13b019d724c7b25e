//! The engine: configuration and memory in, one step at a time out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

use crate::config::{ClientCertificates, Config, IssuedTokens};
use crate::crypto::{HostCrypto, SigningKey};
use crate::endpoints::{self, AccessDenied};
use crate::exchange::{
    self, AccessCredentials, AccessRequirements, AccessToken, Decided, Introspection, Issued,
    Rehearsal, RequestContext, TokenExchange, TokenRequest, Unauthorized,
};
use crate::host::Host;
use crate::http::{self, Reply, Request};
use crate::identity::{Client, SupplyKeysError};
use crate::metrics::TokenCaches;
use crate::state::State;
use crate::step::{Answer, Failed, Mailbox, Step, Suspended};
use crate::time::{Entropy, Timestamp};
use crate::token_cache::CacheCounters;

/// A security token service. Cheap to clone: clones share their memory.
///
/// Every operation begins with a call that returns a [`Step`], and goes on as
/// its host answers. `now` is the time of the request, `entropy` 32 fresh random
/// bytes.
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

    /// An engine for another configuration that takes the place of this one. Keys
    /// that were fetched or supplied, counters, recent refusals and cached tokens
    /// that are still valid go on. So does the admin token, unless the configuration
    /// brings [one of its own](Config::administered_by).
    ///
    /// Begin new requests with the new engine. A step that this engine began ends
    /// under the configuration that it began with; ask this engine for the
    /// [key](Self::signing_key) that such a step wants a signature of.
    ///
    /// ```
    /// use exchequer::{Config, Engine, HostCrypto};
    ///
    /// let read = |text| Config::parse(text)?.without_secrets();
    /// let engine = Engine::new(read(r#"{ "issuer": "https://sts.example.com" }"#)?, HostCrypto::default());
    /// // A document that is wrong makes no configuration, so the old one goes on.
    /// assert!(read(r#"{ "issuer": "sts.example.com" }"#).is_err());
    /// let engine = engine.succeed(read(r#"{ "issuer": "https://sts.example.com", "roles": [] }"#)?);
    /// # Ok::<(), exchequer::config::Problems>(())
    /// ```
    #[must_use]
    pub fn succeed(&self, config: Config) -> Self {
        Self { state: Arc::new(self.state.succeed(config)), host_crypto: self.host_crypto }
    }

    /// How client certificates reach this server.
    pub(crate) fn client_certificates(&self) -> Option<&ClientCertificates> {
        self.state.config.client_certificates.as_ref()
    }

    /// Begins an HTTP request: the face of every operation on the network.
    pub fn handle(&self, request: Request, now: Timestamp, entropy: Entropy) -> Step {
        let traceparent = request.traceparent();
        self.start(now, entropy, Reply::internal_error, move |state, host| async move {
            let sender = http::network(&request, state.config.limits.proxies.as_ref());
            let host = host.traced(traceparent.clone()).for_sender(sender);
            let mut reply = endpoints::respond(&state, &host, request).await;
            if let Some(audit) = &mut reply.audit {
                audit.traceparent = traceparent;
            }
            reply
        })
    }

    /// Begins a token request: a token exchange (RFC 8693), a JWT bearer grant
    /// (RFC 7523), a refresh (RFC 6749 section 6) or client credentials (section 4.4).
    pub fn exchange(
        &self,
        request: TokenRequest,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Decided<Issued>> {
        let TokenRequest { client, grant, proof, presented } = request;
        self.start(now, entropy, Decided::internal_error, move |state, host| async move {
            let mut context = RequestContext::new(&state, &host);
            context.proof = proof;
            context.present(presented);
            let result = exchange::token(&mut context, client, grant).await;
            context.finish("token", result).await
        })
    }

    /// Begins a rehearsal of a token request: how it would be decided and why.
    /// The client need not authenticate; nothing is issued and nothing is stored.
    pub fn explain(
        &self,
        request: TokenRequest,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Decided<Rehearsal>> {
        let TokenRequest { client, grant, proof, presented } = request;
        self.start(now, entropy, Decided::internal_error, move |state, host| async move {
            let host = host.without_writes();
            let mut context = RequestContext::new(&state, &host);
            context.proof = proof;
            context.present(presented);
            let result = exchange::rehearse(&mut context, client, grant).await;
            context.decided("explain", result)
        })
    }

    /// Begins the description of an issued token (RFC 7662) for a client.
    pub fn introspect(
        &self,
        client: Client,
        token: String,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Decided<Introspection>> {
        self.start(now, entropy, Decided::internal_error, move |state, host| async move {
            let mut context = RequestContext::new(&state, &host);
            let result = exchange::introspect(&mut context, client, Ok(token)).await;
            context.finish("introspection", result).await
        })
    }

    /// Begins the revocation of an issued token (RFC 7009) by its client. A
    /// token of another client, or one that is not known, is no error.
    pub fn revoke(
        &self,
        client: Client,
        token: String,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Decided<()>> {
        self.start(now, entropy, Decided::internal_error, move |state, host| async move {
            let mut context = RequestContext::new(&state, &host);
            let result = exchange::revoke(&mut context, client, Ok(token)).await;
            context.finish("revocation", result).await
        })
    }

    /// Begins protecting an API: whether this is an issued access token that
    /// counts and has what is required. A token without a DPoP proof is a bearer
    /// token, and must not be bound to a key.
    pub fn authenticate(
        &self,
        credentials: impl Into<AccessCredentials>,
        requirements: AccessRequirements,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Result<AccessToken, Unauthorized>> {
        let internal_error = || Err(Unauthorized::internal());
        let credentials = credentials.into();
        self.start(now, entropy, internal_error, move |state, host| async move {
            exchange::authenticate(&state, &host, Some(&credentials), &requirements).await
        })
    }

    /// The same for a host that answers HTTP requests itself: what a request brings,
    /// or what is wrong with it. A denial has the reply to give.
    pub fn admit(
        &self,
        credentials: Result<Option<AccessCredentials>, Unauthorized>,
        requirements: AccessRequirements,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Result<AccessToken, AccessDenied>> {
        let internal_error = || Err(AccessDenied::internal());
        self.start(now, entropy, internal_error, move |state, host| async move {
            endpoints::admit(&state, &host, credentials, &requirements).await
        })
    }

    /// The HTTP face of [`authenticate`](Self::authenticate): the bearer token of
    /// a request (RFC 6750). The reply is 200 with the token's claims as JSON, or
    /// the one to give instead.
    pub fn protect(
        &self,
        request: Request,
        requirements: AccessRequirements,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step {
        self.start(now, entropy, Reply::internal_error, move |state, host| async move {
            endpoints::protect(&state, &host, &request, &requirements).await
        })
    }

    /// Begins work that is better done between requests: fetching keys of an
    /// issuer that are in use and about to expire. `None` when nothing is due.
    /// Call it after a reply and drive the step like a request. The result says
    /// why keys were not fetched; the next call tries again when it is due.
    #[must_use]
    pub fn refresh_keys(
        &self,
        now: Timestamp,
        entropy: Entropy,
    ) -> Option<Step<Result<(), KeysNotFetched>>> {
        let origin = self.state.trust.keys.due(now)?;
        let internal_error = || Err(KeysNotFetched { detail: "internal error".into() });
        Some(self.start(now, entropy, internal_error, move |state, host| async move {
            let fetched = state.trust.keys.fetch(&host, &origin).await;
            fetched.map_err(|why| KeysNotFetched { detail: why.detail().into() })
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
    /// for that issuer any more. They count for the issuer that there is now: one
    /// that the administration API makes again has only the keys that it names. A
    /// set without keys for signatures is one: no token of the issuer is good then.
    /// `algorithms` and everything else that the configuration says of the issuer
    /// stays.
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
    /// knows it. The result says whether there is one, or why the store did not
    /// say.
    pub fn find_issuer(
        &self,
        issuer: &str,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Result<bool, Failed>> {
        let issuer = String::from(issuer);
        self.start(
            now,
            entropy,
            || Err(Failed::Broken),
            move |state, host| async move {
                Ok(state.trust.issuers.named(&host, &issuer).await?.is_some())
            },
        )
    }

    /// The key of this server with this `kid`, for a host that answers
    /// [`Ask::Sign`](crate::Ask::Sign).
    #[must_use]
    pub fn signing_key(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.state.own_keys.known(kid)
    }

    /// How the memory of tokens is doing.
    #[must_use]
    pub fn token_caches(&self) -> TokenCaches {
        self.state.caches.figures()
    }

    /// What the configuration says of issued tokens that are given out again,
    /// and where that is counted.
    pub(crate) fn issued_tokens(&self) -> Option<(IssuedTokens, Arc<CacheCounters>)> {
        let issued = self.state.config.caches.issued_tokens?;
        Some((issued, Arc::clone(&self.state.caches.issued)))
    }

    /// How often keys of issuers have become others.
    pub(crate) fn key_changes(&self) -> u64 {
        self.state.trust.keys.changes()
    }

    /// Begins examining the subject token of an exchange that happens
    /// elsewhere, and tells until when that need not be done again.
    pub(crate) fn examine(
        &self,
        client: Client,
        request: TokenExchange,
        now: Timestamp,
        entropy: Entropy,
    ) -> Step<Decided<Option<Timestamp>>> {
        self.start(now, entropy, Decided::internal_error, move |state, host| async move {
            let mut context = RequestContext::new(&state, &host);
            let result = exchange::examine(&mut context, client, &request).await;
            context.finish("examination", result).await
        })
    }

    fn start<T, F, R>(
        &self,
        now: Timestamp,
        entropy: Entropy,
        internal_error: fn() -> T,
        run: F,
    ) -> Step<T>
    where
        F: FnOnce(Arc<State>, Host) -> R,
        R: Future<Output = T> + Send + 'static,
    {
        let mailbox = Arc::new(Mailbox::default());
        let verified = Arc::clone(&self.state.verified);
        let proof_keys = Arc::clone(&self.state.proof_keys);
        let (mail, crypto) = (Arc::clone(&mailbox), self.host_crypto);
        let host = Host::new(mail, crypto, verified, proof_keys, now, entropy);
        let run = Box::pin(run(Arc::clone(&self.state), host));
        Suspended { run, mailbox, internal_error }.advance()
    }
}

/// Keys of an issuer that were due and could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeysNotFetched {
    /// Why, with the URL.
    pub detail: String,
}
