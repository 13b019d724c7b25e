//! HTTP as the engine sees it: a request in, a reply out, and the table of
//! paths. One file per family of endpoints.

mod message;

pub use message::{Caller, Reply, Request};
