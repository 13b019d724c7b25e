//! What the API made works at every replica within five seconds, and stops
//! working as soon.

use serde_json::json;

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::{EXCHANGE, Said, Service};
use crate::support::foreign::foreign;

/// Another replica knows what was written.
const KNOWN: u64 = 5;

/// A service with an issuer and an application of the API.
struct Made {
    sts: Service,
    issuer: String,
    application: String,
    secret: String,
}

impl Made {
    fn new() -> Self {
        let mut sts = service();
        let issuer = made(&mut sts, ISSUERS, &globex());
        let body = with(shop(), "trustedTokenIssuers", json!(["Globex"]));
        let said = sts.post(APPLICATIONS, &body).with_status(201);
        let application = format!("{APPLICATIONS}/{}", said.text("id"));
        Self { sts, issuer, application, secret: said.text("clientSecret") }
    }

    fn exchange(&mut self, replica: usize) -> Said {
        let token = foreign(&json!({ "iss": "https://globex.example" }));
        let secret = self.secret.clone();
        self.sts.exchange(replica, ("shop", &secret), &token)
    }

    /// That it works at both, so that both remember it.
    fn works(&mut self) {
        for replica in [0, 1] {
            let said = self.exchange(replica);
            assert_eq!(said.status, 200, "{}", said.body);
        }
    }

    /// That both refuse it: the one that wrote at once, the other soon.
    fn refuses(&mut self, error: &str) {
        assert_eq!(self.exchange(0).body["error"], error);
        self.sts.world.now.0 += KNOWN;
        assert_eq!(self.exchange(1).body["error"], error);
        assert_eq!(self.exchange(0).body["error"], error);
    }
}

#[test]
fn what_was_made_works_at_every_replica() {
    let mut made = Made::new();
    made.works();
    // Also where it was asked for in vain before.
    let mut sts = service();
    let token = foreign(&json!({ "iss": "https://globex.example" }));
    let client = ("shop", "chosen by somebody");
    for replica in [0, 1] {
        assert_eq!(sts.exchange(replica, client, &token).body["error"], "invalid_client");
    }
    sts.post(ISSUERS, &globex()).with_status(201);
    let body = with(shop(), "trustedTokenIssuers", json!(["Globex"]));
    sts.post(APPLICATIONS, &with(body, "clientSecret", json!(client.1))).with_status(201);
    assert_eq!(sts.exchange(0, client, &token).status, 200);
    sts.world.now.0 += KNOWN;
    assert_eq!(sts.exchange(1, client, &token).status, 200);
}

#[test]
fn an_issuer_that_is_disabled_or_deleted_is_trusted_no_more() {
    let mut made = Made::new();
    made.works();
    let switch = |on: bool| json!([{ "operation": "REPLACE", "path": "/isEnabled", "value": on }]);
    made.sts.patch(&made.issuer, &switch(false)).with_status(200);
    made.refuses("invalid_request");
    made.sts.patch(&made.issuer, &switch(true)).with_status(200);
    made.sts.world.now.0 += KNOWN;
    made.works();
    made.sts.delete(&made.issuer).with_status(204);
    made.refuses("invalid_request");
    // One that takes over its name and its `iss` was not on the list.
    made.sts.post(ISSUERS, &globex()).with_status(201);
    made.refuses("invalid_request");
}

#[test]
fn an_application_that_is_deleted_is_known_no_more() {
    let mut made = Made::new();
    made.works();
    made.sts.delete(&made.application).with_status(204);
    made.refuses("invalid_client");
}

#[test]
fn a_secret_that_was_regenerated_lets_nobody_in() {
    let mut made = Made::new();
    made.works();
    let path = format!("{}/inbound-protocols/oidc/regenerate-secret", made.application);
    let new = made.sts.post(&path, &json!({})).with_status(200).text("clientSecret");
    assert_ne!(new, made.secret);
    made.refuses("invalid_client");
    made.secret = new;
    made.works();
    // And one that the caller chose.
    let chosen = json!({ "clientSecret": "chosen by somebody" });
    made.sts.patch(&made.application, &chosen).with_status(200);
    made.refuses("invalid_client");
    made.secret = "chosen by somebody".into();
    made.works();
}

#[test]
fn a_change_of_an_application_takes_effect() {
    let mut made = Made::new();
    assert_eq!(made.exchange(0).body["expires_in"], 600, "as long as the subject token");
    let change = json!({ "accessToken": { "type": "opaque", "lifetimeSeconds": 60 } });
    made.sts.patch(&made.application, &change).with_status(200);
    let said = made.exchange(0).with_status(200);
    assert_eq!(said.body["expires_in"], 60);
    assert!(!said.text("access_token").contains("eyJ"));
    made.sts.patch(&made.application, &json!({ "trustedTokenIssuers": ["Acme"] })).with_status(200);
    made.refuses("invalid_request");
}

#[test]
fn the_keys_of_an_issuer_are_fetched_from_where_it_was_said() {
    let mut made = Made::new();
    let uri = "https://globex.example/keys";
    let keys = json!({ uri: [{ "body": { "$jwks": ["idp-es256"] } }] });
    made.sts.world.web.script(&serde_json::from_value(keys).unwrap());
    let operations = json!([{ "operation": "ADD", "path": "/certificate/jwksUri", "value": uri }]);
    made.sts.patch(&made.issuer, &operations).with_status(200);
    assert_eq!(made.exchange(0).status, 200);
    assert_eq!(made.sts.world.web.fetched, [uri]);
}

