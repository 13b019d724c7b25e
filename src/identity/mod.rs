//! Trust in third parties: whose tokens count, under which keys and
//! conditions.

pub(crate) mod accounts;
pub(crate) mod applications;
mod conditions;
mod denial;
mod discovery;
mod foreign;
mod issuers;
mod jwks;
pub(crate) mod keys;
mod registry;
mod signature;

pub(crate) use conditions::mapped;
pub(crate) use denial::{Denial, store_failed};
pub(crate) use foreign::{Expected, ForeignToken, TokenKind, Trust, keyring};
pub(crate) use jwks::Health;
pub(crate) use signature::{Keyring, check as check_signature};
