//! `/api/server/v1/sign-in`: where people sign in to the console, and the ID token
//! for a code. It gives no access by itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::parties::document;
use crate::support::administered::{EXCHANGE, Said, Service};

const SIGN_IN: &str = "/api/server/v1/sign-in";
const DISCOVERY: &str = "https://login.example/.well-known/openid-configuration";
const TOKEN: &str = "https://login.example/token";

fn configured() -> Value {
    let mut document = document();
    document["trustedTokenIssuers"] = json!([{
        "name": "Company login",
        "issuer": "https://login.example",
        "alias": "console-there",
        "certificate": { "discovery": true },
    }]);
    document["applications"] = json!([{
        "clientId": "console",
        "type": "mobile",
        "grantTypes": [EXCHANGE],
        "trustedTokenIssuers": ["Company login"],
        "subject": { "useMappedLocalSubject": true },
    }]);
    document["console"] = json!({ "signIn": {
        "issuer": "Company login", "clientId": "console-there", "application": "console",
    } });
    document
}

fn discovered() -> Value {
    json!({
        "issuer": "https://login.example",
        "jwks_uri": "https://login.example/jwks",
        "authorization_endpoint": "https://login.example/auth",
        "token_endpoint": TOKEN,
    })
}

/// A service that nobody is signed in to, and what its issuer answers.
fn service(discovery: &Value, token: &Value) -> Service {
    let mut sts = Service::new(&configured());
    sts.bearer = None;
    sts.world.web.script(&BTreeMap::from([
        (DISCOVERY.into(), vec![discovery.clone()]),
        (TOKEN.into(), vec![token.clone()]),
    ]));
    sts
}

fn code() -> Value {
    json!({ "code": "c&d", "codeVerifier": "verifier", "redirectUri": "https://sts.example/console/" })
}

fn with_token(answer: &Value) -> (Service, Said) {
    let mut sts = service(&json!({ "body": discovered() }), answer);
    let said = sts.post(SIGN_IN, &code());
    (sts, said)
}

#[test]
fn anybody_learns_where_people_sign_in_and_the_issuer_is_asked_once() {
    let mut sts = service(&json!({ "body": discovered() }), &json!({}));
    for _ in 0..2 {
        let said = sts.get(SIGN_IN).with_status(200);
        assert_eq!(
            said.body,
            json!({
                "name": "Company login",
                "issuer": "https://login.example",
                "clientId": "console-there",
                "application": "console",
                "authorizationEndpoint": "https://login.example/auth",
            })
        );
        assert_eq!(said.header("cache-control"), Some("no-store"));
    }
    assert_eq!(sts.world.web.fetched, [DISCOVERY]);
    sts.world.now.0 += 3600;
    sts.get(SIGN_IN).with_status(200);
    assert_eq!(sts.world.web.fetched, [DISCOVERY, DISCOVERY]);
}

#[test]
fn the_code_is_exchanged_with_its_verifier_and_without_a_secret() {
    let (sts, said) =
        with_token(&json!({ "body": { "id_token": "an.id.token", "access_token": "hush" } }));
    assert_eq!(said.with_status(200).body, json!({ "idToken": "an.id.token" }));
    let form = "grant_type=authorization%5Fcode&code=c%26d&code_verifier=verifier\
                &redirect_uri=https%3A%2F%2Fsts%2Eexample%2Fconsole%2F&client_id=console%2Dthere";
    assert_eq!(sts.world.web.submitted, [form]);
}

#[test]
fn what_the_issuer_does_not_accept_is_said_without_the_code() {
    let (sts, said) = with_token(&json!({ "status": 400, "body": { "error": "invalid_grant" } }));
    assert_eq!(said.code(), "400 EXQ-40004");
    assert!(said.description().contains("`invalid_grant`"), "{}", said.description());
    let audit = said.audit.expect("a refusal is in the audit log");
    assert!(!serde_json::to_string(&audit).unwrap().contains("c&d"));
    assert!(sts.said.iter().all(|said| !said.contains("verifier")));
    let (_, said) = with_token(&json!({ "status": 401, "text": "<html>" }));
    assert!(said.description().contains("status 401"), "{}", said.description());
    let (_, said) = with_token(&json!({ "body": { "access_token": "hush" } }));
    assert!(said.description().contains("without an ID token"), "{}", said.description());
    // What an issuer calls an error is shown, and not carried out.
    let (_, said) = with_token(&json!({ "status": 400, "body": { "error": "a\nb" } }));
    assert!(!said.description().contains('\n'));
}

#[test]
fn an_issuer_that_cannot_be_reached_is_503_and_asked_again() {
    let mut sts = service(&json!("unreachable"), &json!({}));
    assert_eq!(sts.get(SIGN_IN).status, 503);
    sts.world
        .web
        .script(&BTreeMap::from([(DISCOVERY.into(), vec![json!({ "body": discovered() })])]));
    sts.get(SIGN_IN).with_status(200);
    for answer in [json!("timedOut"), json!({ "status": 500 }), json!("unsupported")] {
        assert_eq!(with_token(&answer).1.status, 503, "{answer}");
    }
    // A form with a code goes nowhere else.
    let redirect =
        json!({ "status": 307, "headers": { "location": "https://login.example/other" } });
    let (sts, said) = with_token(&redirect);
    assert_eq!(said.status, 503);
    assert_eq!(sts.world.web.fetched, [DISCOVERY, TOKEN]);
}

#[test]
fn endpoints_of_another_issuer_or_of_a_dangerous_kind_are_not_used() {
    for (member, value) in [
        ("issuer", json!("https://other.example")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("http://login.example/auth")),
        ("token_endpoint", json!("https://127.0.0.1/token")),
        ("token_endpoint", Value::Null),
    ] {
        let mut discovered = discovered();
        discovered[member] = value.clone();
        let mut sts = service(&json!({ "body": discovered }), &json!({}));
        assert_eq!(sts.get(SIGN_IN).status, 503, "{member} {value}");
        assert_eq!(sts.post(SIGN_IN, &code()).status, 503, "{member} {value}");
        assert!(sts.world.web.submitted.is_empty());
    }
}

#[test]
fn a_malformed_call_sends_nothing() {
    let mut sts = service(&json!({ "body": discovered() }), &json!({}));
    for member in ["code", "codeVerifier", "redirectUri"] {
        for value in [Value::Null, json!(""), json!(1), json!("x".repeat(4097))] {
            let mut body = code();
            body[member] = value;
            let said = sts.post(SIGN_IN, &body);
            assert_eq!(said.code(), "400 EXQ-40005");
            assert_eq!(said.body["problems"][0]["path"], member);
        }
    }
    assert_eq!(sts.delete(SIGN_IN).status, 405);
    assert!(sts.world.web.fetched.is_empty());
}

#[test]
fn without_a_configuration_there_is_none() {
    let mut sts = Service::new(&document());
    sts.bearer = None;
    let said = sts.get(SIGN_IN).with_status(204);
    assert!(said.audit.is_none(), "every page asks");
    assert_eq!(sts.post(SIGN_IN, &code()).code(), "404 EXQ-40404");
}

#[test]
fn an_export_has_it() {
    let mut sts = Service::new(&configured());
    let exported = sts.get("/api/server/v1/configuration").with_status(200);
    assert_eq!(exported.body["console"], configured()["console"]);
}
