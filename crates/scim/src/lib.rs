//! The language of SCIM 2.0: schemas, filters, PATCH operations and
//! projections, on plain JSON values.
//!
//! SCIM (RFC 7643, RFC 7644) is how identity providers provision users to
//! other services. Most of it is a language and not a protocol: which
//! attributes exist, what a filter means, what a PATCH does to a resource.
//! This crate implements that language and nothing else. It has no HTTP, no
//! storage and no I/O, and it is `no_std` with `alloc`.
//!
//! A service describes its resources once, as constants ([`ResourceType`]),
//! and every function reads them:
//!
//! ```
//! use exchequer_scim::{Filter, Projection, ResourceType, user};
//! use serde_json::{Value, json};
//!
//! static USERS: ResourceType = ResourceType {
//!     schema: &user::USER,
//!     endpoint: "/Users",
//!     extensions: &[&user::ENTERPRISE],
//!     ignored: &["password", "groups"],
//! };
//!
//! let object = |value: Value| value.as_object().cloned().unwrap_or_default();
//!
//! // POST: names get their canonical case, values are checked.
//! let body = json!({"USERNAME": "ada", "emails": [{"value": "ada@example.com"}]});
//! let mut ada = USERS.read(object(body))?;
//!
//! // PATCH, as Entra ID sends it.
//! let patch = json!({"Operations": [
//!     {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "ada@work.example"},
//!     {"op": "Replace", "value": {"name.givenName": "Ada"}},
//! ]});
//! USERS.patch(&mut ada, &object(patch))?;
//!
//! // GET /Users?filter=...&attributes=userName
//! let filter = Filter::parse(&USERS, r#"emails.value ew "@WORK.example""#)?;
//! assert!(filter.matches(&ada));
//! let projection = Projection::new(&USERS, ["userName"], [])?;
//! assert_eq!(Value::Object(projection.apply(ada)), json!({"userName": "ada"}));
//! # Ok::<(), exchequer_scim::ScimError>(())
//! ```
//!
//! Errors are those of RFC 7644 section 3.12, with a detail for the person who
//! reads the log of the provisioning client. The cost of every input is
//! bounded: the length, depth and number of terms of a filter, the operations
//! of a PATCH, the values of an attribute.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

/// The example of the README is compiled and run as it is written.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod body;
mod discovery;
mod error;
mod filter;
mod list;
mod patch;
mod path;
mod projection;
mod resource_type;
#[cfg(test)]
mod sample;
mod schema;
mod search;
mod time;
pub mod user;
mod value;

pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use list::{ListResponse, Page};
pub use projection::Projection;
pub use resource_type::ResourceType;
pub use schema::{Attribute, AttributeType, Schema};
pub use search::SearchRequest;
pub use value::is_primary;
