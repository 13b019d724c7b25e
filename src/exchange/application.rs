//! The application that a client id names, or the refusal when there is none.

use alloc::sync::Arc;

use super::refusal::{OAuthError, Refusal};
use crate::config::Application;
use crate::host::Host;
use crate::reason::{self, Reason};
use crate::state::State;

/// The application with this client id.
pub(super) async fn named(
    state: &State,
    host: &Host,
    id: &str,
) -> Result<Arc<Application>, Refusal> {
    let found = state.applications.named(host, id).await.map_err(Refusal::of_store)?;
    // The id is not shown: credentials that were swapped make it a secret.
    found.ok_or_else(|| {
        refused(&reason::CLIENT_UNKNOWN, "there is no application with this `client_id`")
    })
}

/// A client that is not who it says.
pub(super) fn refused(reason: &'static Reason, message: &str) -> Refusal {
    Refusal::new(OAuthError::InvalidClient, reason, message)
}
