//! `/api/server/v1/keys`: the keys of the server, and what each is there for.

use serde_json::{Value, json};

use crate::parties::{document, with};
use crate::support::administered::{Commits, Service};
use crate::support::fixtures;
use crate::support::start::NOW;

const KEYS: &str = "/api/server/v1/keys";

fn states(sts: &mut Service) -> Vec<Value> {
    let said = sts.get(KEYS).with_status(200).body;
    let all = said["keys"].as_array().unwrap().iter();
    all.map(|one| json!([one["kid"], one["state"], one["firstSeen"]])).collect()
}

/// Keys of the configuration, each under a name of its own.
fn keyed(names: &[(&str, &str)]) -> Value {
    let keys = names.iter().map(|(fixture, kid)| {
        let mut key = fixtures::key(fixture);
        key["kid"] = json!(kid);
        key
    });
    with(document(), "keys", keys.collect())
}

#[test]
fn a_key_is_next_then_signs_then_retires() {
    let (old, new) = (("ours", "old"), ("idp-es256", "new"));
    let mut sts = Service::new(&keyed(&[old]));
    assert_eq!(states(&mut sts), [json!(["old", "current", NOW])]);
    sts.world.now.0 += 100;
    sts.restart(&keyed(&[old, new]));
    let published = [json!(["old", "current", NOW]), json!(["new", "next", NOW + 100])];
    assert_eq!(states(&mut sts), published);
    sts.world.now.0 += 100;
    sts.restart(&keyed(&[new, old]));
    let switched = [json!(["new", "current", NOW + 100]), json!(["old", "retiring", NOW])];
    assert_eq!(states(&mut sts), switched);
    sts.restart(&keyed(&[new]));
    assert_eq!(states(&mut sts), [json!(["new", "current", NOW + 100])]);
    sts.restart(&keyed(&[new, old]));
    assert_eq!(states(&mut sts)[1], json!(["old", "next", NOW + 200]), "it was forgotten");
}

#[test]
fn no_private_part_is_told() {
    for (document, source) in
        [(document(), "configuration"), (with(document(), "keys", Value::Null), "store")]
    {
        let mut sts = Service::new(&document);
        let said = sts.get(KEYS).with_status(200);
        assert!(said.audit.is_none());
        let key = &said.body["keys"][0];
        let members: Vec<&String> = key.as_object().unwrap().keys().collect();
        let mut expected = vec!["alg", "crv", "firstSeen", "kid", "kty", "signsFrom", "source"];
        expected.extend(["state", "thumbprint", "use"]);
        expected.retain(|name| source == "store" || *name != "signsFrom");
        assert_eq!(members, expected);
        assert_eq!((&key["source"], &key["alg"]), (&json!(source), &json!("ES256")));
        let published = sts.get("/oauth2/jwks").body;
        assert_eq!(published["keys"][0]["kid"], key["kid"]);
        assert_eq!(said.body["jwksUri"], "https://sts.example/oauth2/jwks");
        assert!(!sts.stored().contains("signing-keys-seen {\"keys"));
    }
}

#[test]
fn what_cannot_be_remembered_is_told_all_the_same() {
    let mut sts = Service::new(&document());
    sts.commits = Commits::Failing;
    assert_eq!(sts.get(KEYS).with_status(200).body["keys"][0]["state"], "current");
    sts.world.store_state = crate::support::case::StoreState::Failed;
    assert_eq!(sts.get(KEYS).code(), "503 EXQ-50300");
}

#[test]
fn keys_are_for_administrators() {
    let mut sts = Service::new(&document());
    for (method, path, code) in [
        ("POST", KEYS.to_string(), "405 EXQ-40500"),
        ("GET", format!("{KEYS}/x/y"), "404 EXQ-40400"),
    ] {
        let request = sts.with_body(method, &path, "{}");
        assert_eq!(sts.send(0, request).code(), code);
    }
    sts.bearer = None;
    let said = sts.get(KEYS).with_status(401);
    assert_eq!(said.body.get("keys"), None);
}
