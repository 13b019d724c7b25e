//! Which attributes of a resource are returned (RFC 7644 section 3.9).

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::error::Problem;
use super::path::{self, Named, Place};

/// What is returned whatever is asked for (RFC 7643 sections 3 and 3.1).
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// Which attributes a client asks for.
pub(super) enum Projection {
    Everything,
    Only(Vec<Chosen>),
    Without(Vec<Chosen>),
}

/// An attribute, or an extension as a whole.
pub(super) enum Chosen {
    Place(Place),
    Extension(&'static str),
}

impl Projection {
    /// From the names in `attributes` and `excludedAttributes`. Names of
    /// nothing are ignored: they have no value.
    ///
    /// # Errors
    /// `invalidValue` when both are given.
    pub(super) fn of<'a>(
        attributes: impl Iterator<Item = &'a str>,
        excluded: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Problem> {
        let mut attributes = attributes.peekable();
        let mut excluded = excluded.peekable();
        match (attributes.peek(), excluded.peek()) {
            (None, None) => Ok(Self::Everything),
            (Some(_), None) => Ok(Self::Only(attributes.filter_map(chosen).collect())),
            (None, Some(_)) => Ok(Self::Without(excluded.filter_map(chosen).collect())),
            (Some(_), Some(_)) => {
                Err(Problem::value("attributes and excludedAttributes exclude each other"))
            }
        }
    }

    /// The part of a resource that is asked for.
    pub(super) fn apply(&self, resource: Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::Everything => resource,
            Self::Only(chosen) => only(&resource, chosen),
            Self::Without(chosen) => without(resource, chosen),
        }
    }
}

fn chosen(name: &str) -> Option<Chosen> {
    match path::find(name.trim())? {
        Named::Place(place) => Some(Chosen::Place(place)),
        Named::Extension(schema) => Some(Chosen::Extension(schema.urn)),
        Named::Nothing => None,
    }
}

fn only(resource: &Map<String, Value>, chosen: &[Chosen]) -> Map<String, Value> {
    let always = ALWAYS.iter().filter_map(|name| resource.get_key_value(*name));
    let mut kept: Map<_, _> = always.map(|(name, value)| (name.clone(), value.clone())).collect();
    for chosen in chosen {
        match chosen {
            Chosen::Extension(urn) => {
                kept.extend(resource.get(*urn).map(|value| ((*urn).into(), value.clone())));
            }
            Chosen::Place(place) => keep(&mut kept, resource, place),
        }
    }
    kept
}

/// Copies what stands at a place, next to what was copied before.
fn keep(kept: &mut Map<String, Value>, resource: &Map<String, Value>, place: &Place) {
    let Some(urn) = place.holder else {
        return keep_attribute(kept, resource, place);
    };
    let Some(from) = resource.get(urn).and_then(Value::as_object) else { return };
    let to = kept.entry(urn).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(to) = to {
        keep_attribute(to, from, place);
    }
}

fn keep_attribute(kept: &mut Map<String, Value>, from: &Map<String, Value>, place: &Place) {
    let name = place.attribute.name;
    let Some(value) = from.get(name) else { return };
    let Some(member) = place.member else {
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
    Value::Object(part.into_iter().collect())
}

fn without(mut resource: Map<String, Value>, chosen: &[Chosen]) -> Map<String, Value> {
    for chosen in chosen {
        match chosen {
            Chosen::Extension(urn) => {
                resource.remove(*urn);
            }
            Chosen::Place(place) if ALWAYS.contains(&place.attribute.name) => {}
            Chosen::Place(place) => match place.holder {
                None => remove(&mut resource, place),
                Some(urn) => {
                    if let Some(Value::Object(holder)) = resource.get_mut(urn) {
                        remove(holder, place);
                    }
                }
            },
        }
    }
    resource
}

fn remove(from: &mut Map<String, Value>, place: &Place) {
    let name = place.attribute.name;
    let Some(member) = place.member else {
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
    use alloc::string::String;

    use serde_json::{Map, Value, json};

    use super::Projection;

    const WORK: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn ada() -> Map<String, Value> {
        let ada = json!({
            "schemas": ["x"], "id": "1", "userName": "ada",
            "emails": [{"value": "a", "type": "work"}, {"value": "b"}],
            WORK: {"department": "math", "division": "north"},
        });
        ada.as_object().unwrap().clone()
    }

    fn seen(attributes: &[&str], excluded: &[&str]) -> Value {
        let names = (attributes.iter().copied(), excluded.iter().copied());
        Value::Object(Projection::of(names.0, names.1).unwrap().apply(ada()))
    }

    #[test]
    fn only_what_is_asked_for_and_what_always_is() {
        let always = json!({"schemas": ["x"], "id": "1"});
        assert_eq!(seen(&["nothing", "title"], &[]), always);
        assert_eq!(seen(&["USERNAME"], &[])["userName"], "ada");
        let some = seen(&["emails.value", "emails.type", &std::format!("{WORK}:division")], &[]);
        let emails = json!([{"value": "a", "type": "work"}, {"value": "b"}]);
        let want = json!({
            "schemas": ["x"], "id": "1", "emails": emails, WORK: {"division": "north"},
        });
        assert_eq!(some, want);
        assert_eq!(seen(&[WORK], &[])[WORK]["department"], "math");
    }

    #[test]
    fn what_is_excluded_is_left_out_unless_it_always_is_there() {
        let rest = seen(&[], &["id", "schemas", "emails", &std::format!("{WORK}:department")]);
        let want =
            json!({"schemas": ["x"], "id": "1", "userName": "ada", WORK: {"division": "north"}});
        assert_eq!(rest, want);
        assert_eq!(seen(&[], &["emails.value"])["emails"], json!([{"type": "work"}, {}]));
        assert!(Projection::of(["id"].into_iter(), ["id"].into_iter()).is_err());
    }
}
