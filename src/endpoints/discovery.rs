//! What others need to know of us: metadata (RFC 8414, OpenID Connect
//! Discovery) and public keys (RFC 7517).

use alloc::format;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::config::GrantType;
use crate::crypto::Algorithm;
use crate::dpop;
use crate::host::Host;
use crate::http::Reply;
use crate::state::{State, mtls_endpoint};

/// The ways in which a client proves that it is itself.
const CONFIDENTIAL: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The ways with a client certificate (RFC 8705 section 2).
const CERTIFICATES: [&str; 2] = ["tls_client_auth", "self_signed_tls_client_auth"];

/// How long others may keep what is said here, in seconds.
const CACHEABLE: &str = "public, max-age=300";

/// `GET /oauth2/jwks`.
pub(super) async fn keys(state: &State, host: &Host) -> Reply {
    match state.own_keys.published(host).await {
        Ok(keys) => {
            let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
            public(Reply::json(200, &json!({ "keys": keys })))
        }
        Err(why) => unavailable(&format!("{why}")),
    }
}

/// `GET /.well-known/oauth-authorization-server` and
/// `/.well-known/openid-configuration`. True for this deployment: what is not
/// listed is not there.
pub(super) async fn metadata(state: &State, host: &Host) -> Reply {
    let issuer = state.config.issuer.trim_end_matches('/');
    let algorithms: Vec<_> = Algorithm::ALL.iter().map(|alg| alg.name()).collect();
    let grants: Vec<_> = GrantType::ALL.iter().map(|grant| grant.name()).collect();
    let certificates = state.takes_certificates().then_some(CERTIFICATES).into_iter().flatten();
    let confidential: Vec<_> = CONFIDENTIAL.into_iter().chain(certificates).collect();
    let with_public: Vec<_> = confidential.iter().copied().chain(["none"]).collect();
    let signing: Vec<_> = match state.own_keys.published(host).await {
        Ok(keys) => keys.iter().map(|key| key.algorithm().name()).collect(),
        Err(why) => return unavailable(&format!("{why}")),
    };
    let mut metadata = json!({
            "issuer": state.config.issuer,
            "token_endpoint": state.token_endpoint,
            "jwks_uri": format!("{issuer}/oauth2/jwks"),
            "introspection_endpoint": format!("{issuer}/oauth2/introspect"),
            "revocation_endpoint": format!("{issuer}/oauth2/revoke"),
            "grant_types_supported": grants,
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": signing,
            "token_endpoint_auth_methods_supported": with_public,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": confidential,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "dpop_signing_alg_values_supported": dpop::ALGORITHMS.map(Algorithm::name),
            "revocation_endpoint_auth_methods_supported": with_public,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
    });
    if let Value::Object(members) = &mut metadata {
        if state.takes_certificates() {
            members.insert("tls_client_certificate_bound_access_tokens".into(), true.into());
        }
        members.extend(aliases(state).map(|aliases| ("mtls_endpoint_aliases".into(), aliases)));
    }
    public(Reply::json(200, &metadata))
}

/// The endpoints where client certificates are asked for (RFC 8705 section 5).
fn aliases(state: &State) -> Option<Value> {
    let of = |path| mtls_endpoint(&state.config, path);
    Some(json!({
        "token_endpoint": of("/oauth2/token")?,
        "introspection_endpoint": of("/oauth2/introspect")?,
        "revocation_endpoint": of("/oauth2/revoke")?,
    }))
}

/// Nothing here is secret: a page of any origin may read it.
fn public(reply: Reply) -> Reply {
    reply.with("cache-control", CACHEABLE).with("access-control-allow-origin", "*")
}

fn unavailable(why: &str) -> Reply {
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": format!("the keys of this server are temporarily unavailable: {why}"),
    });
    Reply::json(503, &body).with("retry-after", "1").with("cache-control", "no-store")
}
