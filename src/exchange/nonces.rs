//! Nonces that proofs need where an application has `dpop.nonce` (RFC 9449 sections 8
//! and 9): at the token endpoint, at APIs and in a gateway the same ones.

use alloc::string::String;

use crate::dpop::Nonces;
use crate::host::Host;
use crate::state::State;
use crate::step::Failed;

/// The nonces that count now, and the one that the client is told.
pub(super) struct Current {
    pub(super) nonces: Nonces,
    pub(super) next: String,
}

/// Those of now.
///
/// # Errors
/// There is no key to seal them with: every key may be in a device that gives no
/// secret out.
pub(super) async fn current(state: &State, host: &Host) -> Result<Current, Failed> {
    let nonces = Nonces::of(&state.own_keys.published(host).await?);
    let next = nonces.make(host.now).ok_or(Failed::Unsupported)?;
    Ok(Current { nonces, next })
}
