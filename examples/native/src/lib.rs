//! A host in a hundred lines: the engine's crate with a loop, an HTTP client
//! and a store. Copy it, and put your own store and client in their places.

mod host;
mod issuer;
mod store;

pub use host::Host;
pub use issuer::Issuer;
pub use store::{MemoryStore, Store};
