//! Which right each call of the administration API needs, and which parameters it has.
//! What is not in the list of rights needs all of them, so that a path that somebody
//! forgets is closed.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::json;

use super::call::Call;
use super::error::{Error, QUERY};
use crate::administrator::Right::{All, Read, Trust, Users};
use crate::administrator::{Caller, Right};
use crate::audit::shown;
use crate::config::Problem;
use crate::config::suggest::nearest;
use crate::http::{Reply, Request};

/// Method, path and right; `{…}` is any one segment. `GET` is also `HEAD`.
#[rustfmt::skip]
const ROUTES: [(&str, &str, Right); 56] = [
    ("GET", "api/server/v1/administrator", Read),
    ("GET", "api/server/v1/trusted-token-issuers", Read),
    ("POST", "api/server/v1/trusted-token-issuers", Trust),
    // The server fetches from where the caller says.
    ("POST", "api/server/v1/trusted-token-issuers/check", Trust),
    ("GET", "api/server/v1/trusted-token-issuers/{id}", Read),
    ("PATCH", "api/server/v1/trusted-token-issuers/{id}", Trust),
    ("DELETE", "api/server/v1/trusted-token-issuers/{id}", Trust),
    ("GET", "api/server/v1/identity-providers/{id}/implicit-association", Read),
    ("PUT", "api/server/v1/identity-providers/{id}/implicit-association", Trust),
    ("GET", "api/server/v1/applications", Read),
    ("POST", "api/server/v1/applications", Trust),
    ("GET", "api/server/v1/applications/meta/inbound-protocols/oidc", Read),
    ("GET", "api/server/v1/applications/{id}", Read),
    ("PATCH", "api/server/v1/applications/{id}", Trust),
    ("DELETE", "api/server/v1/applications/{id}", Trust),
    ("GET", "api/server/v1/applications/{id}/inbound-protocols/oidc", Read),
    ("PUT", "api/server/v1/applications/{id}/inbound-protocols/oidc", Trust),
    ("POST", "api/server/v1/applications/{id}/inbound-protocols/oidc/regenerate-secret", Trust),
    ("GET", "api/server/v1/keys", Read),
    ("POST", "api/server/v1/keys/rotate", Trust),
    ("DELETE", "api/server/v1/keys/{kid}", Trust),
    ("GET", "api/server/v1/refusals", Read),
    ("GET", "api/server/v1/audit", Read),
    ("GET", "api/server/v1/audit/activity", Read),
    ("GET", "api/server/v1/audit/activity/counts", Read),
    ("GET", "api/server/v1/audit/activity/{trace-id}", Read),
    ("GET", "api/server/v1/audit/changes", Read),
    ("GET", "api/server/v1/audit/changes/{id}", Read),
    ("GET", "api/server/v1/configuration", Read),
    ("POST", "api/server/v1/configuration/diff", Read),
    ("POST", "api/server/v1/configuration/import", All),
    ("GET", "api/server/v1/grants", Read),
    ("DELETE", "api/server/v1/grants", Users),
    ("GET", "api/server/v1/grants/{id}", Read),
    ("DELETE", "api/server/v1/grants/{id}", Users),
    ("POST", "api/users/v1/federated-associations/bulk", Users),
    ("GET", "api/users/v1/{user-id}/federated-associations", Read),
    ("POST", "api/users/v1/{user-id}/federated-associations", Users),
    ("DELETE", "api/users/v1/{user-id}/federated-associations", Users),
    ("GET", "api/users/v1/{user-id}/federated-associations/{id}", Read),
    ("DELETE", "api/users/v1/{user-id}/federated-associations/{id}", Users),
    ("GET", "scim2/Users", Read),
    ("POST", "scim2/Users", Users),
    ("POST", "scim2/.search", Read),
    ("POST", "scim2/Users/.search", Read),
    ("GET", "scim2/Users/{id}", Read),
    ("PUT", "scim2/Users/{id}", Users),
    ("PATCH", "scim2/Users/{id}", Users),
    ("DELETE", "scim2/Users/{id}", Users),
    ("GET", "scim2/Roles", Read),
    ("GET", "scim2/Roles/{id}", Read),
    ("GET", "scim2/ServiceProviderConfig", Read),
    ("GET", "scim2/ResourceTypes", Read),
    ("GET", "scim2/ResourceTypes/{id}", Read),
    ("GET", "scim2/Schemas", Read),
    ("GET", "scim2/Schemas/{id}", Read),
];

/// The parameters of the calls that have any, but for those of SCIM: a server "SHOULD
/// ignore any query parameters they do not recognize" (RFC 7644 section 3.4.2).
#[rustfmt::skip]
const PARAMETERS: [(&str, &str, &[&str]); 11] = [
    ("GET", "api/server/v1/trusted-token-issuers", &["limit", "offset", "filter"]),
    ("GET", "api/server/v1/applications", &["limit", "offset", "filter"]),
    ("GET", "api/server/v1/refusals", &["limit"]),
    ("GET", "api/server/v1/audit", &["type", "from", "to", "outcome", "clientId", "issuer", "event", "subject", "reason", "traceId", "resource", "objectId", "action", "administrator", "limit", "after"]),
    ("GET", "api/server/v1/audit/activity", &["from", "to", "outcome", "clientId", "issuer", "event", "subject", "reason", "traceId", "limit", "after"]),
    ("GET", "api/server/v1/audit/activity/counts", &["from", "to", "bucket"]),
    ("GET", "api/server/v1/audit/changes", &["from", "to", "resource", "objectId", "action", "administrator", "traceId", "limit", "after"]),
    ("POST", "api/server/v1/configuration/import", &["dryRun", "prune"]),
    ("GET", "api/server/v1/grants", &["userId", "applicationId", "limit", "after"]),
    ("DELETE", "api/server/v1/grants", &["userId", "applicationId", "after"]),
    ("GET", "api/users/v1/{user-id}/federated-associations", &["limit", "cursor"]),
];

