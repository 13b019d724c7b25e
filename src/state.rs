//! What the engine knows between requests: the configuration, the issuers'
//! keys, and the keys of its own.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

#[cfg(feature = "admin")]
use crate::activity::Activity;
use crate::audit::Audit;
use crate::config::{ClientAuthentication, Config, ProtectedResources};
use crate::host::Host;
use crate::identity::Trust;
use crate::identity::accounts::Directory;
#[cfg(feature = "admin")]
use crate::identity::apis::Apis;
use crate::identity::applications::Applications;
use crate::identity::client::Clients;
use crate::identity::platform_token::PlatformClients;
#[cfg(feature = "admin")]
use crate::identity::sign_in::SignInPlace;
use crate::limits::{Gate, Limits};
use crate::metrics::{Caches, Metrics};
use crate::own_keys::OwnKeys;
use crate::proof_keys::ProofKeys;
#[cfg(feature = "admin")]
use crate::recent_refusals::Refusals;
#[cfg(feature = "admin")]
use crate::step::cold;
use crate::verified_tokens::VerifiedTokens;

/// Shared by all requests of an engine.
pub(crate) struct State {
    pub(crate) config: Config,
    /// Absolute URL of the token endpoint.
    pub(crate) token_endpoint: String,
    /// The same for clients with a certificate, where that is another.
    pub(crate) mtls_token_endpoint: Option<String>,
    pub(crate) applications: Applications,
    pub(crate) trust: Trust,
    /// The clients that tokens of trusted token issuers authenticate.
    platform_clients: PlatformClients,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) caches: Caches,
    /// How often whoever has failed.
    pub(crate) limits: Arc<Limits>,
    /// Tokens whose signature was found good.
    pub(crate) verified: Arc<VerifiedTokens>,
    /// The keys of DPoP proofs that were good.
    pub(crate) proof_keys: Arc<ProofKeys>,
    #[cfg(feature = "admin")]
    pub(crate) refusals: Arc<Refusals>,
    #[cfg(feature = "admin")]
    pub(crate) activity: Arc<Activity>,
    /// The APIs of applications that the administration API made.
    #[cfg(feature = "admin")]
    pub(crate) apis: Apis,
    /// Where people sign in to the console.
    #[cfg(feature = "admin")]
    pub(crate) sign_in: SignInPlace,
    /// Local users.
    pub(crate) directory: Directory,
    /// The keys of this server.
    pub(crate) own_keys: OwnKeys,
}

impl State {
    pub(crate) fn new(config: Config) -> Self {
        let token_endpoint = format!("{}/oauth2/token", config.issuer.trim_end_matches('/'));
        let mtls_token_endpoint = mtls_endpoint(&config, "/oauth2/token");
        let trust = Trust::new(&config);
        let applications = Applications::new(&config.issuer, config.applications.clone())
            .with_unregistered(config.client_id_metadata.clone());
        let platform_clients = PlatformClients::of(&config);
        let directory = Directory::new(&config);
        let own_keys = OwnKeys::new(&config);
        let caches = Caches::new(config.caches);
        let verified = VerifiedTokens::new(config.caches.verified_tokens, &caches.verified).into();
        Self {
            config,
            token_endpoint,
            mtls_token_endpoint,
            applications,
            trust,
            platform_clients,
            metrics: Arc::default(),
            caches,
            limits: Arc::default(),
            verified,
            proof_keys: Arc::default(),
            #[cfg(feature = "admin")]
            refusals: Arc::default(),
            #[cfg(feature = "admin")]
            activity: Arc::default(),
            #[cfg(feature = "admin")]
            apis: Apis::default(),
            #[cfg(feature = "admin")]
            sign_in: SignInPlace::default(),
            directory,
            own_keys,
        }
    }

    /// The state under another configuration. What was counted and fetched goes on;
    /// what depends on the configuration begins anew. Requests that are under way
    /// end under the configuration that they began with.
    pub(crate) fn succeed(&self, mut config: Config) -> Self {
        config.continue_from(&self.config);
        let mut next = Self::new(config);
        next.trust = self.trust.succeed(&self.config, &next.config);
        next.applications = next.applications.continuing(&self.applications);
        next.metrics = Arc::clone(&self.metrics);
        next.limits = Arc::clone(&self.limits);
        next.caches = self.caches.under(next.config.caches);
        next.verified =
            self.verified.under(next.config.caches.verified_tokens, &next.caches.verified);
        next.proof_keys = Arc::clone(&self.proof_keys);
        #[cfg(feature = "admin")]
        {
            next.refusals = Arc::clone(&self.refusals);
            next.activity = Arc::clone(&self.activity);
        }
        next.own_keys = next.own_keys.continuing(&self.own_keys);
        next
    }

    /// Counts a decision, keeps a refusal for those who ask what was refused
    /// recently, and stores the decision where that is turned on.
    #[cfg_attr(not(feature = "admin"), allow(unused_variables, clippy::unused_async))]
    pub(crate) async fn note(&self, host: &Host, audit: &mut Audit) {
        self.metrics.count(audit);
        #[cfg(feature = "admin")]
        {
            self.refusals.begin(audit.time);
            if self.config.audit.activity.enabled {
                cold(self.activity.record(&self.config.audit, host, audit)).await;
            }
            self.refusals.note(audit);
        }
    }

    /// The APIs of which metadata is published.
    #[cfg_attr(not(feature = "admin"), allow(unused_variables, clippy::unused_async))]
    pub(crate) async fn protected_resources(&self, host: &Host) -> Arc<ProtectedResources> {
        #[cfg(feature = "admin")]
        return cold(self.apis.all(host, &self.config)).await;
        #[cfg(not(feature = "admin"))]
        return Arc::clone(&self.config.protected_resources);
    }

    /// The limits for a request.
    pub(crate) fn gate(&self, host: &Host) -> Gate<'_> {
        self.limits.gate(&self.config.limits, host)
    }

    /// Whether client certificates are used here, as far as the document says.
    pub(crate) fn takes_certificates(&self) -> bool {
        self.config.client_certificates.is_some()
            || self.config.applications.values().any(|application| {
                application.needs_certificate
                    || matches!(application.authentication, ClientAuthentication::Certificate(_))
            })
    }

    /// What client authentication reads.
    pub(crate) fn clients(&self, host: &Host) -> Clients<'_> {
        Clients {
            gate: self.gate(host),
            applications: &self.applications,
            platform_clients: &self.platform_clients,
            trust: &self.trust,
            issuer: &self.config.issuer,
            token_endpoint: &self.token_endpoint,
        }
    }
}

/// An endpoint as clients with a certificate reach it, where that is another URL.
pub(crate) fn mtls_endpoint(config: &Config, path: &str) -> Option<String> {
    let origin = config.client_certificates.as_ref()?.origin.as_deref()?;
    let (_, rest) = config.issuer.split_once("://")?;
    let below = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    Some(format!("{origin}{}{path}", below.trim_end_matches('/')))
}
