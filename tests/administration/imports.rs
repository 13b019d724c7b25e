//! Imports of more than one batch: names that change hands, and what is known of an
//! import that ended before its last batch.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::{Commits, Said, Service};
use crate::support::foreign::foreign;

const CONFIGURATION: &str = "/api/server/v1/configuration";
const MANY: usize = 40;

/// The running configuration with these applications beside that of the document.
fn document_with(sts: &mut Service, applications: impl Iterator<Item = (String, String)>) -> Value {
    let mut document = sts.get(CONFIGURATION).with_status(200).body;
    let all = document["applications"].as_array_mut().unwrap();
    all.retain(|one| one["clientId"] == "operators");
    all.extend(applications.map(|(client_id, name)| {
        let secret = json!({ "env": "ELSEWHERE" });
        json!({
            "clientId": client_id, "name": name, "clientSecret": secret,
            "grantTypes": ["refresh_token"],
        })
    }));
    document
}

/// Applications called `App 0` and so on; `name` says whose name each has.
fn named(prefix: &str, name: impl Fn(usize) -> usize) -> impl Iterator<Item = (String, String)> {
    (0..MANY).map(move |nth| (format!("{prefix}-{nth}"), format!("App {}", name(nth))))
}

fn import(sts: &mut Service, query: &str, document: &Value) -> Said {
    let path = format!("{CONFIGURATION}/import{query}");
    let request = sts.with_body("POST", &path, document.to_string()).header("If-Match", "*");
    sts.send(0, request)
}

/// With forty applications of the store.
fn furnished() -> Service {
    let mut sts = service();
    let document = document_with(&mut sts, named("old", |nth| nth));
    let said = import(&mut sts, "", &document).with_status(200);
    assert_eq!(said.body["secrets"].as_array().unwrap().len(), MANY);
    sts
}

/// The configuration is that of the document, and each name leads to its application.
fn check(sts: &mut Service, document: &Value) {
    let diff = sts.post(&format!("{CONFIGURATION}/diff"), document).with_status(200);
    assert_eq!(diff.body["differences"], json!([]));
    let all = document["applications"].as_array().unwrap();
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], all.len());
    for one in all.iter().filter(|one| one["clientId"] != "operators") {
        let name = one["name"].as_str().unwrap().replace(' ', "+");
        let found = sts.get(&format!("{APPLICATIONS}?filter=name+eq+%22{name}%22")).body;
        assert_eq!(found["applications"][0]["clientId"], one["clientId"]);
        let again = with(with(shop(), "name", one["name"].clone()), "clientId", json!("another"));
        assert_eq!(sts.post(APPLICATIONS, &again).code(), "409 APP-60007", "the name is taken");
    }
}

#[test]
fn new_applications_take_the_names_of_those_that_are_deleted() {
    let mut sts = furnished();
    let document = document_with(&mut sts, named("new", |nth| nth));
    let dry = import(&mut sts, "?dryRun=true&prune=true", &document).with_status(200);
    assert_eq!(dry.body["atomic"], false);
    let done = import(&mut sts, "?prune=true", &document).with_status(200);
    assert_eq!(done.body["changes"].as_array().unwrap().len(), 2 * MANY);
    let short = |said: &Said| -> Vec<Value> {
        let all = said.body["changes"].as_array().unwrap().iter();
        all.map(|one| json!([one["action"], one["path"]])).collect()
    };
    assert_eq!(short(&done), short(&dry));
    check(&mut sts, &document);
}

#[test]
fn names_in_the_other_direction_are_exchanged_two_by_two() {
    let mut sts = furnished();
    let document = document_with(&mut sts, named("old", |nth| MANY - 1 - nth));
    import(&mut sts, "", &document).with_status(200);
    check(&mut sts, &document);
}

/// Each takes the name of the next, and the last takes one that is free.
#[test]
fn names_that_move_up_are_free_before_they_are_taken() {
    for (from, to) in [(0, 1), (1, 0)] {
        let mut sts = service();
        let document = document_with(&mut sts, named("old", |nth| nth + from));
        import(&mut sts, "", &document).with_status(200);
        let document = document_with(&mut sts, named("old", |nth| nth + to));
        import(&mut sts, "", &document).with_status(200);
        check(&mut sts, &document);
    }
}

