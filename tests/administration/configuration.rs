//! `/api/server/v1/configuration`: exported without a secret, compared, and
//! imported.

use exchequer::Config;
use serde_json::{Value, json};

use crate::parties::{
    APPLICATIONS, ISSUERS, OPERATORS, document, globex, made, service, shop, with,
};
use crate::support::administered::{Commits, Said, Service};
use crate::support::foreign::foreign;

const CONFIGURATION: &str = "/api/server/v1/configuration";
const DIFF: &str = "/api/server/v1/configuration/diff";
const IMPORT: &str = "/api/server/v1/configuration/import";

/// With an issuer and an application of the store.
fn furnished() -> Service {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    let lists =
        json!(["Acme", { "name": "Globex", "conditions": [{ "claim": "a", "present": true }] }]);
    made(&mut sts, APPLICATIONS, &with(shop(), "trustedTokenIssuers", lists));
    sts
}

fn export(sts: &mut Service) -> (Value, String) {
    let said = sts.get(CONFIGURATION).with_status(200);
    let tag = said.header("etag").unwrap().to_string();
    (said.body, tag)
}

fn import(sts: &mut Service, query: &str, tag: &str, document: &Value) -> Said {
    let request = sts.with_body("POST", &format!("{IMPORT}{query}"), document.to_string());
    let request = if tag.is_empty() { request } else { request.header("If-Match", tag) };
    sts.send(0, request)
}

fn paths(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap().into()).collect()
}

fn application(document: &mut Value, client_id: &str) -> usize {
    let all = document["applications"].as_array().unwrap();
    all.iter().position(|one| one["clientId"] == client_id).unwrap()
}

#[test]
fn a_new_server_starts_from_the_export_and_no_secret_is_in_it() {
    let mut sts = furnished();
    let (exported, _) = export(&mut sts);
    let text = exported.to_string();
    for secret in [OPERATORS.1, "\"d\":", "hash", "salt"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert_eq!(exported.get("keys"), None, "a new server makes its own");
    assert!(exported["$comment"].as_str().unwrap().contains("no secret"));

    let parsed = Config::parse(&text).unwrap();
    let named: Vec<String> =
        parsed.secrets().iter().map(|secret| secret.source.to_string()).collect();
    assert_eq!(
        named,
        [
            "the environment variable `EXCHEQUER_SECRET_OPERATORS`",
            "the environment variable `EXCHEQUER_SECRET_SHOP`"
        ]
    );
    let config = parsed.resolve(|_| Ok("a-secret-for-the-new-server".into())).unwrap();
    // It begins as the same configuration.
    let mut other = Service::of_config(config);
    let (again, _) = export(&mut other);
    assert_eq!(again, exported);
    let client = ("operators", "a-secret-for-the-new-server");
    other.exchange(0, client, &foreign(&json!({}))).with_status(200);
}

#[test]
fn references_stay_references_and_private_keys_of_others_are_left_out() {
    let mut with_references = document();
    with_references["applications"][0]["clientSecret"] = json!({ "env": "HOME" });
    let key = crate::support::fixtures::key("idp-es256");
    with_references["trustedTokenIssuers"][0]["certificate"]["jwks"] = json!({ "keys": [key] });
    let text = crate::support::fixtures::document(&with_references).to_string();
    let config = Config::parse(&text).unwrap();
    let config = config.resolve(|_| Ok("a-secret-that-is-elsewhere".into())).unwrap();
    let mut sts = Service::of_config(config);
    let (exported, _) = export(&mut sts);
    assert_eq!(exported["applications"][0]["clientSecret"], json!({ "env": "HOME" }));
    let keys = &exported["trustedTokenIssuers"][0]["certificate"]["jwks"]["keys"][0];
    assert_eq!((keys.get("d"), keys["kty"].as_str()), (None, Some("EC")));
}

#[test]
fn what_is_different_is_told_by_its_path() {
    let mut sts = furnished();
    let (exported, tag) = export(&mut sts);
    let same = sts.post(DIFF, &exported).with_status(200);
    assert_eq!((&same.body["differences"], same.header("etag")), (&json!([]), Some(&*tag)));

    let mut sent = exported.clone();
    let (shop, operators) = (application(&mut sent, "shop"), application(&mut sent, "operators"));
    sent["applications"][shop]["scopes"] = json!(["read", "write"]);
    sent["applications"][shop]["clientSecret"] = json!("another-secret-for-the-shop");
    sent["applications"][operators]["name"] = json!("Ops");
    sent["trustedTokenIssuers"].as_array_mut().unwrap().retain(|one| one["name"] != "Globex");
    sent["applications"][shop]["trustedTokenIssuers"] = json!([{ "name": "Acme" }]);
    sent["trustedTokenIssuers"].as_array_mut().unwrap().push(json!({
        "name": "New", "issuer": "https://new.example",
        "certificate": { "jwksUri": "https://new.example/jwks" },
    }));
    sent["users"][0]["locked"] = json!(true);
    sent["roles"] = json!([{ "name": "reader", "scopes": ["read"] }]);
    let said = sts.post(DIFF, &sent).with_status(200).body;
    let short: Vec<Value> = said["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["change"], one["path"], one["readOnly"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["changed", "applications[\"operators\"].name", true]),
            json!(["changed", "applications[\"shop\"].clientSecret", false]),
            json!(["changed", "applications[\"shop\"].scopes", false]),
            json!(["changed", "applications[\"shop\"].trustedTokenIssuers", false]),
            json!(["added", "roles[\"reader\"]", true]),
            json!(["removed", "trustedTokenIssuers[\"https://globex.example\"]", false]),
            json!(["added", "trustedTokenIssuers[\"https://new.example\"]", false]),
            json!(["changed", "users[\"u-ada\"].locked", true]),
        ]
    );
    let scopes = &said["differences"][2];
    assert_eq!(
        (&scopes["before"], &scopes["after"]),
        (&json!(["read"]), &json!(["read", "write"]))
    );
    assert!(!said.to_string().contains("another-secret"), "{said}");
    assert_eq!(export(&mut sts).1, tag, "nothing was written");
}

