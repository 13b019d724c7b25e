//! Every export passes its own comparison, whatever was deleted, and whatever the document and
//! the store both have.

use exchequer::Config;
use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, document, globex, made, service, shop, with};
use crate::support::administered::{Said, Service};

const CONFIGURATION: &str = "/api/server/v1/configuration";

fn issuer(name: &str) -> Value {
    let of = format!("https://{name}.example");
    with(with(globex(), "name", json!(name)), "issuer", json!(of))
}

fn application(id: &str, issuers: &Value) -> Value {
    let named = with(with(shop(), "clientId", json!(id)), "name", json!(id));
    with(named, "trustedTokenIssuers", issuers.clone())
}

/// An application whose client authenticates with tokens of an issuer.
fn job(id: &str, issuer: &str, subject: &str) -> Value {
    let assertion = json!({ "issuer": issuer, "subject": subject });
    with(application(id, &json!(["Acme"])), "clientAssertion", assertion)
}

/// Issuers and applications of the store that use each other; their paths.
fn furnish(sts: &mut Service) -> Vec<String> {
    let both = json!(["one", { "name": "two", "conditions": [{ "claim": "a", "present": true }] }]);
    let issuers = ["one", "two"].map(|name| (ISSUERS, issuer(name)));
    let applications = [
        application("a-one", &json!(["one"])),
        application("a-both", &both),
        job("j-one", "one", "job"),
        job("j-two", "two", "job"),
        job("j-other", "two", "other"),
        // The same subject: a client of the store has to name itself.
        job("j-again", "one", "job"),
    ];
    let applications = applications.map(|body| (APPLICATIONS, body));
    issuers.iter().chain(&applications).map(|(path, body)| made(sts, path, body)).collect()
}

fn import(sts: &mut Service, query: &str, document: &Value) -> Said {
    let path = format!("{CONFIGURATION}/import{query}");
    let request = sts.with_body("POST", &path, document.to_string()).header("If-Match", "*");
    sts.send(0, request).with_status(200)
}

/// The export, which is a document that is different in nothing.
fn export(sts: &mut Service, of: &str) -> Value {
    let exported = sts.get(CONFIGURATION).with_status(200).body;
    let diff = sts.post(&format!("{CONFIGURATION}/diff"), &exported);
    assert_eq!(diff.status, 200, "{of}: {}", diff.body);
    assert_eq!(diff.body["differences"], json!([]), "{of}");
    let said = import(sts, "?dryRun=true", &exported).body;
    assert_eq!(said["changes"], json!([]), "{of}");
    let parsed = Config::parse(&exported.to_string());
    assert!(parsed.is_ok(), "{of}: {:?}", parsed.err());
    exported
}

fn client_ids(exported: &Value) -> Vec<&str> {
    let all = exported["applications"].as_array().unwrap().iter();
    all.map(|one| one["clientId"].as_str().unwrap()).collect()
}

#[test]
fn after_any_deletion_the_export_passes_its_own_comparison() {
    let count = furnish(&mut service()).len();
    for first in 0..count {
        for second in first..count {
            let mut sts = service();
            let paths = furnish(&mut sts);
            export(&mut sts, "all");
            for at in std::collections::BTreeSet::from([first, second]) {
                sts.delete(&paths[at]).with_status(204);
                export(&mut sts, &format!("without {first} and {second}"));
            }
        }
    }
}

#[test]
fn an_application_whose_issuer_is_gone_is_left_out_and_says_so() {
    let mut sts = service();
    let paths = furnish(&mut sts);
    let job = sts.get(&format!("{APPLICATIONS}?filter=clientId+eq+j-one")).body;
    let job = format!("{APPLICATIONS}/{}", job["applications"][0]["id"].as_str().unwrap());
    assert_eq!(sts.get(&job).body.get("problems"), None);
    sts.delete(&paths[0]).with_status(204);
    let shown = sts.get(&job).with_status(200).body;
    assert_eq!(shown["problems"][0]["path"], "clientAssertion.issuer");
    let exported = export(&mut sts, "without the issuer");
    assert!(!client_ids(&exported).contains(&"j-one"), "{exported}");
    let comment = exported["$comment"].as_str().unwrap();
    assert!(comment.contains("applications[\"j-one\"], because"), "{comment}");
    // What was shown can be sent back.
    sts.patch(&job, &with(shown, "description", json!("by hand"))).with_status(200);
    let other = json!({ "clientAssertion": { "issuer": "two", "subject": "third" } });
    let mended = sts.patch(&job, &other).with_status(200).body;
    assert_eq!(mended.get("problems"), None);
    assert!(client_ids(&export(&mut sts, "mended")).contains(&"j-one"));
}

