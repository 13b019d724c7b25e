//! The interfaces `tokens` and `types`, as wit-bindgen makes them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::indexing_slicing,
    reason = "generated"
)]

wit_bindgen::generate!({
    inline: "
        package exchequer:shared;
        world shared {
            import exchequer:sts/tokens@0.1.0;
            import exchequer:sts/types@0.1.0;
        }
    ",
    path: "../../wit",
    generate_unused_types: true,
    generate_all,
});
