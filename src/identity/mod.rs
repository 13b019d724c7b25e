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
mod keys;
mod signature;
mod supplied;

pub(crate) use conditions::mapped;
pub(crate) use denial::{Denial, store_failed};
pub(crate) use foreign::{Expected, ForeignToken, TokenKind, Trust, keyring};
pub(crate) use jwks::Health;
pub(crate) use keys::KeyDirectory;
pub(crate) use signature::{Keyring, check as check_signature};
pub use supplied::SupplyKeysError;
