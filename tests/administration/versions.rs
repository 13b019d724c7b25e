//! Versions: a change that names another version than there is writes nothing,
//! and is told who was there before.

use exchequer::Request;
use serde_json::{Value, json};

use crate::parties::{
    APPLICATIONS, ISSUERS, OPERATORS, document, globex, made, service, shop, with,
};
use crate::support::administered::{EXCHANGE, Said, Service};
use crate::support::case::StoreState;
use crate::support::foreign::foreign;

/// What has a version, how it is written, and a change of it.
fn versioned(sts: &mut Service) -> Vec<(&'static str, String, Value)> {
    let issuer = made(sts, ISSUERS, &globex());
    let id = issuer.rsplit('/').next().unwrap().to_string();
    let application = made(sts, APPLICATIONS, &shop());
    let rename = json!([{ "operation": "REPLACE", "path": "/description", "value": "B" }]);
    vec![
        (
            "PUT",
            format!("/api/server/v1/identity-providers/{id}/implicit-association"),
            json!({ "isEnabled": true, "lookupAttribute": ["email"] }),
        ),
        ("PATCH", issuer, rename),
        (
            "PUT",
            format!("{application}/inbound-protocols/oidc"),
            json!({ "grantTypes": [EXCHANGE] }),
        ),
        ("PATCH", application, json!({ "description": "B" })),
    ]
}

fn another_shop(name: &str) -> Value {
    with(with(shop(), "name", json!(name)), "clientId", json!(name))
}

fn etag(said: &Said) -> String {
    said.header("etag").unwrap_or_else(|| panic!("no etag: {}", said.body)).into()
}

fn conditional(sts: &Service, method: &str, path: &str, body: &Value, if_match: &str) -> Request {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    sts.with_body(method, path, body).header("If-Match", if_match)
}

#[test]
fn what_can_be_written_says_its_version_when_it_is_read_and_when_it_is_written() {
    let mut sts = service();
    for path in [ISSUERS, APPLICATIONS] {
        let body = if path == ISSUERS { globex() } else { shop() };
        let said = sts.post(path, &with(body, "name", json!("Another"))).with_status(201);
        let place = format!("{path}/{}", said.text("id"));
        assert_eq!(etag(&said), etag(&sts.get(&place)));
        sts.delete(&place).with_status(204);
    }
    for (method, path, change) in versioned(&mut sts) {
        let before = etag(&sts.get(&path).with_status(200));
        assert!(before.starts_with('"') && before.ends_with('"') && before.len() > 2, "{before}");
        assert_eq!(etag(&sts.get(&path)), before, "reading changes nothing");
        let request = sts.with_body(method, &path, change.to_string());
        let written = etag(&sts.send(0, request).with_status(200));
        assert_ne!(written, before, "{path}");
        assert_eq!(etag(&sts.get(&path)), written, "{path}");
    }
    // What cannot be written has none.
    let id = sts.get(ISSUERS).body["identityProviders"][0]["id"].clone();
    let read_only = format!("{ISSUERS}/{}", id.as_str().unwrap());
    assert_eq!(sts.get(&read_only).with_status(200).header("etag"), None);
    let request = conditional(&sts, "DELETE", &read_only, &Value::Null, "\"1\"");
    assert_eq!(sts.send(0, request).code(), "409 EXQ-40900");
}

#[test]
fn a_change_of_another_version_writes_nothing_and_says_who_was_there() {
    let mut sts = service();
    for (method, path, change) in versioned(&mut sts) {
        let seen = etag(&sts.get(&path));
        sts.world.now.0 += 60;
        let request = conditional(&sts, method, &path, &change, &seen);
        let now = etag(&sts.send(0, request).with_status(200));
        let before = sts.stored();
        for tag in [&*seen, "\"0\"", "W/\"0\"", "", "5", "\"x\", \"y\"", now.trim_matches('"')] {
            for (method, body) in [(method, &change), ("DELETE", &Value::Null)] {
                let request = conditional(&sts, method, &path, body, tag);
                let refused = sts.send(0, request);
                if method == "DELETE" && refused.status == 405 {
                    continue;
                }
                assert_eq!(refused.code(), "412 EXQ-41200", "{method} {path} {tag}");
                let description = refused.description();
                assert!(
                    description.starts_with("changed by `admin token` at 2026-")
                        && description
                            .ends_with("Z; read it again and send the change with its ETag"),
                    "{description}"
                );
                assert!(!refused.text("message").is_empty() && !refused.text("traceId").is_empty());
                assert_eq!(refused.audit.unwrap().change, None);
            }
        }
        assert_eq!(sts.stored(), before);
        for current in ["\"0\", TAG", "W/TAG", "*"] {
            let tags = current.replace("TAG", &etag(&sts.get(&path)));
            let request = conditional(&sts, method, &path, &change, &tags);
            sts.send(0, request).with_status(200);
        }
    }
}

