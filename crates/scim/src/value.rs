//! Values of attributes: sub-attributes get their canonical letter case, values
//! that say nothing are left out, and what provisioning clients write sloppily
//! is put right.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::error::{ScimError, quoted};
use crate::schema::{Attribute, AttributeType};

/// Most values of one attribute.
const MAX_VALUES: usize = 100;

/// The value of an attribute; `None` if it is unassigned: "unassigned
/// attributes, the null value, or an empty array ... SHALL be considered to be
/// equivalent" (RFC 7643 section 2.5).
///
/// # Errors
/// `invalidValue` or `invalidSyntax`, naming the attribute.
pub(crate) fn given(attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return single(attribute, value);
    }
    let values = match value {
        Value::Array(values) => values,
        // Some clients send a single value without the array around it.
        value => alloc::vec![value],
    };
    if values.len() > MAX_VALUES {
        return Err(ScimError::value(format!(
            "{} has more than {MAX_VALUES} values",
            attribute.name
        )));
    }
    let mut kept = Vec::new();
    for value in values {
        kept.extend(single(attribute, value)?.filter(|value| !hollow(value)));
    }
    at_most_one_primary(attribute, &kept)?;
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// One value of an attribute, multi-valued or not.
pub(crate) fn single(attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    match (attribute.data_type, value) {
        (_, Value::Null) => Ok(None),
        (AttributeType::Boolean, value) => match truth(&value) {
            Some(flag) => Ok(Some(Value::Bool(flag))),
            None => Err(mistyped(attribute)),
        },
        (AttributeType::Complex(_), Value::Object(members)) => complex(attribute, members),
        // A bare value instead of an object: Entra ID sends `manager` like this.
        (AttributeType::Complex(_), Value::String(text)) => {
            match attribute.sub_attribute("value") {
                Some(_) => Ok(Some(Value::Object(Map::from_iter([("value".into(), text.into())])))),
                None => Err(mistyped(attribute)),
            }
        }
        (AttributeType::Complex(_), _) => Err(mistyped(attribute)),
        (_, Value::String(text)) => Ok(Some(Value::String(text))),
        _ => Err(mistyped(attribute)),
    }
}

/// The members of a complex value.
fn complex(attribute: &Attribute, members: Map<String, Value>) -> Result<Option<Value>, ScimError> {
    let mut kept = Map::new();
    for (name, value) in members {
        let Some(member) = attribute.sub_attribute(&name) else {
            return Err(ScimError::syntax(format!(
                "{} has no sub-attribute {}",
                attribute.name,
                quoted(&name)
            )));
        };
        // readOnly: "any values provided SHALL be ignored" (RFC 7644 section
        // 3.5.1).
        let Some(value) = given(member, value)?.filter(|_| !member.read_only) else { continue };
        if kept.insert(member.name.into(), value).is_some() {
            return Err(twice(member.name));
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// A truth value. Entra ID sends `"True"` and `"False"`.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether a value of a multi-valued attribute says nothing but what kind of
/// value it is.
pub(crate) fn hollow(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        members.keys().all(|name| matches!(name.as_str(), "type" | "primary" | "display"))
    })
}

/// Whether a value of a multi-valued attribute is the primary one (RFC 7643
/// section 2.4).
#[must_use]
pub fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// "The primary attribute value 'true' MUST appear no more than once" (RFC
/// 7643 section 2.4).
pub(crate) fn at_most_one_primary(
    attribute: &Attribute,
    values: &[Value],
) -> Result<(), ScimError> {
    if values.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(ScimError::value(format!(
            "{} has more than one primary value",
            attribute.name
        )));
    }
    Ok(())
}

pub(crate) fn twice(name: &str) -> ScimError {
    ScimError::syntax(format!("{name} is given twice"))
}

fn mistyped(attribute: &Attribute) -> ScimError {
    ScimError::value(format!("{} has to be {}", attribute.name, attribute.expected()))
}
