//! The document of these tests, and bodies to begin with.

use serde_json::{Value, json};

use crate::support::administered::{EXCHANGE, Service};
use crate::support::fixtures;

pub(crate) const ISSUERS: &str = "/api/server/v1/trusted-token-issuers";
pub(crate) const APPLICATIONS: &str = "/api/server/v1/applications";
/// The client id and secret of the application of the document.
pub(crate) const OPERATORS: (&str, &str) = ("operators", "operators-secret-for-tests");

/// One issuer, one application that may administer, one user.
pub(crate) fn document() -> Value {
    json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [{
            "name": "Acme",
            "issuer": "https://idp.example",
            "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
            "claims": [{ "from": "email", "to": "email" }],
            "implicitAssociation": { "isEnabled": true, "lookupAttribute": ["email"] },
        }],
        "applications": [{
            "name": "Operators",
            "clientId": OPERATORS.0,
            "clientSecret": OPERATORS.1,
            "grantTypes": [EXCHANGE],
            "trustedTokenIssuers": ["Acme"],
            "audiences": ["https://sts.example", "https://api.example"],
            "scopes": ["exchequer:admin", "read"],
            "subject": { "useMappedLocalSubject": true },
        }],
        "users": [{ "id": "u-ada", "username": "ada", "claims": { "email": "ada@example.com" } }],
    })
}

pub(crate) fn service() -> Service {
    Service::new(&document())
}

/// An issuer that can be made; it signs with `idp-es256`.
pub(crate) fn globex() -> Value {
    fixtures::expand(&json!({
        "name": "Globex",
        "issuer": "https://globex.example",
        "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
    }))
}

/// An application that can be made.
pub(crate) fn shop() -> Value {
    json!({
        "name": "Web shop",
        "clientId": "shop",
        "grantTypes": [EXCHANGE],
        "trustedTokenIssuers": ["Acme"],
        "scopes": ["read"],
    })
}

/// The same with another member, or without it if it is `null`.
pub(crate) fn with(mut body: Value, member: &str, value: Value) -> Value {
    let members = body.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(member),
        value => members.insert(member.into(), value),
    };
    body
}

/// A certificate of the fixtures as PEM text.
pub(crate) fn pem() -> String {
    fixtures::read("keys/cert-es256.pem")
}

/// Makes it; the path of what was made.
pub(crate) fn made(service: &mut Service, path: &str, body: &Value) -> String {
    let said = service.post(path, body).with_status(201);
    format!("{path}/{}", said.text("id"))
}
