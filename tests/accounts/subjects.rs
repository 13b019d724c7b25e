//! Whom a token is about, and what follows: a foreign `sub` that equals a
//! local user's id gains nothing anywhere; a linked user has the scopes of the
//! roles and the attributes of the profile, as long as the user has them.

use serde_json::{Value, json};

use crate::parties::{EXCHANGE, IDP, document, foreign, issuing, with};
use crate::service::Service;

/// The same document, whose application qualifies federated subjects.
fn qualified(mut document: Value) -> Value {
    document["applications"][0]["subject"]["identifier"] = "qualified".into();
    document
}

/// A token of the issuer whose `sub` is a local user's id.
fn impostor(user: &str) -> String {
    foreign(&json!({ "sub": user, "department": "theirs" }))
}

/// What introspection says of a token about the impostor of `u-one`.
fn assert_federated(sts: &mut Service, token: &str) {
    let about = sts.introspect(token);
    assert_eq!(about["active"], true);
    let sub = about["sub"].as_str().unwrap();
    assert!(sub.len() > 22 && sub.ends_with("|u-one"), "{sub}");
    assert_eq!(about["idp"], IDP);
    assert_eq!(about["scope"], "read");
    assert_eq!(about.get("username"), None);
    // What its issuer says of it, not what the user's profile says.
    assert_eq!((about.get("email"), &about["department"]), (None, &json!("theirs")));
}

/// Fault 5 of the law of grants: copied as it is, the `sub` of a stranger would
/// be the same `iss` and `sub` as the user's.
#[test]
fn a_foreign_sub_that_equals_a_users_id_is_refused() {
    for mode in ["off", "preferred"] {
        let mut sts = Service::new(&document(mode));
        for sub in ["u-one", "u-locked", "usr_0123456789012345678901"] {
            let said = sts.grant(EXCHANGE, &impostor(sub), "read");
            assert_eq!(said.outcome, "invalid_request subject_token.claim.sub.local_id");
        }
        // The form of older ids alone is no reason.
        let said = sts.grant(EXCHANGE, &impostor("AAAAAAAAAAAAAAAAAAAAAA"), "read");
        assert_eq!(said.outcome, "federated AAAAAAAAAAAAAAAAAAAAAA");
    }
}

#[test]
fn a_foreign_sub_that_equals_a_users_id_gains_nothing() {
    for mode in ["off", "preferred"] {
        for form in ["jwt", "opaque"] {
            let mut sts = Service::new(&qualified(issuing(document(mode), form)));
            let only = sts.grant(EXCHANGE, &impostor("u-one"), "deploy");
            assert_eq!(only.outcome, "invalid_scope scope.not_allowed");

            let said = sts.grant(EXCHANGE, &impostor("u-one"), "read deploy");
            assert_eq!(said.body["scope"], "read");
            let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
            assert_federated(&mut sts, &access);
            assert_federated(&mut sts, &refresh);

            // Exchanged again, as an issued token.
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
        ("off", "federated"),
        ("preferred", "federated"),
        ("required", "invalid_request account.no_attribute"),
    ] {
        let mut sts = Service::new(&qualified(document(mode)));
        let said = sts.grant(EXCHANGE, &impostor("u-locked"), "read");
        let seen = if said.status == 200 { "federated" } else { &*said.outcome };
        assert_eq!(seen, outcome);
    }
}

#[test]
fn a_subject_linked_to_one_user_is_not_the_user_it_is_named_like() {
    let mut sts = Service::new(&document("required"));
    let token = foreign(&json!({ "sub": "u-one", "email": "linked@example.com" }));
    let said = sts.grant(EXCHANGE, &token, "read deploy");
    assert_eq!((&*said.outcome, &said.body["scope"]), ("linked u-linked", &json!("read")));
}

/// An issued token never becomes one about a local user. Once its subject is
/// linked, the configuration would give another subject, and the token ends.
#[test]
fn an_issued_token_about_a_federated_subject_ends_with_its_link() {
    let mut sts = Service::new(&document("off"));
    let token = foreign(&json!({ "email": "one@example.com" }));
    let own = sts.grant(EXCHANGE, &token, "read").text("access_token");
    sts.restart(&document("preferred"));
    assert_eq!(sts.exchange_own(&own, "read").outcome, "federated x-1");
    assert_eq!(sts.commits(), 0);

    assert_eq!(sts.grant(EXCHANGE, &token, "read").outcome, "linked u-one");
    let said = sts.exchange_own(&own, "read");
    assert_eq!(said.outcome, "invalid_request subject_token.own.account_mode");
    assert_eq!(sts.introspect(&own)["active"], false);
}

#[test]
fn the_claim_that_tells_them_apart_cannot_be_written_by_an_issuer() {
    let mut sts = Service::new(&document("off"));
    let said = sts.exchange(&json!({ "sub": "x-1", "idp": "", "username": "one", "exq": {} }));
    assert_eq!((&said.claims["idp"], &said.claims["sub"]), (&json!(IDP), &json!("x-1")));
    assert_eq!(said.claims["exq"]["g"], "token_exchange");
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
