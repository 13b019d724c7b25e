//! The trusted token issuers, by `iss`.

use alloc::format;
use alloc::sync::Arc;

use super::denial::{Denial, store_failed};
use super::registry::{Registered, Registry};
use crate::audit::shown;
use crate::config::{Problems, TrustedTokenIssuer};
use crate::host::Host;
use crate::reason::{self, Fault};
use crate::storage::resources::{Kind, Object};

/// Trusted token issuers by `iss`.
pub(crate) type Issuers = Registry<TrustedTokenIssuer>;

impl Registered for TrustedTokenIssuer {
    const KIND: Kind = Kind::TrustedTokenIssuer;
    const FIELD: &'static str = "issuer";

    fn read(object: Object, own_issuer: &str) -> Result<Self, Problems> {
        Self::from_object(object.id, object.document, own_issuer)
    }
}

impl Issuers {
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
            .comparing(shown(iss))
        })?;
        if issuer.enabled {
            return Ok(issuer);
        }
        let message = format!("the trusted token issuer `{}` is disabled", issuer.name);
        Err(Fault::new(&reason::ISSUER_DISABLED, message).into())
    }
}
