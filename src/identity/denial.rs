//! Why a token is not accepted: something is wrong with it, or it cannot be
//! decided now.

use alloc::format;

use super::keys::Unavailable;
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
        let message = "the keys of the token's issuer cannot be had at the moment; try again later";
        Self::Unavailable {
            fault: Fault::new(&reason::KEYS_UNAVAILABLE, message).comparing(unavailable.detail),
            retry_after: unavailable.retry_after,
        }
    }
}

/// The host could not verify.
impl From<Failed> for Denial {
    fn from(failed: Failed) -> Self {
        Self::from(Unavailable { detail: format!("verifying {failed}"), retry_after: 1 })
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
