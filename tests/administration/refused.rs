//! Bodies, paths and methods that are none: refused with what was wrong, and
//! nothing is written.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::EXCHANGE;
use crate::support::fixtures;

#[test]
fn issuers_that_are_none_are_refused() {
    let certificates = |one: &str| json!({ "certificates": [one] });
    let private = json!({ "jwks": { "keys": [fixtures::key("idp-es256")] } });
    let mut sts = service();
    let before = sts.stored();
    for (member, value, code, said) in [
        ("name", json!(null), "400 IDP-60025", "`name`: is missing"),
        ("issuer", json!(null), "400 IDP-60025", "`issuer`: is missing"),
        ("certificate", json!(null), "400 IDP-60025", "`certificate`: is missing"),
        ("name", json!(7), "400 IDP-60025", "`name`: found a whole number"),
        ("name", json!(""), "400 IDP-60025", "`name`: is empty"),
        ("issuer", json!("https://sts.example"), "400 IDP-60025", "`issuer`: is our own issuer"),
        (
            "issuer",
            json!("https://STS.example/"),
            "400 IDP-60025",
            "`issuer`: differs from our own",
        ),
        ("isEnabled", json!("yes"), "400 IDP-60025", "`enabled`: found a string"),
        ("description", json!(1), "400 IDP-60025", "`description`: must be a text"),
        (
            "certificate",
            json!({ "jwksUri": "http://globex.example/jwks" }),
            "400 IDP-60025",
            "`certificate.jwksUri`",
        ),
        ("certificate", json!({}), "400 IDP-60025", "`certificate`"),
        ("certificate", json!([]), "400 IDP-60025", "`certificate`"),
        (
            "certificate",
            json!({ "jwksUri": "not a url" }),
            "400 IDP-60025",
            "`certificate.jwksUri`",
        ),
        ("certificate", certificates("not a certificate"), "400 IDP-60036", "certificates[0]"),
        ("certificate", certificates("QUJD"), "400 IDP-60036", "certificates[0]"),
        ("certificate", private, "400 IDP-60025", "private members"),
        ("algorithms", json!(["none"]), "400 IDP-60025", "`algorithms[0]`"),
        ("algoritms", json!(["ES256"]), "400 IDP-60025", "did you mean `algorithms`?"),
        ("conditions", json!([{ "claim": "a" }]), "400 IDP-60025", "`conditions[0]`"),
        ("claims", json!({ "mappings": [{}] }), "400 IDP-60025", "`claims.mappings`"),
    ] {
        let refused = sts.post(ISSUERS, &with(globex(), member, value.clone()));
        assert_eq!(refused.code(), code, "{member} {value}: {}", refused.description());
        assert!(
            refused.description().contains(said),
            "{member} {value}: {}",
            refused.description()
        );
    }
    assert_eq!(sts.stored(), before);
}

#[test]
fn every_member_that_is_wrong_is_listed_with_its_remedy() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    made(&mut sts, APPLICATIONS, &shop());
    let private = json!({ "keys": [fixtures::key("machine-es256")] });
    let two = json!([{ "claim": "a" }, { "claim": "", "equals": 1 }]);
    let mandatory = json!({ "mappedLocalSubjectMandatory": true });
    let issuer = |member, value| (ISSUERS, with(globex(), member, value));
    let application =
        |member, value| (APPLICATIONS, with(with(shop(), "name", json!("Other")), member, value));
    for ((path, body), expected) in [
        (issuer("alias", json!("a")), vec!["name"]),
        (issuer("name", json!(null)), vec!["name"]),
        (issuer("conditions", two), vec!["conditions[0]", "conditions[1].claim"]),
        (application("scopes", json!(["read"])), vec!["clientId"]),
        (application("colour", json!("red")), vec!["colour"]),
        (application("jwks", private), vec!["jwks.keys[0]"]),
        (application("subject", mandatory), vec!["subject"]),
        (
            application("trustedTokenIssuers", json!(["Acme", "Nobody"])),
            vec!["trustedTokenIssuers[1]"],
        ),
    ] {
        let refused = sts.post(path, &body);
        let problems = refused.body["problems"].as_array().unwrap();
        let of = |name: &str| problems.iter().map(|one| one[name].as_str().unwrap()).collect();
        let (paths, texts, remedies): (Vec<_>, Vec<_>, Vec<_>) =
            (of("path"), of("problem"), of("remedy"));
        assert_eq!(paths, expected, "{}", refused.body);
        let lines: Vec<_> = (0..paths.len())
            .map(|at| format!("`{}`: {}; {}", paths[at], texts[at], remedies[at]))
            .collect();
        assert_eq!(lines.join("\n"), refused.description());
    }
    // The body as a whole has no member that is wrong.
    assert!(sts.post(ISSUERS, &json!([])).body.get("problems").is_none());
}

