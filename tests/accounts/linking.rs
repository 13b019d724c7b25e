//! Whom implicit association links, and that nobody else is: lookup attributes
//! in order, ambiguity, what the issuer did not verify, several user stores,
//! locked users, and links that outlive what they were made by.

use serde_json::{Value, json};

use crate::parties::{BEARER, EXCHANGE, document, foreign, with};
use crate::service::Service;
use crate::support::foreign::unvouched;

const ASSOCIATION: &str = "/trustedTokenIssuers/0/implicitAssociation";
const LOOKUP: &str = "/trustedTokenIssuers/0/implicitAssociation/lookupAttribute";

/// A fresh service with this lookup, and what it says to these claims.
fn looked_up(by: &[&str], claims: &Value) -> (String, Vec<String>) {
    let mut sts = Service::new(&with(document("preferred"), LOOKUP, json!(by)));
    let outcome = sts.exchange(claims).outcome;
    (outcome, sts.links())
}

#[test]
fn lookup_attributes_are_tried_in_their_order() {
    let both = json!({ "email": "one@example.com", "username": "linked" });
    assert_eq!(looked_up(&["email", "username"], &both).0, "linked u-one");
    assert_eq!(looked_up(&["username", "email"], &both).0, "linked u-linked");
    // The second is asked only if the first leads to nobody.
    for email in [json!("nobody@example.com"), json!(""), json!(7), Value::Null] {
        let claims = json!({ "email": email, "username": "linked" });
        assert_eq!(looked_up(&["email", "username"], &claims).0, "linked u-linked", "{email}");
        assert_eq!(looked_up(&["email"], &claims).0, "federated x-1", "{email}");
    }
    // Names of attributes, as the systems before had them.
    let long = ["http://wso2.org/claims/emailaddress", "http://wso2.org/claims/username"];
    assert_eq!(looked_up(&long, &both).0, "linked u-one");
}

#[test]
fn an_ambiguous_match_is_refused_and_never_falls_through() {
    let refused = ("invalid_request account.ambiguous".to_string(), vec![]);
    let first = json!({ "email": "shared@example.com", "username": "one" });
    assert_eq!(looked_up(&["email", "username"], &first), refused);
    assert_eq!(looked_up(&["username", "email"], &first).0, "linked u-one");
    let second = json!({ "email": "nobody@example.com", "username": "shared" });
    assert_eq!(looked_up(&["email", "username"], &second), refused);
}

#[test]
fn what_the_issuer_did_not_verify_leads_to_nobody() {
    let said = |verified: &Value| {
        let claims = json!({ "email": "one@example.com", "email_verified": verified });
        looked_up(&["email", "username"], &claims).0
    };
    assert_eq!(said(&json!(true)), "linked u-one");
    // A claim of the wrong type is not an absent one.
    for not in [json!(false), json!("true"), json!("false"), json!(1), json!([true]), Value::Null] {
        assert_eq!(said(&not), "federated x-1", "email_verified: {not}");
    }
    // The next attribute counts on its own.
    let next = json!({ "email": "one@example.com", "email_verified": false, "username": "linked" });
    assert_eq!(looked_up(&["email", "username"], &next).0, "linked u-linked");
}

/// The document of an issuer that verifies addresses and does not say so.
fn trusting(mode: &str, by: &[&str]) -> Value {
    let association = json!({ "isEnabled": true, "lookupAttribute": by, "trustUnverified": true });
    with(document(mode), ASSOCIATION, association)
}

#[test]
fn what_the_issuer_does_not_say_that_it_verified_leads_to_nobody() {
    let said = |mode: &str, claims: &Value| {
        Service::new(&document(mode)).grant(EXCHANGE, &unvouched(claims), "read").outcome
    };
    let email = json!({ "email": "one@example.com" });
    assert_eq!(said("preferred", &email), "federated x-1");
    assert_eq!(said("required", &email), "invalid_request account.unverified");
    // Without any value there is nothing to verify.
    assert_eq!(said("required", &json!({})), "invalid_request account.no_attribute");
    let other = json!({ "email": "one@example.com", "phone_number_verified": true });
    assert_eq!(said("preferred", &other), "federated x-1", "another attribute was verified");
    // User names have no such claim; the next attribute counts on its own.
    let next = json!({ "email": "one@example.com", "username": "linked" });
    assert_eq!(said("preferred", &next), "linked u-linked");

    let phone = with(document("required"), LOOKUP, json!(["phone_number"]));
    let claims = json!({ "phone_number": "+94 11" });
    let mut phone = Service::new(&with(phone, "/users/1/claims", claims));
    let number = json!({ "phone_number": "+94 11" });
    let refused = phone.grant(EXCHANGE, &unvouched(&number), "read");
    assert_eq!(refused.outcome, "invalid_request account.unverified");
    assert_eq!(phone.exchange(&number).outcome, "linked u-one");
}

