//! Two issuers, and applications that pass tokens on to each other.

use serde_json::{Value, json};

use crate::support::administered::{EXCHANGE, Said, Service};
use crate::support::foreign;

pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const TOKEN: &str = "/oauth2/token";
pub(crate) const API: &str = "https://api.example";
const TYPE: &str = "urn:ietf:params:oauth:token-type:";

/// Places in the document.
pub(crate) const ACME: &str = "/trustedTokenIssuers/0";
pub(crate) const FRONT: &str = "/applications/0";
pub(crate) const RELAY: &str = "/applications/1";

/// `front` gets tokens for the API, `relay` is the API and goes on from there,
/// `caller` only calls the API.
pub(crate) fn document() -> Value {
    let application = |client_id: &str| {
        json!({
            "clientId": client_id,
            "clientSecret": secret(client_id),
            "grantTypes": [EXCHANGE, "refresh_token"],
            "trustedTokenIssuers": ["Acme"],
            "audiences": [API],
            "scopes": ["read", "write"],
            "defaultScopes": ["read"],
            "subject": { "useMappedLocalSubject": true },
        })
    };
    let mut document = json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [
            {
                "name": "Acme",
                "issuer": foreign::IDP,
                "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
            },
            {
                "name": "Globex",
                "issuer": "https://globex.example",
                "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
            },
        ],
        "applications": [application("front"), application("relay"), application("caller")],
        "roles": [{ "name": "deployer", "scopes": ["deploy"] }],
        "users": [{ "id": "u-ada", "username": "ada", "roles": ["deployer"] }],
    });
    document["applications"][1]["resources"] = json!([API]);
    document["applications"][1]["audiences"] = json!(["https://deep.example"]);
    document
}

/// The same document with one thing changed, or without it if it is `null`.
pub(crate) fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => parent.remove(member),
        value => parent.insert(member.into(), value),
    };
    document
}

fn secret(client_id: &str) -> String {
    format!("{client_id}-secret-for-tests")
}

/// What clients do.
pub(crate) trait Clients {
    /// Exchanges a token of Acme's subject `x-1`.
    fn issue(&mut self, client: &str, more: &[(&str, &str)]) -> Said;
    /// Exchanges an issued token.
    fn pass_on(&mut self, client: &str, token: &str, more: &[(&str, &str)]) -> Said;
    fn refresh(&mut self, client: &str, token: &str) -> Said;
    /// What introspection says to a client.
    fn about(&mut self, client: &str, token: &str) -> Value;
    /// Links `x-1` to the user.
    fn link(&mut self) -> String;
}

impl Clients for Service {
    fn issue(&mut self, client: &str, more: &[(&str, &str)]) -> Said {
        let token = foreign::foreign(&json!({}));
        self.exchange_for(0, (client, &secret(client)), &token, more)
    }

    fn pass_on(&mut self, client: &str, token: &str, more: &[(&str, &str)]) -> Said {
        let kind = format!("{TYPE}access_token");
        let own =
            [("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", &*kind)];
        let form: Vec<_> = own
            .into_iter()
            .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
            .chain(more.iter().copied())
            .collect();
        self.form(0, TOKEN, (client, &secret(client)), &form)
    }

    fn refresh(&mut self, client: &str, token: &str) -> Said {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form(0, TOKEN, (client, &secret(client)), &form)
    }

    fn about(&mut self, client: &str, token: &str) -> Value {
        self.form(0, INTROSPECT, (client, &secret(client)), &[("token", token)])
            .with_status(200)
            .body
    }

    fn link(&mut self) -> String {
        let body = json!({ "idp": "Acme", "federatedUserId": "x-1" });
        let path = "/api/users/v1/u-ada/federated-associations";
        self.post(path, &body).with_status(201).text("id")
    }
}

/// Error and reason of a refusal.
pub(crate) fn refusal(said: &Said) -> String {
    let reason = said.audit.as_ref().and_then(|audit| audit.reason.clone());
    format!("{} {}", said.body["error"].as_str().unwrap_or("granted"), reason.unwrap_or_default())
}

/// Every form an access token has.
pub(crate) const FORMS: [&str; 2] = ["jwt", "opaque"];

/// The document whose applications issue access tokens of this form.
pub(crate) fn issuing(form: &str) -> Value {
    let mut document = document();
    for application in document["applications"].as_array_mut().unwrap() {
        application["accessToken"] = json!({ "type": form });
    }
    document
}
