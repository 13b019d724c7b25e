//! What the integration tests share: the world around an engine, made of
//! plain data and virtual time. `tests/vectors/README.md` says what the
//! fixtures are; nothing here decides anything.

#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod administered;
pub(crate) mod bless;
pub(crate) mod case;
pub(crate) mod fixtures;
pub(crate) mod foreign;
pub(crate) mod leaks;
pub(crate) mod signer;
pub(crate) mod start;
pub(crate) mod store;
pub(crate) mod subset;
pub(crate) mod token;
pub(crate) mod web;
pub(crate) mod world;
