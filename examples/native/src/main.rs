//! One exchange in an ordinary Rust program: `cargo run --package
//! exchequer-example-native`.

use anyhow::Result;
use exchequer::{Client, Config, GrantRequest, Target, TokenExchange, TokenRequest, TokenType};
use exchequer_example_native::{Host, Issuer};
use serde_json::json;

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
            "clientSecret": "only-clients-on-the-network-need-it",
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "trustedTokenIssuers": ["Provider"],
            "audiences": ["https://api.example.com"],
        }],
    });
    let host = Host::new(Config::parse(&document.to_string())?.without_secrets()?);

    let token = issuer.token("ada", "https://sts.example.com")?;
    println!("\nits token about `ada`:\n{token}");
    let decided = host.exchange(TokenRequest::new(
        // This program is the application, so it needs no client secret.
        Client::embedder("this-program"),
        GrantRequest::TokenExchange(TokenExchange {
            subject_token: token,
            subject_token_type: TokenType::Jwt,
            target: Target::new(vec!["https://api.example.com".into()], None),
            ..TokenExchange::default()
        }),
    ))?;
    println!("\nwhat was checked:");
    for check in decided.audit.checks.checks() {
        println!("  {:?} {} {}", check.outcome, check.code, check.detail.as_deref().unwrap_or(""));
    }
    let issued = decided.result?;
    println!("\nissued for {} seconds:\n{}", issued.expires_in, issued.access_token);
    Ok(())
}
