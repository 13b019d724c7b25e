//! Authentication of clients that are not registered: how often their documents are
//! fetched for strangers, and what it means that one is not there.

use super::Keyring;
use super::client::Clients;
use crate::config::KeySource;
use crate::host::Host;
use crate::limits::{DocumentFetch, TooMany};
use crate::reason::{self, Fault, Reason};
use crate::refusal::Denial;

/// Reasons that are about a document, and not about an outage.
const OF_DOCUMENT: [&Reason; 4] =
    [&reason::KEYS_UNUSABLE, &reason::KEYS_TOO_LONG, &reason::KEYS_ELSEWHERE, &reason::KEYS_STATUS];

/// Counts the fetch of a document that is not known to be good yet. The sender has proved
/// nothing so far.
///
/// # Errors
/// [`TooMany`] when too many were fetched in vain for the address of the request.
pub(super) fn fetch<'a>(
    clients: &Clients<'a>,
    host: &Host,
    keyring: &Keyring<'_>,
) -> Result<Option<DocumentFetch<'a>>, TooMany> {
    let KeySource::ClientMetadata(_) = keyring.source else { return Ok(None) };
    let Some(origin) = keyring.origin() else { return Ok(None) };
    if clients.trust.keys.has_keys(&origin, host.now) {
        return Ok(None);
    }
    clients.gate.fetch_document().map(Some)
}

/// Notes what became of it.
pub(super) async fn fetched(host: &Host, fetch: Option<DocumentFetch<'_>>, was_good: bool) {
    match fetch {
        Some(fetch) if was_good => fetch.was_good(),
        Some(fetch) => fetch.was_in_vain(host).await,
        None => {}
    }
}

/// A document of a client that is there and cannot be used is the client's fault, and
/// no outage.
pub(super) fn denial(source: &KeySource, denial: Denial) -> Denial {
    match (source, denial) {
        (KeySource::ClientMetadata(_), Denial::Unavailable { fault, .. })
            if OF_DOCUMENT.contains(&fault.reason) =>
        {
            let message = "the metadata document of the client, at its `client_id`, cannot be used";
            let detail = fault.detail.unwrap_or_default();
            Fault::new(&reason::CLIENT_METADATA, message).comparing(detail).into()
        }
        (_, denial) => denial,
    }
}
