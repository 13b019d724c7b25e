//! Which attributes of a resource are returned (RFC 7644 section 3.9).

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::path::{AttributePath, Named};
use crate::resource_type::ResourceType;

/// Returned whatever the client asks for (RFC 7643 sections 3 and 3.1).
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// Which attributes of a resource a client asks for (RFC 7644 section 3.9).
#[derive(Debug)]
pub struct Projection(Selection);

#[derive(Debug)]
enum Selection {
    Everything,
    Only(Vec<Chosen>),
    Without(Vec<Chosen>),
}

/// An attribute, or an extension as a whole.
#[derive(Debug)]
enum Chosen {
    Path(AttributePath),
    Extension(&'static str),
}

impl Projection {
    /// From the names in the parameters `attributes` and `excludedAttributes`.
    /// Names of attributes that do not exist are ignored: they have no value.
    ///
    /// # Errors
    /// `invalidValue` when both are given: they "are mutually exclusive".
    pub fn new<'a>(
        of: &'static ResourceType,
        attributes: impl IntoIterator<Item = &'a str>,
        excluded: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ScimError> {
        let mut attributes = attributes.into_iter().peekable();
        let mut excluded = excluded.into_iter().peekable();
        let chosen = |name: &str| chosen(of, name);
        Ok(Self(match (attributes.peek(), excluded.peek()) {
            (None, None) => Selection::Everything,
            (Some(_), None) => Selection::Only(attributes.filter_map(chosen).collect()),
            (None, Some(_)) => Selection::Without(excluded.filter_map(chosen).collect()),
            (Some(_), Some(_)) => {
                let detail = "attributes and excludedAttributes exclude each other";
                return Err(ScimError::value(detail));
            }
        }))
    }

    /// The part of a resource that the client asks for. `id` and `schemas` are
    /// always part of it.
    #[must_use]
    pub fn apply(&self, resource: Map<String, Value>) -> Map<String, Value> {
        match &self.0 {
            Selection::Everything => resource,
            Selection::Only(chosen) => only(&resource, chosen),
            Selection::Without(chosen) => without(resource, chosen),
        }
    }
}

fn chosen(of: &'static ResourceType, name: &str) -> Option<Chosen> {
    match of.find(name.trim())? {
        Named::Path(path) => Some(Chosen::Path(path)),
        Named::Extension(schema) => Some(Chosen::Extension(schema.urn)),
        Named::Unknown => None,
    }
}

fn only(resource: &Map<String, Value>, chosen: &[Chosen]) -> Map<String, Value> {
    let always = ALWAYS.iter().filter_map(|name| resource.get_key_value(*name));
    let mut kept = Map::new();
    kept.extend(always.map(|(name, value)| (name.clone(), value.clone())));
    for chosen in chosen {
        match chosen {
            Chosen::Extension(urn) => {
                kept.extend(resource.get(*urn).map(|value| ((*urn).into(), value.clone())));
            }
            Chosen::Path(path) => keep(&mut kept, resource, path),
        }
    }
    kept
}

/// Copies the value at a path, next to what was copied before.
fn keep(kept: &mut Map<String, Value>, resource: &Map<String, Value>, path: &AttributePath) {
    let Some(urn) = path.extension else {
        return keep_attribute(kept, resource, path);
    };
    let Some(from) = resource.get(urn).and_then(Value::as_object) else { return };
    let to = kept.entry(urn).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(to) = to {
        keep_attribute(to, from, path);
    }
}

fn keep_attribute(kept: &mut Map<String, Value>, from: &Map<String, Value>, path: &AttributePath) {
    let name = path.attribute.name;
    let Some(value) = from.get(name) else { return };
    let Some(member) = path.member else {
        kept.insert(name.into(), value.clone());
        return;
    };
    match (value, kept.get_mut(name)) {
        (Value::Object(from), Some(Value::Object(to))) => {
            to.extend(from.get(member.name).map(|value| (member.name.into(), value.clone())));
        }
        (Value::Array(from), Some(Value::Array(to))) => {
            for (from, to) in from.iter().zip(to) {
                if let (Some(value), Value::Object(to)) = (from.get(member.name), to) {
                    to.insert(member.name.into(), value.clone());
                }
            }
        }
        (Value::Array(from), _) => {
            let parts = from.iter().map(|from| part(from, member.name)).collect();
            kept.insert(name.into(), Value::Array(parts));
        }
        (from, _) => {
            kept.insert(name.into(), part(from, member.name));
        }
    }
}

fn part(value: &Value, member: &str) -> Value {
    let part = value.get(member).map(|value| (member.into(), value.clone()));
    let mut kept = Map::new();
    kept.extend(part);
    Value::Object(kept)
}

fn without(mut resource: Map<String, Value>, chosen: &[Chosen]) -> Map<String, Value> {
    for chosen in chosen {
        match chosen {
            Chosen::Extension(urn) => {
                resource.remove(*urn);
            }
            Chosen::Path(path) if ALWAYS.contains(&path.attribute.name) => {}
            Chosen::Path(path) => match path.extension {
                None => remove(&mut resource, path),
                Some(urn) => {
                    if let Some(Value::Object(holder)) = resource.get_mut(urn) {
                        remove(holder, path);
                    }
                }
            },
        }
    }
    resource
}

fn remove(from: &mut Map<String, Value>, path: &AttributePath) {
    let name = path.attribute.name;
    let Some(member) = path.member else {
        from.remove(name);
        return;
    };
    match from.get_mut(name) {
        Some(Value::Object(members)) => {
            members.remove(member.name);
        }
        Some(Value::Array(values)) => {
            for members in values.iter_mut().filter_map(Value::as_object_mut) {
                members.remove(member.name);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use serde_json::{Value, json};

    use super::Projection;
    use crate::sample::{ENTERPRISE, USERS, object};

    fn seen(attributes: &[&str], excluded: &[&str]) -> Value {
        let ada = json!({
            "schemas": ["x"], "id": "1", "userName": "ada",
            "emails": [{"value": "a", "type": "work"}, {"value": "b"}],
            ENTERPRISE: {"department": "math", "division": "north"},
        });
        let names = (attributes.iter().copied(), excluded.iter().copied());
        let projection = Projection::new(&USERS, names.0, names.1).unwrap();
        Value::Object(projection.apply(object(ada)))
    }

    #[test]
    fn only_what_is_asked_for_and_what_always_is() {
        let always = json!({"schemas": ["x"], "id": "1"});
        assert_eq!(seen(&["nothing", "title"], &[]), always);
        assert_eq!(seen(&["USERNAME"], &[])["userName"], "ada");
        let division = format!("{ENTERPRISE}:division");
        let some = seen(&["emails.value", "emails.type", &division], &[]);
        let emails = json!([{"value": "a", "type": "work"}, {"value": "b"}]);
        let want = json!({
            "schemas": ["x"], "id": "1", "emails": emails, ENTERPRISE: {"division": "north"},
        });
        assert_eq!(some, want);
        assert_eq!(seen(&[ENTERPRISE], &[])[ENTERPRISE]["department"], "math");
    }

    #[test]
    fn what_is_excluded_is_left_out_unless_it_always_is_there() {
        let department = format!("{ENTERPRISE}:department");
        let rest = seen(&[], &["id", "schemas", "emails", &department]);
        let want = json!({
            "schemas": ["x"], "id": "1", "userName": "ada", ENTERPRISE: {"division": "north"},
        });
        assert_eq!(rest, want);
        assert_eq!(seen(&[], &["emails.value"])["emails"], json!([{"type": "work"}, {}]));
        assert!(Projection::new(&USERS, ["id"], ["id"]).is_err());
    }
}
