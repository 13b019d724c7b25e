//! Schemas and resource types as clients discover them (RFC 7644 section 4).

use alloc::format;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::resource_type::ResourceType;
use crate::schema::{Attribute, AttributeType, Schema};

impl Schema {
    /// The schema as `/Schemas` shows it (RFC 7643 section 7). `base` is the
    /// URL below which the service has its endpoints.
    #[must_use]
    pub fn document(&self, base: &str) -> Value {
        let attributes: Vec<Value> = self.attributes.iter().map(attribute).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": self.urn,
            "name": self.name,
            "description": self.description,
            "attributes": attributes,
            "meta": {
                "resourceType": "Schema",
                "location": format!("{base}/Schemas/{}", self.urn),
            },
        })
    }
}

impl ResourceType {
    /// The resource type as `/ResourceTypes` shows it (RFC 7643 section 6).
    /// `base` is the URL below which the service has its endpoints.
    #[must_use]
    pub fn document(&self, base: &str) -> Value {
        let extensions = self.extensions.iter();
        let extensions: Vec<Value> =
            extensions.map(|schema| json!({ "schema": schema.urn, "required": false })).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": self.schema.name,
            "name": self.schema.name,
            "endpoint": self.endpoint,
            "description": self.schema.description,
            "schema": self.schema.urn,
            "schemaExtensions": extensions,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{}", self.schema.name),
            },
        })
    }
}

fn attribute(attribute: &Attribute) -> Value {
    let mut shown = json!({
        "name": attribute.name,
        "type": match attribute.data_type {
            AttributeType::String => "string",
            AttributeType::Boolean => "boolean",
            AttributeType::Binary => "binary",
            AttributeType::DateTime => "dateTime",
            AttributeType::Reference(_) => "reference",
            AttributeType::Complex(_) => "complex",
        },
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": if attribute.read_only { "readOnly" } else { "readWrite" },
        "returned": "default",
        "uniqueness": if attribute.unique { "server" } else { "none" },
    });
    let more = match attribute.data_type {
        AttributeType::String if !attribute.canonical_values.is_empty() => {
            Some(("canonicalValues", json!(attribute.canonical_values)))
        }
        AttributeType::Reference(types) => Some(("referenceTypes", json!(types))),
        AttributeType::Complex(members) => {
            let members: Vec<Value> = members.iter().map(self::attribute).collect();
            Some(("subAttributes", members.into()))
        }
        _ => None,
    };
    if let (Some((name, value)), Value::Object(shown)) = (more, &mut shown) {
        shown.insert(name.into(), value);
    }
    shown
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::json;

    use crate::sample::{ENTERPRISE, USERS};
    use crate::user;

    #[test]
    fn a_schema_shows_what_its_attributes_are() {
        let document = user::USER.document("https://a.example/scim2");
        let at = |pointer: &str| document.pointer(pointer).unwrap().to_string();
        assert_eq!(at("/attributes/0/name"), "\"userName\"");
        assert_eq!(at("/attributes/0/uniqueness"), "\"server\"");
        assert_eq!(at("/attributes/0/required"), "true");
        assert_eq!(at("/attributes/4/referenceTypes"), "[\"external\"]");
        assert_eq!(at("/attributes/11/multiValued"), "true");
        let kinds = "[\"work\",\"home\",\"other\"]";
        assert_eq!(at("/attributes/11/subAttributes/2/canonicalValues"), kinds);
        let location =
            "\"https://a.example/scim2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User\"";
        assert_eq!(at("/meta/location"), location);
    }

    #[test]
    fn a_resource_type_names_its_schemas() {
        let document = USERS.document("https://a.example");
        assert_eq!(document["endpoint"], "/Users");
        assert_eq!(document["schema"], user::USER.urn);
        let first = json!({"schema": ENTERPRISE, "required": false});
        assert_eq!(document["schemaExtensions"][0], first);
    }
}
