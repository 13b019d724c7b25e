//! Names of attributes as filters, PATCH and projections write them
//! (`attrPath` in RFC 7644 section 3.4.2.2): `userName`, `name.givenName`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::attributes::{EXTENSIONS, USER};
use super::schema::{Attribute, Schema, common, core, extension, hidden, is_urn, named};

/// Where an attribute stands in a resource, or in a complex value.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The URN of the extension in whose object it stands.
    pub(super) holder: Option<&'static str>,
    pub(super) attribute: &'static Attribute,
    /// A sub-attribute of it.
    pub(super) member: Option<&'static Attribute>,
}

/// What a name stands for.
pub(super) enum Named {
    Place(Place),
    /// An extension as a whole.
    Extension(&'static Schema),
    /// Something that is known elsewhere and has no value here.
    Nothing,
}

/// What a name stands for; `None` when there is no such attribute.
pub(super) fn find(text: &str) -> Option<Named> {
    if !is_urn(text) {
        return find_core(text);
    }
    if let Some(schema) = extension(text) {
        return Some(Named::Extension(schema));
    }
    if let Some(name) = below(&USER, text) {
        return find_core(name);
    }
    for schema in EXTENSIONS {
        if let Some(name) = below(schema, text) {
            return place(Some(schema.urn), name, |name| named(schema.attributes, name));
        }
    }
    // An extension of others: "treat the attribute as if there is no attribute
    // value" (RFC 7644 section 3.4.2.1).
    Some(Named::Nothing)
}

fn find_core(text: &str) -> Option<Named> {
    if hidden(text.split('.').next().unwrap_or_default()) {
        return Some(Named::Nothing);
    }
    place(None, text, |name| core(name).or_else(|| common(name)))
}

fn place(
    holder: Option<&'static str>,
    text: &str,
    find: impl Fn(&str) -> Option<&'static Attribute>,
) -> Option<Named> {
    let (name, member) = match text.split_once('.') {
        Some((name, member)) => (name, Some(member)),
        None => (text, None),
    };
    let attribute = find(name)?;
    let member = match member {
        Some(member) => Some(attribute.member(member)?),
        None => None,
    };
    Some(Named::Place(Place { holder, attribute, member }))
}

/// What follows the URN of a schema.
fn below<'a>(schema: &Schema, text: &'a str) -> Option<&'a str> {
    let (urn, name) = text.split_at_checked(schema.urn.len())?;
    urn.eq_ignore_ascii_case(schema.urn).then(|| name.strip_prefix(':'))?
}

impl Place {
    /// A sub-attribute, seen from the complex value it is in.
    pub(super) const fn inside(member: &'static Attribute) -> Self {
        Self { holder: None, attribute: member, member: None }
    }

    /// What is compared at its end.
    pub(super) fn target(&self) -> &'static Attribute {
        self.member.unwrap_or(self.attribute)
    }

    /// The values that stand there: those of a multi-valued attribute one by
    /// one.
    pub(super) fn values<'a>(&self, within: &'a Map<String, Value>) -> Vec<&'a Value> {
        let holder = match self.holder {
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
