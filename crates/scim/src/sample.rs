//! The resource type that the tests use.

use alloc::string::String;

use serde_json::{Map, Value};

use crate::{Attribute, ResourceType, Schema, user};

/// The URN of the enterprise extension.
pub(crate) const ENTERPRISE: &str = user::ENTERPRISE.urn;

/// Users with a domain in front of their names, which is left out for one
/// domain; and with an extension that nobody can write.
pub(crate) static USERS: ResourceType = ResourceType {
    schema: &USER,
    endpoint: "/Users",
    extensions: &[&user::ENTERPRISE, &RECORD],
    ignored: &["password", "groups"],
};

static USER: Schema = Schema {
    attributes: &[
        user::USER_NAME.normalized(without_default_domain),
        user::NAME,
        user::NICK_NAME,
        user::TITLE,
        user::ACTIVE,
        user::EMAILS,
        user::PHONE_NUMBERS,
        user::IMS,
        user::ROLES,
        user::X509_CERTIFICATES,
    ],
    ..user::USER
};

static RECORD: Schema = Schema {
    urn: "urn:example:2.0:Record",
    name: "Record",
    description: "about the record",
    attributes: &[Attribute::string("writtenBy", "who wrote it last").read_only()],
};

fn without_default_domain(name: &str) -> String {
    name.strip_prefix("PRIMARY/").unwrap_or(name).into()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}