#[test]
fn an_issuer_may_be_trusted_to_verify_without_saying_so() {
    let said = |claims: &Value| {
        let mut sts = Service::new(&trusting("preferred", &["email"]));
        sts.grant(EXCHANGE, &unvouched(claims), "read").outcome
    };
    assert_eq!(said(&json!({ "email": "one@example.com" })), "linked u-one");
    // What it says that it did not verify is not verified.
    for not in [json!(false), json!("true"), json!("false"), json!(1), Value::Null] {
        let claims = json!({ "email": "one@example.com", "email_verified": not });
        assert_eq!(said(&claims), "federated x-1", "{claims}");
    }
}

#[test]
fn the_claim_of_another_address_does_not_vouch_for_the_mapped_one() {
    let mapping = json!([{ "from": "upn", "to": "email" }]);
    let mapped = with(document("preferred"), "/trustedTokenIssuers/0/claims", mapping);
    let said =
        |claims: &Value| Service::new(&mapped).grant(EXCHANGE, &unvouched(claims), "read").outcome;
    let one = "one@example.com";
    assert_eq!(said(&json!({ "upn": one, "upn_verified": true })), "linked u-one");
    assert_eq!(said(&json!({ "upn": one, "email_verified": true })), "linked u-one");
    let same = json!({ "upn": one, "email": "ONE@example.com", "email_verified": true });
    assert_eq!(said(&same), "linked u-one");
    let other = json!({ "upn": one, "email": "mallory@example.com", "email_verified": true });
    assert_eq!(said(&other), "federated x-1");
}

#[test]
fn addresses_are_compared_without_letter_case() {
    let mixed = with(document("preferred"), "/users/1/claims/email", json!("One@Example.com"));
    for email in ["one@example.com", "ONE@EXAMPLE.COM", "One@Example.com"] {
        let outcome = Service::new(&mixed).exchange(&json!({ "email": email })).outcome;
        assert_eq!(outcome, "linked u-one", "{email}");
    }
    // Which makes two of them ambiguous.
    let both = with(mixed, "/users/0/claims/email", json!("ONE@example.com"));
    let outcome = Service::new(&both).exchange(&json!({ "email": "one@example.com" })).outcome;
    assert_eq!(outcome, "invalid_request account.ambiguous");
    // Letters that look alike are others: the Kelvin sign is no k.
    let kelvin = json!({ "email": "lin\u{212a}ed@example.com" });
    assert_eq!(looked_up(&["email"], &kelvin).0, "federated x-1");
    // User names are compared as they are written.
    assert_eq!(looked_up(&["username"], &json!({ "username": "ONE" })).0, "federated x-1");
}

/// The document where the role of `u-one` administers this server.
fn administering(document: Value) -> Value {
    with(document, "/roles/0/scopes", json!(["deploy", "exchequer:admin"]))
}

#[test]
fn an_administrator_is_linked_by_administrators_only() {
    let claims = json!({ "email": "one@example.com", "username": "linked" });
    for (mode, outcome) in
        [("preferred", "federated x-1"), ("required", "invalid_request account.administrator")]
    {
        let mut sts = Service::new(&administering(document(mode)));
        // It does not fall through to the next attribute, either.
        assert_eq!(sts.exchange(&claims).outcome, outcome);
        assert_eq!((sts.commits(), sts.links().len()), (0, 0));
        // A link that there is serves.
        sts.restart(&document(mode));
        assert_eq!(sts.exchange(&claims).outcome, "linked u-one");
        sts.restart(&administering(document(mode)));
        assert_eq!(sts.exchange(&claims).outcome, "local u-one");
    }
    // A lock holds for a subject that is not linked because of that, too.
    let locked = with(administering(document("preferred")), "/users/1/locked", json!(true));
    assert_eq!(Service::new(&locked).exchange(&claims).outcome, "access_denied account.locked");
    let trusting = administering(trusting("required", &["username"]));
    let outcome = Service::new(&trusting).exchange(&json!({ "username": "one" })).outcome;
    assert_eq!(outcome, "invalid_request account.administrator");
}

