//! The step API as a component that imports nothing: `wit/engine.wit`.
//!
//! A resource here is a value there: an engine, and a request that waits. What
//! crosses is converted and nothing is decided.

mod bindings;
mod crypto;
mod engine;
mod waiting;

use exchequer_component_types::convert;
