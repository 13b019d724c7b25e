//! Applications: made, shown, changed, deleted, in the document's form and in
//! WSO2's.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, pem, service, shop, with};
use crate::support::administered::EXCHANGE;
use crate::support::{fixtures, subset};

#[test]
fn an_application_is_made_shown_changed_and_deleted() {
    let mut sts = service();
    let body = with(shop(), "description", json!("sells things"));
    let said = sts.post(APPLICATIONS, &body).with_status(201);
    let path = format!("{APPLICATIONS}/{}", said.text("id"));
    assert_eq!(said.header("location"), Some(&*format!("https://sts.example{path}")));
    assert_eq!(said.text("clientSecret").len(), 43, "256 bits");
    let wanted = json!({
        "name": "Web shop", "clientId": "shop", "description": "sells things",
        "grantTypes": [EXCHANGE], "trustedTokenIssuers": ["Acme"], "scopes": ["read"],
        "readOnly": false,
        "claimConfiguration": { "subject": {
            "useMappedLocalSubject": false, "mappedLocalSubjectMandatory": false,
        } },
    });
    assert_eq!(subset::differs(&wanted, &said.body, "application"), None);
    let shown = sts.get(&path).with_status(200).body;
    assert_eq!(shown, with(said.body, "clientSecret", Value::Null), "once, and not again");

    let change = json!({
        "name": "The shop", "scopes": null, "description": null,
        "accessToken": { "lifetimeSeconds": 60 },
    });
    let changed = sts.patch(&path, &change).with_status(200);
    let wanted = json!({
        "name": "The shop", "scopes": null, "description": "", "grantTypes": [EXCHANGE],
        "accessToken": { "lifetimeSeconds": 60 }, "clientSecret": null,
    });
    assert_eq!(subset::differs(&wanted, &changed.body, "application"), None);
    let more = json!({ "accessToken": { "type": "opaque", "lifetimeSeconds": null } });
    let changed = sts.patch(&path, &more).with_status(200);
    assert_eq!(changed.body["accessToken"], json!({ "type": "opaque" }), "member by member");
    // What was shown can be sent back.
    assert_eq!(sts.patch(&path, &changed.body).with_status(200).body, changed.body);
    let subject = json!({ "useMappedLocalSubject": true });
    let said = sts.patch(&path, &with(changed.body, "subject", subject)).with_status(200);
    assert_eq!(said.body["claimConfiguration"]["subject"]["useMappedLocalSubject"], true);

    assert_eq!(sts.delete(&path).with_status(204).body, Value::Null);
    assert_eq!(sts.get(&path).code(), "404 APP-60006");
    assert_eq!(sts.delete(&path).code(), "404 APP-60006");
    sts.post(APPLICATIONS, &body).with_status(201);
}

#[test]
fn what_an_application_may_have_elsewhere_is_kept_and_exported() {
    let mut sts = service();
    let audience = |issuer: &str| json!({ "audiences": [{ "issuer": issuer, "clientId": "a" }] });
    let listed = json!([{ "name": "Acme", "clientId": "shop-at-acme" }]);
    let body = with(with(shop(), "trustedTokenIssuers", listed.clone()), "idJag", json!({}));
    let own = with(body.clone(), "idJag", audience("https://sts.example"));
    let refused = sts.post(APPLICATIONS, &own).with_status(400);
    assert_eq!(refused.body["problems"][0]["path"], "idJag.audiences[0].issuer");
    let body = with(body, "idJag", audience("https://chat.example"));
    let said = sts.post(APPLICATIONS, &body).with_status(201);
    assert_eq!(said.body["idJag"], audience("https://chat.example"));
    assert_eq!(said.body["trustedTokenIssuers"], listed);
    let exported = sts.get("/api/server/v1/configuration").with_status(200).body;
    let applications = exported["document"]["applications"].as_array();
    let applications = applications.or_else(|| exported["applications"].as_array()).unwrap();
    let shop = applications.iter().find(|one| one["clientId"] == "shop").unwrap();
    assert_eq!(shop["idJag"], audience("https://chat.example"));
    assert_eq!(shop["trustedTokenIssuers"], listed);
}