#[test]
fn an_application_that_gets_a_freed_client_id_inherits_no_token() {
    let mut sts = service();
    let mut body = with(shop(), "accessToken", json!({ "type": "opaque" }));
    body["grantTypes"] = json!([EXCHANGE, "refresh_token"]);
    let first = sts.post(APPLICATIONS, &body).with_status(201);
    let secret = first.text("clientSecret");
    let issued = sts.exchange(0, ("shop", &secret), &foreign(&json!({}))).with_status(200);

    sts.delete(&format!("{APPLICATIONS}/{}", first.text("id"))).with_status(204);
    let heir = sts.post(APPLICATIONS, &body).with_status(201).text("clientSecret");
    let token = issued.text("access_token");
    let said = sts.form(0, "/oauth2/introspect", ("shop", &heir), &[("token", &token)]);
    assert_eq!(said.with_status(200).body, json!({ "active": false }));
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*issued.text("refresh_token"))];
    let said = sts.form(0, "/oauth2/token", ("shop", &heir), &form);
    assert_eq!(said.with_status(400).body["error"], "invalid_grant");
}

#[test]
fn what_was_read_before_a_write_is_not_remembered_after_it() {
    let mut made = Made::new();
    let token = foreign(&json!({ "iss": "https://globex.example" }));
    // An exchange that has read the application, and does not know it yet.
    let (sts, secret) = (&mut made.sts, made.secret.clone());
    let (pending, answer) = sts.until_read(0, "application/", ("shop", &secret), &token);
    sts.delete(&made.application).with_status(204);
    sts.finish_with(0, pending, answer);
    made.sts.exchange(0, ("shop", &secret), &token).with_status(401);
}

#[test]
fn an_issuer_that_gets_another_iss_meanwhile_is_not_found_by_the_old_one() {
    let mut made = Made::new();
    let token = foreign(&json!({ "iss": "https://globex.example" }));
    let (sts, secret) = (&mut made.sts, made.secret.clone());
    let (pending, answer) = sts.until_read(1, "issuer-by/", ("shop", &secret), &token);
    let other =
        json!([{ "operation": "REPLACE", "path": "/idpIssuerName", "value": "https://b.example" }]);
    sts.patch(&made.issuer, &other).with_status(200);
    let said = sts.finish_with(1, pending, answer).with_status(400);
    assert_eq!(said.body["error"], "invalid_request");
}

#[test]
fn a_danger_that_is_over_leaves_no_keys_behind() {
    let mut sts = service();
    let issuer = "https://globex.example";
    let inside = "http://10.0.0.7/keys";
    let document = format!("{issuer}/.well-known/openid-configuration");
    let web = json!({
        document: [{ "body": { "issuer": issuer, "jwks_uri": inside } }],
        inside: [{ "body": { "$jwks": ["idp-es256"] } }],
    });
    sts.world.web.script(&serde_json::from_value(web).unwrap());
    let body = with(globex(), "certificate", json!({ "discovery": true }));
    let path = made(&mut sts, ISSUERS, &with(body, "dangerAllowHttp", json!(true)));
    let application = with(shop(), "trustedTokenIssuers", json!(["Globex"]));
    let secret = sts.post(APPLICATIONS, &application).with_status(201).text("clientSecret");
    let token = foreign(&json!({ "iss": issuer }));
    sts.exchange(0, ("shop", &secret), &token).with_status(200);

    let over = json!([{ "operation": "REMOVE", "path": "/dangerAllowHttp" }]);
    sts.patch(&path, &over).with_status(200);
    assert_eq!(sts.exchange(0, ("shop", &secret), &token).status, 503);
    sts.world.now.0 += 300;
    let before = sts.world.web.fetched.len();
    sts.exchange(0, ("shop", &secret), &token).with_status(503);
    assert!(!sts.world.web.fetched[before..].contains(&inside.into()));
}

#[test]
fn a_token_that_is_older_than_its_application_was_issued_to_another_one() {
    let mut sts = service();
    let mut body = with(shop(), "audiences", json!(["https://sts.example"]));
    body["scopes"] = json!(["exchequer:admin"]);
    let first = sts.post(APPLICATIONS, &body).with_status(201);
    let secret = first.text("clientSecret");
    let scope = [("scope", "exchequer:admin")];
    let issued = sts.exchange_for(0, ("shop", &secret), &foreign(&json!({})), &scope);
    let token = issued.with_status(200).text("access_token");
    sts.delete(&format!("{APPLICATIONS}/{}", first.text("id"))).with_status(204);
    sts.world.now.0 += 30;
    let heir = sts.post(APPLICATIONS, &body).with_status(201).text("clientSecret");

    let said = sts.form(0, "/oauth2/introspect", ("shop", &heir), &[("token", &token)]);
    assert_eq!(said.with_status(200).body, json!({ "active": false }));
    sts.bearer = Some(token);
    sts.get(ISSUERS).with_status(401);
}

#[test]
fn who_loses_the_scope_administers_no_more() {
    let mut sts = service();
    let mut body = with(shop(), "audiences", json!(["https://sts.example"]));
    body["scopes"] = json!(["exchequer:admin"]);
    let made = sts.post(APPLICATIONS, &body).with_status(201);
    let scope = [("scope", "exchequer:admin")];
    let client = ("shop", &*made.text("clientSecret"));
    let issued = sts.exchange_for(0, client, &foreign(&json!({})), &scope).with_status(200);
    let administrator = sts.bearer.replace(issued.text("access_token"));
    sts.get(ISSUERS).with_status(200);
    let token = core::mem::replace(&mut sts.bearer, administrator);
    let path = format!("{APPLICATIONS}/{}", made.text("id"));
    sts.patch(&path, &json!({ "scopes": ["read"] })).with_status(200);
    sts.bearer = token;
    let said = sts.get(ISSUERS).with_status(403);
    assert!(said.description().contains("taken away"), "{}", said.description());
}
