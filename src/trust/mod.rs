//! Trust in third parties: whose tokens count, under which keys and
//! conditions.

mod conditions;
mod foreign;
mod jwks;
mod keys;
mod signature;

pub(crate) use conditions::mapped;
pub(crate) use foreign::{Expected, ForeignToken, TokenKind, Trust, keyring, store_failed};
pub(crate) use jwks::Health;
pub(crate) use signature::{Denial, Keyring, check as check_signature};
