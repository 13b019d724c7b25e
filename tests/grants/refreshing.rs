//! Refresh tokens: as such, as subject tokens, and to their end.

use serde_json::json;

use crate::parties::{API, Clients, FRONT, document, refusal, with};
use crate::support::administered::Service;

const KIND: (&str, &str) = ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token");

/// Exchanging a refresh token is a use of it: the same checks.
#[test]
fn a_refresh_token_as_subject_token_passes_the_checks_of_refreshing() {
    let front = |member: &str| format!("{FRONT}/{member}");
    for (pointer, value) in [
        (front("grantTypes"), json!(["urn:ietf:params:oauth:grant-type:token-exchange"])),
        (front("trustedTokenIssuers"), json!(["Globex"])),
        (front("audiences"), json!(["https://other.example"])),
        (
            front("subject"),
            json!({ "useMappedLocalSubject": true, "mappedLocalSubjectMandatory": true }),
        ),
    ] {
        let mut sts = Service::new(&document());
        let refresh = sts.issue("front", &[]).with_status(200).text("refresh_token");
        sts.pass_on("front", &refresh, &[KIND]).with_status(200);
        sts.restart(&with(document(), &pointer, value));
        assert_ne!(sts.pass_on("front", &refresh, &[KIND]).status, 200, "{pointer}");
        assert_ne!(sts.refresh("front", &refresh).status, 200, "{pointer}");
    }
}

#[test]
fn a_refresh_token_as_subject_token_widens_nothing_and_is_not_spent() {
    let several = json!([API, "https://other.example"]);
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/audiences"), several));
    let narrow = [("audience", API), ("scope", "read")];
    let refresh = sts.issue("front", &narrow).with_status(200).text("refresh_token");
    let said = sts.pass_on("front", &refresh, &[KIND, ("audience", "https://other.example")]);
    assert_eq!(refusal(&said), "invalid_target target.not_allowed");
    let said = sts.pass_on("front", &refresh, &[KIND, ("scope", "read write")]).with_status(200);
    assert_eq!(said.body["scope"], "read");
    let said = sts.pass_on("front", &refresh, &[KIND]).with_status(200);
    assert_eq!(sts.about("front", &said.text("access_token"))["aud"], json!([API]));
    sts.refresh("front", &refresh).with_status(200);
}

/// However often its tokens are used, a family ends.
#[test]
fn a_family_ends_at_its_absolute_lifetime() {
    let lifetimes = json!({ "lifetimeSeconds": 3600, "absoluteLifetimeSeconds": 5000 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), lifetimes));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    sts.world.now.0 += 3000;
    let second = sts.refresh("front", &first).with_status(200).text("refresh_token");
    sts.world.now.0 += 1999;
    let third = sts.refresh("front", &second).with_status(200).text("refresh_token");
    sts.world.now.0 += 1;
    assert_eq!(refusal(&sts.refresh("front", &third)), "invalid_grant refresh_token.unknown");
}

#[test]
fn within_the_grace_a_spent_token_gives_the_same_successor() {
    let grace = json!({ "reuseGraceSeconds": 10 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), grace));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    let second = sts.refresh("front", &first).with_status(200).text("refresh_token");
    sts.world.now.0 += 9;
    let again = sts.refresh("front", &first).with_status(200);
    assert_eq!(again.text("refresh_token"), second);
    assert!(!sts.stored().contains(&second), "no token is stored");

    sts.world.now.0 += 1;
    assert_eq!(refusal(&sts.refresh("front", &first)), "invalid_grant refresh_token.reused");
    assert_eq!(refusal(&sts.refresh("front", &second)), "invalid_grant refresh_token.unknown");
}

/// Once the successor was used, a token is two uses old, whatever the grace.
#[test]
fn the_grace_is_for_the_newest_but_one_only() {
    let grace = json!({ "reuseGraceSeconds": 10 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), grace));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    let second = sts.refresh("front", &first).with_status(200).text("refresh_token");
    sts.refresh("front", &second).with_status(200);
    assert_eq!(refusal(&sts.refresh("front", &first)), "invalid_grant refresh_token.reused");
}

/// Revocation is no use of a token: the grace does not save its family.
#[test]
fn revoking_a_spent_token_within_its_grace_ends_the_family() {
    let grace = json!({ "reuseGraceSeconds": 10 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), grace));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    let second = sts.refresh("front", &first).with_status(200).text("refresh_token");
    let client = ("front", "front-secret-for-tests");
    sts.form(0, "/oauth2/revoke", client, &[("token", &first)]).with_status(200);
    assert_eq!(refusal(&sts.refresh("front", &second)), "invalid_grant refresh_token.unknown");
}

/// Two tabs of a browser refresh at once.
#[test]
fn two_uses_at_once_both_succeed_within_the_grace() {
    let grace = json!({ "reuseGraceSeconds": 10 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), grace));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    let body = format!(
        "grant_type=refresh_token&refresh_token={first}&client_id=front&client_secret=front-secret-for-tests"
    );
    let request = exchequer::Request::new("POST", "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let slow = sts.until_commit(0, request);
    let fast = sts.refresh("front", &first).with_status(200);
    let slow = sts.finish(0, slow).with_status(200);
    assert_eq!(slow.text("refresh_token"), fast.text("refresh_token"));
}
