//! HTTP as the engine sees it: a request in, a reply out, and the form that
//! parameters come in.

mod form;
mod message;
mod sender;
mod tls_certificate;
mod trace_parent;

pub(crate) use form::{Form, missing};
pub use message::{Caller, Reply, Request};
pub use sender::Sender;
pub(crate) use sender::{AddressRange, Network, Proxies, network};
pub use tls_certificate::{KnownCertificate, TlsCertificate};
