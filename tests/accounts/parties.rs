//! The parties of the account tests: an issuer that signs whatever a test
//! wants it to say, local users in two user stores, and one application.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::SigningKey;
use serde_json::{Value, json};

use crate::support::fixtures;
use crate::support::start::NOW;

pub(crate) const IDP: &str = "https://idp.example";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
pub(crate) const SECRET: &str = "app-secret-for-tests";

/// The configuration: subject mode `off`, `preferred` or `required`;
/// implicit association by `email`, then `username`.
pub(crate) fn document(mode: &str) -> Value {
    let subject = json!({
        "useMappedLocalSubject": mode != "off",
        "mappedLocalSubjectMandatory": mode == "required",
    });
    json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [{
            "name": "Acme",
            "issuer": IDP,
            "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
            "claims": [
                { "from": "email", "to": "email" },
                { "from": "department", "to": "department" },
            ],
            "implicitAssociation": { "isEnabled": true, "lookupAttribute": ["email", "username"] },
        }],
        "applications": [{
            "clientId": "app",
            "clientSecret": SECRET,
            "grantTypes": [EXCHANGE, BEARER],
            "trustedTokenIssuers": ["Acme"],
            "scopes": ["read"],
            "subject": subject,
            "accessToken": { "attributes": ["email", "department", "username"] },
        }],
        "roles": [{ "name": "deployer", "scopes": ["deploy"] }],
        "users": [
            user("u-linked", "PRIMARY", "linked"),
            user("u-one", "PRIMARY", "one"),
            user("u-ldap", "LDAP", "two"),
            user("u-locked", "PRIMARY", "locked"),
            user("u-disabled", "LDAP", "disabled"),
            // One address in two user stores, and one user name.
            user("u-shared", "PRIMARY", "shared"),
            user("u-shared-too", "LDAP", "shared"),
        ],
    })
}

fn user(id: &str, store: &str, name: &str) -> Value {
    json!({
        "id": id,
        "userStore": store,
        "username": name,
        "claims": { "email": format!("{name}@example.com"), "department": "ours" },
        "roles": if name == "one" { json!(["deployer"]) } else { json!([]) },
        "locked": name == "locked",
        "disabled": name == "disabled",
    })
}

/// Another document in place of a part of one.
pub(crate) fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).expect("the document has this part") = value;
    document
}

/// The same where the application may refresh, too.
pub(crate) fn refreshing(document: Value) -> Value {
    with(document, "/applications/0/grantTypes", json!([EXCHANGE, BEARER, "refresh_token"]))
}

/// The same with access tokens of this form, `jwt` or `opaque`.
pub(crate) fn issuing(document: Value, form: &str) -> Value {
    let how = json!({ "type": form, "attributes": ["email", "department", "username"] });
    with(refreshing(document), "/applications/0/accessToken", how)
}

/// The same without a user.
pub(crate) fn without(mut document: Value, id: &str) -> Value {
    let users = document["users"].as_array_mut().unwrap();
    users.retain(|user| user["id"] != id);
    document
}

/// A token of the issuer about its subject `x-1`, which says this as well.
pub(crate) fn foreign(more: &Value) -> String {
    let mut claims = json!({
        "iss": IDP, "sub": "x-1", "aud": "https://sts.example",
        "iat": NOW - 10, "exp": NOW + 600,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let header = json!({ "alg": "ES256", "kid": "idp-es256", "typ": "JWT" });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let key = SigningKey::from_jwk(&fixtures::key("idp-es256")).unwrap();
    let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}
