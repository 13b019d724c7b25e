//! One exchange in an ordinary Rust program: `cargo run --package
//! exchequer-example-native`.

use anyhow::{Context, Result};
use exchequer::{Config, Request};
use exchequer_example_native::{Host, Issuer};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let issuer = Issuer::start()?;
    println!("an identity provider publishes its key at {}", issuer.url);

    let document = json!({
        "issuer": "https://sts.example.com",
        "trustedTokenIssuers": [{
            "name": "Provider", "issuer": issuer.url, "certificate": { "jwksUri": issuer.url },
        }],
        "applications": [{
            "clientId": "this-program",
            "clientSecret": "only-who-comes-by-network-needs-it",
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "trustedTokenIssuers": ["Provider"],
            "audiences": ["https://api.example.com"],
        }],
    });
    let host = Host::new(Config::parse(&document.to_string())?.without_secrets()?);

    let token = issuer.token("ada", "https://sts.example.com")?;
    println!("\nits token about `ada`:\n{token}");
    let reply = host.handle(exchange(&token))?;
    let body: Value = serde_json::from_slice(&reply.body)?;
    println!("\nwhat it was exchanged for, {}:\n{body:#}", reply.status);

    let audit = reply.audit.context("every decision leaves a line")?;
    println!("\nwhat was checked on the way:");
    for check in &audit.checks.checks {
        println!("  {:?} {} {}", check.outcome, check.code, check.detail.as_deref().unwrap_or(""));
    }
    Ok(())
}

/// The request of RFC 8693. This program is the application itself, and proves
/// it by being here: it needs no client secret.
fn exchange(token: &str) -> Request {
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
         &subject_token={token}&client_id=this-program&audience=https%3A%2F%2Fapi.example.com"
    );
    Request::new("POST", "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .from_embedder()
}