#[test]
fn the_value_is_that_of_the_claim_which_the_issuer_maps() {
    let mapping = json!([{ "from": "contact.mail", "to": "email" }]);
    let mapped = with(document("preferred"), "/trustedTokenIssuers/0/claims", mapping);
    let said = |claims: &Value| Service::new(&mapped).exchange(claims).outcome;
    let one = "one@example.com";
    assert_eq!(said(&json!({ "contact": { "mail": one } })), "linked u-one");
    assert_eq!(said(&json!({ "email": one })), "federated x-1");
    for not in [
        json!({ "contact": { "mail": one, "mail_verified": false } }),
        json!({ "contact": { "mail": one }, "email_verified": false }),
    ] {
        assert_eq!(said(&not), "federated x-1", "{not}");
    }
}

#[test]
fn every_user_store_is_searched_the_primary_one_too() {
    for (name, user) in [("one", "u-one"), ("two", "u-ldap")] {
        let email = json!({ "email": format!("{name}@example.com") });
        assert_eq!(looked_up(&["email"], &email).0, format!("linked {user}"));
        assert_eq!(
            looked_up(&["username"], &json!({ "username": name })).0,
            format!("linked {user}")
        );
    }
    // The same name in two stores is two users.
    let (outcome, links) = looked_up(&["username"], &json!({ "username": "shared" }));
    assert_eq!((&*outcome, links.len()), ("invalid_request account.ambiguous", 0));
}

/// The document with every user in a state, or nobody in any.
fn with_all(mode: &str, state: &str, value: bool) -> Value {
    let mut document = document(mode);
    for user in document["users"].as_array_mut().unwrap() {
        user["locked"] = json!(false);
        user["disabled"] = json!(false);
        user[state] = json!(value);
    }
    document
}

/// The link is made before the account's state is looked at: the lock holds for
/// whatever the subject does from then on.
#[test]
fn locked_and_disabled_users_are_linked_and_refused() {
    for state in ["locked", "disabled"] {
        for mode in ["preferred", "required"] {
            let refused = format!("access_denied account.{state}");
            let claims = json!({ "email": format!("{state}@example.com") });
            let mut sts = Service::new(&document(mode));
            for writes in [1, 0] {
                let said = sts.exchange(&claims);
                assert_eq!((said.status, &said.outcome), (400, &refused));
                assert_eq!(said.body.get("access_token"), None);
                assert_eq!(sts.commits(), writes);
            }
            // Whatever the token says by now, and by either grant.
            for claims in [&claims, &json!({}), &json!({ "email": "one@example.com" })] {
                assert_eq!(sts.exchange(claims).outcome, refused);
                assert_eq!(sts.grant(BEARER, &foreign(claims), "read").outcome, refused);
            }
            assert_eq!((sts.commits(), sts.links()), (0, vec![format!("x-1 -> u-{state}")]));
            assert_eq!(sts.act(&foreign(&json!({}))).outcome, refused, "as an actor");

            // Unlocked, the link serves; locked again, it does not.
            sts.restart(&with_all(mode, state, false));
            assert_eq!(sts.exchange(&json!({})).outcome, format!("local u-{state}"));
            assert_eq!(sts.act(&foreign(&json!({}))).status, 200);
            sts.restart(&with_all(mode, state, true));
            assert_eq!(sts.exchange(&json!({})).outcome, refused);
        }
    }
}

/// Acting for somebody links nobody.
#[test]
fn an_actor_is_not_linked() {
    let mut sts = Service::new(&document("preferred"));
    for email in ["linked@example.com", "shared@example.com", "nobody@example.com"] {
        assert_eq!(sts.act(&foreign(&json!({ "email": email }))).status, 200, "{email}");
    }
    assert_eq!(sts.links(), ["x-2 -> u-one"]);
}

/// A user whose account is locked acts for nobody, linked or not.
#[test]
fn an_actor_whom_implicit_association_would_link_to_a_locked_user_is_refused() {
    for state in ["locked", "disabled"] {
        let mut sts = Service::new(&document("preferred"));
        let actor = json!({ "email": format!("{state}@example.com") });
        let refused = sts.act(&foreign(&actor));
        assert_eq!(refused.outcome, format!("access_denied account.{state}"));
        assert_eq!(sts.links(), ["x-2 -> u-one"]);
        // An address that the issuer did not verify links nobody.
        assert_eq!(sts.act(&unvouched(&actor)).status, 200);
        // Where nobody is linked by an address, an address says nothing.
        sts.restart(&with(document("preferred"), ASSOCIATION, json!({ "isEnabled": false })));
        assert_eq!(sts.act(&foreign(&actor)).status, 200);
    }
}

