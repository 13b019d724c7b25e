//! What wit-bindgen makes of the world `engine`.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    reason = "generated"
)]

exchequer_component_types::bindings!("engine");

pub(crate) use exchequer_component_types::types;

pub(crate) use self::exports::exchequer::sts::steps;

export!(Component);

/// What is exported; the resources are in `engine` and `steps`.
pub(crate) struct Component;
