//! What a fuzzer throws at the engine, and what must hold whatever it throws.
//!
//! A target is a function of bytes. It panics when a promise is broken, and otherwise
//! returns. The targets are here and not among the programs of the fuzzer, so that a
//! test of this workspace can call them with the seeds and with mutants of these;
//! `fuzz/` at the root has the programs, which `cargo xtask fuzz` builds and runs.
//!
//! | module | owns |
//! |---|---|
//! | `service` | the engine that most targets ask, and its host |
//! | `store` | records in memory, as in the other tests of the engine |
//! | `targets` | one file for each target |
//! | `mutate` | mutants for the short run |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

pub mod mutate;
mod service;
#[path = "../../support/store.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod store;
mod targets;

/// Takes whatever bytes the fuzzer makes.
pub type Target = fn(&[u8]);

/// Every target by its name. `corpus/NAME` has its seeds.
pub const TARGETS: [(&str, Target); 13] = [
    ("answers", targets::answers::run),
    ("certificate", targets::certificate::run),
    ("claims", targets::claims::run),
    ("configuration", targets::configuration::run),
    ("discovery", targets::key_set::run_discovery),
    ("form", targets::form::run),
    ("key_set", targets::key_set::run),
    ("path", targets::path::run),
    ("protobuf", targets::protobuf::run),
    ("request", targets::request::run),
    ("scim_filter", targets::scim::run_filter),
    ("scim_patch", targets::scim::run_patch),
    ("token", targets::token::run),
];

/// The target of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|(one, _)| *one == name);
    found.unwrap_or_else(|| panic!("there is no target {name}")).1
}
