//! The law of grants: what an issued token can be turned into is never more
//! than what the configuration of today would give for the evidence it came
//! from. Each test here is named after a way around it.
//!
//! | module | proves |
//! |---|---|
//! | `parties` | nothing: the document, and what clients send |
//! | `laundering` | no exchange, no form of token and no time leads past an issuer, its conditions, or a link |
//! | `presenting` | an application presents tokens that it got or is the audience of |
//! | `refreshing` | refresh tokens, as such and as subject tokens |
//! | `actors` | who may be named as an actor, and who may act |
//! | `earlier` | what an earlier version stored or issued is read, and refused |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "grants/actors.rs"]
mod actors;
#[path = "grants/earlier.rs"]
mod earlier;
#[path = "grants/laundering.rs"]
mod laundering;
#[path = "grants/parties.rs"]
mod parties;
#[path = "grants/presenting.rs"]
mod presenting;
#[path = "dpop/proofs.rs"]
mod proofs;
#[path = "grants/refreshing.rs"]
mod refreshing;
mod support;