#[test]
fn patches_of_issuers_that_are_none_are_refused_as_a_whole() {
    let mut sts = service();
    let path = made(&mut sts, ISSUERS, &globex());
    let before = sts.stored();
    let good = json!({ "operation": "REPLACE", "path": "/name", "value": "New" });
    for (bad, code) in [
        (json!({ "operation": "MOVE", "path": "/name" }), "400 IDP-60025"),
        (json!({ "operation": "REPLACE", "path": "/issuers", "value": "" }), "400 IDP-60025"),
        (json!({ "operation": "REPLACE", "path": "/name" }), "400 IDP-60025"),
        (json!({ "operation": "REMOVE", "path": "/name" }), "400 IDP-60025"),
        (json!({ "operation": "REMOVE", "path": "/alias" }), "404 IDP-65005"),
        (json!({ "operation": "REMOVE", "path": "/certificate/certificates/3" }), "404 IDP-65005"),
        (
            json!({ "operation": "ADD", "path": "/certificate/certificates/0", "value": "x" }),
            "400 IDP-60036",
        ),
        (json!("REPLACE"), "400 IDP-60025"),
    ] {
        assert_eq!(sts.patch(&path, &json!([good, bad])).code(), code, "{bad}");
    }
    for body in [json!([]), json!({}), json!(vec![good; 101])] {
        assert_eq!(sts.patch(&path, &body).code(), "400 IDP-60025");
    }
    assert_eq!(sts.stored(), before);
}

#[test]
fn applications_that_are_none_are_refused() {
    let mut sts = service();
    let before = sts.stored();
    let private = json!({ "keys": [fixtures::key("machine-es256")] });
    for (member, value, said) in
        bad_members().into_iter().chain([("jwks", private, "private members")])
    {
        let refused = sts.post(APPLICATIONS, &with(shop(), member, value.clone()));
        assert_eq!(refused.code(), "400 APP-60001", "{member} {value}: {}", refused.body);
        assert!(
            refused.description().contains(said),
            "{member} {value}: {}",
            refused.description()
        );
    }
    for subject in [
        json!({ "subject": { "mappedLocalSubjectMandatory": true } }),
        json!({ "claimConfiguration": { "subject": {
            "useMappedLocalSubject": false, "mappedLocalSubjectMandatory": true,
        } } }),
    ] {
        let mut body = shop();
        body.as_object_mut().unwrap().extend(subject.as_object().unwrap().clone());
        let refused = sts.post(APPLICATIONS, &body);
        assert_eq!(refused.code(), "400 APP-60513");
        assert_eq!(
            refused.text("message"),
            "'useMappedLocalSubject' cannot be disabled when 'mappedLocalSubjectMandatory' is enabled."
        );
    }
    assert_eq!(sts.stored(), before);
}

#[test]
fn changes_of_applications_that_are_none_are_refused_as_a_whole() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let before = sts.stored();
    for (member, value, said) in bad_members().into_iter().filter(|(_, value, _)| !value.is_null())
    {
        let change = with(json!({ "description": "new" }), member, value.clone());
        let refused = sts.patch(&path, &change);
        assert_eq!(refused.code(), "400 APP-60001", "{member} {value}: {}", refused.body);
        assert!(
            refused.description().contains(said),
            "{member} {value}: {}",
            refused.description()
        );
    }
    for member in ["name", "grantTypes", "clientId"] {
        assert_eq!(sts.patch(&path, &json!({ member: null })).code(), "400 APP-60001", "{member}");
    }
    let mandatory = json!({ "subject": { "mappedLocalSubjectMandatory": true } });
    assert_eq!(sts.patch(&path, &mandatory).code(), "400 APP-60513");
    assert_eq!(sts.stored(), before);
}

