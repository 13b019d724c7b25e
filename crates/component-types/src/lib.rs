//! The types of `wit/types.wit`, which several components share, and their
//! conversion to the types of the engine and back.
//!
//! Bindings that a component generates for itself belong to it, so two
//! components could not share a conversion. The types are therefore generated
//! here, and [`bindings!`] makes the bindings of a component use them.

pub mod convert;
mod generated;

pub use generated::exchequer::sts::types;
#[doc(hidden)]
pub use wit_bindgen;

/// The bindings of a world of `wit/`, which use the [`types`] of this crate.
///
/// The world is one of the package `exchequer:sts`, and the calling crate is in
/// a folder two levels below the root of the repository.
#[macro_export]
macro_rules! bindings {
    ($world:literal) => {
        $crate::wit_bindgen::generate!({
            world: $world,
            path: "../../wit",
            with: {
                "exchequer:sts/types@0.1.0/caller": exchequer_component_types::types::Caller,
                "exchequer:sts/types@0.1.0/entropy": exchequer_component_types::types::Entropy,
                "exchequer:sts/types@0.1.0/expect": exchequer_component_types::types::Expect,
                "exchequer:sts/types@0.1.0/failed": exchequer_component_types::types::Failed,
                "exchequer:sts/types@0.1.0/fetch": exchequer_component_types::types::Fetch,
                "exchequer:sts/types@0.1.0/fetched": exchequer_component_types::types::Fetched,
                "exchequer:sts/types@0.1.0/page": exchequer_component_types::types::Page,
                "exchequer:sts/types@0.1.0/problem": exchequer_component_types::types::Problem,
                "exchequer:sts/types@0.1.0/records-page": exchequer_component_types::types::RecordsPage,
                "exchequer:sts/types@0.1.0/reply": exchequer_component_types::types::Reply,
                "exchequer:sts/types@0.1.0/request": exchequer_component_types::types::Request,
                "exchequer:sts/types@0.1.0/secret": exchequer_component_types::types::Secret,
                "exchequer:sts/types@0.1.0/secret-source": exchequer_component_types::types::SecretSource,
                "exchequer:sts/types@0.1.0/stored": exchequer_component_types::types::Stored,
                "exchequer:sts/types@0.1.0/supply-keys-error": exchequer_component_types::types::SupplyKeysError,
                "exchequer:sts/types@0.1.0/timestamp": exchequer_component_types::types::Timestamp,
                "exchequer:sts/types@0.1.0/write": exchequer_component_types::types::Write,
            },
        });
    };
}