#[test]
fn an_import_does_what_its_dry_run_said() {
    let mut sts = furnished();
    let (mut sent, _) = export(&mut sts);
    let shop = application(&mut sent, "shop");
    sent["applications"][shop]["scopes"] = json!(["read", "write"]);
    sent["trustedTokenIssuers"].as_array_mut().unwrap().push(json!({
        "name": "New", "issuer": "https://new.example",
        "certificate": { "jwksUri": "https://new.example/jwks" },
    }));
    for id in ["one", "two"] {
        sent["applications"].as_array_mut().unwrap().push(json!({
            "name": id, "clientId": id, "clientSecret": { "env": "ELSEWHERE" },
            "grantTypes": ["refresh_token"], "trustedTokenIssuers": ["New"],
        }));
    }
    let before = sts.stored();
    let dry = import(&mut sts, "?dryRun=true", "", &sent).with_status(200);
    assert_eq!(sts.stored(), before, "a dry run writes nothing");
    let short = |said: &Value| -> Vec<Value> {
        let all = said["changes"].as_array().unwrap().iter();
        all.map(|one| json!([one["action"], one["path"]])).collect()
    };
    assert_eq!(
        short(&dry.body),
        [
            json!(["create", "trustedTokenIssuers[\"https://new.example\"]"]),
            json!(["update", "applications[\"shop\"]"]),
            json!(["create", "applications[\"one\"]"]),
            json!(["create", "applications[\"two\"]"]),
        ]
    );
    assert_eq!((&dry.body["dryRun"], &dry.body["atomic"]), (&json!(true), &json!(true)));
    assert!(dry.audit.is_none());
    let tag = dry.header("etag").unwrap().to_string();
    let done = import(&mut sts, "", &tag, &sent).with_status(200);
    assert_eq!(short(&done.body), short(&dry.body));
    let change = done.audit.as_ref().unwrap().change.clone().unwrap();
    assert_eq!((&*change.resource, &*change.id), ("configuration", "several"));
    assert_eq!(change.before.unwrap().as_array().unwrap().len(), 1);
    let after = change.after.unwrap();
    assert_eq!(after.as_array().unwrap().len(), 4);
    assert!(!after.to_string().contains("clientSecret"), "{after}");

    // Secrets that were made are told once, and are different.
    let secrets = done.body["secrets"].as_array().unwrap();
    assert_eq!((&secrets[0]["clientId"], secrets.len()), (&json!("one"), 2));
    assert_ne!(secrets[0]["clientSecret"], secrets[1]["clientSecret"]);
    let (exported, tag) = export(&mut sts);
    assert_eq!(Some(&*tag), done.header("etag"));
    let two = exported["applications"].as_array().unwrap();
    let two = two.iter().find(|one| one["clientId"] == "two").unwrap();
    assert_eq!(two["trustedTokenIssuers"], json!(["New"]));
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], 4, "they are counted");
    let secret = secrets[0]["clientSecret"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
    let said = sts.form(1, "/oauth2/token", ("one", secret), &form);
    assert_eq!(said.body["error"], "invalid_grant", "the client authenticates");
    let again = import(&mut sts, "", &tag, &exported).with_status(200);
    assert_eq!((&again.body["changes"], again.audit.is_none()), (&json!([]), true));
}

