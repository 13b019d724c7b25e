//! Two who write the same link at the same time, and a store that fails in the
//! middle: nothing half-made, and exactly one who wins.

use exchequer::{Answer, Expect, Failed, Pending, Reply, Step, Write};
use serde_json::{Value, json};

use crate::parties::document;
use crate::server::{ADMIN, Said, Server, of, request};
use crate::support::case::StoreState;
use crate::support::start::until;

/// Begins a call and stops before its first write.
fn begun(sts: &mut Server, method: &str, path: &str, body: &Value) -> Pending {
    let request = request(method, path, ADMIN, body);
    until(&sts.engine, &mut sts.world, request, "commit")
}

fn linking(sts: &mut Server, user: &str) -> Pending {
    let body = json!({ "idp": "Acme", "federatedUserId": "x-1" });
    begun(sts, "POST", &of(user, ""), &body)
}

/// Goes on with a call to its end.
fn ended(sts: &mut Server, pending: Pending) -> Said {
    let answer = sts.world.answer(&sts.engine, pending.ask());
    Said::of(driven(sts, pending.resume(answer).unwrap()))
}

fn driven(sts: &mut Server, step: Step) -> Reply {
    sts.world.drive(&sts.engine, step)
}

#[test]
fn of_two_who_link_a_subject_at_once_one_wins() {
    for (first, second) in [("u-one", "u-linked"), ("u-linked", "u-one"), ("u-one", "u-one")] {
        let mut sts = Server::new(&document("preferred"));
        let both = [linking(&mut sts, first), linking(&mut sts, second)];
        let [won, lost] = both.map(|pending| ended(&mut sts, pending));
        assert_eq!(won.status, 201);
        assert_eq!(lost.error(), (409, "UAA-10004"));
        assert_eq!(lost.change(), Value::Null);
        assert_eq!(sts.subs(first), ["x-1"]);
        assert_eq!((sts.count("link/"), sts.count("user-link/")), (1, 1));
    }
}

#[test]
fn an_exchange_that_links_at_the_same_time_is_no_exception() {
    let mut sts = Server::new(&document("preferred"));
    let pending = linking(&mut sts, "u-one");
    let said = sts.exchange(&json!({ "email": "linked@example.com" }));
    assert_eq!(sts.about(&said.text("access_token")).as_deref(), Some("u-linked"));
    assert_eq!(ended(&mut sts, pending).error(), (409, "UAA-10004"));
    assert_eq!(sts.subs("u-linked"), ["x-1"]);
}

/// The host had not heard that the write had happened, and repeated it.
#[test]
fn a_write_that_was_repeated_is_still_ones_own() {
    let mut sts = Server::new(&document("preferred"));
    let pending = linking(&mut sts, "u-one");
    let _lost = sts.world.answer(&sts.engine, pending.ask());
    let said = ended(&mut sts, pending);
    assert_eq!(said.status, 201);
    assert_eq!(said.change()["action"], "create");
    assert_eq!(sts.subs("u-one"), ["x-1"]);
}

#[test]
fn a_store_that_fails_leaves_nothing_behind() {
    let mut sts = Server::new(&document("preferred"));
    let pending = linking(&mut sts, "u-one");
    let failed = pending.resume(Answer::Failed { failed: Failed::TimedOut }).unwrap();
    let said = Said::of(driven(&mut sts, failed));
    assert_eq!(said.error(), (503, "EXQ-50300"));
    assert_eq!(said.change(), Value::Null);
    assert_eq!(sts.world.store.len(), 0);

    let id = sts.link("u-one", "x-1").text("id");
    for path in [of("u-one", ""), of("u-one", &format!("/{id}"))] {
        let pending = begun(&mut sts, "DELETE", &path, &Value::Null);
        let failed = pending.resume(Answer::Failed { failed: Failed::TimedOut }).unwrap();
        assert_eq!(Said::of(driven(&mut sts, failed)).error(), (503, "EXQ-50300"));
    }
    assert_eq!((sts.count("link/"), sts.count("user-link/")), (1, 1));
}

/// Who removes a link removes that link, not the one that came after it.
#[test]
fn a_link_that_was_replaced_meanwhile_stays() {
    let mut sts = Server::new(&document("preferred"));
    let id = sts.link("u-one", "x-1").text("id");
    let path = of("u-one", &format!("/{id}"));
    let pending = begun(&mut sts, "DELETE", &path, &Value::Null);
    assert_eq!(sts.admin("DELETE", &path).status, 204);
    assert_eq!(sts.link("u-linked", "x-1").status, 201);
    let late = ended(&mut sts, pending);
    assert_eq!(late.error(), (409, "EXQ-40901"));
    assert_eq!(late.change(), Value::Null);
    assert_eq!((sts.subs("u-linked"), sts.count("user-link/")), (vec!["x-1".to_string()], 1));

    // Removing all looks again, and finds nothing of this user.
    let all = sts.link("u-one", "x-2").text("id");
    let pending = begun(&mut sts, "DELETE", &of("u-one", ""), &Value::Null);
    sts.admin("DELETE", &of("u-one", &format!("/{all}")));
    assert_eq!(ended(&mut sts, pending).error(), (400, "UAA-10003"));
    assert_eq!(sts.subs("u-linked"), ["x-1"]);
}

/// What another version of this engine, or a hand in the store, left behind.
#[test]
fn a_row_that_leads_to_no_link_of_the_user_is_passed_over() {
    let mut sts = Server::new(&document("preferred"));
    for sub in ["x-1", "x-2"] {
        sts.link("u-one", sub);
    }
    let gone = sts.link("u-one", "x-3").text("id");
    let Answer::Page { records, .. } = sts.world.store.list("user-link/", None, 9, sts.world.now)
    else {
        panic!("the store lists")
    };
    let row = records.iter().find(|row| row.key.ends_with(&gone)).unwrap();
    let link: String = serde_json::from_slice(&row.value).unwrap();
    let delete = Write { key: link, value: None, expect: Expect::Any, expires_at: None };
    sts.world.store.commit(&[delete], sts.world.now);
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
    assert_eq!(sts.admin("DELETE", &of("u-one", &format!("/{gone}"))).error(), (404, "UAA-10002"));

    // The subject is somebody else's by now.
    assert_eq!(sts.link("u-linked", "x-3").status, 201);
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
    assert_eq!(sts.admin("DELETE", &of("u-one", "")).status, 204);
    assert_eq!(sts.subs("u-linked"), ["x-3"]);
}

/// Showing the link takes nothing that was not known before it was made.
#[test]
fn a_link_that_was_made_is_not_answered_with_an_error() {
    let mut sts = Server::new(&document("preferred"));
    let issuer = json!({
        "name": "Globex", "issuer": "https://globex.example",
        "certificate": { "jwksUri": "https://globex.example/jwks" },
    });
    let made = sts.call("POST", "/api/server/v1/trusted-token-issuers", ADMIN, &issuer);
    let body = json!({ "idp": "Globex", "federatedUserId": "x-1" });
    let pending = begun(&mut sts, "POST", &of("u-one", ""), &body);
    let answer = sts.world.answer(&sts.engine, pending.ask());
    sts.world.store_state = StoreState::Failed;
    let said = Said::of(driven(&mut sts, pending.resume(answer).unwrap()));
    assert_eq!(said.status, 201, "{}", said.body);
    assert_eq!(said.body["idp"]["id"], made.body["id"]);
    assert_eq!(said.body["idp"]["name"], "Globex");
}
