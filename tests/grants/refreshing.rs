//! Refresh tokens: as such, as subject tokens, and to their end.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::Request;
use serde_json::json;

use crate::parties::{API, Clients, FRONT, document, refusal, with};
use crate::proofs::Proof;
use crate::support::administered::Service;
use crate::support::foreign::foreign;

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
    let slow = sts.until_commit(0, form("/oauth2/token", body));
    let fast = sts.refresh("front", &first).with_status(200);
    let slow = sts.finish(0, slow).with_status(200);
    assert_eq!(slow.text("refresh_token"), fast.text("refresh_token"));
}

/// The family of a token stands in every JWT of it, where each API reads it.
#[test]
fn what_a_jwt_says_of_its_family_ends_no_family() {
    let phone = json!({
        "clientId": "phone", "type": "mobile",
        "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange", "refresh_token"],
        "trustedTokenIssuers": ["Acme"], "audiences": [API], "scopes": ["read"],
    });
    let mut with_phone = document();
    with_phone["applications"].as_array_mut().unwrap().push(phone);
    let mut sts = Service::new(&with_phone);
    let exchange = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=phone&subject_token={}&subject_token_type=urn:ietf:params:oauth:token-type:jwt",
        foreign(&json!({}))
    );
    let said = sts.send(0, form("/oauth2/token", exchange)).with_status(200);
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
    let family = claims(&access)["exq"]["f"].as_str().unwrap().to_string();
    let forged = format!("{family}.{}", "A".repeat(43));
    assert_eq!(forged.len(), refresh.len(), "it has the form of one");

    for path in ["/oauth2/token", "/oauth2/revoke"] {
        let body = format!(
            "grant_type=refresh_token&refresh_token={forged}&token={forged}&client_id=phone"
        );
        sts.send(0, form(path, body));
    }
    let body = format!("grant_type=refresh_token&refresh_token={refresh}&client_id=phone");
    sts.send(0, form("/oauth2/token", body)).with_status(200);
}

/// An operator who shortens lifetimes shortens those of the refresh tokens there are,
/// however they are presented. An access token says itself when it ends.
#[test]
fn lifetimes_that_are_shortened_end_the_refresh_tokens_there_are() {
    let short = |document, lifetimes: [u64; 3]| {
        let [access, token, family] = lifetimes;
        let access = json!({ "lifetimeSeconds": access, "outliveSubject": true });
        let document = with(document, &format!("{FRONT}/accessToken"), access);
        let refresh = json!({ "lifetimeSeconds": token, "absoluteLifetimeSeconds": family });
        with(document, &format!("{FRONT}/refreshToken"), refresh)
    };
    let long = short(document(), [3600, 86_400, 172_800]);
    for (lifetimes, stands) in [
        ([3600, 86_400, 172_800], [true, true]),
        ([900, 86_400, 172_800], [true, true]),
        ([3600, 900, 172_800], [true, false]),
        ([3600, 900, 900], [true, false]),
    ] {
        let mut sts = Service::new(&long);
        let said = sts.issue("front", &[]).with_status(200);
        let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
        sts.world.now.0 += 1000;
        sts.restart(&short(document(), lifetimes));
        let active = [&access, &refresh].map(|token| sts.about("front", token)["active"] == true);
        assert_eq!(active, stands, "{lifetimes:?}");
        let [_, refreshes] = stands;
        assert_eq!(sts.pass_on("front", &refresh, &[KIND]).status == 200, refreshes);
        assert_eq!(sts.refresh("front", &refresh).status == 200, refreshes, "{lifetimes:?}");
    }
}

/// A name becomes a local user's id after a token with it was issued.
#[test]
fn a_token_whose_subject_looks_like_a_new_local_user_ends() {
    let mut sts = Service::new(&document());
    let said = sts.issue("front", &[]).with_status(200);
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
    let mut named = document();
    named["users"].as_array_mut().unwrap().push(json!({ "id": "x-1", "username": "x" }));
    sts.restart(&named);
    assert_eq!(sts.about("front", &access)["active"], false);
    let said = sts.refresh("front", &refresh);
    assert_eq!(refusal(&said), "invalid_grant refresh_token.claim.sub.local_id");
}

/// The reply says when the refresh token ends, and not how long one lives at most.
#[test]
fn a_refresh_token_that_is_asked_for_says_when_it_ends() {
    let lifetimes = json!({ "lifetimeSeconds": 86_400, "absoluteLifetimeSeconds": 5000 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), lifetimes));
    let kind = [("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")];
    let said = sts.issue("front", &kind).with_status(200);
    assert_eq!(said.body["expires_in"], 5000);
}

/// The request that loses the race is decided again, and spends its proof then.
#[test]
fn each_of_two_uses_at_once_spends_its_proof() {
    let grace = json!({ "reuseGraceSeconds": 10 });
    let mut sts = Service::new(&with(document(), &format!("{FRONT}/refreshToken"), grace));
    let first = sts.issue("front", &[]).with_status(200).text("refresh_token");
    let body = format!(
        "grant_type=refresh_token&refresh_token={first}&client_id=front&client_secret=front-secret-for-tests"
    );
    let url = "https://sts.example/oauth2/token";
    let [one, other] = [(); 2].map(|()| Proof::to("POST", url).signed());
    let with_proof = |proof: &str| form("/oauth2/token", body.clone()).header("DPoP", proof);
    let slow = sts.until_commit(0, with_proof(&one));
    sts.send(0, with_proof(&other)).with_status(200);
    let slow = sts.finish(0, slow).with_status(200);
    assert_eq!(slow.body["token_type"], "DPoP");
    for proof in [one, other] {
        let said = sts.send(0, with_proof(&proof));
        assert_eq!(refusal(&said), "invalid_dpop_proof dpop.replay.seen");
    }
}

fn form(path: &str, body: String) -> Request {
    Request::new("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

fn claims(jwt: &str) -> serde_json::Value {
    let payload = Base64UrlUnpadded::decode_vec(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}