#[test]
fn who_was_there_is_named_as_in_the_audit_log() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let seen = etag(&sts.get(&path));
    let admin = [("scope", "exchequer:admin"), ("audience", "https://sts.example")];
    let said = sts.exchange_for(0, OPERATORS, &foreign(&json!({})), &admin);
    let own = sts.bearer.replace(said.text("access_token"));
    let user = sts.post("/scim2/Users", &json!({ "userName": "grace" })).with_status(201);
    let title = json!({ "Operations": [{ "op": "add", "path": "title", "value": "Dr" }] });
    let user = sts.patch(&format!("/scim2/Users/{}", user.text("id")), &title).with_status(200);
    let written = sts.patch(&path, &json!({ "description": "B" })).with_status(200);
    let name = written.audit.unwrap().administrator.unwrap();
    assert_eq!(written.body["meta"]["modifiedBy"], json!(name));
    let extension = &user.body["urn:exchequer:params:scim:schemas:1.0:User"];
    assert_eq!(extension["modifiedBy"], json!(name));
    sts.bearer = own;
    let request = conditional(&sts, "PATCH", &path, &json!({ "description": "C" }), &seen);
    let refused = sts.send(0, request).with_status(412);
    assert!(
        refused.description().contains(&format!("by `{name}` at")),
        "{}",
        refused.description()
    );
}

#[test]
fn of_two_who_change_the_same_version_at_once_one_is_told_who_was_first() {
    let mut sts = service();
    for (method, path, change) in versioned(&mut sts) {
        let seen = etag(&sts.get(&path));
        let request = conditional(&sts, method, &path, &change, &seen);
        let late = sts.until_commit(0, request.clone());
        sts.world.now.0 += 1;
        sts.send(1, request).with_status(200);
        let refused = sts.finish(0, late);
        assert_eq!(refused.code(), "412 EXQ-41200", "{path}");
        assert!(refused.description().contains("by `admin token` at"), "{}", refused.description());
    }
    for (change, code) in [(json!({ "description": "C" }), "412"), (Value::Null, "204")] {
        let path = made(&mut sts, APPLICATIONS, &another_shop(code));
        let seen = etag(&sts.get(&path));
        let method = if change.is_null() { "DELETE" } else { "PATCH" };
        let request = conditional(&sts, method, &path, &change, &seen);
        let late = sts.until_commit(0, request);
        sts.delete(&path).with_status(204);
        assert!(sts.finish(0, late).code().starts_with(code), "{method}");
    }
}

/// The host had not heard that the write had happened, and repeated it.
#[test]
fn a_write_whose_answer_was_lost_is_still_ones_own() {
    let mut sts = service();
    for (method, path, change) in versioned(&mut sts) {
        let seen = etag(&sts.get(&path));
        let request = conditional(&sts, method, &path, &change, &seen);
        let pending = sts.until_commit(0, request);
        let again = pending.ask().clone();
        let exchequer::Ask::Commit { batch } = again else { panic!("no commit") };
        sts.world.store.commit(&batch, sts.world.now);
        let said = sts.finish(0, pending).with_status(200);
        assert_eq!(etag(&said), etag(&sts.get(&path)));
    }
    let path = made(&mut sts, APPLICATIONS, &another_shop("b"));
    let seen = etag(&sts.get(&path));
    let request = conditional(&sts, "DELETE", &path, &Value::Null, &seen);
    let pending = sts.until_commit(0, request);
    let exchequer::Ask::Commit { batch } = pending.ask().clone() else { panic!("no commit") };
    sts.world.store.commit(&batch, sts.world.now);
    sts.finish(0, pending).with_status(204);
}

/// That it happened is told, also when nobody can say its version any more.
#[test]
fn a_store_that_fails_after_the_write_leaves_only_the_version_unknown() {
    let mut sts = Service::new(&document());
    let path = made(&mut sts, APPLICATIONS, &shop());
    let request = sts.with_body("PATCH", &path, json!({ "description": "B" }).to_string());
    let pending = sts.until_commit(0, request);
    let exchequer::Ask::Commit { batch } = pending.ask().clone() else { panic!("no commit") };
    let answer = sts.world.store.commit(&batch, sts.world.now);
    sts.world.store_state = StoreState::Failed;
    let said = sts.finish_with(0, pending, answer).with_status(200);
    assert_eq!((said.header("etag"), said.text("description")), (None, "B".into()));
}
