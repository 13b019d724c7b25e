//! Why a token is not accepted: something is wrong with it, or it cannot be
//! decided now.

use alloc::format;

use super::keys::{FetchError, Unavailable};
use crate::reason::{self, Fault};
use crate::step::Failed;

/// Why a token is not accepted.
#[derive(Debug)]
pub(crate) enum Denial {
    /// Something is wrong with it.
    Fault(Fault),
    /// It cannot be decided now.
    Unavailable {
        fault: Fault,
        /// Seconds.
        retry_after: u64,
    },
}

impl From<Fault> for Denial {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Unavailable> for Denial {
    fn from(unavailable: Unavailable) -> Self {
        let Unavailable { why, retry_after } = unavailable;
        let message = match &why {
            FetchError::Unreachable(_) => {
                "the issuer's keys are temporarily unavailable; try again later"
            }
            FetchError::Unusable(_) => {
                "the issuer's keys are temporarily unavailable: the document that should hold \
                 them cannot be used; try again later"
            }
        };
        let fault = Fault::new(why.reason(), message).comparing(why.detail());
        Self::Unavailable { fault, retry_after }
    }
}

/// The host could not verify.
impl From<Failed> for Denial {
    fn from(failed: Failed) -> Self {
        let why = FetchError::Unreachable(format!("verifying {failed}"));
        Self::from(Unavailable { why, retry_after: 1 })
    }
}

/// The store failed: whatever it would have said is not known.
pub(crate) fn store_failed(failed: Failed) -> Denial {
    Denial::Unavailable {
        fault: Fault::new(&reason::STORE, "the store is not available; try again later")
            .comparing(format!("the store {failed}")),
        retry_after: 1,
    }
}
