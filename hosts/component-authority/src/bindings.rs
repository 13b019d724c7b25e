//! What wit-bindgen makes of the world `authority`.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    reason = "generated"
)]

exchequer_component_types::bindings!("authority");

pub(crate) use exchequer_component_types::types;

pub(crate) use self::exchequer::sts::{clock, fetch, random, store};
pub(crate) use self::exports::exchequer::sts::service;

export!(Component);

/// What is exported; the resource is in the module `service`.
pub(crate) struct Component;