#[test]
fn nothing_is_deleted_unless_asked_for() {
    let mut sts = furnished();
    let (mut sent, tag) = export(&mut sts);
    for list in ["applications", "trustedTokenIssuers"] {
        sent[list].as_array_mut().unwrap().truncate(1);
    }
    let said = import(&mut sts, "", &tag, &sent).with_status(200).body;
    assert_eq!(said["changes"], json!([]));
    let said = import(&mut sts, "?prune=true", &tag, &sent).with_status(200).body;
    assert_eq!(
        paths(&said["changes"]),
        ["applications[\"shop\"]", "trustedTokenIssuers[\"https://globex.example\"]"]
    );
    for path in [APPLICATIONS, ISSUERS] {
        assert_eq!(sts.get(path).body["totalResults"], 1, "the document's stays");
    }
    // Even one that the document lacks.
    let (mut sent, tag) = export(&mut sts);
    sent["applications"] = json!([]);
    let said = import(&mut sts, "?prune=true", &tag, &sent).with_status(200).body;
    assert_eq!(said["changes"], json!([]));
    assert_eq!(paths(&said["notImported"]), ["applications[\"operators\"]"]);
}

#[test]
fn nobodys_change_is_undone_unseen() {
    let mut sts = furnished();
    let (mut sent, tag) = export(&mut sts);
    let shop = application(&mut sent, "shop");
    sent["applications"][shop]["scopes"] = json!(["write"]);
    assert_eq!(import(&mut sts, "", "", &sent).code(), "428 EXQ-42800");
    let path = made(
        &mut sts,
        ISSUERS,
        &with(with(globex(), "name", json!("C")), "issuer", json!("https://c.example")),
    );
    assert_eq!(import(&mut sts, "", &tag, &sent).code(), "412 EXQ-41200");
    assert_eq!(import(&mut sts, "?dryRun=true", &tag, &sent).code(), "412 EXQ-41200");

    // Somebody else is faster than the write itself.
    let (_, tag) = export(&mut sts);
    let request = sts.with_body("POST", IMPORT, sent.to_string()).header("If-Match", &tag);
    let pending = sts.until_commit(0, request);
    let list = sts.get(&format!("{APPLICATIONS}?filter=clientId+eq+shop")).body;
    let id = list["applications"][0]["id"].as_str().unwrap().to_string();
    sts.patch(&format!("{APPLICATIONS}/{id}"), &json!({ "description": "theirs" }))
        .with_status(200);
    let said = sts.finish(0, pending);
    assert_eq!((said.code(), said.audit.unwrap().change), ("409 EXQ-40901".into(), None));
    assert_eq!(sts.get(&format!("{APPLICATIONS}/{id}")).text("description"), "theirs");

    // Whoever does not care says so.
    import(&mut sts, "", "*", &sent).with_status(200);
    let shop = sts.get(&format!("{APPLICATIONS}/{id}")).body;
    assert_eq!((&shop["scopes"], &shop["description"]), (&json!(["write"]), &json!("theirs")));
    sts.get(&path).with_status(200);
}

