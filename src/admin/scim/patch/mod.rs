//! PATCH (RFC 7644 section 3.5.2): operations in order, all or none.

mod elements;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use self::elements::elements;
use super::attributes::EXCHEQUER;
use super::error::Problem;
use super::filter::{Filter, Target, target};
use super::path::Place;
use super::schema::{Attribute, Schema, hidden, is_label};
use super::value;
use crate::audit::shown;

/// Most operations of one PATCH.
const MAX_OPERATIONS: usize = 100;

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Remove,
}

/// Changes a resource as the body of a PATCH says. What it is like afterwards
/// is for the caller to check.
///
/// # Errors
/// The first operation that cannot be done; the resource is spoilt then.
pub(super) fn apply(
    resource: &mut Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<(), Problem> {
    let Some(Value::Array(operations)) = member(body, "Operations") else {
        return Err(Problem::syntax("Operations is missing, or no array"));
    };
    if operations.is_empty() || operations.len() > MAX_OPERATIONS {
        let detail = format!("Operations has to have 1 to {MAX_OPERATIONS} operations");
        return Err(Problem::syntax(detail));
    }
    for (index, operation) in operations.iter().enumerate() {
        let number = format!("operation {}", index + 1);
        one(resource, operation).map_err(|problem| problem.of(&number))?;
    }
    Ok(())
}

/// A member of a message, whatever the case of its name: clients differ.
fn member<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    of.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn one(resource: &mut Map<String, Value>, operation: &Value) -> Result<(), Problem> {
    let Some(operation) = operation.as_object() else {
        return Err(Problem::syntax("it is no object"));
    };
    let kind = match member(operation, "op").and_then(Value::as_str) {
        Some(op) if op.eq_ignore_ascii_case("add") => Operation::Add,
        Some(op) if op.eq_ignore_ascii_case("replace") => Operation::Replace,
        Some(op) if op.eq_ignore_ascii_case("remove") => Operation::Remove,
        _ => return Err(Problem::syntax("op has to be add, replace or remove")),
    };
    let value = member(operation, "value");
    match (member(operation, "path"), value) {
        (Some(Value::String(path)), value) if !path.is_empty() => {
            let target =
                target(path).map_err(|wrong| Problem::bad("invalidPath", wrong.said("path")))?;
            at(resource, kind, &target, value)
        }
        (None | Some(Value::Null | Value::String(_)), value) => without_path(resource, kind, value),
        (Some(_), _) => Err(Problem::bad("invalidPath", "path has to be a string")),
    }
}

/// "If omitted, the target location is assumed to be the resource itself", and
/// the value holds attributes. Their names may be paths: Entra ID sends
/// `"name.givenName": "Ada"`.
fn without_path(
    resource: &mut Map<String, Value>,
    kind: Operation,
    value: Option<&Value>,
) -> Result<(), Problem> {
    // "If 'path' is unspecified, the operation fails with HTTP status code 400
    // and a 'scimType' error code of 'noTarget'" (section 3.5.2.2).
    if kind == Operation::Remove {
        return Err(Problem::bad("noTarget", "remove needs a path"));
    }
    let Some(Value::Object(attributes)) = value else {
        return Err(Problem::value("without a path, value has to be an object"));
    };
    for (name, value) in attributes {
        // Okta repeats the id of the user in the value.
        let own = ["schemas", "id", "meta", EXCHEQUER.urn]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name));
        if own || hidden(name) {
            continue;
        }
        let target = target(name).map_err(|wrong| {
            let what = format!("`{}`: {}", shown(name), wrong.said("name"));
            Problem::bad("invalidPath", what)
        })?;
        at(resource, kind, &target, Some(value))?;
    }
    Ok(())
}

fn at(
    resource: &mut Map<String, Value>,
    kind: Operation,
    target: &Target,
    value: Option<&Value>,
) -> Result<(), Problem> {
    if kind != Operation::Remove && value.is_none() {
        return Err(Problem::value("value is missing"));
    }
    match target {
        Target::Nothing => Ok(()),
        Target::Extension(schema) => extension(resource, kind, schema, value),
        Target::Place(place, filter) => {
            let Some(urn) = place.holder else {
                return attribute(resource, kind, place, filter.as_ref(), value)
                    .map_err(|wrong| wrong.at(place.attribute.name));
            };
            let holder = resource.entry(urn).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(holder) = holder {
                attribute(holder, kind, place, filter.as_ref(), value)?;
                if holder.is_empty() {
                    resource.remove(urn);
                }
            }
            Ok(())
        }
    }
}

/// An extension as a whole.
fn extension(
    resource: &mut Map<String, Value>,
    kind: Operation,
    schema: &'static Schema,
    value: Option<&Value>,
) -> Result<(), Problem> {
    if schema.attributes.iter().all(|attribute| attribute.read_only) {
        return Err(Problem::bad("mutability", format!("{} is read-only", schema.urn)));
    }
    if kind == Operation::Remove {
        resource.remove(schema.urn);
        return Ok(());
    }
    let Some(Value::Object(attributes)) = value else {
        return Err(Problem::value(format!("the value of {} has to be an object", schema.urn)));
    };
    for (name, value) in attributes.iter().filter(|(name, _)| !is_label(name)) {
        let name = format!("{}:{name}", schema.urn);
        let target =
            target(&name).map_err(|wrong| Problem::bad("invalidPath", wrong.said("name")))?;
        at(resource, kind, &target, Some(value))?;
    }
    Ok(())
}

fn attribute(
    holder: &mut Map<String, Value>,
    kind: Operation,
    place: &Place,
    filter: Option<&Filter>,
    value: Option<&Value>,
) -> Result<(), Problem> {
    let attribute = place.attribute;
    if place.target().read_only || attribute.read_only {
        return Err(Problem::bad("mutability", format!("{} is read-only", place.target().name)));
    }
    if attribute.many {
        return elements(holder, kind, place, filter, value);
    }
    if filter.is_some() {
        return Err(Problem::bad("noTarget", format!("{} has only one value", attribute.name)));
    }
    let Some(member) = place.member else { return single(holder, kind, attribute, value) };
    let complex = holder.entry(attribute.name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(members) = complex {
        single(members, kind, member, value)?;
        if members.is_empty() {
            holder.remove(attribute.name);
        }
    }
    Ok(())
}

/// A singular attribute, or a sub-attribute.
fn single(
    holder: &mut Map<String, Value>,
    kind: Operation,
    attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), Problem> {
    let value = value.filter(|_| kind != Operation::Remove).cloned().unwrap_or(Value::Null);
    let given = value::single(attribute, value)?;
    match (given, holder.get_mut(attribute.name)) {
        // Sub-attributes that are not given stay as they are (section 3.5.2.3).
        (Some(Value::Object(given)), Some(Value::Object(members))) => members.extend(given),
        (Some(given), _) => {
            holder.insert(attribute.name.into(), given);
        }
        (None, _) if attribute.required => {
            return Err(Problem::bad("mutability", format!("{} is required", attribute.name)));
        }
        (None, _) => {
            holder.remove(attribute.name);
        }
    }
    Ok(())
}
