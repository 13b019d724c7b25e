//! Tokens that count once: (issuer, `jti`) pairs that were spent.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use crate::step::{Expect, Failed, Write};
use crate::world::{Outcome, World};
use crate::Timestamp;

/// Whether a token was spent by this request or by an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    Now,
    Before,
}

/// Spends a token. One create-only write, so that of two requests with the
/// same token exactly one wins, on every store.
pub(crate) async fn spend(
    world: &World,
    issuer: &str,
    jti: &str,
    until: Timestamp,
) -> Result<Spent, Failed> {
    // The length keeps ("ab", "c") and ("a", "bc") apart; the hash keeps a
    // stranger's bytes out of our keys.
    let digest = Sha256::new()
        .chain_update((issuer.len() as u64).to_be_bytes())
        .chain_update(issuer)
        .chain_update(jti)
        .finalize();
    let write = Write {
        key: alloc::format!("spent/{}", Base64UrlUnpadded::encode_string(&digest)),
        value: Some(alloc::vec::Vec::new()),
        expect: Expect::Absent,
        expires_at: Some(until.0),
    };
    Ok(match world.commit(alloc::vec![write]).await? {
        Outcome::Committed => Spent::Now,
        Outcome::Conflict => Spent::Before,
    })
}
