//! HTTP as the engine sees it: a request in, a reply out, and the form that
//! parameters come in.

mod connection;
mod form;
mod message;
mod trace_parent;

pub use connection::{Connection, KnownCertificate, TlsCertificate};
pub(crate) use form::{Form, missing};
pub use message::{Caller, Reply, Request};
