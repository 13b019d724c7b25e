//! The example as it stands, and what it makes of faults.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may say what it means")]

use std::net::TcpListener;
use std::process::Command;

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{
    Client, Config, Decided, GrantRequest, OAuthError, Reply, Request, TokenExchange, TokenRequest,
    TokenType,
};
use exchequer_example_native::{Host, Issuer};
use serde_json::{Value, json};

const STS: &str = "https://sts.example.com";
const EXCHANGE: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
    &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";

/// A host that trusts an issuer whose keys are at this URL.
fn host(issuer: &str, keys: &str) -> Host {
    let document = json!({
        "issuer": STS,
        "trustedTokenIssuers": [{
            "name": "Provider", "issuer": issuer, "certificate": { "jwksUri": keys },
        }],
        "applications": [{
            "clientId": "web",
            "clientSecret": "a-secret-for-tests",
            "grantTypes": [
                "urn:ietf:params:oauth:grant-type:token-exchange", "refresh_token",
            ],
            "trustedTokenIssuers": ["Provider"],
        }],
    });
    Host::new(Config::parse(&document.to_string()).unwrap().without_secrets().unwrap())
}

fn post(host: &Host, form: &str) -> (u16, Value) {
    let reply: Reply = host
        .handle(
            Request::new("POST", "/oauth2/token")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("{form}&client_id=web&client_secret=a-secret-for-tests")),
        )
        .unwrap();
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn exchange(host: &Host, token: &str) -> (u16, Value) {
    post(host, &format!("{EXCHANGE}&subject_token={token}"))
}

#[test]
fn the_program_makes_an_exchange() {
    let output = Command::new(env!("CARGO_BIN_EXE_exchequer-example-native")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for expected in ["Pass subject_token.signature", "issued for "] {
        assert!(said.contains(expected), "there is no `{expected}` in {said}");
    }
    let token = said.lines().last().unwrap();
    let claims = claims(token);
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["aud"], "https://api.example.com");
    assert_eq!(claims["client_id"], "this-program");
}

#[test]
fn a_typed_request_is_granted_or_refused() {
    let issuer = Issuer::start().unwrap();
    let host = host(&issuer.url, &issuer.url);
    let ask = |audience: &str| {
        let exchange = TokenExchange {
            subject_token: issuer.token("ada", audience).unwrap(),
            subject_token_type: TokenType::Jwt,
            ..TokenExchange::default()
        };
        let grant = GrantRequest::TokenExchange(exchange);
        host.exchange(TokenRequest::new(Client::embedder("web"), grant)).unwrap()
    };
    let Decided { result, audit, .. } = ask(STS);
    let issued = result.unwrap();
    assert_eq!(claims(&issued.access_token)["sub"], "ada");
    assert_eq!(issued.issued_token_type, Some(TokenType::AccessToken));
    assert_eq!((audit.status, audit.parties.subject.as_deref()), (200, Some("ada")));

    let Decided { result, audit, .. } = ask("https://somebody-else.example.com");
    let refusal = result.unwrap_err();
    assert_eq!(refusal.error(), OAuthError::InvalidRequest);
    assert_eq!(refusal.reason(), "subject_token.claim.aud.no_alias");
    assert_eq!((audit.status, audit.reason), (400, Some(refusal.reason())));
}

/// The claims of a JWT.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap()
}

#[test]
fn a_refresh_token_is_kept_and_serves_once() {
    let issuer = Issuer::start().unwrap();
    let host = host(&issuer.url, &issuer.url);
    let (status, body) = exchange(&host, &issuer.token("ada", STS).unwrap());
    assert_eq!(status, 200, "{body}");
    let refresh = body["refresh_token"].as_str().unwrap();
    let refresh = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(post(&host, &refresh).0, 200);
    let (status, body) = post(&host, &refresh);
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
}

#[test]
fn an_issuer_that_is_down_is_no_verdict() {
    let issuer = Issuer::start().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let host = host(&issuer.url, &format!("http://{nobody}"));
    let (status, body) = exchange(&host, &issuer.token("ada", STS).unwrap());
    assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
}

#[test]
fn an_issuer_that_is_silent_is_not_waited_for() {
    let issuer = Issuer::start().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = host(&issuer.url, &format!("http://{}", silent.local_addr().unwrap()));
    let (status, body) = exchange(&host, &issuer.token("ada", STS).unwrap());
    assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
}

#[test]
fn a_token_of_somebody_else_is_refused() {
    let (issuer, other) = (Issuer::start().unwrap(), Issuer::start().unwrap());
    let host = host(&issuer.url, &issuer.url);
    let (status, body) = exchange(&host, &other.token("ada", STS).unwrap());
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
}

#[test]
fn a_body_that_is_too_long() {
    let issuer = Issuer::start().unwrap();
    let (status, _) = post(&host(&issuer.url, &issuer.url), &"a".repeat(70_000));
    assert_eq!(status, 413);
}