#[test]
fn documents_that_cannot_be_imported_change_nothing() {
    let mut sts = furnished();
    let (exported, _) = export(&mut sts);
    let before = sts.stored();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = exported.clone();
        change(&mut document);
        document
    };
    let key = crate::support::fixtures::key("idp-es256");
    for (document, code, path) in [
        (
            changed(&|one| one["applications"][0]["scopes"] = json!([])),
            "409 EXQ-40900",
            "applications[\"operators\"]",
        ),
        (changed(&|one| one["applicatoins"] = json!([])), "400 EXQ-40002", "applicatoins"),
        (
            changed(&|one| one["applications"][1]["type"] = json!("x")),
            "400 EXQ-40002",
            "applications[1].type",
        ),
        (
            changed(&|one| one["applications"][1]["trustedTokenIssuers"] = json!(["None"])),
            "400 EXQ-40002",
            "applications[1].trustedTokenIssuers[0]",
        ),
        (
            changed(&|one| one["applications"][1]["name"] = json!(" x")),
            "400 EXQ-40002",
            "applications[\"shop\"].name",
        ),
        (
            changed(&|one| {
                one["trustedTokenIssuers"][1]["certificate"]["jwks"]["keys"][0] = key.clone()
            }),
            "400 EXQ-40002",
            "trustedTokenIssuers[\"https://globex.example\"].certificate.jwks.keys[0]",
        ),
        (
            json!({
                "issuer": "https://sts.example",
                "applications": [{
                    "clientId": "x", "name": "Web shop", "type": "mobile", "grantTypes": ["refresh_token"],
                }],
            }),
            "400 EXQ-40002",
            "applications[\"x\"].name",
        ),
    ] {
        for query in ["?dryRun=true", ""] {
            let said = import(&mut sts, query, "*", &document);
            assert_eq!(said.code(), code, "{}", said.body);
            assert_eq!(paths(&said.body["problems"]), [path]);
            assert!(said.body["problems"][0]["remedy"].is_string());
        }
    }
    // Otherwise what was to be a rehearsal would be done.
    for query in ["?dryRun=yes", "?dryRun=", "?dry-run=true", "?dryrun=true"] {
        let said = import(&mut sts, query, "*", &exported);
        assert_eq!(said.code(), "400 EXQ-40001", "{query}");
    }
    let text = sts.with_body("POST", DIFF, "not JSON");
    assert_eq!(sts.send(0, text).code(), "400 EXQ-40002");
    let long = sts.with_body("POST", DIFF, " ".repeat(1024 * 1024 + 1));
    assert_eq!(sts.send(0, long).code(), "413 EXQ-41300");
    let shorter = sts.with_body("POST", DIFF, " ".repeat(1024 * 1024));
    assert_eq!(sts.send(0, shorter).code(), "400 EXQ-40002");
    assert_eq!(sts.get(DIFF).code(), "405 EXQ-40500");
    assert_eq!(sts.post(CONFIGURATION, &json!({})).code(), "405 EXQ-40500");
    assert_eq!(sts.get(&format!("{CONFIGURATION}/x")).code(), "404 EXQ-40400");
    assert_eq!(sts.stored(), before);
    sts.bearer = Some("wrong".into());
    assert_eq!(sts.get(CONFIGURATION).status, 401);
    assert_eq!(import(&mut sts, "", "*", &exported).status, 401);
}

