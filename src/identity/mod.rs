//! Who is who: trusted token issuers and their keys, the applications that
//! call, and local accounts with their links.

pub(crate) mod accounts;
#[cfg(feature = "admin")]
pub(crate) mod apis;
pub(crate) mod applications;
mod audience;
pub(crate) mod client;
pub(crate) mod client_assertion;
mod client_metadata;
mod conditions;
mod discovery;
mod foreign;
pub(crate) mod id_jag;
mod issuers;
mod jwks;
mod key_states;
pub(crate) mod keys;
mod kind;
pub(crate) mod platform_token;
mod purpose;
mod registry;
#[cfg(feature = "admin")]
pub(crate) mod sign_in;
mod signature;
mod succession;
mod supplied;
mod unregistered;

pub use client::Client;
pub(crate) use conditions::mapped;
#[cfg(feature = "admin")]
pub(crate) use foreign::keyring;
pub(crate) use foreign::{Expected, ForeignToken, Trust};
#[cfg(feature = "admin")]
pub(crate) use jwks::Health;
pub(crate) use key_states::KeyStates;
pub(crate) use purpose::Purpose;
pub(crate) use signature::{Keyring, check as check_signature};
pub use supplied::SupplyKeysError;