#[test]
fn applications_are_found_by_the_issuer_whose_tokens_authenticate_them() {
    let mut sts = service();
    furnish(&mut sts);
    let mut found = |name: &str| {
        let path = format!("{APPLICATIONS}?filter=trustedTokenIssuers+eq+{name}");
        let body = sts.get(&path).with_status(200).body;
        let mut ids: Vec<String> = body["applications"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["clientId"].as_str().unwrap().into())
            .collect();
        ids.sort();
        assert_eq!(body["totalResults"], ids.len());
        ids
    };
    assert_eq!(found("one"), ["a-both", "a-one", "j-again", "j-one"]);
    assert_eq!(found("two"), ["a-both", "j-other", "j-two"]);
}

/// What the export of a store is when a server starts with it on the same store.
#[test]
fn a_copy_that_the_document_overrides_says_so_and_is_pruned() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    made(&mut sts, APPLICATIONS, &application("shop", &json!(["Globex"])));
    made(&mut sts, APPLICATIONS, &application("kept", &json!(["Acme", "Globex"])));
    let mut both = document();
    both["trustedTokenIssuers"].as_array_mut().unwrap().push(globex());
    let shop = with(application("shop", &json!(["Globex"])), "type", json!("mobile"));
    both["applications"].as_array_mut().unwrap().push(shop);
    sts.restart(&both);

    for (path, list, name) in
        [(ISSUERS, "identityProviders", "Globex"), (APPLICATIONS, "applications", "shop")]
    {
        let all = sts.get(&format!("{path}?filter=name+eq+{name}")).body;
        let all = all[list].as_array().unwrap();
        let marks: Vec<Value> =
            all.iter().map(|one| json!([one["readOnly"], one["overridden"]])).collect();
        assert_eq!(marks, [json!([true, null]), json!([false, true])], "{name}");
        let id = all[1]["id"].as_str().unwrap();
        assert_eq!(sts.get(&format!("{path}/{id}")).body["overridden"], true, "{name}");
    }
    let exported = export(&mut sts, "both");
    assert_eq!(client_ids(&exported), ["operators", "shop", "kept"]);
    let kept = &exported["applications"][2];
    assert_eq!(kept["trustedTokenIssuers"], json!(["Acme"]), "nothing is exchanged for the copy");
    let comment = exported["$comment"].as_str().unwrap();
    assert!(comment.contains("applications[\"shop\"], because"), "{comment}");
    assert!(comment.contains("trustedTokenIssuers[\"https://globex.example\"]"), "{comment}");

    let said = import(&mut sts, "?prune=true", &exported).body;
    let short: Vec<Value> = said["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["action"], one["path"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["delete", "applications[\"shop\"]"]),
            json!(["delete", "trustedTokenIssuers[\"https://globex.example\"]"]),
        ]
    );
    assert_eq!(sts.get(ISSUERS).body["totalResults"], 2);
    assert_eq!(sts.get(APPLICATIONS).body["totalResults"], 3);
    export(&mut sts, "pruned");
}

/// An application of the store means the issuer of the store.
#[test]
fn an_issuer_that_has_only_the_name_of_one_of_the_document_gets_another_in_the_export() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    made(&mut sts, APPLICATIONS, &application("shop", &json!(["Globex"])));
    let mut both = document();
    let other = with(globex(), "issuer", json!("https://other.example"));
    both["trustedTokenIssuers"].as_array_mut().unwrap().push(other);
    sts.restart(&both);
    let exported = export(&mut sts, "both");
    let last = &exported["trustedTokenIssuers"][2];
    assert_eq!(
        (&last["issuer"], &last["name"]),
        (&json!("https://globex.example"), &json!("Globex (2)"))
    );
    assert_eq!(exported["applications"][1]["trustedTokenIssuers"], json!(["Globex (2)"]));
    let said = import(&mut sts, "?prune=true", &exported).body;
    assert_eq!(said["changes"], json!([]));
}
