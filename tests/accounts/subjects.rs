//! Whom a token is about, and what follows: a foreign `sub` that equals a
//! local user's id gains nothing anywhere; a linked user has the scopes of the
//! roles and the attributes of the profile, as long as the user has them.

use serde_json::json;

use crate::parties::{EXCHANGE, IDP, document, foreign, issuing, with};
use crate::service::Service;

/// A token of the issuer whose `sub` is a local user's id.
fn impostor(user: &str) -> String {
    foreign(&json!({ "sub": user, "department": "theirs" }))
}

/// What introspection says of a token about the impostor of `u-one`.
fn assert_federated(sts: &mut Service, token: &str) {
    let about = sts.introspect(token);
    assert_eq!(about["active"], true);
    assert_eq!((&about["sub"], &about["idp"]), (&json!("u-one"), &json!(IDP)));
    assert_eq!(about["scope"], "read");
    assert_eq!(about.get("username"), None);
    // What its issuer says of it, not what the user's profile says.
    assert_eq!((about.get("email"), &about["department"]), (None, &json!("theirs")));
}

#[test]
fn a_foreign_sub_that_equals_a_users_id_gains_nothing() {
    for mode in ["off", "preferred"] {
        for form in ["jwt", "opaque"] {
            let mut sts = Service::new(&issuing(document(mode), form));
            let only = sts.grant(EXCHANGE, &impostor("u-one"), "deploy");
            assert_eq!(only.outcome, "invalid_scope scope.not_allowed");

            let said = sts.grant(EXCHANGE, &impostor("u-one"), "read deploy");
            assert_eq!(said.body["scope"], "read");
            let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
            assert_federated(&mut sts, &access);
            assert_federated(&mut sts, &refresh);

            // Exchanged again, as a token of ours.
            let again = sts.exchange_own(&access, "read deploy").text("access_token");
            assert_federated(&mut sts, &again);

            // Refreshed, and not for more than was granted.
            let wider = sts.grant("refresh_token", &refresh, "read deploy");
            assert_eq!(wider.outcome, "invalid_scope scope.not_granted");
            let more = sts.grant("refresh_token", &refresh, "read");
            assert_eq!(more.body["scope"], "read");
            assert_federated(&mut sts, &more.text("access_token"));
            assert_federated(&mut sts, &more.text("refresh_token"));
            assert_eq!(sts.links(), Vec::<String>::new(), "{mode} {form}");
        }
    }
}

#[test]
fn the_state_of_a_user_is_not_that_of_a_subject_of_the_same_name() {
    for (mode, outcome) in [
        ("off", "federated u-locked"),
        ("preferred", "federated u-locked"),
        ("required", "invalid_request account.link_required"),
    ] {
        let mut sts = Service::new(&document(mode));
        assert_eq!(sts.grant(EXCHANGE, &impostor("u-locked"), "read").outcome, outcome);
    }
}

#[test]
fn a_subject_linked_to_one_user_is_not_the_user_it_is_named_like() {
    let mut sts = Service::new(&document("required"));
    let token = foreign(&json!({ "sub": "u-one", "email": "linked@example.com" }));
    let said = sts.grant(EXCHANGE, &token, "read deploy");
    assert_eq!((&*said.outcome, &said.body["scope"]), ("linked u-linked", &json!("read")));
}

/// A token of ours becomes one about a local user only by a link, which it
/// does not make, and never gains a scope by it.
#[test]
fn a_token_of_ours_about_a_federated_subject_follows_its_link() {
    let mut sts = Service::new(&document("off"));
    let token = foreign(&json!({ "email": "one@example.com" }));
    let own = sts.grant(EXCHANGE, &token, "read").text("access_token");
    sts.restart(&document("preferred"));
    assert_eq!(sts.exchange_own(&own, "read").outcome, "federated x-1");
    assert_eq!(sts.commits(), 0);

    assert_eq!(sts.grant(EXCHANGE, &token, "read").outcome, "linked u-one");
    let said = sts.exchange_own(&own, "read deploy");
    assert_eq!((&*said.outcome, &said.body["scope"]), ("local u-one", &json!("read")));
    sts.restart(&with(document("preferred"), "/users/1/locked", json!(true)));
    assert_eq!(sts.exchange_own(&own, "read").outcome, "access_denied account.locked");
}

#[test]
fn the_claim_that_tells_them_apart_cannot_be_written_by_an_issuer() {
    let mut sts = Service::new(&document("off"));
    let said = sts.exchange(&json!({ "sub": "u-one", "idp": "", "username": "one" }));
    assert_eq!((&said.claims["idp"], &said.claims["sub"]), (&json!(IDP), &json!("u-one")));
    assert_eq!(said.claims.get("username"), None);
}

#[test]
fn the_roles_of_a_local_user_grant_scopes() {
    for form in ["jwt", "opaque"] {
        let mut sts = Service::new(&issuing(document("required"), form));
        let mut scope = |email: &str| {
            let said = sts.grant(
                EXCHANGE,
                &foreign(&json!({ "sub": email, "email": email })),
                "read deploy",
            );
            said.text("scope")
        };
        assert_eq!(scope("one@example.com"), "read deploy");
        assert_eq!(scope("linked@example.com"), "read");
    }
}

#[test]
fn a_role_taken_away_takes_its_scopes_with_it() {
    let mut sts = Service::new(&issuing(document("required"), "jwt"));
    let token = foreign(&json!({ "email": "one@example.com" }));
    let first = sts.grant(EXCHANGE, &token, "read deploy");
    let second = sts.grant("refresh_token", &first.text("refresh_token"), "read deploy");
    assert_eq!(second.body["scope"], "read deploy");

    sts.restart(&with(issuing(document("required"), "jwt"), "/users/1/roles", json!([])));
    let third = sts.grant("refresh_token", &second.text("refresh_token"), "read deploy");
    assert_eq!((&third.body["scope"], &*third.outcome), (&json!("read"), "local u-one"));
    let own = sts.exchange_own(&first.text("access_token"), "read deploy");
    assert_eq!(own.body["scope"], "read");
}

#[test]
fn attributes_are_those_of_the_local_profile() {
    let mut sts = Service::new(&issuing(document("preferred"), "jwt"));
    let says = |email: &str| json!({ "email": email, "department": "theirs", "username": "x" });
    let federated = sts.exchange(&says("nobody@example.com"));
    assert_eq!(federated.outcome, "federated x-1");
    assert_eq!(federated.claims["department"], "theirs");
    assert_eq!(federated.claims.get("username"), None, "the issuer maps no user name");

    let local = sts.exchange(&says("one@example.com"));
    assert_eq!(local.outcome, "linked u-one");
    let later = sts.exchange(&says("somebody@else.example"));
    for said in [&local, &later] {
        assert_eq!(said.claims["email"], "one@example.com");
        assert_eq!(said.claims["department"], "ours");
        assert_eq!(said.claims["username"], "one");
    }
    let about = sts.introspect(&local.text("access_token"));
    assert_eq!((&about["username"], about.get("idp")), (&json!("one"), None));

    // A refresh says what the profile says by then.
    sts.restart(&with(
        issuing(document("preferred"), "jwt"),
        "/users/1/claims/department",
        json!("moved"),
    ));
    let refreshed = sts.grant("refresh_token", &local.text("refresh_token"), "read");
    assert_eq!(refreshed.claims["department"], "moved");
}
