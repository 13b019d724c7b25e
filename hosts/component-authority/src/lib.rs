//! The service as a component that calls its imports: `wit/authority.wit`.
//!
//! The loop of every host, written once for hosts that can answer while they
//! are called. It decides nothing.

mod bindings;
mod service;
mod world;

use exchequer_component_types::convert;
