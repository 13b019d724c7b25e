//! Who may be named as an actor, and who may act.

use serde_json::{Value, json};

use crate::parties::{Clients, FRONT, RELAY, document, refusal, with};
use crate::support::administered::{Said, Service};
use crate::support::foreign::{IDP, foreign};

const FRONT_CLIENT: (&str, &str) = ("front", "front-secret-for-tests");
const TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

fn issue(sts: &mut Service, claims: &Value) -> Value {
    let said = sts.exchange(0, FRONT_CLIENT, &foreign(claims)).with_status(200);
    sts.about("front", &said.text("access_token"))
}

/// An issuer speaks for its own subjects, and for nobody else's.
#[test]
fn an_issuer_names_no_actor_of_another_issuer() {
    let mut sts = Service::new(&document());
    let own = json!({ "sub": "agent", "iss": IDP });
    for (act, issued) in [
        (json!({ "sub": "agent" }), own.clone()),
        (json!({ "sub": "agent", "iss": IDP }), own.clone()),
        (json!({ "sub": "boss", "iss": "https://globex.example" }), json!(null)),
        (json!({ "sub": "u-ada", "iss": "https://sts.example" }), json!(null)),
        (
            json!({ "sub": "boss", "iss": "https://globex.example", "act": { "sub": "agent" } }),
            own.clone(),
        ),
        (
            json!({ "sub": "agent", "act": { "sub": "boss", "iss": "https://globex.example" } }),
            own.clone(),
        ),
    ] {
        assert_eq!(issue(&mut sts, &json!({ "act": act }))["act"], issued, "{act}");
    }
}

/// A detour does not lose `may_act`.
#[test]
fn may_act_is_carried_on_until_an_actor_has_used_it() {
    let allow = json!({ "allowWithoutActor": true });
    let mut document = with(document(), &format!("{FRONT}/delegation"), allow);
    document = with(document, &format!("{RELAY}/accessToken"), json!({ "type": "opaque" }));
    let mut sts = Service::new(&document);
    let claims = json!({ "may_act": { "sub": "agent" } });
    let said = sts.exchange(0, FRONT_CLIENT, &foreign(&claims)).with_status(200);
    let token = said.text("access_token");
    assert_eq!(sts.about("front", &token)["may_act"], json!({ "sub": "agent", "iss": IDP }));

    // The next application has no leave to do without an actor.
    let said = sts.pass_on("relay", &token, &[]);
    assert_eq!(refusal(&said), "invalid_request delegation.actor_required");
    let by = |sub: &str| foreign(&json!({ "sub": sub }));
    let actor = |token: &str| {
        [("actor_token".to_string(), token.to_string()), ("actor_token_type".into(), TYPE.into())]
    };
    for (sub, status) in [("other", 400), ("agent", 200)] {
        let form = actor(&by(sub));
        let form: Vec<_> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
        let said = sts.pass_on("relay", &token, &form).with_status(status);
        if status == 200 {
            let about = sts.about("relay", &said.text("access_token"));
            assert_eq!(about["act"], json!({ "sub": "agent", "iss": IDP }));
            assert_eq!(about["may_act"], json!(null), "the actor has used it");
        }
    }
}

/// A token with `may_act` was issued without an actor, and its application may not have
/// that any more.
#[test]
fn a_token_that_names_who_may_act_ends_when_its_application_needs_an_actor() {
    let allow = json!({ "allowWithoutActor": true });
    let allowing = with(document(), &format!("{FRONT}/delegation"), allow);
    let claims = json!({ "may_act": { "sub": "agent" } });
    let mut sts = Service::new(&allowing);
    let said = sts.exchange(0, FRONT_CLIENT, &foreign(&claims)).with_status(200);
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
    assert_eq!(sts.about("front", &access)["active"], true);

    sts.restart(&document());
    assert_eq!(sts.about("front", &access)["active"], false);
    let said = sts.refresh("front", &refresh);
    assert_eq!(refusal(&said), "invalid_grant delegation.actor_required");
    sts.restart(&allowing);
    sts.refresh("front", &refresh).with_status(200);
}

/// The token of one application about `x-2`, for whom an actor acts.
fn acted(sts: &mut Service, actor: &str, kind: &str) -> Said {
    let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
    let form = [("actor_token", actor), ("actor_token_type", &*kind)];
    let subject = foreign(&json!({ "sub": "x-2" }));
    sts.exchange_for(0, FRONT_CLIENT, &subject, &form).with_status(200)
}

/// A local user acts, by a token of this server.
#[test]
fn a_token_ends_with_the_account_and_the_link_of_a_local_actor() {
    let ends: [fn(&mut Service, &str); 2] = [
        |sts, _| {
            let mut locked = document();
            locked["users"][0]["locked"] = json!(true);
            sts.restart(&locked);
        },
        |sts, link| {
            let path = format!("/api/users/v1/u-ada/federated-associations/{link}");
            sts.delete(&path).with_status(204);
        },
    ];
    for end in ends {
        let mut sts = Service::new(&document());
        let link = sts.link();
        let ada = sts.issue("front", &[]).with_status(200).text("access_token");
        let said = acted(&mut sts, &ada, "access_token");
        let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
        assert_eq!(sts.about("front", &access)["act"]["sub"], "u-ada");
        end(&mut sts, &link);
        assert_eq!(sts.about("front", &access)["active"], false);
        assert_ne!(sts.refresh("front", &refresh).status, 200);
    }
}

/// A subject of an issuer acts, and is a local user by a link.
#[test]
fn a_token_ends_when_the_account_of_a_linked_actor_is_locked() {
    let mut sts = Service::new(&document());
    sts.link();
    let said = acted(&mut sts, &foreign(&json!({})), "jwt");
    let (access, refresh) = (said.text("access_token"), said.text("refresh_token"));
    assert_eq!(sts.about("front", &access)["act"], json!({ "sub": "x-1", "iss": IDP }));
    let mut locked = document();
    locked["users"][0]["locked"] = json!(true);
    sts.restart(&locked);
    assert_eq!(sts.about("front", &access)["active"], false);
    assert_eq!(refusal(&sts.refresh("front", &refresh)), "access_denied account.locked");
}

/// The application that a token is passed on to knows nothing of the actor's issuer.
#[test]
fn a_token_that_was_passed_on_ends_with_the_issuer_of_its_actor() {
    let listed = json!(["Acme", "Globex"]);
    let document = with(document(), &format!("{FRONT}/trustedTokenIssuers"), listed);
    let mut sts = Service::new(&document);
    let agent = foreign(&json!({ "iss": "https://globex.example", "sub": "agent" }));
    let token = acted(&mut sts, &agent, "jwt").text("access_token");
    let passed = sts.pass_on("relay", &token, &[]).with_status(200).text("access_token");
    assert_eq!(sts.about("relay", &passed)["act"]["sub"], "agent");
    sts.restart(&with(document, "/trustedTokenIssuers/1/enabled", json!(false)));
    assert_eq!(sts.about("relay", &passed)["active"], false);
}