#[test]
fn a_ring_of_names_that_no_batch_has_room_for_is_refused_by_the_dry_run() {
    let mut sts = furnished();
    let before = sts.stored();
    let document = document_with(&mut sts, named("old", |nth| (nth + 1) % MANY));
    for query in ["?dryRun=true", ""] {
        let said = import(&mut sts, query, &document);
        assert_eq!(said.code(), "400 EXQ-40002", "{}", said.body);
        let problem = &said.body["problems"][0];
        assert!(problem["path"].as_str().unwrap().ends_with("].name"), "{problem}");
        assert!(problem["problem"].as_str().unwrap().contains("40 names"), "{problem}");
    }
    assert_eq!(sts.stored(), before);
    // What the remedy says.
    let mut opened = document_with(&mut sts, named("old", |nth| nth));
    opened["applications"][1]["name"] = json!("Between");
    import(&mut sts, "", &opened).with_status(200);
    import(&mut sts, "", &document).with_status(200);
    check(&mut sts, &document);
}

/// A new issuer takes the name of the one that is deleted, while
/// applications are changed, too.
#[test]
fn a_new_issuer_takes_the_name_of_the_one_that_is_deleted() {
    let mut sts = furnished();
    made(&mut sts, ISSUERS, &globex());
    let mut document = document_with(&mut sts, named("new", |nth| nth));
    let issuers = document["trustedTokenIssuers"].as_array_mut().unwrap();
    issuers[1]["issuer"] = json!("https://globex.example/new");
    for nth in 0..15 {
        let of = format!("https://{nth}.example");
        let issuer = with(with(globex(), "name", json!(of)), "issuer", json!(of));
        issuers.push(issuer);
    }
    document["applications"][1]["trustedTokenIssuers"] = json!(["Globex"]);
    import(&mut sts, "?prune=true", &document).with_status(200);
    check(&mut sts, &document);
}

/// No import deletes it, so that `prune` is no remedy.
#[test]
fn a_name_that_the_document_of_the_server_keeps_is_not_promised_to_who_prunes() {
    let mut sts = service();
    let mut document = document_with(&mut sts, named("new", |nth| nth));
    let all = document["applications"].as_array_mut().unwrap();
    all.retain(|one| one["clientId"] != "operators");
    all[0]["name"] = json!("Operators");
    for query in ["?prune=true", "?dryRun=true"] {
        let said = import(&mut sts, query, &document);
        assert_eq!(said.code(), "400 EXQ-40002");
        let problem = &said.body["problems"][0];
        assert_eq!(problem["path"], "applications[\"new-0\"].name");
        assert_eq!(problem["remedy"], "choose another name");
    }
}

/// Otherwise its tokens would not authenticate the client any more.
#[test]
fn the_issuer_whose_tokens_authenticate_a_client_is_imported_with_it() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    let mut document = document_with(&mut sts, named("new", |nth| nth));
    document["applications"][1] = json!({
        "clientId": "new-0", "name": "App 0", "grantTypes": ["client_credentials"],
        "clientAssertion": { "issuer": "Globex", "subject": "job" }, "scopes": ["read"],
    });
    import(&mut sts, "", &document).with_status(200);
    check(&mut sts, &document);
    let claims =
        json!({ "iss": "https://globex.example", "sub": "job", "aud": "https://sts.example" });
    let token = foreign(&claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "read"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &token),
        ("client_id", "new-0"),
    ];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = exchequer::Request::new("POST", "/oauth2/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    assert_eq!(sts.send(0, request).with_status(200).text("scope"), "read");
}

#[test]
fn an_imported_secret_stands_in_the_audit_log_as_a_change() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let mut document = sts.get(CONFIGURATION).with_status(200).body;
    document["applications"][1]["clientSecret"] = json!("another-secret-for-the-shop");
    let said = import(&mut sts, "", &document).with_status(200);
    let change = said.audit.unwrap().change.unwrap();
    let (before, after) = (change.before.unwrap(), change.after.unwrap());
    assert_eq!((before.get("secretChanged"), &after["secretChanged"]), (None, &json!(true)));
    assert!(!after.to_string().contains("another-secret"), "{after}");
    document["applications"][1]["scopes"] = json!(["read", "write"]);
    let said = import(&mut sts, "", &document).with_status(200);
    let after = said.audit.unwrap().change.unwrap().after.unwrap();
    assert_eq!(after.get("secretChanged"), None, "it is the same secret");
    assert_eq!(sts.get(&path).body.get("secretChanged"), None);
}

