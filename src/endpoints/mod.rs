//! The HTTP surface: which path is whose, one file per family of endpoints.

mod client;
mod discovery;
mod explain;
mod grant;
mod health;
mod metrics;
mod oauth;
mod protect;
mod protected_resource;

use alloc::format;
use alloc::vec::Vec;

use serde_json::json;

pub use self::protect::AccessDenied;
pub(crate) use self::protect::{admit, protect};
pub(crate) use self::protected_resource::{asked_for, document as resource_document};
#[cfg(feature = "admin")]
use crate::admin;
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::state::State;
use crate::step::cold;
use crate::url::below_issuer;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Token,
    Introspection,
    Revocation,
    Authorization,
    Explain,
    Keys,
    Metadata,
    Health,
    Metrics,
}

/// Answers a request, counts what was decided, and keeps what was refused.
pub(crate) async fn respond(state: &State, host: &Host, request: Request) -> Reply {
    let request = request.in_origin_form();
    #[cfg(feature = "admin")]
    state.refusals.begin(host.now);
    let mut reply = route(state, host, &request).await;
    reply.name_metadata(state.config.own_metadata());
    if let Some(audit) = &mut reply.audit {
        state.note(host, audit).await;
    }
    if request.method == "HEAD" { Reply { body: Vec::new(), ..reply } } else { reply }
}

async fn route(state: &State, host: &Host, request: &Request) -> Reply {
    if protected_resource::owns(request) {
        return cold(protected_resource::respond(state, host, request)).await;
    }
    let path = below_issuer(&state.config.issuer, request.path());
    #[cfg(feature = "admin")]
    if admin::owns(path) {
        return cold(admin::respond(state, host, request, path)).await;
    }
    let Some(endpoint) = endpoint(path) else {
        return not_found(path);
    };
    let reads = request.reads();
    match endpoint {
        Endpoint::Token if request.method == "POST" => oauth::token(state, host, request).await,
        Endpoint::Introspection if request.method == "POST" => {
            cold(oauth::introspect(state, host, request)).await
        }
        Endpoint::Revocation if request.method == "POST" => {
            cold(oauth::revoke(state, host, request)).await
        }
        Endpoint::Explain if request.method == "POST" => {
            cold(explain::post(state, host, request)).await
        }
        Endpoint::Authorization if reads || request.method == "POST" => discovery::authorize(),
        Endpoint::Keys if reads => cold(discovery::keys(state, host)).await,
        Endpoint::Metadata if reads => cold(discovery::metadata(state, host)).await,
        Endpoint::Health if reads => cold(health::get(state, host)).await,
        Endpoint::Metrics if reads => cold(metrics::get(state, host, request)).await,
        Endpoint::Token | Endpoint::Introspection | Endpoint::Revocation | Endpoint::Explain => {
            method_not_allowed("POST")
        }
        Endpoint::Authorization => method_not_allowed("GET, HEAD, POST"),
        Endpoint::Keys | Endpoint::Metadata | Endpoint::Health | Endpoint::Metrics => {
            method_not_allowed("GET, HEAD")
        }
    }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    Some(match path {
        "/oauth2/token" => Endpoint::Token,
        "/oauth2/introspect" => Endpoint::Introspection,
        "/oauth2/revoke" => Endpoint::Revocation,
        "/oauth2/authorize" => Endpoint::Authorization,
        "/oauth2/explain" => Endpoint::Explain,
        "/oauth2/jwks" => Endpoint::Keys,
        "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration" => {
            Endpoint::Metadata
        }
        "/healthz" => Endpoint::Health,
        "/metrics" => Endpoint::Metrics,
        _ => return None,
    })
}

fn not_found(path: &str) -> Reply {
    let body = json!({
        "error": "not_found",
        "error_description": format!(
            "no endpoint at {}; see /.well-known/oauth-authorization-server",
            crate::audit::shown_name(path)
        ),
    });
    Reply::json(404, &body).with("cache-control", "no-store")
}

fn method_not_allowed(allowed: &'static str) -> Reply {
    let body = json!({
        "error": "invalid_request",
        "error_description": format!("this endpoint takes {allowed}"),
    });
    Reply::json(405, &body).with("allow", allowed).with("cache-control", "no-store")
}
