//! The server of the stories, which trusts one issuer.

use exchequer::{Config, Engine, HostCrypto};
use serde_json::{Value, json};

use crate::issuer::ISSUER;
use crate::support::fixtures;

/// It finds the keys of the issuer as `certificate` says.
pub(crate) fn engine(certificate: &Value) -> Engine {
    let document = json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [{ "name": "IdP", "issuer": ISSUER, "algorithms": ["EdDSA"],
            "certificate": certificate }],
        "applications": [{ "clientId": "app", "type": "mobile",
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "trustedTokenIssuers": ["IdP"], "audiences": ["https://api.example"] }],
    });
    let config = Config::parse(&fixtures::expand(&document).to_string()).unwrap();
    Engine::new(config.without_secrets().unwrap(), HostCrypto::default())
}
