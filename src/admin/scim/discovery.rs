//! What this service can do, in its own words (RFC 7644 section 4; RFC 7643
//! sections 5 to 7; RFC 9865 section 3).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::super::Call;
use super::attributes::{ENTERPRISE, EXCHEQUER, EXTENSIONS, ROLE, USER, WSO2};
use super::error::{self, Problem};
use super::schema::{Attribute, Kind, Schema};
use super::search::PAGE;
use super::show::base;
use crate::http::{Query, Reply};

static SCHEMAS: [&Schema; 5] = [&USER, &ENTERPRISE, &WSO2, &EXCHEQUER, &ROLE];

/// `GET` of the three endpoints, and of what is in them.
pub(super) fn get(call: &Call<'_>, path: &[&str]) -> Result<Reply, Problem> {
    // "If a 'filter' is provided, the service provider SHOULD respond with
    // HTTP status code 403" (RFC 7644 section 4).
    if Query::parse(call.request).has("filter") {
        return Err(Problem::new(403, "this endpoint has no filters"));
    }
    let base = base(&call.state.config.issuer);
    let schema = |schema| schema_document(&base, schema, &call.state.config.roles);
    let document = match path {
        ["ServiceProviderConfig"] => Some(service(&base)),
        ["ResourceTypes"] => Some(all(alloc::vec![resource_type(&base)])),
        ["ResourceTypes", "User"] => Some(resource_type(&base)),
        ["Schemas"] => Some(all(SCHEMAS.map(schema).into())),
        ["Schemas", urn] => {
            let urn = super::decoded(urn)?;
            SCHEMAS.into_iter().find(|schema| schema.urn.eq_ignore_ascii_case(&urn)).map(schema)
        }
        _ => None,
    };
    let document = document.ok_or_else(|| Problem::not_found("there is nothing of this name"))?;
    Ok(error::reply(200, &document))
}

/// A list that is shown as a whole.
fn all(resources: Vec<Value>) -> Value {
    let total = resources.len();
    list(resources, total, 1)
}

/// A page of a list (RFC 7644 section 3.4.2).
pub(super) fn list(resources: Vec<Value>, total: usize, start: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

fn service(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": PAGE },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE,
            "maxPageSize": PAGE,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "the admin token, or an access token of this server with the scope \
                exchequer:admin",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn resource_type(base: &str) -> Value {
    let extensions = EXTENSIONS.map(|schema| json!({ "schema": schema.urn, "required": false }));
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": USER.name,
        "name": USER.name,
        "endpoint": "/Users",
        "description": USER.about,
        "schema": USER.urn,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", USER.name),
        },
    })
}

fn schema_document(base: &str, schema: &Schema, roles: &BTreeMap<String, Vec<String>>) -> Value {
    let attributes = schema.attributes.iter().map(|attribute| {
        let mut shown = self::attribute(attribute);
        // Roles are those of the configuration, and no others.
        if attribute.name == "roles"
            && let Some(Value::Object(value)) = shown.pointer_mut("/subAttributes/0")
        {
            let names = roles.keys().map(String::as_str).collect();
            value.insert("canonicalValues".into(), names);
        }
        shown
    });
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.about,
        "attributes": attributes.collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.urn) },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut shown = json!({
        "name": attribute.name,
        "type": match attribute.kind {
            Kind::Text => "string",
            Kind::Flag => "boolean",
            Kind::Binary => "binary",
            Kind::Time => "dateTime",
            Kind::Reference(_) => "reference",
            Kind::Complex(_) => "complex",
        },
        "multiValued": attribute.many,
        "description": attribute.about,
        "required": attribute.required,
        "caseExact": attribute.exact,
        "mutability": if attribute.read_only { "readOnly" } else { "readWrite" },
        "returned": "default",
        "uniqueness": if attribute.name == "userName" { "server" } else { "none" },
    });
    let more = match attribute.kind {
        Kind::Text if !attribute.suggested.is_empty() => {
            Some(("canonicalValues", json!(attribute.suggested)))
        }
        Kind::Reference(types) => Some(("referenceTypes", json!(types))),
        Kind::Complex(members) => {
            let members: Vec<Value> = members.iter().map(self::attribute).collect();
            Some(("subAttributes", members.into()))
        }
        Kind::Text | Kind::Flag | Kind::Binary | Kind::Time => None,
    };
    if let (Some((name, value)), Value::Object(shown)) = (more, &mut shown) {
        shown.insert(name.into(), value);
    }
    shown
}
