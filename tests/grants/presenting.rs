//! "May ask for" is not "is": an application presents tokens that it got, and
//! tokens whose audience it is.

use serde_json::json;

use crate::parties::{Clients, FORMS, RELAY, issuing, refusal, with};
use crate::support::administered::Service;

#[test]
fn an_application_that_only_calls_an_api_gets_nothing_of_its_tokens() {
    for form in FORMS {
        let mut sts = Service::new(&issuing(form));
        let token = sts.issue("front", &[]).with_status(200).text("access_token");
        assert_eq!(sts.about("caller", &token), json!({ "active": false }), "{form}");
        let said = sts.pass_on("caller", &token, &[]);
        assert_eq!(refusal(&said), "invalid_request subject_token.own.other_application");

        assert_eq!(sts.about("front", &token)["active"], true);
        assert_eq!(sts.about("relay", &token)["active"], true);
        sts.pass_on("front", &token, &[]).with_status(200);
        sts.pass_on("relay", &token, &[]).with_status(200);
    }
}

/// Without `resources`, an application is its client id and nothing else.
#[test]
fn an_application_is_its_client_id_unless_it_says_otherwise() {
    let document = with(issuing("jwt"), &format!("{RELAY}/resources"), json!(null));
    let document = with(document, "/applications/0/audiences", json!(["relay"]));
    let mut sts = Service::new(&document);
    let token = sts.issue("front", &[]).with_status(200).text("access_token");
    sts.pass_on("relay", &token, &[]).with_status(200);
}

#[test]
fn a_refresh_token_is_of_use_to_its_own_application_only() {
    let mut sts = Service::new(&issuing("jwt"));
    let refresh = sts.issue("front", &[]).with_status(200).text("refresh_token");
    assert_eq!(sts.about("relay", &refresh), json!({ "active": false }));
    let kind = ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token");
    assert_ne!(sts.pass_on("relay", &refresh, &[kind]).status, 200);
    sts.pass_on("front", &refresh, &[kind]).with_status(200);
}

/// An application that does not use local accounts would get another subject
/// for the same evidence.
#[test]
fn a_local_account_is_not_passed_to_an_application_that_uses_none() {
    let mut sts = Service::new(&with(issuing("jwt"), &format!("{RELAY}/subject"), json!({})));
    sts.link();
    let token = sts.issue("front", &[]).with_status(200).text("access_token");
    let said = sts.pass_on("relay", &token, &[]);
    assert_eq!(refusal(&said), "invalid_request subject_token.own.account_mode");
}
