//! Writes: all or nothing, one of two, told in the audit log, and no secret
//! anywhere but in the reply to the call that set it.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::{ADMIN, Commits};
use crate::support::case::StoreState;

#[test]
fn a_write_that_fails_leaves_nothing() {
    let mut sts = service();
    let issuer = made(&mut sts, ISSUERS, &globex());
    let application = made(&mut sts, APPLICATIONS, &shop());
    let secret = format!("{application}/inbound-protocols/oidc/regenerate-secret");
    let before = sts.stored();
    let rename = json!([{ "operation": "REPLACE", "path": "/name", "value": "B" }]);
    let other = with(with(globex(), "name", json!("B")), "issuer", json!("https://b.example"));
    let another = with(with(shop(), "name", json!("B")), "clientId", json!("b"));
    sts.commits = Commits::Failing;
    for said in [
        sts.post(ISSUERS, &other),
        sts.patch(&issuer, &rename),
        sts.delete(&issuer),
        sts.post(APPLICATIONS, &another),
        sts.patch(&application, &json!({ "name": "B" })),
        sts.post(&secret, &json!({})),
        sts.delete(&application),
    ] {
        assert_eq!(said.code(), "503 EXQ-50300");
        assert_eq!(said.header("retry-after"), Some("1"));
        assert_eq!(said.body.get("clientSecret"), None);
        assert_eq!(said.audit.unwrap().change, None, "nothing was changed");
    }
    assert_eq!(sts.stored(), before);
    sts.commits = Commits::Done;
    sts.post(ISSUERS, &other).with_status(201);
    sts.post(APPLICATIONS, &another).with_status(201);
}

#[test]
fn without_the_store_the_documents_objects_are_not_taken_for_all_there_are() {
    let mut sts = service();
    sts.world.store_state = StoreState::Failed;
    for path in [ISSUERS, APPLICATIONS] {
        assert_eq!(sts.get(path).code(), "503 EXQ-50300");
        assert_eq!(sts.get(&format!("{path}/nobody")).code(), "503 EXQ-50300");
    }
}

#[test]
fn of_two_who_want_the_same_name_one_gets_it() {
    for (path, first, second, code) in [
        (ISSUERS, globex(), with(globex(), "issuer", json!("https://b.example")), "409 IDP-60001"),
        (ISSUERS, globex(), with(globex(), "name", json!("B")), "409 IDP-65002"),
        (APPLICATIONS, shop(), with(shop(), "clientId", json!("b")), "409 APP-60007"),
        (APPLICATIONS, shop(), with(shop(), "name", json!("B")), "409 APP-60009"),
    ] {
        let mut sts = service();
        let first = sts.until_commit(0, sts.with_body("POST", path, first.to_string()));
        let second = sts.until_commit(1, sts.with_body("POST", path, second.to_string()));
        let (second, first) = (sts.finish(1, second), sts.finish(0, first));
        assert_eq!((second.status, first.code()), (201, code.to_string()));
        let list = sts.get(path).body;
        assert_eq!(list["totalResults"], 2, "the document's and the winner's");
    }
}

#[test]
fn of_two_who_change_the_same_object_one_is_told_to_look_again() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let change = |name: &str| json!({ "name": name }).to_string();
    let first = sts.until_commit(0, sts.with_body("PATCH", &path, change("A")));
    let second = sts.until_commit(1, sts.with_body("PATCH", &path, change("B")));
    let third = sts.until_commit(1, sts.with_body("DELETE", &path, ""));
    assert_eq!(sts.finish(1, second).status, 200);
    assert_eq!(sts.finish(0, first).code(), "409 EXQ-40901");
    assert_eq!(sts.finish(1, third).code(), "409 EXQ-40901");
    assert_eq!(sts.get(&path).text("name"), "B");
    // The name that lost is free.
    sts.post(APPLICATIONS, &with(with(shop(), "name", json!("A")), "clientId", json!("a")))
        .with_status(201);
}

