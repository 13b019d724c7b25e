//! HTTP as the engine sees it: a request in, a reply out, the form that
//! parameters come in, and what a path may mean.

mod form;
mod message;
pub(crate) mod path;
mod query;
mod segment;

pub(crate) use form::Form;
pub use message::{Caller, Reply, Request};
pub(crate) use query::Query;
pub(crate) use segment::{decoded, encoded};