/// A member, a value that it cannot have, and what is said of it.
fn bad_members() -> Vec<(&'static str, Value, &'static str)> {
    let public = json!({ "oidc": { "publicClient": true, "clientSecret": "sixteen letters!" } });
    vec![
        ("name", json!(null), "`name`: must be a text"),
        ("name", json!(7), "`name`: must be a text"),
        ("name", json!(""), "`name`: must be a text"),
        ("name", json!(" a"), "`name`: must be a text"),
        ("name", json!("a".repeat(256)), "`name`: must be a text"),
        ("clientId", json!("a".repeat(256)), "`clientId`"),
        ("clientId", json!(["a"]), "`clientId`"),
        ("clientSecret", json!("too short"), "expected at least 16"),
        ("clientSecret", json!("line break at its end\n"), "not printable ASCII"),
        ("clientSecret", json!({ "env": "SECRET" }), "`clientSecret`: must be a text"),
        ("type", json!("browser"), "`type`"),
        ("type", json!("spa"), "may not exchange tokens"),
        ("grantTypes", json!(null), "`grantTypes`"),
        ("grantTypes", json!([]), "`grantTypes`: is empty"),
        ("grantTypes", json!("refresh_token"), "`grantTypes`: found a string"),
        ("grantTypes", json!(["refresh-token"]), "did you mean `refresh_token`?"),
        ("trustedTokenIssuers", json!(["Nobody"]), "no trusted token issuer named `Nobody`"),
        ("trustedTokenIssuers", json!(["Acme", "Acme"]), "twice"),
        ("trustedTokenIssuers", json!([1]), "`trustedTokenIssuers[0]`"),
        ("trustedTokenIssuers", json!(vec!["Acme"; 101]), "more than 100"),
        ("trustedTokenIssuers", json!([{ "name": "Acme", "conditions": [{}] }]), "claim"),
        ("trustedTokenIssuers", json!({ "name": "Acme" }), "`trustedTokenIssuers`"),
        ("scopes", json!(["a b"]), "is no scope"),
        ("defaultScopes", json!(["other"]), "not among the application's `scopes`"),
        ("accessToken", json!({ "type": "JWT" }), "`accessToken.type`"),
        ("accessToken", json!({ "lifetimeSeconds": 0 }), "expected 1 to 2592000"),
        ("accessToken", json!({ "lifetime": 9 }), "`accessToken"),
        ("accessToken", json!([]), "`accessToken`: found a list"),
        ("refreshToken", json!({ "lifetimeSeconds": -1 }), "a negative number"),
        ("jwks", json!({ "keys": [] }), "`jwks`"),
        ("jwksUri", json!("http://robot.example/jwks"), "`jwksUri`"),
        ("description", json!(["a"]), "`description`: must be a text"),
        ("scope", json!(["read"]), "did you mean `scopes`?"),
        ("colour", json!("red"), "`colour`: is no field known here; use one of"),
        (
            "inboundProtocolConfiguration",
            json!({ "saml": {} }),
            "`inboundProtocolConfiguration.saml`",
        ),
        ("inboundProtocolConfiguration", json!([]), "must be an object"),
        ("inboundProtocolConfiguration", public, "a public client"),
        (
            "claimConfiguration",
            json!({ "subject": { "useMapedLocalSubject": true } }),
            "did you mean `useMappedLocalSubject`?",
        ),
        (
            "claimConfiguration",
            json!({ "subject": { "useMappedLocalSubject": 1 } }),
            "must be true or false",
        ),
        (
            "claimConfiguration",
            json!({ "role": { "includeUserDomain": true } }),
            "has no effect here",
        ),
    ]
}