/// The import under way until its first batch.
fn under_way(sts: &mut Service, document: &Value) -> exchequer::Pending {
    let path = format!("{CONFIGURATION}/import");
    let request = sts.with_body("POST", &path, document.to_string()).header("If-Match", "*");
    sts.until_commit(0, request)
}

/// What an error says of the changes that were made before it: their number. Their
/// secrets work.
fn made_before(sts: &mut Service, said: &Said) -> usize {
    let applied = said.body["applied"].as_array().unwrap();
    let secrets = said.body["secrets"].as_array().unwrap();
    assert_eq!(applied.len(), secrets.len(), "{}", said.body);
    assert!(said.description().contains(&format!("{} of the changes", applied.len())));
    for one in secrets {
        let client = (one["clientId"].as_str().unwrap(), one["clientSecret"].as_str().unwrap());
        let form = [("grant_type", "refresh_token"), ("refresh_token", "none")];
        let answer = sts.form(1, "/oauth2/token", client, &form);
        assert_eq!(answer.body["error"], "invalid_grant", "the client authenticates");
        let audit = said.audit.as_ref().unwrap();
        assert!(!format!("{audit:?}").contains(client.1), "the audit log has no secret");
    }
    applied.len()
}

#[test]
fn secrets_that_were_made_before_a_conflict_are_told_with_it() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &with(shop(), "clientId", json!("z-last")));
    let mut document = document_with(&mut sts, named("new", |nth| nth));
    let last = json!({
        "clientId": "z-last", "name": "Web shop", "clientSecret": { "env": "ELSEWHERE" }, "grantTypes": ["refresh_token"],
    });
    document["applications"].as_array_mut().unwrap().push(last);
    let pending = under_way(&mut sts, &document);
    sts.patch(&path, &json!({ "description": "theirs" })).with_status(200);
    let said = sts.finish(0, pending);
    assert_eq!(said.code(), "409 EXQ-40901");
    assert!(said.description().contains("somebody else"), "{}", said.description());
    let count = made_before(&mut sts, &said);
    assert!(count > 12, "{count}");
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], count + 2);
    let again = import(&mut sts, "", &document).with_status(200);
    assert_eq!(again.body["changes"].as_array().unwrap().len(), MANY + 1 - count);
    assert_eq!(sts.get(&path).body["description"], "theirs");
}

#[test]
fn what_was_made_before_the_store_failed_is_told_with_the_error() {
    let mut sts = service();
    let document = document_with(&mut sts, named("new", |nth| nth));
    sts.commits = Commits::Times(2);
    let said = import(&mut sts, "", &document);
    assert_eq!(said.code(), "503 EXQ-50300");
    sts.commits = Commits::Done;
    let count = made_before(&mut sts, &said);
    assert!(count > 12 && count < MANY, "{count}");
    let said = import(&mut sts, "", &document).with_status(200);
    assert_eq!(said.body["secrets"].as_array().unwrap().len(), MANY - count);
    check(&mut sts, &document);

    sts.commits = Commits::Failing;
    let document = document_with(&mut sts, named("new", |nth| nth + 1));
    let said = import(&mut sts, "", &document);
    assert_eq!((&said.body["applied"], &said.body["secrets"]), (&json!([]), &json!([])));
}

/// The counts of objects are written by every creation.
#[test]
fn who_makes_other_applications_at_the_same_time_changes_nothing_of_the_import() {
    let mut sts = service();
    let document = document_with(&mut sts, named("new", |nth| nth));
    let pending = under_way(&mut sts, &document);
    for nth in 0..MANY {
        // Every request has entropy of its own, by the time.
        sts.world.now.0 += 1;
        let other = with(shop(), "name", json!(format!("Other {nth}")));
        made(&mut sts, APPLICATIONS, &with(other, "clientId", json!(format!("other-{nth}"))));
    }
    sts.finish(0, pending).with_status(200);
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], 2 * MANY + 1);
}
