//! Signature algorithms and keys, and the pure-Rust answer to both.
//!
//! Nothing here knows what a JWT is. A key that exists is one that may be
//! used: sizes, exponents and curve points are checked when it is made. The
//! algorithm always comes from the caller's policy.
//!
//! A host may answer for algorithms it computes faster ([`HostCrypto`]); which
//! those are is fixed when the engine is made, and `world` asks it. Everything
//! else is computed here, by RustCrypto.

mod algorithm;
pub(crate) mod certificate;
mod der;
mod dn;
mod drbg;
mod jwk_fields;
mod key;
mod key_params;
mod names;
mod ranges;
mod rsa_checks;
mod rustcrypto;
mod secret;
mod signing;
pub(crate) mod thumbprint;
mod wrapping;

pub(crate) use algorithm::FAPI;
pub use algorithm::{Algorithm, AlgorithmSet, HostCrypto, Verdict};
pub(crate) use dn::{Dn, unhex};
pub(crate) use drbg::seal;
pub use key::{KeyProblem, PublicKey};
pub(crate) use names::Names;
pub(crate) use rustcrypto::{sign, verify};
pub(crate) use secret::SecretHash;
pub use signing::SigningKey;
pub(crate) use wrapping::WrappingKeys;
