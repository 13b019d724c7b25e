//! What this service can do, in its own words (RFC 7644 section 4; RFC 7643
//! sections 5 to 7; RFC 9865 section 3).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use exchequer_scim::{ListResponse, Schema, user};
use serde_json::{Value, json};

use super::super::Call;
use super::attributes::{EXCHEQUER, ROLE, USERS, WSO2};
use super::error::{self, Problem};
use super::search::PAGE;
use super::show::base;
use crate::admin::query::Query;
use crate::http::Reply;

static SCHEMAS: [&Schema; 5] = [USERS.schema, &user::ENTERPRISE, &WSO2, &EXCHEQUER, &ROLE];

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
        ["ResourceTypes"] => Some(ListResponse::whole(alloc::vec![USERS.document(&base)]).body()),
        ["ResourceTypes", "User"] => Some(USERS.document(&base)),
        ["Schemas"] => Some(ListResponse::whole(SCHEMAS.map(schema).into()).body()),
        ["Schemas", urn] => {
            let urn = super::decoded(urn)?;
            SCHEMAS.into_iter().find(|schema| schema.urn.eq_ignore_ascii_case(&urn)).map(schema)
        }
        _ => None,
    };
    let document = document.ok_or_else(|| Problem::not_found("there is nothing of this name"))?;
    Ok(error::reply(200, &document))
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
                exchequer:admin or one below it",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn schema_document(base: &str, schema: &Schema, roles: &BTreeMap<String, Vec<String>>) -> Value {
    let mut document = schema.document(base);
    // Roles are those of the configuration, and no others.
    let attributes = document.pointer_mut("/attributes").and_then(Value::as_array_mut);
    for attribute in attributes.into_iter().flatten() {
        if attribute.get("name") == Some(&Value::from("roles"))
            && let Some(Value::Object(value)) = attribute.pointer_mut("/subAttributes/0")
        {
            let names = roles.keys().map(String::as_str).collect();
            value.insert("canonicalValues".into(), names);
        }
    }
    document
}
