//! What wit-bindgen makes of the interface `types`.

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
            import exchequer:sts/types@0.1.0;
        }
    ",
    path: "../../wit",
    generate_unused_types: true,
    generate_all,
});
