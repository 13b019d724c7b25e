//! Who may call: the bearer of the admin token, or of an issued access token
//! with the scope `exchequer:admin` that is meant for this server.

use serde_json::json;

use crate::parties::{APPLICATIONS, ISSUERS, OPERATORS, document, globex, service};
use crate::support::administered::Service;
use crate::support::foreign::foreign;

/// An issued access token.
fn token(service: &mut Service, claims: &serde_json::Value, more: &[(&str, &str)]) -> String {
    let said = service.exchange_for(0, OPERATORS, &foreign(claims), more);
    said.with_status(200).text("access_token")
}

#[test]
fn without_good_credentials_nobody_is_let_in() {
    for bearer in [None, Some("wrong"), Some("admin-token-for-test"), Some("a.b.c")] {
        let mut sts = service();
        sts.bearer = bearer.map(String::from);
        let before = sts.stored();
        for said in [sts.get(ISSUERS), sts.get(APPLICATIONS), sts.post(ISSUERS, &globex())] {
            assert_eq!(said.code(), "401 EXQ-40100", "{bearer:?}");
            let challenge = said.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer"), "{challenge}");
            assert_eq!(said.header("cache-control"), Some("no-store"));
            let audit = said.audit.unwrap();
            assert_eq!((audit.administrator, audit.change), (None, None));
        }
        assert_eq!(sts.stored(), before);
    }
    let mut sts = service();
    sts.bearer = None;
    let basic = exchequer::Request::new("GET", ISSUERS)
        .header("Authorization", "Basic YWRtaW4tdG9rZW4tZm9yLXRlc3Rz");
    assert_eq!(sts.send(0, basic).code(), "401 EXQ-40100");
}

#[test]
fn without_an_admin_token_the_answer_says_how_to_get_one() {
    for bearer in [None, Some("anything")] {
        let mut sts = Service::without_admin_token(&document());
        sts.bearer = bearer.map(String::from);
        for said in [sts.get(APPLICATIONS), sts.get("/api/server/v1/nothing")] {
            assert_eq!(said.code(), "403 EXQ-40300");
            assert!(said.description().contains("EXCHEQUER_ADMIN_TOKEN"), "{}", said.description());
        }
    }
}

#[test]
fn a_token_of_ours_administers_with_the_scope_and_for_this_server() {
    let mut sts = Service::without_admin_token(&document());
    let admin = [("scope", "exchequer:admin"), ("audience", "https://sts.example")];
    sts.bearer = Some(token(&mut sts, &json!({}), &admin));
    let said = sts.post(ISSUERS, &globex()).with_status(201);
    let audit = said.audit.unwrap();
    assert_eq!(audit.administrator.as_deref(), Some("x-1 of https://idp.example"));
    assert_eq!(audit.parties.client_id.as_deref(), Some(OPERATORS.0));

    // About a local user it does no less, and the log names the user.
    let claims = json!({ "sub": "x-2", "email": "ada@example.com" });
    sts.bearer = Some(token(&mut sts, &claims, &admin));
    let said = sts.delete(&format!("{ISSUERS}/{}", said.body["id"].as_str().unwrap()));
    let audit = said.with_status(204).audit.unwrap();
    assert_eq!(audit.administrator.as_deref(), Some("u-ada"));
}

#[test]
fn any_other_token_of_ours_does_not() {
    let sts_audience = ("audience", "https://sts.example");
    for (claims, more, said) in [
        (json!({}), vec![("scope", "read"), sts_audience], "scope `exchequer:admin`"),
        (
            json!({ "sub": "x-2", "email": "ada@example.com" }),
            vec![("scope", "read"), sts_audience],
            "scope `exchequer:admin`",
        ),
        (
            json!({}),
            vec![("scope", "exchequer:admin"), ("audience", "https://api.example")],
            "another audience",
        ),
    ] {
        let mut sts = service();
        sts.bearer = Some(token(&mut sts, &claims, &more));
        let refused = sts.post(ISSUERS, &globex());
        assert_eq!(refused.code(), "403 EXQ-40300");
        assert!(refused.description().contains(said), "{}", refused.description());
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains("insufficient_scope"), "{challenge}");
        // Who tried is in the log, wherever it was.
        let who = if claims == json!({}) { "x-1 of https://idp.example" } else { "u-ada" };
        let explain = sts.post("/oauth2/explain", &json!({}));
        for said in [refused, sts.get("/scim2/Users"), sts.get("/metrics"), explain] {
            let audit = said.with_status(403).audit.unwrap();
            assert_eq!(audit.administrator.as_deref(), Some(who));
            assert_eq!(audit.parties.client_id.as_deref(), Some(OPERATORS.0));
        }
    }
    // One that has expired, and a foreign one.
    let mut sts = service();
    let admin = [("scope", "exchequer:admin"), sts_audience];
    sts.bearer = Some(token(&mut sts, &json!({}), &admin));
    sts.world.now.0 += 3600;
    assert_eq!(sts.get(ISSUERS).code(), "401 EXQ-40100");
    sts.bearer = Some(foreign(&json!({ "scope": "exchequer:admin" })));
    assert_eq!(sts.get(ISSUERS).code(), "401 EXQ-40100");
}

#[test]
fn a_federated_subject_is_not_taken_for_somebody_else_in_the_log() {
    for name in ["admin token", "u-ada"] {
        let mut document = document();
        document["applications"][0]["subject"]["identifier"] = "qualified".into();
        let mut sts = Service::without_admin_token(&document);
        let admin = [("scope", "exchequer:admin"), ("audience", "https://sts.example")];
        sts.bearer = Some(token(&mut sts, &json!({ "sub": name }), &admin));
        let audit = sts.post(ISSUERS, &globex()).with_status(201).audit.unwrap();
        assert_ne!(audit.administrator.as_deref(), Some(name));
    }
}

#[test]
fn who_acts_for_an_administrator_is_in_the_log() {
    let mut sts = Service::without_admin_token(&document());
    let actor = foreign(&json!({ "sub": "agent" }));
    let more = [
        ("scope", "exchequer:admin"),
        ("audience", "https://sts.example"),
        ("actor_token", &*actor),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ];
    let claims = json!({ "sub": "x-2", "email": "ada@example.com" });
    sts.bearer = Some(token(&mut sts, &claims, &more));
    let audit = sts.post(ISSUERS, &globex()).with_status(201).audit.unwrap();
    let administrator = audit.administrator.unwrap();
    assert_eq!(administrator, "u-ada, for whom agent of https://idp.example acts");
}
