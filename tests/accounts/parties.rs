//! The parties of the account tests: an issuer, local users in two user stores,
//! and one application.

use serde_json::{Value, json};

pub(crate) use crate::support::foreign::{IDP, foreign};

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