#[test]
fn the_two_forms_must_not_contradict_each_other() {
    let mut sts = service();
    let oidc = |members: Value| json!({ "oidc": members });
    let same =
        with(shop(), "inboundProtocolConfiguration", oidc(json!({ "grantTypes": [EXCHANGE] })));
    let path = made(&mut sts, APPLICATIONS, &same);
    let change = json!({
        "accessToken": { "type": "jwt", "lifetimeSeconds": 60 },
        "inboundProtocolConfiguration": oidc(json!({ "accessToken": { "type": "Default" } })),
    });
    let refused = sts.patch(&path, &change);
    assert_eq!(refused.code(), "400 APP-60001");
    assert!(
        refused.description().contains("has two different values"),
        "{}",
        refused.description()
    );
    let change = json!({ "type": "web", "inboundProtocolConfiguration": oidc(json!({ "publicClient": true })) });
    assert_eq!(sts.patch(&path, &change).code(), "400 APP-60001");
}

#[test]
fn bodies_that_cannot_be_read_are_refused() {
    let mut sts = service();
    let issuer = made(&mut sts, ISSUERS, &globex());
    let application = made(&mut sts, APPLICATIONS, &shop());
    let oidc = format!("{application}/inbound-protocols/oidc");
    let before = sts.stored();
    let calls = [
        ("POST", ISSUERS.to_string(), "IDP-60025"),
        ("PATCH", issuer, "IDP-60025"),
        ("POST", APPLICATIONS.to_string(), "APP-60001"),
        ("PATCH", application, "APP-60001"),
        ("PUT", oidc, "APP-60001"),
    ];
    for (method, path, code) in &calls {
        let deep = format!("{{\"name\":{}{}}}", "[".repeat(50_000 / 2), "]".repeat(50_000 / 2));
        for body in
            ["", "null", "7", "\"a\"", "{", "{\"name\":1,\"name\":2}", "{} {}", &deep, "\u{feff}{}"]
        {
            let said = sts.send(0, sts.with_body(method, path, body));
            let shown: String = body.chars().take(20).collect();
            assert_eq!(said.code(), format!("400 {code}"), "{method} {path} {shown}");
        }
        let said = sts.send(0, sts.with_body(method, path, vec![0xff; 20]));
        assert_eq!(said.code(), format!("400 {code}"), "{method} {path}");
        let said = sts.send(0, sts.with_body(method, path, vec![b' '; 64 * 1024 + 1]));
        assert_eq!(said.code(), "413 EXQ-41300", "{method} {path}");
        let form = exchequer::Request::new(method, path)
            .header("Authorization", "Bearer admin-token-for-tests")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("name=a");
        assert_eq!(sts.send(0, form).code(), "415 EXQ-41500", "{method} {path}");
    }
    assert_eq!(sts.stored(), before);
}

#[test]
fn ids_paths_and_methods_that_are_none_are_refused() {
    let mut sts = service();
    let long = "a".repeat(5000);
    for id in ["nobody", "..", "%2e%2e", "a/b", "a%00b", "issuer/x", &long] {
        for (path, code) in [(ISSUERS, "404 IDP-60002"), (APPLICATIONS, "404 APP-60006")] {
            let said = sts.get(&format!("{path}/{id}"));
            if !id.contains('/') {
                assert_eq!(said.code(), code, "{path} {id}");
            }
            assert_eq!(said.status, 404, "{path} {id}");
        }
    }
    for path in ["/api/server/v1/", "/api/server/v1/apps", "/api/server/v1/identity-providers"] {
        assert_eq!(sts.get(path).code(), "404 EXQ-40400", "{path}");
    }
    for (path, allow) in [(ISSUERS, "GET, POST"), (APPLICATIONS, "GET, POST")] {
        let said = sts.delete(path);
        assert_eq!((said.code(), said.header("allow")), ("405 EXQ-40500".into(), Some(allow)));
        let said = sts.put(&format!("{path}/a"), &json!({}));
        let allow = "GET, PATCH, DELETE";
        assert_eq!((said.code(), said.header("allow")), ("405 EXQ-40500".into(), Some(allow)));
    }
    let trace = sts.get(&format!("{APPLICATIONS}/nobody"));
    let audited = trace.audit.as_ref().unwrap().trace_id.clone();
    assert_eq!(Some(trace.text("traceId")), audited, "by which it is found in the log");
}
