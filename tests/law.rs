//! The law of grants as a law: what an issued token can be turned into is never
//! more than what today's configuration would give for the evidence it came
//! from.
//!
//! Random programs of operations run on the engine, over HTTP, and beside it on
//! a reference model. Whatever the engine grants, the model grants; whatever it
//! refuses, the model refuses; and what is granted is the same.
//!
//! | variable | means |
//! |---|---|
//! | `LAW_PROGRAMS` | how many programs are played; 2000 when it is not set |
//! | `LAW_SEED` | the number that they are made from; another each time when it is not set |
//! | `LAW_SHRINKS` | how often a program that fails is made smaller; 2000 when it is not set |
//!
//! A million, by hand: `LAW_PROGRAMS=1000000 cargo test --release --test law`.
//!
//! | module | |
//! |---|---|
//! | `vocabulary`, `operations`, `scenes`, `generation`, `changing` | programs: their names, their form, how they are made |
//! | `given` | what every program begins with |
//! | `model` | the reference model |
//! | `server`, `administrator`, `foreign` | the engine, changes of its configuration, foreign tokens |
//! | `play`, `presenting`, `access`, `changes`, `compare`, `seen`, `story` | both at once, their comparison, and how it is told |
//! | `runs`, `tally` | many programs, and what they reach |
//! | `known` | faults that the engine once had |
//! | `faults` | the checks that `cargo xtask faults` takes out, each of which this test finds |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "law/access.rs"]
mod access;
#[path = "law/administrator.rs"]
mod administrator;
#[path = "law/changes.rs"]
mod changes;
#[path = "law/changing.rs"]
mod changing;
#[path = "law/compare.rs"]
mod compare;
#[path = "law/faults.rs"]
mod faults;
#[path = "law/foreign.rs"]
mod foreign;
#[path = "law/generation.rs"]
mod generation;
#[path = "law/given.rs"]
mod given;
#[path = "law/known.rs"]
mod known;
#[path = "law/model/mod.rs"]
mod model;
#[path = "law/operations.rs"]
mod operations;
#[path = "law/play.rs"]
mod play;
#[path = "law/presenting.rs"]
mod presenting;
#[path = "dpop/proofs.rs"]
mod proofs;
#[path = "law/runs.rs"]
mod runs;
#[path = "law/scenes.rs"]
mod scenes;
#[path = "law/seen.rs"]
mod seen;
#[path = "law/server.rs"]
mod server;
#[path = "law/story.rs"]
mod story;
mod support;
#[path = "law/tally.rs"]
mod tally;
#[path = "law/vocabulary.rs"]
mod vocabulary;

#[test]
fn the_engine_keeps_the_law() {
    runs::run();
}
