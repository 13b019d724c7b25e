//! Who may be named as an actor, and who may act.

use serde_json::{Value, json};

use crate::parties::{Clients, FRONT, RELAY, document, refusal, with};
use crate::support::administered::Service;
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
