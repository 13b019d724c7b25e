//! Names of attributes as filters, PATCH and projections write them
//! (`attrPath` in RFC 7644 section 3.4.2.2): `userName`, `name.givenName`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::resource_type::{ResourceType, is_urn};
use crate::schema::{Attribute, Schema};

/// Where an attribute is in a resource, or in a complex value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttributePath {
    /// The URN of the extension in whose object it is.
    pub(crate) extension: Option<&'static str>,
    pub(crate) attribute: &'static Attribute,
    /// A sub-attribute of it.
    pub(crate) member: Option<&'static Attribute>,
}

/// What a name stands for.
#[derive(Debug)]
pub(crate) enum Named {
    Path(AttributePath),
    /// An extension as a whole.
    Extension(&'static Schema),
    /// An attribute that is known elsewhere and has no value here.
    Unknown,
}

impl ResourceType {
    /// What a name stands for; `None` when there is no such attribute.
    pub(crate) fn find(&self, text: &str) -> Option<Named> {
        if !is_urn(text) {
            return self.find_core(text);
        }
        if let Some(schema) = self.extension(text) {
            return Some(Named::Extension(schema));
        }
        if let Some(name) = below(self.schema, text) {
            return self.find_core(name);
        }
        for schema in self.extensions {
            if let Some(name) = below(schema, text) {
                return path(Some(schema.urn), name, |name| schema.attribute(name));
            }
        }
        // An extension of another service: "treat the attribute as if there is
        // no attribute value" (RFC 7644 section 3.4.2.1).
        Some(Named::Unknown)
    }

    fn find_core(&self, text: &str) -> Option<Named> {
        if self.ignores(text.split('.').next().unwrap_or_default()) {
            return Some(Named::Unknown);
        }
        path(None, text, |name| self.attribute(name))
    }
}

fn path(
    extension: Option<&'static str>,
    text: &str,
    find: impl Fn(&str) -> Option<&'static Attribute>,
) -> Option<Named> {
    let (name, member) = match text.split_once('.') {
        Some((name, member)) => (name, Some(member)),
        None => (text, None),
    };
    let attribute = find(name)?;
    let member = match member {
        Some(member) => Some(attribute.sub_attribute(member)?),
        None => None,
    };
    Some(Named::Path(AttributePath { extension, attribute, member }))
}

/// What follows the URN of a schema.
fn below<'a>(schema: &Schema, text: &'a str) -> Option<&'a str> {
    let (urn, name) = text.split_at_checked(schema.urn.len())?;
    schema.has_urn(urn).then(|| name.strip_prefix(':'))?
}

impl AttributePath {
    /// A sub-attribute, seen from the complex value it is in.
    pub(crate) const fn inside(member: &'static Attribute) -> Self {
        Self { extension: None, attribute: member, member: None }
    }

    /// The attribute at its end.
    pub(crate) fn target(&self) -> &'static Attribute {
        self.member.unwrap_or(self.attribute)
    }

    /// The values at this path: those of a multi-valued attribute one by one.
    pub(crate) fn values<'a>(&self, within: &'a Map<String, Value>) -> Vec<&'a Value> {
        let holder = match self.extension {
            Some(urn) => within.get(urn).and_then(Value::as_object),
            None => Some(within),
        };
        let values = match holder.and_then(|holder| holder.get(self.attribute.name)) {
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => alloc::vec![value],
            None => Vec::new(),
        };
        match self.member {
            Some(member) => values.into_iter().filter_map(|value| value.get(member.name)).collect(),
            None => values,
        }
    }
}
