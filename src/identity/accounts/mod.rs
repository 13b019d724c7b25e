//! Local accounts, and the links by which a federated subject becomes a local
//! user.

mod directory;
mod linking;
mod matching;

pub(crate) use directory::Directory;
pub(crate) use linking::{
    Identity, PendingLink, Resolved, acting, check_bare_name, establish, is_linked, resolve,
};

use crate::config::User;
use crate::reason::{self, Fault};

/// A user who is locked or disabled gets no token, and acts for nobody.
///
/// # Errors
/// A [`Fault`] that says which.
pub(crate) fn check_status(user: &User) -> Result<(), Fault> {
    let (locked, disabled) = (user.locked, user.disabled);
    if !locked && !disabled {
        return Ok(());
    }
    let (reason, word) = if locked {
        (&reason::ACCOUNT_LOCKED, "locked")
    } else {
        (&reason::ACCOUNT_DISABLED, "disabled")
    };
    Err(Fault::new(reason, alloc::format!("the local account is {word}"))
        .comparing(user.id.clone()))
}
