//! X.509 certificates as carriers of a key: what an operator pastes.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{KeyProblem, PublicKey};
use crate::Timestamp;

/// The key of a certificate, and when the certificate is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) key: Arc<PublicKey>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Certificate {
    /// Every certificate in a text an operator gave: PEM (one or several),
    /// or bare base64 of DER with or without line breaks, or base64 of PEM.
    ///
    /// # Errors
    /// [`KeyProblem`] that says which certificate and what is wrong with it.
    pub(crate) fn parse_all(text: &str) -> Result<Vec<Self>, KeyProblem> {
        let _ = text;
        Err(KeyProblem("not built yet".into()))
    }

    pub(crate) fn valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}
