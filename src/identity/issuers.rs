//! The trusted token issuers: those of the configuration document, and those
//! that the administration API made, which the store keeps.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::Timestamp;
use crate::audit::shown;
use crate::config::{Config, TrustedTokenIssuer};
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::step::Failed;
use crate::storage::resources::{self, Held, Kind, Unique};
use crate::storage::ttl_cache::TtlCache;

/// Trusted token issuers by `iss` and by id.
pub(crate) struct Issuers {
    own_issuer: String,
    /// Those of the document, by `iss` and by id.
    document: BTreeMap<String, Arc<TrustedTokenIssuer>>,
    document_by_id: BTreeMap<String, Arc<TrustedTokenIssuer>>,
    recent: TtlCache<TrustedTokenIssuer>,
}

impl Issuers {
    pub(super) fn new(config: &Config) -> Self {
        let all = config.trusted_token_issuers.iter();
        let by_id = all.clone().map(|issuer| (issuer.id.clone(), Arc::clone(issuer)));
        Self {
            own_issuer: config.issuer.clone(),
            document_by_id: by_id.collect(),
            document: all.map(|issuer| (issuer.issuer.clone(), Arc::clone(issuer))).collect(),
            recent: TtlCache::default(),
        }
    }

    /// The issuer whose tokens have exactly this `iss`. The document's word
    /// counts first.
    pub(crate) async fn named(
        &self,
        host: &Host,
        iss: &str,
    ) -> Result<Option<Arc<TrustedTokenIssuer>>, Failed> {
        if let Some(issuer) = self.document.get(iss) {
            return Ok(Some(Arc::clone(issuer)));
        }
        let key = key(iss);
        if let Some(known) = self.recent.get(&key, host.now) {
            return Ok(known);
        }
        let age = self.recent.age();
        let kept = match resources::find_by(host, Kind::TrustedTokenIssuer, &unique(iss)).await {
            Ok(held) => held.map(|held| self.issuer(held)).transpose()?.map(Arc::new),
            // A host without a store has no others.
            Err(Failed::Unsupported) => None,
            Err(failed) => return Err(failed),
        };
        self.recent.keep(key, kept.clone(), host.now, age);
        Ok(kept)
    }

    /// The issuer with this `iss`, as far as it is known without reading the
    /// store: of the document, or read a moment ago.
    pub(super) fn known(&self, iss: &str, now: Timestamp) -> Option<Arc<TrustedTokenIssuer>> {
        let kept = || self.recent.get(&key(iss), now).flatten();
        self.document.get(iss).cloned().or_else(kept)
    }

    /// The issuer with this id, if it is switched on.
    ///
    /// # Errors
    /// A [`Denial`] that says whether it is gone or switched off, or that the
    /// store failed.
    pub(crate) async fn enabled_by_id(
        &self,
        host: &Host,
        id: &str,
    ) -> Result<Arc<TrustedTokenIssuer>, Denial> {
        let issuer = self.by_id(host, id).await.map_err(store_failed)?.ok_or_else(|| {
            Fault::new(
                &reason::ISSUER_GONE,
                "the trusted token issuer that the token came from is not registered any more",
            )
        })?;
        enabled(issuer)
    }

    async fn by_id(
        &self,
        host: &Host,
        id: &str,
    ) -> Result<Option<Arc<TrustedTokenIssuer>>, Failed> {
        if let Some(issuer) = self.document_by_id.get(id) {
            return Ok(Some(Arc::clone(issuer)));
        }
        let key = resources::key(Kind::TrustedTokenIssuer, id);
        if let Some(known) = self.recent.get(&key, host.now) {
            return Ok(known);
        }
        let age = self.recent.age();
        let kept = match resources::find(host, Kind::TrustedTokenIssuer, id).await {
            Ok(held) => held.map(|held| self.issuer(held)).transpose()?.map(Arc::new),
            // A host without a store has no others.
            Err(Failed::Unsupported) => None,
            Err(failed) => return Err(failed),
        };
        self.recent.keep(key, kept.clone(), host.now, age);
        Ok(kept)
    }

    /// The issuer with this `iss`, if it is switched on.
    ///
    /// # Errors
    /// A [`Denial`] that says whether it is unknown or switched off, or that
    /// the store failed.
    pub(crate) async fn enabled(
        &self,
        host: &Host,
        iss: &str,
    ) -> Result<Arc<TrustedTokenIssuer>, Denial> {
        let issuer = self.named(host, iss).await.map_err(store_failed)?.ok_or_else(|| {
            Fault::new(
                &reason::ISSUER_UNKNOWN,
                "no trusted token issuer is registered for the token's `iss`",
            )
            .comparing(shown(iss))
        })?;
        enabled(issuer)
    }

    /// Those of the document, in the order of their `iss`.
    pub(crate) fn of_document(&self) -> impl Iterator<Item = &Arc<TrustedTokenIssuer>> {
        self.document.values()
    }

    /// Those of the document, and those of the store that were needed lately.
    pub(crate) fn in_use(&self) -> Vec<Arc<TrustedTokenIssuer>> {
        self.document.values().cloned().chain(self.recent.all()).collect()
    }

    /// One was written: what was read before does not count any more.
    pub(crate) fn changed(&self) {
        self.recent.clear();
    }

    /// What the API let in was checked; what does not pass the check any more
    /// was kept by another version of this engine.
    fn issuer(&self, held: Held) -> Result<TrustedTokenIssuer, Failed> {
        let resources::Object { id, document, .. } = held.object;
        TrustedTokenIssuer::from_object(id, document, &self.own_issuer).map_err(|_| Failed::Broken)
    }
}

fn unique(iss: &str) -> Unique {
    Unique { of: "issuer", value: iss.into() }
}

/// Where the store says which issuer has this `iss`.
fn key(iss: &str) -> String {
    resources::unique_key(Kind::TrustedTokenIssuer, &unique(iss))
}

fn enabled(issuer: Arc<TrustedTokenIssuer>) -> Result<Arc<TrustedTokenIssuer>, Denial> {
    if issuer.enabled {
        return Ok(issuer);
    }
    let message = format!("the trusted token issuer `{}` is disabled", issuer.name);
    Err(Fault::new(&reason::ISSUER_DISABLED, message).into())
}