#[test]
fn a_link_wins_over_whatever_has_changed_since() {
    let mut sts = Service::new(&document("required"));
    assert_eq!(sts.exchange(&json!({ "email": "one@example.com" })).outcome, "linked u-one");
    sts.commits();
    for claims in [
        json!({}),
        json!({ "email": "linked@example.com", "username": "linked" }),
        json!({ "email": "shared@example.com" }),
        json!({ "email": "one@example.com", "email_verified": false }),
    ] {
        assert_eq!(sts.exchange(&claims).outcome, "local u-one", "{claims}");
    }
    // The user has another address now, and somebody else has that one.
    let moved = with(document("required"), "/users/1/claims/email", json!("new@example.com"));
    let moved = with(moved, "/users/0/claims/email", json!("one@example.com"));
    // Association was switched off, or goes by another attribute.
    let off = with(document("required"), ASSOCIATION, json!({ "isEnabled": false }));
    let other = with(document("required"), LOOKUP, json!(["phone_number"]));
    for changed in [moved, off, other] {
        sts.restart(&changed);
        assert_eq!(sts.exchange(&json!({ "email": "one@example.com" })).outcome, "local u-one");
    }
    assert_eq!((sts.commits(), sts.links().len()), (0, 1));
}

#[test]
fn another_subject_of_the_same_user_is_a_link_of_its_own() {
    let mut sts = Service::new(&document("required"));
    for sub in ["x-1", "x-2"] {
        let claims = json!({ "sub": sub, "email": "one@example.com" });
        assert_eq!(sts.exchange(&claims).outcome, "linked u-one");
    }
    let mut links = sts.links();
    links.sort();
    assert_eq!(links, ["x-1 -> u-one", "x-2 -> u-one"]);
}

#[test]
fn with_the_mode_off_the_store_is_not_even_asked() {
    let mut sts = Service::new(&document("off"));
    for email in ["one@example.com", "shared@example.com", "locked@example.com"] {
        let said = sts.exchange(&json!({ "email": email }));
        assert_eq!(said.outcome, "federated x-1");
        // What is said of the subject is what its issuer says.
        assert_eq!(said.claims["email"], email);
    }
    assert_eq!((sts.asked.as_slice(), sts.world.store.len()), (&[][..], 0));
}

#[test]
fn what_was_looked_up_and_what_was_missing_is_said() {
    let mapping = json!([{ "from": "upn", "to": "email" }]);
    let mapped = with(document("required"), "/trustedTokenIssuers/0/claims", mapping);
    let both = with(mapped, LOOKUP, json!(["email", "username"]));
    let said = |claims: &Value| {
        let reply = Service::new(&both).grant(EXCHANGE, &foreign(claims), "read");
        let details: Vec<String> = reply
            .checks
            .iter()
            .filter(|check| check.code.starts_with("account."))
            .filter_map(|check| check.detail.clone())
            .collect();
        let message = reply.text("error_description");
        (reply.outcome, message, details)
    };
    let (outcome, message, details) = said(&json!({ "email": "one@example.com" }));
    assert_eq!(outcome, "invalid_request account.no_attribute");
    assert!(message.contains("no 'upn' and no 'username'"), "{message}");
    assert_eq!(details[0], "no `upn`, which is mapped to `email`");
    assert_eq!(details[1], "no `username`");
    let (outcome, message, details) =
        said(&json!({ "upn": "nobody@example.com", "email_verified": true }));
    assert_eq!(outcome, "invalid_request account.no_match");
    assert!(message.contains("no account has the token's 'email'"), "{message}");
    assert!(!message.contains("nobody@example.com"), "{message}");
    assert_eq!(details[0], "no user by `email`");
    assert_eq!(details[2], "no account with the `email` `nobody@example.com`");
}

#[test]
fn what_the_token_says_of_the_verification_is_said() {
    for (verified, expected) in [
        (json!(null), "no `email_verified`"),
        (json!("true"), "`email_verified` is the string `true`; expected the boolean"),
        (json!("yes"), "`email_verified` is not `true`"),
        (json!(false), "`email_verified` is not `true`"),
    ] {
        let mut claims = json!({ "email": "one@example.com" });
        if !verified.is_null() {
            claims["email_verified"] = verified;
        }
        let said = Service::new(&document("required")).grant(EXCHANGE, &unvouched(&claims), "read");
        assert_eq!(said.outcome, "invalid_request account.unverified");
        let last = said.checks.last().unwrap();
        assert_eq!(last.detail.as_deref(), Some(expected));
    }
}
