//! The types of `wit/types.wit` and `wit/tokens.wit`, which several components
//! share, and their conversion to the types of the engine and back.
//!
//! Bindings that a component generates for itself belong to it, so two
//! components could not share a conversion. The types are therefore generated
//! here, and [`bindings!`] makes the bindings of a component use them.

pub mod convert;
mod generated;
pub mod typed;

pub use generated::exchequer::sts::{tokens, types};
#[doc(hidden)]
pub use wit_bindgen;

/// The bindings of a world of `wit/`, which use the [`tokens`] and [`types`] of
/// this crate.
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
                "exchequer:sts/tokens@0.1.0/access-token": exchequer_component_types::tokens::AccessToken,
                "exchequer:sts/tokens@0.1.0/check": exchequer_component_types::tokens::Check,
                "exchequer:sts/tokens@0.1.0/check-outcome": exchequer_component_types::tokens::CheckOutcome,
                "exchequer:sts/tokens@0.1.0/client": exchequer_component_types::tokens::Client,
                "exchequer:sts/tokens@0.1.0/client-secret": exchequer_component_types::tokens::ClientSecret,
                "exchequer:sts/tokens@0.1.0/dpop-proof": exchequer_component_types::tokens::DpopProof,
                "exchequer:sts/tokens@0.1.0/exchanged": exchequer_component_types::tokens::Exchanged,
                "exchequer:sts/tokens@0.1.0/explained": exchequer_component_types::tokens::Explained,
                "exchequer:sts/tokens@0.1.0/grant": exchequer_component_types::tokens::Grant,
                "exchequer:sts/tokens@0.1.0/introspected": exchequer_component_types::tokens::Introspected,
                "exchequer:sts/tokens@0.1.0/introspection": exchequer_component_types::tokens::Introspection,
                "exchequer:sts/tokens@0.1.0/invalid-token": exchequer_component_types::tokens::InvalidToken,
                "exchequer:sts/tokens@0.1.0/issued": exchequer_component_types::tokens::Issued,
                "exchequer:sts/tokens@0.1.0/jwt-bearer": exchequer_component_types::tokens::JwtBearer,
                "exchequer:sts/tokens@0.1.0/nonce-required": exchequer_component_types::tokens::NonceRequired,
                "exchequer:sts/tokens@0.1.0/parties": exchequer_component_types::tokens::Parties,
                "exchequer:sts/tokens@0.1.0/refresh": exchequer_component_types::tokens::Refresh,
                "exchequer:sts/tokens@0.1.0/refusal": exchequer_component_types::tokens::Refusal,
                "exchequer:sts/tokens@0.1.0/rehearsal": exchequer_component_types::tokens::Rehearsal,
                "exchequer:sts/tokens@0.1.0/requirements": exchequer_component_types::tokens::Requirements,
                "exchequer:sts/tokens@0.1.0/revoked": exchequer_component_types::tokens::Revoked,
                "exchequer:sts/tokens@0.1.0/target": exchequer_component_types::tokens::Target,
                "exchequer:sts/tokens@0.1.0/token-exchange": exchequer_component_types::tokens::TokenExchange,
                "exchequer:sts/tokens@0.1.0/token-of-client": exchequer_component_types::tokens::TokenOfClient,
                "exchequer:sts/tokens@0.1.0/token-request": exchequer_component_types::tokens::TokenRequest,
                "exchequer:sts/tokens@0.1.0/token-type": exchequer_component_types::tokens::TokenType,
                "exchequer:sts/tokens@0.1.0/typed-token": exchequer_component_types::tokens::TypedToken,
                "exchequer:sts/tokens@0.1.0/unauthorized": exchequer_component_types::tokens::Unauthorized,
                "exchequer:sts/tokens@0.1.0/unavailable": exchequer_component_types::tokens::Unavailable,
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
