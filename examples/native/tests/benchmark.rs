//! The part of the benchmark's program that uses the crate: it works.

#[path = "../../../benches/native/src/exchange.rs"]
mod exchange;

use exchange::Exchanges;
use exchequer::HostCrypto;
use serde_json::json;

const NOW: u64 = 1_790_000_000;

#[test]
fn the_exchange_of_the_benchmark_asks_for_the_keys_of_the_issuer() {
    let document = json!({
        "issuer": "https://sts.example",
        "trustedTokenIssuers": [{
            "name": "IdP", "issuer": "https://idp.example", "algorithms": ["RS256"],
            "certificate": { "jwksUri": "https://idp.example/jwks" },
        }],
        "applications": [{
            "clientId": "app", "type": "mobile", "trustedTokenIssuers": ["IdP"],
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "audiences": ["https://api.example"], "scopes": ["read"],
        }],
    });
    let exchanges =
        Exchanges::new(&document.to_string(), "app", "read", HostCrypto::default()).unwrap();
    // {"alg":"RS256","kid":"k"}, and claims that are in order; the signature is not.
    let header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ";
    let claims = "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoicyIsImF1ZCI6Imh0dHBzOi8vc3RzLmV4YW1wbGUiLCJleHAiOjE3OTAwMDA2MDB9";
    let token = format!("{header}.{claims}.{}", "A".repeat(342));
    let mut asked = Vec::new();
    let refused = exchanges.of(&token, NOW, [1; 32], &mut |ask| {
        asked.push(ask.name());
        anyhow::bail!("nobody answers")
    });
    assert!(refused.is_err());
    assert_eq!(asked, ["fetch"]);
}
