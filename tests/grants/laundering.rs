//! An issued token does not lead past an issuer that is not listed, past
//! conditions, or past what was switched off or removed since.

use serde_json::{Value, json};

use crate::parties::{ACME, API, Clients, FORMS, FRONT, RELAY, document, issuing, refusal, with};
use crate::support::administered::Service;
use crate::support::{fixtures, foreign};

const USER_LINKS: &str = "/api/users/v1/u-ada/federated-associations";

/// A partner's token, through one application, to another one which lists only
/// another issuer, with a condition.
#[test]
fn an_issuer_that_is_not_listed_is_not_reached_through_another_application() {
    for form in FORMS {
        let globex =
            json!([{ "name": "Globex", "conditions": [{ "claim": "env", "equals": "prod" }] }]);
        let mut sts =
            Service::new(&with(issuing(form), &format!("{RELAY}/trustedTokenIssuers"), globex));
        sts.link();
        let token = sts.issue("front", &[]).with_status(200).text("access_token");
        assert_eq!(sts.about("front", &token)["sub"], "u-ada");
        let said = sts.pass_on("relay", &token, &[]);
        assert_eq!(refusal(&said), "invalid_request subject_token.issuer.not_allowed", "{form}");
    }
}

#[test]
fn conditions_of_an_application_are_not_evaded_through_another_one() {
    let condition = json!([{ "claim": "env", "equals": "prod" }]);
    for form in FORMS {
        let listed = json!([{ "name": "Acme", "conditions": condition }]);
        let mut sts =
            Service::new(&with(issuing(form), &format!("{RELAY}/trustedTokenIssuers"), listed));
        let token = sts.issue("front", &[]).with_status(200).text("access_token");
        let said = sts.pass_on("relay", &token, &[]);
        assert_eq!(
            refusal(&said),
            "invalid_request subject_token.own.conditions_changed",
            "{form}"
        );
    }
}

#[test]
fn a_token_ends_with_its_issuer_its_conditions_its_link_and_its_application() {
    let acme = |member: &str| format!("{ACME}/{member}");
    let front = |member: &str| format!("{FRONT}/{member}");
    let changes = [
        (acme("enabled"), json!(false)),
        (acme("issuer"), json!("https://moved.example")),
        (acme("conditions"), json!([{ "claim": "env", "equals": "prod" }])),
        (front("trustedTokenIssuers"), json!(["Globex"])),
        (front("clientId"), json!("renamed")),
        (front("audiences"), json!(["https://other.example"])),
        (
            front("grantTypes"),
            json!(["urn:ietf:params:oauth:grant-type:jwt-bearer", "refresh_token"]),
        ),
        (front("subject"), json!({ "useMappedLocalSubject": false })),
        ("/users/0/locked".into(), json!(true)),
        ("/users/0/disabled".into(), json!(true)),
        ("/users".into(), json!([])),
    ];
    for form in FORMS {
        for (pointer, value) in &changes {
            let mut sts = Service::new(&issuing(form));
            sts.link();
            let said = sts.issue("front", &[]).with_status(200);
            let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
            for token in [&access, &refresh] {
                assert_eq!(sts.about("front", token)["active"], true);
            }
            assert_eq!(sts.about("relay", &access)["active"], true);

            sts.restart(&with(issuing(form), pointer, value.clone()));
            assert_eq!(sts.about("relay", &access)["active"], false, "{form} {pointer}");
            assert_ne!(sts.pass_on("relay", &access, &[]).status, 200, "{form} {pointer}");
            if !pointer.ends_with("clientId") {
                assert_eq!(sts.about("front", &refresh)["active"], false, "{form} {pointer}");
                assert_ne!(sts.refresh("front", &refresh).status, 200, "{form} {pointer}");
            }
        }
    }
}

#[test]
fn a_link_that_is_removed_ends_every_token_that_came_by_it() {
    for form in FORMS {
        let mut sts = Service::new(&issuing(form));
        sts.link();
        let access = sts.issue("front", &[]).with_status(200).text("access_token");
        let passed_on = sts.pass_on("relay", &access, &[]).with_status(200).text("access_token");
        sts.delete(USER_LINKS).with_status(204);
        for (client, token) in [("front", &access), ("relay", &passed_on)] {
            assert_eq!(sts.about(client, token)["active"], false, "{form} {client}");
        }
        // A new link revives nothing.
        sts.link();
        assert_eq!(sts.about("front", &access)["active"], false, "{form}");
    }
}

