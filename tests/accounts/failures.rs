//! A store that fails in the middle, two requests that link at once, and users
//! who are gone: nothing half-made, nothing issued that should not be, and
//! everything can be tried again.

use serde_json::{Value, json};

use crate::parties::{EXCHANGE, document, foreign, issuing, with, without};
use crate::service::{Service, Trouble};
use crate::support::case::StoreState;

fn one() -> Value {
    json!({ "email": "one@example.com" })
}

#[test]
fn a_store_that_fails_while_linking_leaves_nothing_behind() {
    for mode in ["preferred", "required"] {
        let mut sts = Service::new(&document(mode));
        sts.trouble = Trouble::NotWritten;
        let said = sts.exchange(&one());
        assert_eq!(
            (said.status, &*said.outcome),
            (503, "temporarily_unavailable store.unavailable")
        );
        assert_eq!(sts.world.store.len(), 0);
        // Link and list of the user's links are one batch.
        let commit = sts.asked.iter().find(|ask| ask.starts_with("commit")).unwrap();
        assert!(commit.contains(" user-link/") && commit.contains(" link/"), "{commit}");

        sts.trouble = Trouble::None;
        assert_eq!(sts.exchange(&one()).outcome, "linked u-one");
        assert_eq!((sts.links().len(), sts.world.store.len()), (1, 2));
    }
}

#[test]
fn a_link_whose_answer_was_lost_is_found_by_the_request_itself() {
    let mut sts = Service::new(&document("required"));
    sts.trouble = Trouble::AnswerLost;
    assert_eq!(sts.exchange(&one()).outcome, "linked u-one");
    sts.trouble = Trouble::None;
    assert_eq!(sts.exchange(&one()).outcome, "local u-one");
    assert_eq!((sts.links().len(), sts.world.store.len()), (1, 2));
}

#[test]
fn of_two_requests_that_link_at_once_the_first_decides_for_both() {
    for mode in ["preferred", "required"] {
        let mut sts = Service::new(&document(mode));
        sts.trouble = Trouble::Overtaken;
        assert_eq!(sts.exchange(&one()).outcome, "local u-linked");
        assert_eq!(sts.links(), ["x-1 -> u-linked"]);
        assert_eq!(sts.world.store.len(), 2, "the loser has written nothing");
    }
}

/// `preferred` does not mean: federated whenever the store is down.
#[test]
fn a_store_that_cannot_be_read_is_no_missing_link() {
    for mode in ["preferred", "required"] {
        let mut sts = Service::new(&document(mode));
        assert_eq!(sts.exchange(&one()).outcome, "linked u-one");
        sts.world.store_state = StoreState::Failed;
        let said = sts.exchange(&one());
        assert_eq!(
            (said.status, &*said.outcome),
            (503, "temporarily_unavailable store.unavailable")
        );
        sts.world.store_state = StoreState::Ok;
        assert_eq!(sts.exchange(&one()).outcome, "local u-one");
    }
    // Where nobody is looked up, it does not matter.
    let mut sts = Service::new(&document("off"));
    sts.world.store_state = StoreState::Failed;
    assert_eq!(sts.exchange(&one()).outcome, "federated x-1");
}

/// The configuration without `u-one`, whose token, link and refresh token are
/// still there.
fn gone(mode: &str, form: &str) -> (Service, String, String) {
    let kept = issuing(document(mode), form);
    let mut sts = Service::new(&kept);
    let said = sts.exchange(&one());
    let tokens = (said.text("access_token"), said.text("refresh_token"));
    assert_eq!(sts.introspect(&tokens.0)["active"], true);
    sts.restart(&without(kept, "u-one"));
    (sts, tokens.0, tokens.1)
}

#[test]
fn the_tokens_of_a_user_who_is_gone_count_for_nothing() {
    for form in ["jwt", "opaque"] {
        let (mut sts, access, refresh) = gone("preferred", form);
        for token in [&access, &refresh] {
            assert_eq!(sts.introspect(token), json!({ "active": false }), "{form}");
        }
        let refreshed = sts.grant("refresh_token", &refresh, "read");
        assert_eq!(refreshed.outcome, "invalid_grant account.gone");
        let own = sts.exchange_own(&access, "read");
        assert_eq!(own.outcome, "invalid_request account.gone");
    }
}

#[test]
fn the_link_to_a_user_who_is_gone_counts_for_nothing() {
    let (mut sts, ..) = gone("preferred", "jwt");
    assert_eq!(sts.exchange(&json!({})).outcome, "federated x-1");
    let (mut sts, ..) = gone("required", "jwt");
    assert_eq!(sts.exchange(&json!({})).outcome, "invalid_request account.no_attribute");
}

/// The user was removed and made again under another id, with the same address.
#[test]
fn the_link_to_a_user_who_is_gone_does_not_keep_a_subject_from_another_user() {
    let (mut sts, ..) = gone("required", "jwt");
    sts.restart(&with(document("required"), "/users/1/id", json!("u-new")));
    assert_eq!(sts.exchange(&one()).outcome, "linked u-new");
    assert_eq!(sts.links(), ["x-1 -> u-new"]);
    // Nothing is left of the old one.
    assert_eq!(sts.count("user-link/"), 1);
}

/// A federated subject's token or refresh token, brought to an application
/// that by now requires a local user.
#[test]
fn what_was_granted_to_a_federated_subject_is_nothing_where_a_local_user_is_required() {
    let mut sts = Service::new(&issuing(document("off"), "jwt"));
    let granted = sts.grant(EXCHANGE, &foreign(&json!({})), "read");
    sts.restart(&issuing(document("required"), "jwt"));
    let own = sts.exchange_own(&granted.text("access_token"), "read");
    let refreshed = sts.grant("refresh_token", &granted.text("refresh_token"), "read");
    assert_eq!(own.outcome, "invalid_request account.link_required");
    assert_eq!(refreshed.outcome, "invalid_grant account.link_required");
}
