//! Roles, in WSO2's shape: which there are, and which scopes they grant. They
//! come from the configuration document and are read-only here.
//!
//! Their schema is among `/Schemas`, and they are not among `/ResourceTypes`:
//! provisioning clients take what stands there for something they can create.

use alloc::string::String;
use alloc::vec::Vec;

use exchequer_scim::{ListResponse, ScimType};
use serde_json::{Value, json};

use super::super::Call;
use super::attributes::ROLE;
use super::error::{self, Problem};
use super::{search, show};
use crate::admin::query::Query;
use crate::http::Reply;

/// `GET /Roles`
pub(super) fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let query = Query::parse(call.request);
    if query.has("filter") {
        return Err(Problem::of(
            ScimType::InvalidFilter,
            "roles have no filters; there are few, read them all",
        ));
    }
    let page = search::page(&query)?;
    let roles = &call.state.config.roles;
    let shown: Vec<Value> = roles
        .iter()
        .skip(page.skip())
        .take(page.count)
        .map(|(name, scopes)| role(call, name, scopes))
        .collect();
    let list = ListResponse {
        resources: shown,
        total_results: Some(roles.len() as u64),
        start_index: Some(page.start_index),
        next_cursor: None,
    };
    Ok(error::reply(200, &list.body()))
}

/// `GET /Roles/{id}`
pub(super) fn read(call: &Call<'_>, id: &str) -> Result<Reply, Problem> {
    let found = call.state.config.roles.get_key_value(id);
    let (name, scopes) =
        found.ok_or_else(|| Problem::not_found("there is no role with this id"))?;
    Ok(error::reply(200, &role(call, name, scopes)))
}

/// Any other method.
pub(super) fn read_only() -> Problem {
    let detail = "roles are read-only here: they stand in the configuration document, under \
         `roles`; change them there";
    Problem::method_not_allowed("GET, HEAD", detail)
}

/// A role's name is its id: by it users have it.
fn role(call: &Call<'_>, name: &str, scopes: &[String]) -> Value {
    json!({
        "schemas": [ROLE.urn],
        "id": name,
        "displayName": name,
        "permissions": scopes,
        "meta": {
            "resourceType": ROLE.name,
            "location": show::place(&call.state.config.issuer, "Roles", name),
        },
    })
}
