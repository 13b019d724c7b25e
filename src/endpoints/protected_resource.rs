//! `GET /.well-known/oauth-protected-resource`: which server issues tokens for
//! an API, and what the API takes (RFC 9728).
//!
//! Clients read it at the API's own host, where its path is routed to this server
//! or its gateway.

use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::discovery::public;
use crate::config::{ProtectedResource, ProtectedResources, WELL_KNOWN};
use crate::crypto::Algorithm;
use crate::dpop;
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::state::State;

/// Whether a request is for metadata.
pub(super) fn owns(request: &Request) -> bool {
    let below = request.target.strip_prefix(WELL_KNOWN);
    // Not another document whose name begins alike.
    below.is_some_and(|below| below.is_empty() || below.starts_with(['/', '?']))
}

/// The answer to a request for metadata.
pub(super) async fn respond(state: &State, host: &Host, request: &Request) -> Reply {
    if !request.reads() {
        return super::method_not_allowed("GET, HEAD");
    }
    let answer = |all: &ProtectedResources| {
        let resource = asked_for(all.values(), request)?;
        Some(document(resource, &[&state.config.issuer]))
    };
    match answer(&state.config.protected_resources) {
        Some(reply) => reply,
        None => answer(&*state.protected_resources(host).await).unwrap_or_else(unknown),
    }
}

/// The resource whose metadata a request asks for. The host decides between
/// resources that have the same path. Where there is one, a proxy may have
/// written another host: the client compares `resource` with what it asked for
/// (section 3.3).
pub(crate) fn asked_for<'a>(
    resources: impl Iterator<Item = &'a ProtectedResource>,
    request: &Request,
) -> Option<&'a ProtectedResource> {
    let here: Vec<_> = resources.filter(|one| one.target() == request.target).collect();
    let host = request.host().unwrap_or_default();
    let of_host = here.iter().find(|one| one.authority().eq_ignore_ascii_case(host));
    match (of_host, &*here) {
        (Some(resource), _) | (None, [resource]) => Some(resource),
        (None, _) => None,
    }
}

/// The metadata of a resource. "parameters with zero elements MUST be omitted"
/// (section 3.2).
pub(crate) fn document(resource: &ProtectedResource, servers: &[&str]) -> Reply {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("resource", resource.resource.as_str().into());
    if !servers.is_empty() {
        put("authorization_servers", json!(servers));
    }
    if !resource.scopes.is_empty() {
        put("scopes_supported", json!(resource.scopes));
    }
    put("bearer_methods_supported", json!(["header"]));
    put("dpop_signing_alg_values_supported", json!(dpop::ALGORITHMS.map(Algorithm::name)));
    if resource.dpop_required {
        put("dpop_bound_access_tokens_required", true.into());
    }
    public(Reply::json(200, &Value::Object(members)))
}

fn unknown() -> Reply {
    let body = json!({
        "error": "not_found",
        "error_description": "no application has a resource with this host and path; \
                              add its URL to `resources` of an application",
    });
    Reply::json(404, &body).with("cache-control", "no-store")
}
