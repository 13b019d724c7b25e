//! Keys of trusted token issuers: what is said when there are none that can be
//! used, and keys that the host supplies. When they are fetched is in
//! `tests/vectors/fetch`, and which of them are used in `tests/vectors/jwks`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "issuer_keys/said.rs"]
mod said;
#[path = "issuer_keys/supplied.rs"]
mod supplied;
mod support;