#[test]
fn the_audit_log_has_what_was_before_and_what_is_after() {
    let mut sts = service();
    for (path, resource, body, change) in [
        (
            ISSUERS,
            "trusted-token-issuer",
            globex(),
            json!([{ "operation": "REPLACE", "path": "/name", "value": "B" }]),
        ),
        (APPLICATIONS, "application", shop(), json!({ "name": "B" })),
    ] {
        let name = body["name"].clone();
        let created = sts.post(path, &body).with_status(201);
        let id = created.text("id");
        let path = format!("{path}/{id}");
        let told = [
            created.audit.unwrap(),
            sts.patch(&path, &change).with_status(200).audit.unwrap(),
            sts.delete(&path).with_status(204).audit.unwrap(),
        ];
        let b = json!("B");
        let names = [(None, Some(&name)), (Some(&name), Some(&b)), (Some(&b), None)];
        let actions = ["create", "update", "delete"];
        for ((audit, action), (before, after)) in told.into_iter().zip(actions).zip(names) {
            assert_eq!(audit.administrator.as_deref(), Some("admin token"));
            assert_eq!(audit.event, "administration");
            let change = audit.change.unwrap();
            assert_eq!((&*change.action, &*change.resource), (action, resource));
            assert_eq!(change.id, id);
            let named = |view: &Option<Value>| view.as_ref().map(|view| view["name"].clone());
            assert_eq!(
                (named(&change.before), named(&change.after)),
                (before.cloned(), after.cloned())
            );
        }
    }
    assert_eq!(sts.get(APPLICATIONS).audit, None, "reading is not in it");
}

#[test]
fn secrets_are_in_no_reply_but_the_one_and_nowhere_else() {
    let mut sts = service();
    let chosen = "chosen-secret-of-the-shop";
    let said = sts.post(APPLICATIONS, &with(shop(), "clientSecret", json!(chosen)));
    let path = format!("{APPLICATIONS}/{}", said.text("id"));
    let oidc = format!("{path}/inbound-protocols/oidc");
    let made = sts.post(&format!("{oidc}/regenerate-secret"), &json!({})).with_status(200);
    assert_eq!(made.text("clientId"), "shop");
    let after = made.audit.as_ref().unwrap().change.as_ref().unwrap().after.clone().unwrap();
    assert_eq!(after["secretChanged"], true, "that it changed is told");
    let patched = "another-secret-of-the-shop";
    sts.patch(&path, &json!({ "clientSecret": patched })).with_status(200);
    // Nor in what is refused.
    let short = "shortsecret";
    assert_eq!(sts.patch(&path, &json!({ "clientSecret": short })).status, 400);
    let refused = "a-secret-for-somebody-public";
    let both = json!({ "type": "mobile", "clientSecret": refused });
    assert_eq!(sts.patch(&path, &both).status, 400);
    for path in [APPLICATIONS, &path, &oidc] {
        sts.get(path).with_status(200);
    }
    sts.exchange(0, ("shop", patched), "no token");
    sts.delete(&path).with_status(204);
    let (said, stored) = (sts.said.clone(), sts.stored());
    let shown = |secret: &str| said.iter().map(|text| text.matches(secret).count()).sum::<usize>();
    for (secret, times) in [
        (chosen, 1),
        (&*made.text("clientSecret"), 1),
        (patched, 1),
        (short, 0),
        (refused, 0),
        (ADMIN, 0),
        ("operators-secret-for-tests", 0),
        ("\"salt\"", 0),
    ] {
        assert_eq!(shown(secret), times, "{secret}");
        assert!(!stored.contains(secret), "{secret}");
    }
}

#[test]
fn what_is_kept_of_a_secret_is_a_salted_hash() {
    let mut sts = service();
    let same = json!("the same secret for both");
    let other = with(with(shop(), "name", json!("B")), "clientId", json!("b"));
    for body in [shop(), other] {
        made(&mut sts, APPLICATIONS, &with(body, "clientSecret", same.clone()));
    }
    let hashes: Vec<Value> = sts
        .stored()
        .lines()
        .filter(|line| line.starts_with("application/"))
        .map(|line| serde_json::from_str(line.split_once(' ').unwrap().1).unwrap())
        .map(|object: Value| object["secret"]["hash"].clone())
        .collect();
    assert_eq!(hashes.len(), 2);
    assert_ne!(hashes[0], hashes[1]);
    assert!(!sts.stored().contains("the same secret"));
}
