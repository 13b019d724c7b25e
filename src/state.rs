//! What the engine knows between requests: the configuration, the issuers'
//! keys, and the keys of its own.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;

#[cfg(feature = "admin")]
use crate::activity::Activity;
use crate::audit::Audit;
use crate::config::Config;
use crate::crypto::SigningKey;
use crate::host::Host;
use crate::identity::Trust;
use crate::identity::accounts::Directory;
use crate::identity::applications::Applications;
use crate::identity::client::Clients;
#[cfg(feature = "admin")]
use crate::identity::sign_in::SignInPlace;
use crate::metrics::{Caches, Metrics};
#[cfg(feature = "admin")]
use crate::recent_refusals::Refusals;
use crate::step::Failed;
#[cfg(feature = "admin")]
use crate::step::cold;
use crate::storage::signing_keys;
use crate::verified_tokens::VerifiedTokens;

/// Shared by all requests of an engine.
pub(crate) struct State {
    pub(crate) config: Config,
    /// Absolute URL of the token endpoint.
    pub(crate) token_endpoint: String,
    pub(crate) applications: Applications,
    pub(crate) trust: Trust,
    pub(crate) metrics: Metrics,
    pub(crate) caches: Caches,
    /// Tokens whose signature was found good.
    pub(crate) verified: Arc<VerifiedTokens>,
    #[cfg(feature = "admin")]
    pub(crate) refusals: Refusals,
    #[cfg(feature = "admin")]
    pub(crate) activity: Activity,
    /// Where people sign in to the console.
    #[cfg(feature = "admin")]
    pub(crate) sign_in: SignInPlace,
    /// Local users.
    pub(crate) directory: Directory,
    /// The keys of this server, once they are known; the first signs.
    signing_keys: Mutex<Arc<[Arc<SigningKey>]>>,
}

impl State {
    pub(crate) fn new(config: Config) -> Self {
        let token_endpoint = format!("{}/oauth2/token", config.issuer.trim_end_matches('/'));
        let trust = Trust::new(&config);
        let applications = Applications::new(&config.issuer, config.applications.clone());
        let directory = Directory::new(&config);
        let signing_keys = Mutex::new(config.keys.clone().into());
        let caches = Caches::new(config.caches);
        let verified = VerifiedTokens::new(config.caches.verified_tokens, &caches.verified);
        Self {
            config,
            token_endpoint,
            applications,
            trust,
            metrics: Metrics::default(),
            caches,
            verified: Arc::new(verified),
            #[cfg(feature = "admin")]
            refusals: Refusals::default(),
            #[cfg(feature = "admin")]
            activity: Activity::default(),
            #[cfg(feature = "admin")]
            sign_in: SignInPlace::default(),
            directory,
            signing_keys,
        }
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

    /// What client authentication reads.
    pub(crate) fn clients(&self) -> Clients<'_> {
        Clients {
            applications: &self.applications,
            keys: &self.trust.keys,
            issuer: &self.config.issuer,
            token_endpoint: &self.token_endpoint,
        }
    }

    /// The keys of the configuration; without any, those of the store, made
    /// there when this is the first start.
    pub(crate) async fn signing_keys(&self, host: &Host) -> Result<Arc<[Arc<SigningKey>]>, Failed> {
        let known = Arc::clone(&self.signing_keys.lock());
        if !known.is_empty() {
            return Ok(known);
        }
        let kept: Vec<_> = signing_keys::load_or_make(host).await?;
        let kept: Arc<[_]> = kept.into();
        *self.signing_keys.lock() = Arc::clone(&kept);
        Ok(kept)
    }

    /// A key of this server that is known already, by its `kid`.
    pub(crate) fn signing_key(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.signing_keys.lock().iter().find(|key| key.kid() == kid).cloned()
    }
}
