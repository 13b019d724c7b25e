//! A type of resource, and how names find its attributes.

use crate::schema::{Attribute, Schema, named};
use crate::user::COMMON;

/// A type of resource (RFC 7643 section 6): what a service knows of it.
///
/// ```
/// use exchequer_scim::{ResourceType, user};
///
/// static USERS: ResourceType = ResourceType {
///     schema: &user::USER,
///     endpoint: "/Users",
///     extensions: &[&user::ENTERPRISE],
///     ignored: &["password", "groups"],
/// };
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ResourceType {
    /// The core schema.
    pub schema: &'static Schema,
    /// The endpoint below the base URL, such as `/Users`.
    pub endpoint: &'static str,
    /// The extensions (RFC 7643 section 3.3). None of them is required.
    pub extensions: &'static [&'static Schema],
    /// Names of core attributes that clients may send and the service does not
    /// keep: they are accepted without effect, and no filter finds them.
    pub ignored: &'static [&'static str],
}

impl ResourceType {
    /// The extension of this URN, in any letter case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| schema.has_urn(urn))
    }

    /// The schemas that a resource uses, for its `schemas` (RFC 7643 section
    /// 3): the core schema, and the extensions of which it has a value.
    pub fn schemas_of(
        &self,
        resource: &serde_json::Map<alloc::string::String, serde_json::Value>,
    ) -> impl Iterator<Item = &'static str> {
        let used = self.extensions.iter().filter(|schema| resource.contains_key(schema.urn));
        core::iter::once(self.schema.urn).chain(used.map(|schema| schema.urn))
    }

    /// A core attribute that a client may write.
    pub(crate) fn writable(&self, name: &str) -> Option<&'static Attribute> {
        self.schema.attribute(name).or_else(|| common(name).filter(|common| !common.read_only))
    }

    /// A core attribute, or one that every resource has.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.schema.attribute(name).or_else(|| common(name))
    }

    /// Whether this is an attribute that the service does not keep.
    pub(crate) fn ignores(&self, name: &str) -> bool {
        self.ignored.iter().any(|ignored| ignored.eq_ignore_ascii_case(name))
    }
}

/// An attribute that every resource has (RFC 7643 section 3.1).
pub(crate) fn common(name: &str) -> Option<&'static Attribute> {
    named(COMMON, name)
}

/// Whether this names a schema or an attribute of one.
pub(crate) fn is_urn(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// Whether this only says which schema an extension's object is of, as some
/// clients repeat inside of it.
pub(crate) fn is_label(name: &str) -> bool {
    name.eq_ignore_ascii_case("schemas")
}
