//! The engine for JavaScript hosts: a WebAssembly module that decides nothing.
//!
//! Shaped for speed. What every request needs crosses as bytes and numbers:
//! JavaScript writes into one input buffer, a request that waits is a number
//! in a slab, and what goes out is a row of registers that point into this
//! module's memory. Writes do too (`batch`). Cold asks (fetch, read, list) cross as JSON, in the
//! serialised form of [`exchequer::Ask`] and [`exchequer::Answer`]. Cold results
//! (problems, refusals, explanations, decisions) cross as objects.
//!
//! The other half of this interface is `pkg/src/engine.ts`; the numbers in
//! `registers` are its contract.

mod authority;
mod batch;
mod certificate;
mod configuration;
mod fields;
mod input;
mod key_numbers;
mod outcome;
mod output;
mod registers;
mod request;
mod standalone;
mod typed;

pub use authority::{Authority, Checked};
pub use certificate::Certificate;
pub use standalone::{Validator, generate_key};