#[test]
fn names_may_change_hands_in_one_import() {
    let mut sts = furnished();
    let other =
        with(with(globex(), "name", json!("Initech")), "issuer", json!("https://initech.example"));
    made(&mut sts, ISSUERS, &other);
    let (mut sent, tag) = export(&mut sts);
    for issuer in sent["trustedTokenIssuers"].as_array_mut().unwrap() {
        let swapped = match issuer["name"].as_str().unwrap() {
            "Globex" => "Initech",
            "Initech" => "Globex",
            _ => continue,
        };
        issuer["name"] = json!(swapped);
    }
    import(&mut sts, "", &tag, &sent).with_status(200);
    for (name, issuer) in
        [("Globex", "https://initech.example"), ("Initech", "https://globex.example")]
    {
        let found = sts.get(&format!("{ISSUERS}?filter=name+eq+{name}")).body;
        assert_eq!(found["identityProviders"][0]["issuer"], issuer);
        let again = with(with(globex(), "name", json!(name)), "issuer", json!("https://z.example"));
        assert_eq!(sts.post(ISSUERS, &again).code(), "409 IDP-60001", "the name is taken");
    }
}

#[test]
fn many_changes_take_several_batches_and_a_failing_store_is_told() {
    let mut sts = service();
    let (mut sent, tag) = export(&mut sts);
    for nth in 0..40 {
        sent["applications"].as_array_mut().unwrap().push(json!({
            "name": format!("App {nth}"), "clientId": format!("app-{nth}"), "type": "mobile",
            "grantTypes": ["refresh_token"],
        }));
    }
    let before = sts.stored();
    sts.commits = Commits::Failing;
    let said = import(&mut sts, "", &tag, &sent);
    assert_eq!((said.code(), said.audit.unwrap().change), ("503 EXQ-50300".into(), None));
    assert_eq!(sts.stored(), before);
    sts.commits = Commits::Done;
    let said = import(&mut sts, "", &tag, &sent).with_status(200);
    assert_eq!(said.body["atomic"], false);
    assert_eq!(said.audit.unwrap().change.unwrap().after.unwrap().as_array().unwrap().len(), 40);
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], 41);
    let found = sts.get(&format!("{APPLICATIONS}?filter=name+sw+app")).body;
    assert_eq!(found["totalResults"], 40);
    let (exported, tag) = export(&mut sts);
    let empty = with(exported, "applications", json!([]));
    import(&mut sts, "?prune=true", &tag, &empty).with_status(200);
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], 1);
}

#[test]
fn an_import_whose_answer_was_lost_has_happened() {
    let mut sts = furnished();
    let (mut sent, tag) = export(&mut sts);
    let shop = application(&mut sent, "shop");
    sent["applications"][shop]["scopes"] = json!(["write"]);
    let request = sts.with_body("POST", IMPORT, sent.to_string()).header("If-Match", &tag);
    let pending = sts.until_commit(0, request);
    let said = sts.finish_repeating(0, pending).with_status(200);
    assert_eq!(said.audit.unwrap().change.unwrap().action, "update");
    assert_eq!(export(&mut sts).0, sent);
}

#[test]
fn a_document_of_more_than_64_kib_is_imported() {
    let mut sts = service();
    let (exported, tag) = export(&mut sts);
    let mut document = exported.clone();
    for number in 0..400 {
        let issuer = json!({
            "name": format!("Partner {number}"),
            "issuer": format!("https://{number}.partner.example"),
            "certificate": { "jwksUri": format!("https://{number}.partner.example/jwks") },
            "conditions": [{ "claim": "team", "oneOf": ["engines", "boilers", "rudders"] }],
        });
        document["trustedTokenIssuers"].as_array_mut().unwrap().push(issuer);
    }
    let length = document.to_string().len();
    assert!(length > 64 * 1024 && length < 1024 * 1024, "{length}");
    let said = import(&mut sts, "", &tag, &document).with_status(200);
    assert_eq!(said.body["changes"].as_array().unwrap().len(), 400);
    assert_eq!(said.body["atomic"], false);
    let said = sts.get(&format!("{ISSUERS}?limit=1")).with_status(200);
    assert_eq!(said.body["totalResults"], 401);
    // And back again.
    let (_, tag) = export(&mut sts);
    let said = import(&mut sts, "?prune=true", &tag, &exported).with_status(200);
    assert_eq!(said.body["changes"].as_array().unwrap().len(), 400);
    assert_eq!(export(&mut sts).0, exported);
}
