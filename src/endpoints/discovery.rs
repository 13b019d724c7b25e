//! What others need to know of us: metadata (RFC 8414, OpenID Connect
//! Discovery) and public keys (RFC 7517).

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::grant::JWT_DPOP;
use crate::config::{GrantType, ProtectedResources};
use crate::crypto::Algorithm;
use crate::dpop;
use crate::host::Host;
use crate::http::Reply;
use crate::state::{State, mtls_endpoint};
use crate::token_type::TokenType;

/// The ways in which a client proves that it is itself.
const CONFIDENTIAL: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The ways with a client certificate (RFC 8705 section 2).
const CERTIFICATES: [&str; 2] = ["tls_client_auth", "self_signed_tls_client_auth"];
/// The profile of the JWT bearer grant that is an identity assertion grant.
const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";

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
    let grants: Vec<_> =
        GrantType::ALL.iter().map(|grant| grant.name()).chain([JWT_DPOP]).collect();
    let certificates = state.takes_certificates().then_some(CERTIFICATES).into_iter().flatten();
    let confidential: Vec<_> = CONFIDENTIAL.into_iter().chain(certificates).collect();
    let with_public: Vec<_> = confidential.iter().copied().chain(["none"]).collect();
    let signing: Vec<_> = match state.own_keys.published(host).await {
        Ok(keys) => keys.iter().map(|key| key.algorithm().name()).collect(),
        Err(why) => return unavailable(&format!("{why}")),
    };
    let mut document = json!({
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
    if let Value::Object(members) = &mut document {
        add_resources(&*state.protected_resources(host).await, members);
        add_grants(state, members);
        add_certificates(state, members);
        if state.config.client_id_metadata.is_some() {
            members.insert("client_id_metadata_document_supported".into(), true.into());
        }
    }
    public(Reply::json(200, &document))
}

/// The APIs whose metadata names this server (RFC 9728 section 4), and the scopes
/// there. "Claims with zero elements MUST be omitted" (RFC 8414 section 3.2).
fn add_resources(resources: &ProtectedResources, members: &mut Map<String, Value>) {
    let resources: Vec<_> = resources.values().filter(|one| !one.is_own).collect();
    let scopes: BTreeSet<&String> = resources.iter().flat_map(|one| &one.scopes).collect();
    if !scopes.is_empty() {
        members.insert("scopes_supported".into(), json!(scopes));
    }
    let names: Vec<&str> = resources.iter().map(|one| &*one.resource).collect();
    if !names.is_empty() {
        members.insert("protected_resources".into(), json!(names));
    }
}

/// Identity assertion grants, where an application of the document may ask for them
/// or bring them (section 7 of the draft). Nobody learns which servers are trusted.
fn add_grants(state: &State, members: &mut Map<String, Value>) {
    let applications = || state.config.applications.values();
    let issues = applications().any(|one| !one.id_jag.is_empty());
    let accepts = applications().any(|one| one.may_bring_id_jags());
    if issues {
        let types = json!([TokenType::IdJag.uri()]);
        members.insert("identity_chaining_requested_token_types_supported".into(), types);
    }
    if accepts {
        members.insert("authorization_grant_profiles_supported".into(), json!([ID_JAG_PROFILE]));
    }
    if issues || accepts {
        // The clients that ask for such grants take no metadata without it.
        let issuer = state.config.issuer.trim_end_matches('/');
        let endpoint = format!("{issuer}/oauth2/authorize");
        members.insert("authorization_endpoint".into(), endpoint.into());
    }
}

/// What there is for clients with certificates (RFC 8705 sections 3.3 and 5).
fn add_certificates(state: &State, members: &mut Map<String, Value>) {
    if state.takes_certificates() {
        members.insert("tls_client_certificate_bound_access_tokens".into(), true.into());
    }
    let aliases = || {
        let of = |path| mtls_endpoint(&state.config, path);
        Some(json!({
            "token_endpoint": of("/oauth2/token")?,
            "introspection_endpoint": of("/oauth2/introspect")?,
            "revocation_endpoint": of("/oauth2/revoke")?,
        }))
    };
    members.extend(aliases().map(|aliases| ("mtls_endpoint_aliases".into(), aliases)));
}

/// `/oauth2/authorize`: there is nothing to authorize here. The client is told so,
/// and sent nowhere: "the authorization server MUST NOT automatically redirect"
/// to a URI that it does not know (RFC 6749 section 4.1.2.1).
pub(super) fn authorize() -> Reply {
    let body = json!({
        "error": "unsupported_response_type",
        "error_description": "this server has no login page; get a token at the token endpoint, \
                              with a token of an issuer that it trusts",
    });
    Reply::json(400, &body).with("cache-control", "no-store")
}

/// Nothing here is secret: a page of any origin may read it.
pub(super) fn public(reply: Reply) -> Reply {
    reply.with("cache-control", CACHEABLE).with("access-control-allow-origin", "*")
}

fn unavailable(why: &str) -> Reply {
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": format!("the keys of this server are temporarily unavailable: {why}"),
    });
    Reply::json(503, &body).with("retry-after", "1").with("cache-control", "no-store")
}
