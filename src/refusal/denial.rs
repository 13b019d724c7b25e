//! Why a token is not accepted: something is wrong with it, or it cannot be
//! decided now.

use alloc::format;

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

/// The host could not verify a signature.
impl From<Failed> for Denial {
    fn from(failed: Failed) -> Self {
        let message = "the token's signature could not be verified now; try again later";
        let fault = Fault::new(&reason::VERIFYING, message)
            .comparing(format!("the host's verification {failed}"));
        Self::Unavailable { fault, retry_after: 1 }
    }
}

/// The store failed, so its answer is not known.
pub(crate) fn store_failed(failed: Failed) -> Denial {
    Denial::Unavailable {
        fault: Fault::new(&reason::STORE, "the store is not available; try again later")
            .comparing(format!("the store {failed}")),
        retry_after: 1,
    }
}