/// What conditions say counts, not in which order they stand or who adds them;
/// and a condition in audit mode refuses nothing.
#[test]
fn the_same_conditions_in_another_place_end_nothing() {
    let team = json!({ "claim": "team", "present": false });
    let env = json!({ "claim": "env", "present": false });
    let audit = json!({ "claim": "env", "equals": "prod", "mode": "audit" });
    let before = with(document(), &format!("{ACME}/conditions"), json!([team, env]));
    let mut sts = Service::new(&before);
    let token = sts.issue("front", &[]).with_status(200).text("access_token");
    let moved = with(document(), &format!("{ACME}/conditions"), json!([env, audit]));
    let listed = json!([{ "name": "Acme", "conditions": [team, env] }]);
    let moved = with(moved, &format!("{FRONT}/trustedTokenIssuers"), listed.clone());
    sts.restart(&with(moved, &format!("{RELAY}/trustedTokenIssuers"), listed));
    assert_eq!(sts.about("front", &token)["active"], true);
    sts.pass_on("relay", &token, &[]).with_status(200);
}

/// A scope that may no longer be granted leaves the token; the rest stays.
#[test]
fn a_scope_that_is_taken_away_leaves_the_token() {
    for form in FORMS {
        let mut sts = Service::new(&issuing(form));
        sts.link();
        let scope = [("scope", "read deploy write"), ("audience", API)];
        let token = sts.issue("front", &scope).with_status(200).text("access_token");
        assert_eq!(sts.about("relay", &token)["scope"], "read deploy write");
        sts.restart(&with(issuing(form), "/users/0/roles", json!([])));
        assert_eq!(sts.about("relay", &token)["scope"], "read write");
        let said = sts.pass_on("relay", &token, &[("scope", "read deploy")]).with_status(200);
        assert_eq!(said.body["scope"], "read");
        let said = sts.pass_on("relay", &token, &[("scope", "deploy")]);
        assert_eq!(refusal(&said), "invalid_scope scope.not_allowed");
    }
}

/// A JWT would survive the revocation that opaque tokens are chosen for.
#[test]
fn an_application_with_opaque_tokens_gets_no_jwt_by_asking_for_it() {
    let mut sts = Service::new(&issuing("opaque"));
    let jwt = [("requested_token_type", "urn:ietf:params:oauth:token-type:jwt")];
    let said = sts.issue("front", &jwt);
    assert_eq!(refusal(&said), "invalid_request requested_token_type.unsupported");
    let mut sts = Service::new(&issuing("jwt"));
    sts.issue("front", &jwt).with_status(200);
}

#[test]
fn every_token_of_a_family_ends_with_it() {
    for form in FORMS {
        let mut sts = Service::new(&issuing(form));
        let said = sts.issue("front", &[]).with_status(200);
        let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
        let passed_on = sts.pass_on("relay", &access, &[]).with_status(200).text("access_token");
        let revoke = ("front", "front-secret-for-tests");
        sts.form(0, "/oauth2/revoke", revoke, &[("token", &refresh)]).with_status(200);
        for (client, token) in [("front", &access), ("relay", &passed_on)] {
            assert_eq!(sts.about(client, token)["active"], false, "{form} {client}");
        }
    }
}

/// The document gives the `iss` of an issuer of the store to another one.
#[test]
fn an_issuer_of_the_store_whose_name_the_document_has_taken_keeps_no_token_alive() {
    let jwks = fixtures::expand(&json!({ "$jwks": ["idp-es256"] }));
    let by_document = |issuers: Value| with(document(), "/trustedTokenIssuers", issuers);
    let mut without = by_document(json!([]));
    without["applications"] = json!([]);
    let mut sts = Service::new(&without);
    let issuer = json!({
        "name": "Acme", "issuer": foreign::IDP, "certificate": { "jwks": jwks.clone() },
    });
    sts.post("/api/server/v1/trusted-token-issuers", &issuer).with_status(201);
    let mut front = document()["applications"][0].clone();
    front["name"] = json!("front");
    sts.post("/api/server/v1/applications", &front).with_status(201);
    let said = sts.issue("front", &[]).with_status(200);
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));

    for enabled in [true, false] {
        let mut taken = without.clone();
        taken["trustedTokenIssuers"] = json!([{
            "name": "Theirs", "issuer": foreign::IDP, "enabled": enabled,
            "certificate": { "jwks": jwks },
        }]);
        sts.restart(&taken);
        assert_eq!(sts.about("front", &access)["active"], false, "{enabled}");
        let said = sts.refresh("front", &refresh);
        assert_eq!(refusal(&said), "invalid_grant refresh_token.issuer.gone", "{enabled}");
    }
    sts.restart(&without);
    sts.refresh("front", &refresh).with_status(200);
}
