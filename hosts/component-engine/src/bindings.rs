//! What wit-bindgen makes of the world `engine`.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    reason = "generated"
)]

wit_bindgen::generate!({
    world: "engine",
    path: "../../wit",
});

pub(crate) use self::exports::exchequer::sts::{steps, tokens, types};

export!(Component);

/// What is exported; the resources are in `engine` and `steps`.
pub(crate) struct Component;