#[test]
fn wso2s_form_becomes_the_documents() {
    let mut sts = service();
    let body = json!({
        "name": "Shop", "description": "d", "imageUrl": "https://shop.example/i.png",
        "templateId": "x", "advancedConfigurations": { "saas": false },
        "inboundProtocolConfiguration": { "oidc": {
            "grantTypes": [EXCHANGE, "refresh_token"],
            "publicClient": true,
            "callbackURLs": [], "allowedOrigins": [], "state": "ACTIVE",
            "accessToken": {
                "type": "Default", "bindingType": "None",
                "userAccessTokenExpiryInSeconds": 600, "applicationAccessTokenExpiryInSeconds": 3600,
                "accessTokenAttributes": ["email"],
            },
            "refreshToken": { "expiryInSeconds": 7200, "renewRefreshToken": true },
        } },
        "claimConfiguration": { "dialect": null, "subject": {
            "claim": null, "includeUserDomain": false,
            "useMappedLocalSubject": true, "mappedLocalSubjectMandatory": true,
        } },
    });
    let said = sts.post(APPLICATIONS, &body).with_status(201);
    let wanted = json!({
        "name": "Shop", "description": "d", "imageUrl": "https://shop.example/i.png",
        "type": "mobile", "clientSecret": null, "grantTypes": [EXCHANGE, "refresh_token"],
        "accessToken": { "type": "opaque", "lifetimeSeconds": 600 },
        "refreshToken": { "lifetimeSeconds": 7200 },
        "subject": { "useMappedLocalSubject": true, "mappedLocalSubjectMandatory": true },
    });
    assert_eq!(subset::differs(&wanted, &said.body, "application"), None);
    assert_eq!(said.body["accessToken"]["attributes"], json!(["email"]));
    assert_eq!(said.text("clientId").len(), 22, "128 bits");
}

#[test]
fn who_needs_a_secret_has_one_and_who_does_not_has_none() {
    let mut sts = service();
    let chosen = "chosen by somebody";
    let said = sts.post(APPLICATIONS, &with(shop(), "clientSecret", json!(chosen)));
    assert_eq!(said.with_status(201).text("clientSecret"), chosen);

    let keys = fixtures::expand(&json!({ "$jwks": ["machine-es256"] }));
    for (kind, member, value) in [
        ("mobile", "type", json!("mobile")),
        ("machine", "jwks", keys),
        ("robot", "jwksUri", json!("https://robot.example/jwks")),
    ] {
        let body = with(with(shop(), "name", json!(kind)), "clientId", json!(kind));
        let said = sts.post(APPLICATIONS, &with(body, member, value.clone())).with_status(201);
        assert_eq!(said.body.get("clientSecret"), None, "{kind}");
        let path = format!("{APPLICATIONS}/{}", said.text("id"));
        let new = format!("{path}/inbound-protocols/oidc/regenerate-secret");
        assert_eq!(sts.post(&new, &json!({})).code(), "400 APP-60001", "{kind}");
        // Whoever comes to need one gets one, and keeps it.
        let said = sts.patch(&path, &json!({ member: null })).with_status(200);
        assert_eq!(said.text("clientSecret").len(), 43, "{kind}");
        let said = sts.patch(&path, &json!({ "scopes": ["write"] })).with_status(200);
        assert_eq!(said.body.get("clientSecret"), None, "{kind}");
        // And has it no more when another way takes its place.
        sts.patch(&path, &json!({ member: value })).with_status(200);
        let said = sts.patch(&path, &json!({ member: null })).with_status(200);
        assert_eq!(said.text("clientSecret").len(), 43, "{kind}");
    }
}

#[test]
fn one_source_of_keys_takes_the_place_of_the_other() {
    let mut sts = service();
    let keys = fixtures::expand(&json!({ "$jwks": ["machine-es256"] }));
    let path = made(&mut sts, APPLICATIONS, &with(shop(), "jwks", keys));
    let uri = json!({ "jwksUri": "https://robot.example/jwks" });
    let said = sts.patch(&path, &uri).with_status(200);
    assert_eq!(said.body.get("jwks"), None);
    assert_eq!(said.body["jwksUri"], uri["jwksUri"]);
}

