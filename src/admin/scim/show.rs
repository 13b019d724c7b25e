//! Users as SCIM shows them: those of the store, and, read-only, those of the
//! configuration document.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use fluent_uri::pct_enc::EString;
use fluent_uri::pct_enc::encoder::{Data, Path};
use serde_json::{Map, Value, json};

use super::attributes::{ACCOUNT_DISABLED, ACCOUNT_LOCKED, EXCHEQUER, MODIFIED_BY, USERS, WSO2};
use super::name::written;
use super::time;
use crate::admin::records::users::HeldUser;
use crate::admin::version::tag;
use crate::config::User;
use crate::gather::gathered;

/// A user of the store.
pub(super) fn stored(issuer: &str, held: &HeldUser) -> Map<String, Value> {
    let record = &held.record;
    let meta = json!({
        "resourceType": "User",
        "created": time::written(record.created),
        "lastModified": time::written(record.modified),
        "location": location(issuer, &record.user.id),
        "version": version(held),
    });
    let mut resource = record.resource.clone();
    if let Some(name) = &record.modified_by {
        resource.insert(EXCHEQUER.urn.into(), json!({ MODIFIED_BY: name }));
    }
    complete(resource, &record.user.id, meta)
}

/// A user of the configuration document. Nobody says when it was changed.
pub(super) fn configured(issuer: &str, user: &User) -> Map<String, Value> {
    let claim = |name: &str| user.claims.get(name).filter(|value| value.is_string()).cloned();
    let several = |name: &str| Some(json!([{ "value": claim(name)?, "primary": true }]));
    let names = [
        ("formatted", "name"),
        ("givenName", "given_name"),
        ("familyName", "family_name"),
        ("middleName", "middle_name"),
    ];
    let name: Map<_, _> =
        gathered(names.iter().filter_map(|(to, from)| Some(((*to).into(), claim(from)?))));
    let roles: Vec<Value> = user.roles.iter().map(|role| json!({ "value": role })).collect();
    let attributes = [
        ("userName", Some(written(&user.user_store, &user.username).into())),
        ("name", (!name.is_empty()).then_some(Value::Object(name))),
        ("nickName", claim("nickname")),
        ("profileUrl", claim("profile")),
        ("locale", claim("locale")),
        ("timezone", claim("zoneinfo")),
        ("emails", several("email")),
        ("phoneNumbers", several("phone_number")),
        ("roles", (!roles.is_empty()).then_some(Value::Array(roles))),
        ("active", Some(Value::Bool(!user.disabled))),
        (WSO2.urn, Some(json!({ ACCOUNT_LOCKED: user.locked, ACCOUNT_DISABLED: user.disabled }))),
    ];
    let given = attributes.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
    let meta = json!({ "resourceType": "User", "location": location(issuer, &user.id) });
    complete(gathered(given), &user.id, meta)
}

/// A resource with what every resource has.
fn complete(mut resource: Map<String, Value>, id: &str, meta: Value) -> Map<String, Value> {
    let schemas: Vec<Value> = USERS.schemas_of(&resource).map(Into::into).collect();
    resource.insert("schemas".into(), Value::Array(schemas));
    resource.insert("id".into(), id.into());
    resource.insert("meta".into(), meta);
    resource
}

/// The entity tag of a user: weak, for it says nothing of the bytes.
pub(super) fn version(held: &HeldUser) -> String {
    format!("W/{}", tag(held.version))
}

pub(super) fn location(issuer: &str, id: &str) -> String {
    place(issuer, "Users", id)
}

/// The URL of a resource of an endpoint.
pub(super) fn place(issuer: &str, endpoint: &str, id: &str) -> String {
    let mut segment = EString::<Path>::new();
    segment.encode_str::<Data>(id);
    format!("{}/{endpoint}/{}", base(issuer), segment.as_str())
}

/// Where SCIM begins.
pub(super) fn base(issuer: &str) -> String {
    format!("{}/scim2", issuer.trim_end_matches('/'))
}
