//! A link that is removed: whom the subject is then, and what becomes of the
//! tokens that were granted by it.

use serde_json::{Value, json};

use crate::parties::{document, issuing, with};
use crate::server::{Server, of};

const ENABLED: &str = "/trustedTokenIssuers/0/implicitAssociation/isEnabled";

fn email() -> Value {
    json!({ "email": "one@example.com" })
}

fn without_association(document: Value) -> Value {
    with(document, ENABLED, json!(false))
}

#[test]
fn a_link_survives_that_implicit_association_is_switched_off() {
    let mut sts = Server::new(&document("preferred"));
    sts.exchange(&email());
    sts.link("u-linked", "x-2");
    sts.restart(&without_association(document("preferred")));
    for (sub, user) in [("x-1", "u-one"), ("x-2", "u-linked"), ("x-3", "x-3")] {
        let token = sts.token(sub);
        assert_eq!(sts.about(&token).as_deref(), Some(user));
    }
}

#[test]
fn who_unlinked_is_linked_again_only_by_implicit_association() {
    for (enabled, about) in [(true, "u-one"), (false, "x-1")] {
        let mut sts = Server::new(&document("preferred"));
        let token = sts.exchange(&email()).text("access_token");
        let removed = sts.call("DELETE", &of("me", ""), &token, &Value::Null);
        assert_eq!(removed.status, 204);
        assert_eq!(removed.change()["before"]["origin"], "implicit");
        sts.restart(&with(document("preferred"), ENABLED, json!(enabled)));
        let again = sts.exchange(&email()).text("access_token");
        assert_eq!(sts.about(&again).as_deref(), Some(about), "{enabled}");
    }
}

/// Tokens of `u-one`, by a link of either origin: access and refresh token.
fn granted(form: &str, explicit: bool) -> (Server, String, String) {
    let mut sts = Server::new(&issuing(document("preferred"), form));
    if explicit {
        assert_eq!(sts.link("u-one", "x-1").status, 201);
    }
    let said = sts.exchange(&email());
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
    assert_eq!(sts.about(&access).as_deref(), Some("u-one"));
    (sts, access, refresh)
}

fn ended(sts: &mut Server, refresh: &str) {
    assert_eq!(sts.about(refresh), None);
    let said = sts.refresh(refresh);
    assert_eq!((said.status, &said.body["error"]), (400, &json!("invalid_grant")));
    let reason = said.audit.unwrap().reason;
    assert_eq!(reason.as_deref(), Some("account.unlinked"));
}

#[test]
fn a_link_that_is_removed_ends_what_was_granted_by_it() {
    for explicit in [false, true] {
        for form in ["jwt", "opaque"] {
            let (mut sts, access, refresh) = granted(form, explicit);
            let refreshed = sts.refresh(&refresh);
            let (later, refresh) =
                (refreshed.text("access_token"), refreshed.text("refresh_token"));
            assert_eq!(sts.admin("DELETE", &of("u-one", "")).status, 204);
            ended(&mut sts, &refresh);
            for token in [&access, &later] {
                assert_eq!(sts.about(token), None, "{form}");
            }
        }
    }
}

#[test]
fn an_opaque_token_of_a_link_that_is_gone_reaches_nothing() {
    let (mut sts, access, _) = granted("opaque", false);
    sts.link("u-one", "x-2");
    let derived = sts.form(
        "/oauth2/token",
        &[
            ("grant_type", crate::parties::EXCHANGE),
            ("subject_token", &access),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ],
    );
    let derived = derived.text("access_token");
    let mine = sts.call("GET", &of("me", ""), &access, &Value::Null);
    let first = mine.body.as_array().unwrap().iter().find(|link| link["federatedUserId"] == "x-1");
    let path = of("me", &format!("/{}", first.unwrap()["id"].as_str().unwrap()));
    assert_eq!(sts.call("DELETE", &path, &access, &Value::Null).status, 204);
    // What was made from it is gone with it.
    for token in [&access, &derived] {
        let said = sts.call("GET", &of("me", ""), token, &Value::Null);
        assert_eq!(said.error(), (401, "EXQ-40100"));
        assert_eq!(sts.about(token), None);
    }
}

/// Unlinking is final: who is linked again begins anew.
#[test]
fn a_new_link_does_not_revive_what_the_old_one_granted() {
    let (mut sts, _, refresh) = granted("jwt", false);
    sts.admin("DELETE", &of("u-one", ""));
    assert_eq!(sts.link("u-one", "x-1").status, 201);
    ended(&mut sts, &refresh);
    let anew = sts.exchange(&email()).text("refresh_token");
    assert_eq!(sts.refresh(&anew).status, 200);
}

#[test]
fn what_another_link_of_the_user_granted_stays() {
    let (mut sts, _, refresh) = granted("opaque", false);
    let other = sts.link("u-one", "x-2").text("id");
    let theirs = sts.exchange(&json!({ "sub": "x-2" })).text("refresh_token");
    sts.admin("DELETE", &of("u-one", &format!("/{other}")));
    ended(&mut sts, &theirs);
    assert_eq!(sts.refresh(&refresh).status, 200);
}

/// Only implicit association is switched off, not the link.
#[test]
fn what_a_link_granted_goes_on_without_implicit_association() {
    let (mut sts, access, refresh) = granted("opaque", false);
    sts.restart(&without_association(issuing(document("preferred"), "opaque")));
    assert_eq!(sts.about(&access).as_deref(), Some("u-one"));
    assert_eq!(sts.refresh(&refresh).status, 200);
}

/// A family of a federated subject is not about the user it is linked to later.
#[test]
fn a_subject_that_is_linked_later_keeps_what_it_had() {
    let mut sts = Server::new(&issuing(document("preferred"), "opaque"));
    let said = sts.exchange(&json!({}));
    assert_eq!(sts.about(&said.text("access_token")).as_deref(), Some("x-1"));
    let id = sts.link("u-one", "x-1").text("id");
    sts.admin("DELETE", &of("u-one", &format!("/{id}")));
    let again = sts.refresh(&said.text("refresh_token"));
    assert_eq!(sts.about(&again.text("access_token")).as_deref(), Some("x-1"));
}
