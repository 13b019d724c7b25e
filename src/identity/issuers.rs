//! The trusted token issuers, by `iss`.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::convert::Infallible;

use super::registry::{Registered, Registry};
use crate::audit::shown;
use crate::config::{Config, Problems, TrustedTokenIssuer};
use crate::gather::gathered;
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::storage::resources::{Kind, Object};

/// Trusted token issuers by `iss` and by id.
pub(crate) type Issuers = Registry<TrustedTokenIssuer>;

impl Registered for TrustedTokenIssuer {
    const KIND: Kind = Kind::TrustedTokenIssuer;
    const FIELD: &'static str = "issuer";

    fn id(&self) -> &str {
        &self.id
    }

    fn called(&self) -> &str {
        &self.issuer
    }

    fn read(object: Object, own_issuer: &str) -> Result<Self, Problems> {
        Self::from_object(object.id, object.document, own_issuer)
    }

    /// Every issuer is registered.
    type Rule = Infallible;

    fn unregistered(rule: &Infallible, _name: &str) -> Option<Self> {
        match *rule {}
    }
}

impl Issuers {
    /// Those of a configuration.
    pub(crate) fn of(config: &Config) -> Self {
        let issuers = config.trusted_token_issuers.iter();
        let issuers = issuers.map(|issuer| (issuer.issuer.clone(), Arc::clone(issuer)));
        Self::new(&config.issuer, gathered(issuers))
    }

    /// The issuer with this id, if it is enabled.
    ///
    /// # Errors
    /// A [`Denial`] that says whether it is gone or disabled, or that the store
    /// failed.
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

    /// The issuer whose tokens have exactly this `iss`, if it is enabled.
    ///
    /// # Errors
    /// A [`Denial`] that says whether it is unknown or disabled, or that the
    /// store failed.
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
            .comparing(self.unknown(iss))
        })?;
        enabled(issuer)
    }

    /// What the trace says of an `iss` that is not registered: with the one of the
    /// document that looks the same.
    fn unknown(&self, iss: &str) -> String {
        let same = |a: &str, b: &str| {
            a.trim_end_matches('/').eq_ignore_ascii_case(b.trim_end_matches('/'))
        };
        match self.of_document().find(|one| same(&one.issuer, iss)) {
            Some(one) => format!(
                "`{}`; registered is `{}`: they differ in letter case or in slashes at the end",
                shown(iss),
                one.issuer
            ),
            None => shown(iss),
        }
    }
}

fn enabled(issuer: Arc<TrustedTokenIssuer>) -> Result<Arc<TrustedTokenIssuer>, Denial> {
    if issuer.enabled {
        return Ok(issuer);
    }
    let message = format!("the trusted token issuer `{}` is disabled", issuer.name);
    Err(Fault::new(&reason::ISSUER_DISABLED, message).into())
}