#[test]
fn names_and_client_ids_are_unique_also_against_the_document() {
    let mut sts = service();
    made(&mut sts, APPLICATIONS, &shop());
    let other =
        |name: &str, id: &str| with(with(shop(), "name", json!(name)), "clientId", json!(id));
    for (name, id, code) in [
        ("Web shop", "c", "409 APP-60007"),
        ("C", "shop", "409 APP-60009"),
        ("Operators", "c", "409 APP-60007"),
        ("C", "operators", "409 APP-60009"),
    ] {
        assert_eq!(sts.post(APPLICATIONS, &other(name, id)).code(), code, "{name} {id}");
    }
    let path = made(&mut sts, APPLICATIONS, &other("C", "c"));
    for name in ["Web shop", "Operators"] {
        assert_eq!(sts.patch(&path, &json!({ "name": name })).code(), "409 APP-60007");
    }
    assert_eq!(sts.patch(&path, &json!({ "clientId": "d" })).code(), "400 APP-60001");
    assert_eq!(sts.get(&path).text("name"), "C");
    // A name that was given up is free.
    sts.patch(&path, &json!({ "name": "D" })).with_status(200);
    made(&mut sts, APPLICATIONS, &other("C", "e"));
}

#[test]
fn those_of_the_document_are_shown_and_cannot_be_written() {
    let mut sts = service();
    let list = sts.get(APPLICATIONS).body;
    let path = format!("{APPLICATIONS}/{}", list["applications"][0]["id"].as_str().unwrap());
    let said = sts.get(&path).with_status(200);
    let wanted = json!({
        "name": "Operators", "readOnly": true, "trustedTokenIssuers": ["Acme"],
        "clientSecret": null,
    });
    assert_eq!(subset::differs(&wanted, &said.body, "application"), None);
    let oidc = format!("{path}/inbound-protocols/oidc");
    assert_eq!(sts.get(&oidc).with_status(200).text("clientId"), "operators");
    for said in [
        sts.patch(&path, &json!({ "name": "B" })),
        sts.delete(&path),
        sts.put(&oidc, &json!({ "grantTypes": [EXCHANGE] })),
        sts.post(&format!("{oidc}/regenerate-secret"), &json!({})),
    ] {
        assert_eq!(said.code(), "409 EXQ-40900");
    }
}

#[test]
fn issuers_are_named_by_name_and_kept_by_id() {
    let mut sts = service();
    let issuer =
        made(&mut sts, ISSUERS, &with(globex(), "certificate", json!({ "certificates": [pem()] })));
    let conditions = json!([{ "claim": "email", "present": true }]);
    let grants = json!(["Acme", { "name": "Globex", "conditions": conditions }]);
    let path = made(&mut sts, APPLICATIONS, &with(shop(), "trustedTokenIssuers", grants.clone()));
    assert_eq!(sts.get(&path).body["trustedTokenIssuers"], grants);
    assert!(
        !sts.stored()
            .lines()
            .any(|line| line.starts_with("application/") && line.contains("Globex"))
    );

    // It goes by its new name, and is not shown when it is gone.
    let renamed = json!([{ "operation": "REPLACE", "path": "/name", "value": "Initech" }]);
    sts.patch(&issuer, &renamed).with_status(200);
    assert_eq!(sts.get(&path).body["trustedTokenIssuers"][1]["name"], "Initech");
    sts.delete(&issuer).with_status(204);
    assert_eq!(sts.get(&path).body["trustedTokenIssuers"], json!(["Acme"]));
    // Another one that takes over the name takes over nothing else.
    made(&mut sts, ISSUERS, &with(globex(), "name", json!("Initech")));
    sts.patch(&path, &json!({ "scopes": ["write"] })).with_status(200);
    assert_eq!(sts.get(&path).body["trustedTokenIssuers"], json!(["Acme"]));
}
