//! Tokens that count once: (issuer, `jti`) pairs that were spent.

use super::{digest, mark};
use crate::Timestamp;
use crate::step::{Expect, Failed};
use crate::world::{Outcome, World};

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
    let key = alloc::format!("spent/{}", digest(&[issuer, jti]));
    Ok(match world.commit(alloc::vec![mark(key, Expect::Absent, until)]).await? {
        Outcome::Committed => Spent::Now,
        Outcome::Conflict => Spent::Before,
    })
}
