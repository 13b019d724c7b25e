//! An application's protocol in WSO2's form, and what it can be.

use serde_json::json;

use crate::parties::{APPLICATIONS, made, service, shop, with};
use crate::support::administered::EXCHANGE;

#[test]
fn the_protocol_is_shown_and_replaced_as_a_whole() {
    let mut sts = service();
    let body =
        with(shop(), "accessToken", json!({ "attributes": ["email"], "outliveSubject": true }));
    let refresh = json!({ "absoluteLifetimeSeconds": 604_800, "reuseGraceSeconds": 10 });
    let body = with(body, "refreshToken", refresh.clone());
    let body = with(body, "resources", json!(["https://shop.example"]));
    let path = made(&mut sts, APPLICATIONS, &body);
    let oidc = format!("{path}/inbound-protocols/oidc");
    let shown = json!({
        "clientId": "shop", "state": "ACTIVE", "grantTypes": [EXCHANGE], "publicClient": false,
        "accessToken": {
            "type": "JWT", "userAccessTokenExpiryInSeconds": 3600,
            "applicationAccessTokenExpiryInSeconds": 3600, "accessTokenAttributes": ["email"],
        },
        "refreshToken": { "expiryInSeconds": 86400, "renewRefreshToken": true },
    });
    assert_eq!(sts.get(&oidc).with_status(200).body, shown);
    // What is shown can be put, and changes nothing.
    assert_eq!(sts.put(&oidc, &shown).with_status(200).body, shown);

    let other = json!({ "grantTypes": ["refresh_token"], "accessToken": { "type": "Default" } });
    let said = sts.put(&oidc, &other).with_status(200).body;
    assert_eq!(said["grantTypes"], json!(["refresh_token"]));
    assert_eq!(said["accessToken"]["type"], "Default");
    assert_eq!(said["accessToken"]["accessTokenAttributes"], json!([]));
    // What WSO2 has no word for stays.
    let application = sts.get(&path).body;
    assert_eq!(application["accessToken"], json!({ "type": "opaque", "outliveSubject": true }));
    assert_eq!(application["scopes"], json!(["read"]));
    assert_eq!(application["refreshToken"], refresh);
    assert_eq!(application["resources"], json!(["https://shop.example"]));

    let public = json!({ "grantTypes": [EXCHANGE], "publicClient": true });
    assert_eq!(sts.put(&oidc, &public).with_status(200).body["publicClient"], true);
    assert_eq!(sts.get(&path).body["type"], "mobile");
    let said = sts.put(&oidc, &json!({ "grantTypes": [EXCHANGE] })).with_status(200);
    assert_eq!((said.text("clientSecret").len(), &said.body["publicClient"]), (43, &json!(false)));
}

#[test]
fn what_is_no_protocol_is_refused() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let oidc = format!("{path}/inbound-protocols/oidc");
    let before = sts.stored();
    for (member, value, said) in [
        ("grantTypes", json!(null), "`grantTypes`: is missing"),
        ("grantTypes", json!([]), "`grantTypes`"),
        ("grantTypes", json!(["password"]), "`password` is no grant type"),
        ("clientId", json!("other"), "stays the same"),
        ("publicClient", json!("yes"), "`publicClient`: must be true or false"),
        ("state", json!("REVOKED"), "`state`: can be `ACTIVE` only"),
        ("accessToken", json!({ "type": "jwt" }), "`accessToken.type`: must be `JWT` or `Default`"),
        ("accessToken", json!({ "userAccessTokenExpiryInSeconds": "1" }), "whole number"),
        ("accessToken", json!({ "userAccessTokenExpiryInSeconds": 0 }), "lifetimeSeconds"),
        (
            "accessToken",
            json!({ "typ": "JWT" }),
            "`accessToken.typ`: is no field known here; did you mean `type`?",
        ),
        ("accessToken", json!({ "accessTokenAttributes": [1] }), "list of texts"),
        ("accessToken", json!({ "bindingType": "cookie" }), "has no effect here"),
        ("accessToken", json!([]), "`accessToken`: must be an object"),
        ("refreshToken", json!({ "renewRefreshToken": false }), "can be true only"),
        ("callbackURLs", json!(["https://shop.example/cb"]), "has no effect here"),
        ("grantType", json!([EXCHANGE]), "did you mean `grantTypes`?"),
    ] {
        let body = with(json!({ "grantTypes": [EXCHANGE] }), member, value.clone());
        let refused = sts.put(&oidc, &body);
        assert_eq!(refused.code(), "400 APP-60001", "{member} {value}");
        assert!(
            refused.description().contains(said),
            "{member} {value}: {}",
            refused.description()
        );
    }
    let samlsso = format!("{path}/inbound-protocols/saml");
    assert_eq!(sts.get(&samlsso).code(), "404 APP-60501");
    let nobody = format!("{APPLICATIONS}/nobody/inbound-protocols/oidc");
    assert_eq!(sts.get(&nobody).code(), "404 APP-60006");
    assert_eq!(sts.put(&nobody, &json!({ "grantTypes": [EXCHANGE] })).code(), "404 APP-60006");
    assert_eq!(sts.post(&oidc, &json!({})).code(), "405 EXQ-40500");
    assert_eq!(sts.get(&format!("{oidc}/regenerate-secret")).code(), "405 EXQ-40500");
    assert_eq!(sts.stored(), before);
}

#[test]
fn the_metadata_lists_the_grant_types() {
    let mut sts = service();
    let said = sts.get(&format!("{APPLICATIONS}/meta/inbound-protocols/oidc")).with_status(200);
    let options = said.body["allowedGrantTypes"]["options"].as_array().unwrap().clone();
    let exchange =
        json!({ "name": EXCHANGE, "displayName": "Token Exchange", "publicClientAllowed": true });
    assert!(options.contains(&exchange), "{options:?}");
    let itself = json!({
        "name": "client_credentials", "displayName": "Client Credential", "publicClientAllowed": false,
    });
    assert!(options.contains(&itself), "{options:?}");
    assert_eq!(options.len(), 4);
}
