use alloc::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;

use serde_json::{Map, Value, json};

use super::{Profile, keep_state};
use crate::admin::scim::attributes::USERS;
use crate::admin::scim::error::Problem;

const WSO2: &str = "urn:scim:wso2:schema";

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn roles() -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([("deployer".into(), Vec::new()), ("reader".into(), Vec::new())])
}

fn profile(body: Value) -> Result<Profile, Problem> {
    Profile::checked(USERS.read(map(body))?, None, &roles())
}

#[test]
fn what_cannot_be_kept_is_refused_by_name() {
    let long = "x".repeat(256);
    for (body, code, named) in [
        (json!({}), "invalidValue", "userName"),
        (json!({"userName": ""}), "invalidValue", "userName"),
        (json!({"userName": " "}), "invalidValue", "userName"),
        (json!({"userName": 1}), "invalidValue", "userName"),
        (json!({"userName": "a\nb"}), "invalidValue", "userName"),
        (json!({"userName": long}), "invalidValue", "userName"),
        (json!({"userName": "a", "surname": "b"}), "invalidSyntax", "surname"),
        (json!({"userName": "a", "roles": ["admin"]}), "invalidValue", "deployer, reader"),
        (json!({"userName": "a", "title": "x".repeat(65_536)}), "invalidValue", "64 KiB"),
    ] {
        let problem = profile(body.clone()).err().unwrap_or_else(|| panic!("{body}"));
        assert_eq!(problem.code(), code, "{body}");
        assert!(problem.detail().contains(named), "{body}: {}", problem.detail());
    }
}

#[test]
fn the_exchange_knows_the_user_by_claims() {
    let user = profile(json!({
        "userName": "corp/Ada", "nickName": "A", "profileUrl": "https://a.example", "locale": "en-GB",
        "timezone": "Europe/London", "displayName": "Countess",
        "name": {"givenName": "Ada", "middleName": "King", "familyName": "Lovelace"},
        "emails": [{"value": "1@a", "type": "home"}, {"value": "2@a", "type": "work"}],
        "phoneNumbers": [{"value": "1"}, {"value": "tel:+44", "primary": true}],
        "roles": [{"value": "reader"}, {"value": "reader", "type": "x"}, {"value": "deployer"}],
        WSO2: {"accountLocked": true},
    }));
    let user = user.unwrap().user("u-1".into());
    assert_eq!((user.user_store.as_str(), user.username.as_str()), ("CORP", "Ada"));
    assert_eq!((user.locked, user.disabled), (true, false));
    assert_eq!(user.roles, ["reader", "deployer"]);
    let claims = json!({
        "nickname": "A", "profile": "https://a.example", "locale": "en-GB", "zoneinfo": "Europe/London",
        "name": "Countess", "given_name": "Ada", "middle_name": "King", "family_name": "Lovelace",
        "email": "2@a", "phone_number": "+44",
    });
    assert_eq!(Value::Object(user.claims), claims);
    let nobody = profile(json!({"userName": "a", "emails": [""]})).unwrap().user("u-2".into());
    assert_eq!(nobody.claims, Map::new());
}

#[test]
fn a_role_that_is_gone_does_not_keep_a_user_from_being_disabled() {
    let before = map(json!({"userName": "a", "roles": [{"value": "gone"}], "active": true}));
    let mut after = before.clone();
    after.insert("active".into(), false.into());
    let profile = Profile::checked(after.clone(), Some(&before), &roles()).unwrap();
    assert!(profile.user("u".into()).disabled);
    after.insert("roles".into(), json!([{"value": "gone"}, {"value": "other"}]));
    assert!(Profile::checked(after, Some(&before), &roles()).is_err());
}

#[test]
fn active_and_account_disabled_agree() {
    let state = |active: Option<bool>, disabled: Option<bool>| {
        let mut state = map(json!({"userName": "a"}));
        state.extend(active.map(|active| ("active".into(), active.into())));
        state.extend(disabled.map(|off| (WSO2.into(), json!({"accountDisabled": off}))));
        state
    };
    let both = |active, disabled| state(Some(active), Some(disabled));
    for (before, after, disabled) in [
        (None, state(None, None), false),
        (None, state(Some(false), None), true),
        (None, state(None, Some(true)), true),
        (None, both(true, true), true),
        (None, both(false, false), true),
        // Of two that contradict, the one that changed counts.
        (Some(both(false, true)), both(true, true), false),
        (Some(both(false, true)), both(false, false), false),
        (Some(both(true, false)), both(true, true), true),
        (Some(both(true, false)), both(false, false), true),
    ] {
        let profile = Profile::checked(after.clone(), before.as_ref(), &roles()).unwrap();
        let shown = (profile.resource.get("active"), profile.resource.get(WSO2));
        if let (Some(active), Some(state)) = shown {
            assert_eq!((active, &state["accountDisabled"]), (&json!(!disabled), &json!(disabled)));
        }
        assert_eq!(profile.user("u".into()).disabled, disabled, "{before:?} {after:?}");
    }
}

#[test]
fn a_lock_is_lifted_only_by_who_says_so() {
    let before = map(json!({"userName": "a", "active": false, WSO2: {"accountLocked": true}}));
    let mut silent = map(json!({"userName": "b"}));
    keep_state(&mut silent, &before);
    assert_eq!(
        Value::Object(silent),
        json!({"userName": "b", "active": false, WSO2: {"accountLocked": true}})
    );
    let mut said = map(json!({"userName": "b", "active": true, WSO2: {"accountLocked": false}}));
    let as_said = said.clone();
    keep_state(&mut said, &before);
    assert_eq!(said, as_said);
}
