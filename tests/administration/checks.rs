//! An issuer's keys tried before it is saved.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, pem, service, shop, with};
use crate::support::fixtures;

const CHECK: &str = "/api/server/v1/trusted-token-issuers/check";
const URL: &str = "https://globex.example/jwks";

fn of_url(algorithms: &Value) -> Value {
    let body = with(globex(), "certificate", json!({ "jwksUri": URL }));
    with(body, "algorithms", algorithms.clone())
}

#[test]
fn keys_are_fetched_and_each_is_said_to_be_used_or_not() {
    let mut sts = service();
    let mut set = fixtures::expand(&json!({ "$jwks": ["globex-es256", "globex-rs2048"] }));
    set["keys"].as_array_mut().unwrap().push(json!({ "kty": "oct", "k": "AAAA" }));
    let web = json!({ URL: [{ "body": set }, { "body": set }] });
    sts.world.web.script(&serde_json::from_value(web).unwrap());

    let said = sts.post(CHECK, &of_url(&json!(["ES256"]))).with_status(200);
    assert_eq!(said.body["url"], URL);
    let keys = &said.body["keys"];
    assert_eq!((&keys[0]["crv"], &keys[0]["algorithms"]), (&json!("P-256"), &json!(["ES256"])));
    assert_eq!((&keys[1]["kty"], &keys[1]["algorithms"]), (&json!("RSA"), &json!([])));
    assert!(said.body["skipped"][0].as_str().unwrap().starts_with("key 2: "), "{}", said.body);
    // Fetched anew each time, and nothing was made.
    sts.post(CHECK, &of_url(&json!(["ES256"]))).with_status(200);
    assert_eq!(sts.world.web.fetched, [URL, URL]);
    assert_eq!(sts.get(ISSUERS).body["totalResults"], 1);
}

#[test]
fn what_is_out_of_reach_is_said_and_is_no_error_of_the_call() {
    let mut sts = service();
    let web = json!({ URL: [{ "status": 404 }] });
    sts.world.web.script(&serde_json::from_value(web).unwrap());
    let said = sts.post(CHECK, &of_url(&json!(["ES256"]))).with_status(200);
    let problem = said.text("problem");
    assert!(problem.contains(URL) && problem.contains("404"), "{problem}");
}

#[test]
fn the_cause_is_said_with_its_member_and_its_remedy() {
    for (answer, code, word) in [
        (json!("unresolved"), "key.unavailable.name", "DNS"),
        (json!("untrusted"), "key.unavailable.certificate", "NODE_EXTRA_CA_CERTS"),
        (json!("timedOut"), "key.unavailable.timeout", "readTimeoutMs"),
        (json!("proxy"), "key.unavailable.proxy", "HTTPS_PROXY"),
        (json!({ "text": "<html>" }), "key.document_unusable", "jwks_uri"),
        (json!("tooLarge"), "key.document_too_long", "remove keys"),
    ] {
        let mut sts = service();
        sts.world.web.script(&serde_json::from_value(json!({ URL: [answer] })).unwrap());
        let said = sts.post(CHECK, &of_url(&json!(["ES256"]))).with_status(200);
        assert_eq!((&*said.text("path"), &*said.text("reason")), ("certificate.jwksUri", code));
        assert!(said.text("problem").contains(URL), "{}", said.body);
        assert!(said.text("remedy").contains(word), "{}", said.body);
    }
}

#[test]
fn a_public_key_has_no_dates() {
    let mut sts = service();
    let key = include_str!("../certificates/public-key.pem");
    let body = with(globex(), "certificate", json!({ "certificates": [key] }));
    let said = sts.post(CHECK, &body).with_status(200);
    let key = &said.body["keys"][0];
    assert_eq!((&key["crv"], &key["algorithms"]), (&json!("P-256"), &json!(["ES256"])));
    assert!(key.get("notBefore").is_none() && key.get("notAfter").is_none(), "{key}");
    sts.post(ISSUERS, &body).with_status(201);
}

#[test]
fn certificates_and_key_sets_are_read_without_a_name() {
    let mut sts = service();
    let body = with(globex(), "certificate", json!({ "certificates": [pem()] }));
    let said = sts.post(CHECK, &with(body, "name", Value::Null)).with_status(200);
    let key = &said.body["keys"][0];
    assert_eq!(key["algorithms"], json!(["ES256"]), "{key}");
    assert!(key["notAfter"].as_u64() > key["notBefore"].as_u64(), "{key}");
    let said = sts.post(CHECK, &globex()).with_status(200);
    assert_eq!(said.body["keys"][0]["kid"], "idp-es256");
}

#[test]
fn what_is_no_issuer_is_refused_as_when_it_is_saved() {
    let mut sts = service();
    let body = with(globex(), "certificate", json!({ "jwksUri": "ftp://globex.example" }));
    let (checked, saved) = (sts.post(CHECK, &body), sts.post(ISSUERS, &body));
    assert_eq!(checked.code(), "400 IDP-60025");
    assert_eq!(checked.description(), saved.description());
    assert!(saved.description().starts_with("`certificate.jwksUri`"), "{}", saved.description());
    sts.bearer = None;
    assert_eq!(sts.post(CHECK, &globex()).status, 401);
}

#[test]
fn a_list_says_how_the_keys_are_doing() {
    let mut sts = service();
    sts.post(ISSUERS, &of_url(&json!(["ES256"]))).with_status(201);
    let list = sts.get(ISSUERS).body;
    let states = ["/identityProviders/0/keyState", "/identityProviders/1/keyState"]
        .map(|at| list.pointer(at).cloned().unwrap_or_default());
    assert_eq!(states, [json!("configured"), json!("unused")]);
}

#[test]
fn it_is_said_who_changed_what_and_when() {
    let mut sts = service();
    let path = made(&mut sts, ISSUERS, &globex());
    let meta = sts.get(&path).body["meta"].clone();
    assert_eq!(meta["modifiedBy"], "admin token");
    assert_eq!(meta["created"], meta["lastModified"]);
    // What was shown may be sent back.
    let application = made(&mut sts, APPLICATIONS, &shop());
    let shown = sts.get(&application).body;
    assert_eq!(shown["meta"]["modifiedBy"], "admin token");
    sts.patch(&application, &with(shown, "description", json!("new"))).with_status(200);
    // The document has no author.
    let list = sts.get(ISSUERS).body;
    let id = list["identityProviders"][0]["id"].as_str().unwrap();
    assert_eq!(sts.get(&format!("{ISSUERS}/{id}")).body.get("meta"), None);
}
