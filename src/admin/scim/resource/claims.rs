//! What tokens may say of a user, and what users are looked up by when they
//! are linked: OpenID Connect's names for SCIM's attributes.

use alloc::string::String;

use exchequer_scim::is_primary;
use serde_json::{Map, Value};

/// Claims that are an attribute under another name.
const PLAIN: [(&str, &str); 4] = [
    ("nickname", "nickName"),
    ("profile", "profileUrl"),
    ("locale", "locale"),
    ("zoneinfo", "timezone"),
];

/// Claims that are a part of the name.
const NAMES: [(&str, &str); 3] =
    [("given_name", "givenName"), ("family_name", "familyName"), ("middle_name", "middleName")];

/// The claims of a user with these attributes.
pub(super) fn of(resource: &Map<String, Value>) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            claims.insert(name.into(), String::from(value).into());
        }
    };
    let text = |attribute: &str| resource.get(attribute).and_then(Value::as_str);
    for (name, attribute) in PLAIN {
        claim(name, text(attribute));
    }
    let part = |member: &str| resource.get("name")?.get(member)?.as_str();
    for (name, member) in NAMES {
        claim(name, part(member));
    }
    claim("name", part("formatted").or_else(|| text("displayName")));
    claim("email", one_of(resource, "emails", "work"));
    // `tel:` is how SCIM writes it (RFC 3966), not how tokens do.
    let phone = one_of(resource, "phoneNumbers", "mobile");
    claim("phone_number", phone.map(|phone| phone.strip_prefix("tel:").unwrap_or(phone)));
    claims
}

/// The one of several values that stands for all: the primary one, else one of
/// this type, else the first.
fn one_of<'a>(resource: &'a Map<String, Value>, attribute: &str, kind: &str) -> Option<&'a str> {
    let values = resource.get(attribute)?.as_array()?;
    let of_kind = |value: &&Value| value.get("type").and_then(Value::as_str) == Some(kind);
    let one = values.iter().find(|value| is_primary(value));
    let one = one.or_else(|| values.iter().find(of_kind)).or_else(|| values.first());
    one?.get("value")?.as_str()
}
