//! The service as a component that calls its imports: `wit/authority.wit`.
//!
//! The loop of every host, written once for hosts that can answer while they
//! are called. It decides nothing.

mod bindings;
#[path = "../../component-engine/src/convert.rs"]
mod convert;
mod service;
#[path = "../../component-engine/src/typed.rs"]
mod typed;
mod world;