/// The right that a call needs. The path is given by its segments.
pub(super) fn right(method: &str, path: &[&str]) -> Right {
    of(&ROUTES, method, path).copied().unwrap_or(All)
}

/// Refuses a parameter that the call does not have, and one that stands twice. It would
/// not count, and the call would mean more than its sender meant: `applicationID` would
/// not keep the revocation of a user's grants to one application.
///
/// # Errors
/// 400 with the parameter that was probably meant.
pub(super) fn check_parameters(request: &Request, path: &[&str]) -> Result<(), Error> {
    if of(&ROUTES, &request.method, path).is_none() {
        return Ok(());
    }
    let known = of(&PARAMETERS, &request.method, path).copied().unwrap_or_default();
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    for (name, _) in form_urlencoded::parse(request.query().unwrap_or_default().as_bytes()) {
        if !known.contains(&&*name) {
            let problem =
                Problem::new(shown(&name), "is no parameter of this call", meant(&name, known));
            return Err(Error::about(&QUERY, problem));
        }
        if seen.contains(&name) {
            let problem = Problem::new(&*name, "stands twice", "send it once");
            return Err(Error::about(&QUERY, problem));
        }
        seen.push(name);
    }
    Ok(())
}

fn meant(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "leave it out; the call has none".into(),
        None => format!("use one of `{}`", known.join("`, `")),
    }
}

/// What a list says of a call.
fn of<'a, T>(list: &'a [(&str, &str, T)], method: &str, path: &[&str]) -> Option<&'a T> {
    let method = if method == "HEAD" { "GET" } else { method };
    let route = list.iter().find(|(of, route, _)| *of == method && is(route, path));
    route.map(|(_, _, said)| said)
}

fn is(route: &str, path: &[&str]) -> bool {
    let mut segments = path.iter();
    let same = |wanted: &str| {
        let found = segments.next();
        found
            .is_some_and(|found| *found == wanted || (wanted.starts_with('{') && !found.is_empty()))
    };
    route.split('/').all(same) && segments.next().is_none()
}

/// `GET /api/server/v1/administrator`: who calls, and what they may do.
pub(super) fn serve(call: &Call<'_>) -> Result<Reply, Error> {
    if !matches!(&*call.request.method, "GET" | "HEAD") {
        return Err(call.method_not_allowed("GET"));
    }
    let rights = call.rights();
    let scopes = [Read, Users, Trust, All].into_iter().filter(|right| rights.allow(*right));
    let scopes: Vec<&str> = scopes.map(Right::scope).collect();
    let name = call.caller.as_ref().map(Caller::name);
    Ok(Reply::json(200, &json!({ "administrator": name, "scopes": scopes })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_stands_once_and_what_is_no_route_needs_every_right() {
        for (index, (method, path, wanted)) in ROUTES.iter().enumerate() {
            let before = ROUTES.get(..index).unwrap_or_default();
            assert!(!before.iter().any(|(of, other, _)| of == method && other == path), "{path}");
            let segments: Vec<&str> = path.split('/').collect();
            assert_eq!(right(method, &segments), *wanted, "{method} {path}");
        }
        for (method, path) in [
            ("PUT", &["api", "server", "v1", "keys"][..]),
            ("GET", &["api", "server", "v1", "secrets"]),
            ("GET", &["api", "server", "v1", "keys", "a", "b"]),
            ("GET", &["api", "server", "v1", "grants", ""]),
            ("get", &["scim2", "Users"]),
        ] {
            assert_eq!(right(method, path), All, "{method} {path:?}");
        }
        assert_eq!(right("HEAD", &["scim2", "Users"]), Read);
    }

    #[test]
    fn parameters_are_those_of_a_route() {
        for (method, path, known) in PARAMETERS {
            assert!(ROUTES.iter().any(|(of, route, _)| *of == method && *route == path), "{path}");
            let path: Vec<&str> = path.split('/').collect();
            let call = |query: &str| {
                let target = format!("/{}?{query}", path.join("/"));
                check_parameters(&Request::new(method, &target), &path)
            };
            assert!(call("").is_ok());
            for name in known {
                assert!(call(&format!("{name}=x")).is_ok(), "{name}");
                assert!(call(&format!("{name}=x&{name}=")).is_err(), "{name} twice");
                assert!(call(&format!("{name}s=x")).is_err(), "{name}s");
            }
        }
        let one = ["api", "server", "v1", "grants", "1"];
        let call = |query: &str| check_parameters(&Request::new("DELETE", query), &one).is_err();
        assert!(call("/api/server/v1/grants/1?dryRun=true"));
        assert!(!call("/api/server/v1/grants/1"));
    }
}
