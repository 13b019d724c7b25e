//! PATCH (RFC 7644 section 3.5.2): operations in their order.

mod elements;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use self::elements::elements;
use crate::error::{ScimError, ScimType, quoted};
use crate::filter::{Expression, Target, target};
use crate::path::AttributePath;
use crate::resource_type::{ResourceType, common, is_label};
use crate::schema::{Attribute, Schema};
use crate::value;

/// Most operations of one PATCH.
const MAX_OPERATIONS: usize = 100;

/// What an operation does at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Remove,
}

impl ResourceType {
    /// Changes a resource as the body of a PATCH asks (RFC 7644 section 3.5.2).
    /// The resource is one that [`read`](Self::read) returned: without
    /// `schemas`, `id` and `meta`. The caller checks the result as a whole, and
    /// discards it if an operation fails: then it is changed in part.
    ///
    /// A PATCH has at most 100 operations. Also accepted is what Entra ID and
    /// Okta send: operation names in any letter case, paths as names in a value
    /// without a path, a `remove` of some values by `value`, and a path with a
    /// filter that no value matches yet.
    ///
    /// # Errors
    /// `invalidSyntax`, `invalidPath`, `invalidValue`, `noTarget` or
    /// `mutability`, for the first operation that cannot be carried out.
    pub fn patch(
        &'static self,
        resource: &mut Map<String, Value>,
        body: &Map<String, Value>,
    ) -> Result<(), ScimError> {
        let Some(Value::Array(operations)) = member(body, "Operations") else {
            return Err(ScimError::syntax("Operations is missing, or no array"));
        };
        if operations.is_empty() || operations.len() > MAX_OPERATIONS {
            let detail = format!("Operations has to have 1 to {MAX_OPERATIONS} operations");
            return Err(ScimError::syntax(detail));
        }
        for (index, operation) in operations.iter().enumerate() {
            let number = format!("operation {}", index + 1);
            one(self, resource, operation).map_err(|error| error.within(&number))?;
        }
        Ok(())
    }

    fn target(&'static self, path: &str) -> Result<Target, ScimError> {
        target(self, path)
            .map_err(|wrong| ScimError::of(ScimType::InvalidPath, wrong.sentence("path")))
    }

    /// Whether clients that send this attribute mean no change of it: what only
    /// the service writes, and what it does not keep.
    fn is_not_for_clients(&self, name: &str) -> bool {
        self.ignores(name)
            || common(name).is_some_and(|common| common.read_only)
            || self.extension(name).is_some_and(Schema::is_read_only)
    }
}

/// A member of a message, in any letter case: clients differ.
fn member<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    of.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn one(
    of: &'static ResourceType,
    resource: &mut Map<String, Value>,
    operation: &Value,
) -> Result<(), ScimError> {
    let Some(operation) = operation.as_object() else {
        return Err(ScimError::syntax("an operation has to be an object"));
    };
    let kind = match member(operation, "op").and_then(Value::as_str) {
        Some(op) if op.eq_ignore_ascii_case("add") => Operation::Add,
        Some(op) if op.eq_ignore_ascii_case("replace") => Operation::Replace,
        Some(op) if op.eq_ignore_ascii_case("remove") => Operation::Remove,
        _ => return Err(ScimError::syntax("op has to be add, replace or remove")),
    };
    let value = member(operation, "value");
    match (member(operation, "path"), value) {
        (Some(Value::String(path)), value) if !path.is_empty() => {
            at(of, resource, kind, &of.target(path)?, value)
        }
        (None | Some(Value::Null | Value::String(_)), value) => {
            without_path(of, resource, kind, value)
        }
        (Some(_), _) => Err(ScimError::of(ScimType::InvalidPath, "path has to be a string")),
    }
}

/// "If omitted, the target location is assumed to be the resource itself", and
/// the value holds attributes. Their names may be paths: Entra ID sends
/// `"name.givenName": "Ada"`.
fn without_path(
    of: &'static ResourceType,
    resource: &mut Map<String, Value>,
    kind: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    // "If 'path' is unspecified, the operation fails with HTTP status code 400
    // and a 'scimType' error code of 'noTarget'" (section 3.5.2.2).
    if kind == Operation::Remove {
        return Err(ScimError::of(ScimType::NoTarget, "remove needs a path"));
    }
    let Some(Value::Object(attributes)) = value else {
        return Err(ScimError::value("without a path, value has to be an object"));
    };
    for (name, value) in attributes {
        // Okta repeats the id of the user in the value.
        if of.is_not_for_clients(name) {
            continue;
        }
        let target = of.target(name).map_err(|error| error.within(&quoted(name)))?;
        at(of, resource, kind, &target, Some(value))?;
    }
    Ok(())
}

fn at(
    of: &'static ResourceType,
    resource: &mut Map<String, Value>,
    kind: Operation,
    target: &Target,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    if kind != Operation::Remove && value.is_none() {
        return Err(ScimError::value("value is missing"));
    }
    match target {
        Target::Unknown => Ok(()),
        Target::Extension(schema) => extension(of, resource, kind, schema, value),
        Target::Path(path, filter) => {
            let Some(urn) = path.extension else {
                return attribute(resource, kind, path, filter.as_ref(), value)
                    .map_err(|wrong| wrong.at(path.attribute.name));
            };
            let holder = resource.entry(urn).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(holder) = holder {
                attribute(holder, kind, path, filter.as_ref(), value)?;
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
    of: &'static ResourceType,
    resource: &mut Map<String, Value>,
    kind: Operation,
    schema: &'static Schema,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    if schema.is_read_only() {
        return Err(ScimError::of(ScimType::Mutability, format!("{} is read-only", schema.urn)));
    }
    if kind == Operation::Remove {
        resource.remove(schema.urn);
        return Ok(());
    }
    let Some(Value::Object(attributes)) = value else {
        return Err(ScimError::value(format!("the value of {} has to be an object", schema.urn)));
    };
    for (name, value) in attributes.iter().filter(|(name, _)| !is_label(name)) {
        let name = format!("{}:{name}", schema.urn);
        at(of, resource, kind, &of.target(&name)?, Some(value))?;
    }
    Ok(())
}

fn attribute(
    holder: &mut Map<String, Value>,
    kind: Operation,
    path: &AttributePath,
    filter: Option<&Expression>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = path.attribute;
    if path.target().read_only || attribute.read_only {
        return Err(ScimError::of(
            ScimType::Mutability,
            format!("{} is read-only", path.target().name),
        ));
    }
    if attribute.multi_valued {
        return elements(holder, kind, path, filter, value);
    }
    if filter.is_some() {
        return Err(ScimError::of(
            ScimType::NoTarget,
            format!("{} has only one value", attribute.name),
        ));
    }
    let Some(member) = path.member else { return single(holder, kind, attribute, value) };
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
) -> Result<(), ScimError> {
    let value = value.filter(|_| kind != Operation::Remove).cloned().unwrap_or(Value::Null);
    let given = value::single(attribute, value)?;
    match (given, holder.get_mut(attribute.name)) {
        // Sub-attributes that are not given stay as they are (section 3.5.2.3).
        (Some(Value::Object(given)), Some(Value::Object(members))) => members.extend(given),
        (Some(given), _) => {
            holder.insert(attribute.name.into(), given);
        }
        (None, _) if attribute.required => {
            return Err(ScimError::of(
                ScimType::Mutability,
                format!("{} is required", attribute.name),
            ));
        }
        (None, _) => {
            holder.remove(attribute.name);
        }
    }
    Ok(())
}
