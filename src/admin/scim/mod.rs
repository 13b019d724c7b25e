//! Users by SCIM 2.0 (RFC 7643, RFC 7644), for administrators and for the
//! provisioning clients of identity providers.
//!
//! The language of SCIM (schemas, filters, PATCH, projections) is the crate
//! `exchequer-scim`. `attributes` says which attributes exist here; `resource`
//! makes a user of them, `show` shows one; `users`, `search`, `roles` and
//! `discovery` answer requests.

mod attributes;
mod body;
mod cursor;
mod discovery;
mod error;
mod name;
mod resource;
mod roles;
mod search;
mod show;
mod users;
mod walk;

use alloc::string::String;

pub(super) use self::error::Problem;
use super::Call;
use super::time;
use crate::admin::segment;
use crate::http::Reply;

/// Answers a call. `path` is what follows `/scim2/`, split at the slashes.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Problem> {
    let method = match &*call.request.method {
        "HEAD" => "GET",
        method => method,
    };
    match (path, method) {
        (["Users"], "GET") => search::get(call).await,
        (["Users"], "POST") => users::create(call).await,
        (["Users"], _) => Err(Problem::method("GET, HEAD, POST")),
        // No resources are searched but users.
        ([".search"] | ["Users", ".search"], "POST") => search::post(call).await,
        ([".search"] | ["Users", ".search"], _) => Err(Problem::method("POST")),
        (["Users", id], "GET") => users::read(call, &decoded(id)?).await,
        (["Users", id], "PUT") => users::replace(call, &decoded(id)?).await,
        (["Users", id], "PATCH") => users::patch(call, &decoded(id)?).await,
        (["Users", id], "DELETE") => users::delete(call, &decoded(id)?).await,
        (["Users", _], _) => Err(Problem::method("GET, HEAD, PUT, PATCH, DELETE")),
        (["Roles"], "GET") => roles::list(call),
        (["Roles", id], "GET") => roles::read(call, &decoded(id)?),
        (["Roles"] | ["Roles", _], _) => Err(roles::read_only()),
        (["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..], "GET") => {
            discovery::get(call, path)
        }
        (["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..], _) => {
            Err(Problem::method("GET, HEAD"))
        }
        _ => Err(Problem::not_found(
            "there is nothing here; users are in /scim2/Users, roles in /scim2/Roles",
        )),
    }
}

/// A segment of a path, percent-decoded.
fn decoded(segment: &str) -> Result<String, Problem> {
    segment::decoded(segment).ok_or_else(|| Problem::not_found("there is nothing of this name"))
}
