//! PATCH of multi-valued attributes.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::{Operation, single};
use crate::error::{ScimError, ScimType};
use crate::filter::Expression;
use crate::path::AttributePath;
use crate::schema::Attribute;
use crate::value::{self, hollow, is_primary};

/// A value, and whether the operation selects or adds it.
struct Element {
    value: Value,
    touched: bool,
}

/// Carries out one operation on a multi-valued attribute.
pub(super) fn elements(
    holder: &mut Map<String, Value>,
    kind: Operation,
    path: &AttributePath,
    filter: Option<&Expression>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = path.attribute;
    let before = match holder.remove(attribute.name) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    let untouched = before.into_iter().map(|value| Element { value, touched: false });
    let mut elements: Vec<Element> = untouched.collect();
    if filter.is_some() || path.member.is_some() {
        chosen(&mut elements, kind, path, filter, value)?;
    } else {
        whole(&mut elements, kind, attribute, value)?;
    }
    hand_over_primary(&mut elements);
    let values = elements.into_iter().map(|element| element.value);
    let values = Value::Array(values.filter(|value| !hollow(value)).collect());
    if let Some(values) = value::given(attribute, values)? {
        holder.insert(attribute.name.into(), values);
    }
    Ok(())
}

/// The attribute as a whole: `emails`.
fn whole(
    elements: &mut Vec<Element>,
    kind: Operation,
    attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let given = match value::given(attribute, value.cloned().unwrap_or(Value::Null))? {
        Some(Value::Array(given)) => given,
        _ => Vec::new(),
    };
    match kind {
        Operation::Replace => elements.clear(),
        // Not in the RFC, but Entra ID means it: these values are removed.
        Operation::Remove if !given.is_empty() => {
            elements.retain(|element| !given.iter().any(|given| means(given, &element.value)));
            return Ok(());
        }
        Operation::Remove => {
            elements.clear();
            return Ok(());
        }
        Operation::Add => {}
    }
    for value in given {
        // "If the target location already contains the value specified, no
        // changes SHOULD be made" (section 3.5.2.1); only, it may become the
        // primary one.
        match elements.iter_mut().find(|element| same(&element.value, &value)) {
            Some(element) if is_primary(&value) => *element = Element { value, touched: true },
            Some(_) => {}
            None => elements.push(Element { value, touched: true }),
        }
    }
    Ok(())
}

/// Some values of it, or a sub-attribute of some or all: `emails[type eq
/// "work"].value`.
fn chosen(
    elements: &mut Vec<Element>,
    kind: Operation,
    path: &AttributePath,
    filter: Option<&Expression>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    for element in elements.iter_mut() {
        let members = element.value.as_object();
        element.touched =
            filter.is_none_or(|filter| members.is_some_and(|members| filter.holds(members)));
    }
    if !elements.iter().any(|element| element.touched) {
        match (kind, path.member, filter) {
            (Operation::Remove, _, None) => return Ok(()),
            (Operation::Remove, _, Some(_)) | (Operation::Replace, None, _) => {
                return Err(no_target(path.attribute));
            }
            // Entra ID relies on it: a value that the filter matches is added.
            _ => elements.push(new_element(path.attribute, filter)?),
        }
    }
    if kind == Operation::Remove && path.member.is_none() {
        elements.retain(|element| !element.touched);
        return Ok(());
    }
    for element in elements.iter_mut().filter(|element| element.touched) {
        change(element, kind, path, value)?;
    }
    Ok(())
}

fn change(
    element: &mut Element,
    kind: Operation,
    path: &AttributePath,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let Value::Object(members) = &mut element.value else { return Ok(()) };
    if let Some(member) = path.member {
        return single(members, kind, member, value);
    }
    let given = value::single(path.attribute, value.cloned().unwrap_or(Value::Null))?;
    let Some(Value::Object(given)) = given else {
        return Err(ScimError::value(format!("a value of {} is missing", path.attribute.name)));
    };
    if kind == Operation::Replace {
        *members = given;
    } else {
        members.extend(given);
    }
    Ok(())
}

fn new_element(attribute: &Attribute, filter: Option<&Expression>) -> Result<Element, ScimError> {
    let members = match filter {
        Some(filter) => filter.example().ok_or_else(|| no_target(attribute))?,
        None => Map::new(),
    };
    Ok(Element { value: Value::Object(members), touched: true })
}

/// Setting one value's `primary` to true "SHALL cause the server to
/// automatically set 'primary' to 'false' for any other values" (section 3.5.2).
fn hand_over_primary(elements: &mut [Element]) {
    if !elements.iter().any(|element| element.touched && is_primary(&element.value)) {
        return;
    }
    for element in elements.iter_mut().filter(|element| !element.touched) {
        if let Some(primary) = element.value.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// Whether two values are the same, apart from which one is primary.
fn same(left: &Value, right: &Value) -> bool {
    let rest = |value: &Value| {
        let mut rest = value.as_object().cloned().unwrap_or_default();
        rest.remove("primary");
        rest
    };
    rest(left) == rest(right)
}

/// Whether `given` says to remove this value: by its `value`, or else as a
/// whole.
fn means(given: &Value, element: &Value) -> bool {
    match given.get("value") {
        Some(value) => element.get("value") == Some(value),
        None => same(given, element),
    }
}

fn no_target(attribute: &Attribute) -> ScimError {
    let detail = format!("no value of {} matches the filter", attribute.name);
    ScimError::of(ScimType::NoTarget, detail)
}
