//! The body of a POST or PUT (RFC 7644 sections 3.3 and 3.5.1).

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use crate::error::{ScimError, quoted};
use crate::resource_type::{ResourceType, common, is_label, is_urn};
use crate::schema::Schema;
use crate::value;

impl ResourceType {
    /// Reads the body of a POST or PUT: names get their canonical letter case,
    /// values their type. The result has no `schemas`, `id` and `meta`.
    ///
    /// Read-only attributes and extensions that are not known here are
    /// ignored, as RFC 7644 sections 3.3 and 3.5.1 ask. So are the attributes
    /// in [`ignored`](Self::ignored). `null` and empty arrays mean that an
    /// attribute has no value (RFC 7643 section 2.5).
    ///
    /// Whether required attributes are there is for the caller to check, who
    /// may fill them in.
    ///
    /// # Errors
    /// `invalidSyntax` for an attribute that does not exist or is given twice,
    /// `invalidValue` for a value of the wrong type. The detail names the
    /// attribute.
    pub fn read(&'static self, body: Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
        let mut resource = Map::new();
        for (name, value) in body {
            let found = if let Some(attribute) = self.writable(&name) {
                let given =
                    value::given(attribute, value).map_err(|wrong| wrong.at(attribute.name))?;
                given.map(|value| (attribute.name, value))
            } else if let Some(schema) = self.extension(&name) {
                extended(schema, value)?.map(|value| (schema.urn, value))
            } else if is_urn(&name) || self.ignores(&name) || common(&name).is_some() {
                continue;
            } else {
                return Err(ScimError::syntax(self.has_no_attribute(&name)));
            };
            let Some((name, value)) = found else { continue };
            if resource.insert(name.into(), value).is_some() {
                return Err(value::twice(name));
            }
        }
        Ok(resource)
    }

    pub(crate) fn has_no_attribute(&self, name: &str) -> String {
        format!("{} has no attribute {}", self.schema.name, quoted(name))
    }
}

fn extended(schema: &'static Schema, value: Value) -> Result<Option<Value>, ScimError> {
    let attributes = match value {
        Value::Null => return Ok(None),
        Value::Object(attributes) => attributes,
        _ => return Err(ScimError::value(format!("{} has to be an object", schema.urn))),
    };
    let mut kept = Map::new();
    for (name, value) in attributes.into_iter().filter(|(name, _)| !is_label(name)) {
        let Some(attribute) = schema.attribute(&name) else {
            let detail = format!("{} has no attribute {}", schema.urn, quoted(&name));
            return Err(ScimError::syntax(detail));
        };
        if attribute.read_only {
            continue;
        }
        let Some(value) = value::given(attribute, value)? else { continue };
        if kept.insert(attribute.name.into(), value).is_some() {
            return Err(value::twice(attribute.name));
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use serde_json::{Value, json};

    use crate::sample::{ENTERPRISE, USERS, object};
    use crate::{ScimError, ScimType};

    fn read(body: Value) -> Result<Value, ScimError> {
        USERS.read(object(body)).map(Value::Object)
    }

    #[test]
    fn names_get_their_case_and_sloppy_values_their_type() {
        let resource = read(json!({
            "schemas": ["x"], "ID": "mine", "meta": {}, "password": "secret",
            "groups": [{"value": "g"}], "EXTERNALID": "00uX",
            "USERNAME": "ada", "Active": "False", "nickname": null, "title": "T",
            "EMAILS": [{"Value": "a@b", "TYPE": "work", "primary": "True"}, {"type": "home"}],
            "phoneNumbers": {"value": "1"}, "roles": ["reader"], "ims": [],
            "urn:ietf:params:scim:schemas:extension:Enterprise:2.0:User":
                {"DEPARTMENT": "math", "manager": "m-1", "division": null, "schemas": ["x"]},
            "urn:example:2.0:Record": {"writtenBy": "me"},
            "urn:custom:1.0:Thing": {"size": 9},
        }));
        let want = json!({
            "userName": "ada", "active": false, "title": "T", "externalId": "00uX",
            "emails": [{"value": "a@b", "type": "work", "primary": true}],
            "phoneNumbers": [{"value": "1"}], "roles": [{"value": "reader"}],
            ENTERPRISE: {"department": "math", "manager": {"value": "m-1"}},
        });
        assert_eq!(resource.unwrap(), want);
    }

    #[test]
    fn a_wrong_body_is_refused_by_the_name_of_the_attribute() {
        let primary = json!([{"value": "1", "primary": true}, {"value": "2", "primary": true}]);
        for (body, kind, named) in [
            (json!({"userName": 1}), ScimType::InvalidValue, "userName"),
            (json!({"userName": "a", "username": "b"}), ScimType::InvalidSyntax, "userName"),
            (json!({"surname": "b"}), ScimType::InvalidSyntax, "User has no attribute `surname`"),
            (json!({"title": ["b"]}), ScimType::InvalidValue, "title"),
            (json!({"active": "yes"}), ScimType::InvalidValue, "active"),
            (json!({"name": "b"}), ScimType::InvalidValue, "name"),
            (json!({"name": {"first": "b"}}), ScimType::InvalidSyntax, "`first`"),
            (json!({"emails": [1]}), ScimType::InvalidValue, "emails"),
            (json!({"emails": primary}), ScimType::InvalidValue, "emails"),
            (json!({"emails": vec!["x"; 101]}), ScimType::InvalidValue, "emails"),
            (json!({ENTERPRISE: 1}), ScimType::InvalidValue, "enterprise"),
            (json!({ENTERPRISE: {"team": "x"}}), ScimType::InvalidSyntax, "`team`"),
        ] {
            let error = read(body.clone()).err().unwrap_or_else(|| panic!("{body}"));
            assert_eq!(error.scim_type, Some(kind), "{body}");
            assert!(error.detail.contains(named), "{body}: {}", error.detail);
        }
    }
}
