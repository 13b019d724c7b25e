//! Members of the configuration that the law needs. An engine that does not
//! know one of them yet is tested without it.

use std::sync::OnceLock;

use exchequer::Config;
use serde_json::{Value, json};

/// Which members the engine knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// `resources`: the audiences that an application is.
    pub(crate) resources: bool,
    /// `subject.identifier`: how a federated subject is written.
    pub(crate) identifier: bool,
    /// `refreshToken.absoluteLifetimeSeconds`
    pub(crate) absolute_lifetime: bool,
    /// `refreshToken.reuseGraceSeconds`
    pub(crate) reuse_grace: bool,
}

/// Which members the engine under test knows.
pub(crate) fn known() -> Fields {
    static KNOWN: OnceLock<Fields> = OnceLock::new();
    *KNOWN.get_or_init(|| Fields {
        resources: parses(json!({ "resources": ["https://api.example"] })),
        identifier: parses(json!({ "subject": { "identifier": "qualified" } })),
        absolute_lifetime: parses(json!({ "refreshToken": { "absoluteLifetimeSeconds": 100 } })),
        reuse_grace: parses(json!({ "refreshToken": { "reuseGraceSeconds": 10 } })),
    })
}

fn parses(members: Value) -> bool {
    let mut application = json!({ "clientId": "app", "grantTypes": ["refresh_token"] });
    for (name, value) in members.as_object().unwrap() {
        application[name] = value.clone();
    }
    let document = json!({ "issuer": "https://sts.example", "applications": [application] });
    Config::parse(&document.to_string()).is_ok()
}
