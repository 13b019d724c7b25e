//! `/api/server/v1/audit/changes`: who changed what, before and after, bounded,
//! and enough to undo it.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, document, globex, made, service, shop, with};
use crate::support::administered::{Commits, Service};
use crate::support::start::NOW;

const CHANGES: &str = "/api/server/v1/audit/changes";

fn changes(sts: &mut Service, query: &str) -> Vec<Value> {
    let said = sts.get(&format!("{CHANGES}?{query}")).with_status(200).body;
    said["changes"].as_array().unwrap().clone()
}

#[test]
fn every_change_is_told_with_who_and_what_before_and_after() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    sts.world.now.0 += 5;
    let patched = sts.patch(&path, &json!({ "scopes": ["write"] })).with_status(200);
    let audit = patched.audit.unwrap();
    sts.delete(&path).with_status(204);
    let all = changes(&mut sts, "");
    let short: Vec<Value> = all
        .iter()
        .map(|one| {
            json!([one["id"], one["change"]["action"], one["change"]["resource"], one["time"]])
        })
        .collect();
    assert_eq!(
        short,
        [
            json!([3, "delete", "application", NOW + 5]),
            json!([2, "update", "application", NOW + 5]),
            json!([1, "create", "application", NOW]),
        ]
    );
    let update = &all[1];
    assert_eq!(update["change"], serde_json::to_value(audit.change.unwrap()).unwrap());
    assert_eq!(
        (&update["administrator"], &update["traceId"]),
        (&json!("admin token"), &json!(audit.trace_id))
    );
    assert_eq!(update["change"]["before"]["scopes"], json!(["read"]));
    assert_eq!(update["change"]["after"]["scopes"], json!(["write"]));
    assert_eq!(&sts.get(&format!("{CHANGES}/2")).with_status(200).body, update);
    for id in ["0", "4", "x", "-1"] {
        assert_eq!(sts.get(&format!("{CHANGES}/{id}")).code(), "404 EXQ-40402", "{id}");
    }
    assert_eq!(changes(&mut sts, "").len(), 3, "reading changes nothing");
}

#[test]
fn no_secret_is_stored_with_a_change() {
    let mut sts = service();
    let said = sts.post(APPLICATIONS, &shop()).with_status(201);
    let secret = said.text("clientSecret");
    let path =
        format!("{APPLICATIONS}/{}/inbound-protocols/oidc/regenerate-secret", said.text("id"));
    let other = sts.post(&path, &json!({})).with_status(200).text("clientSecret");
    let stored = sts.stored();
    for secret in [secret, other] {
        assert!(!stored.contains(&secret));
    }
    assert_eq!(changes(&mut sts, "")[0]["change"]["after"]["secretChanged"], true);
}

/// The console undoes a change so.
#[test]
fn what_was_before_can_be_sent_back() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let before = sts.get(&path).body;
    sts.patch(&path, &json!({ "name": "Other", "scopes": ["write"], "defaultScopes": ["write"] }))
        .with_status(200);
    let mut sent = changes(&mut sts, "limit=1")[0]["change"]["before"].clone();
    let now = sts.get(&path);
    for member in now.body.as_object().unwrap().keys() {
        // What was not there before goes.
        if sent.get(member).is_none() {
            sent[member] = Value::Null;
        }
    }
    let tag = now.header("etag").unwrap().to_string();
    let request = sts.with_body("PATCH", &path, sent.to_string()).header("If-Match", &tag);
    sts.send(0, request).with_status(200);
    let mut after = sts.get(&path).body;
    after["meta"] = before["meta"].clone();
    assert_eq!(after, before);
}

#[test]
fn changes_are_filtered_and_paged() {
    let mut sts = service();
    for nth in 0..12_u64 {
        sts.world.now.0 = NOW + nth;
        let body = with(shop(), "name", json!(format!("Shop {nth}")));
        made(&mut sts, APPLICATIONS, &with(body, "clientId", json!(format!("shop-{nth}"))));
    }
    let issuer = made(&mut sts, ISSUERS, &globex());
    let id = issuer.rsplit('/').next().unwrap();
    for (query, wanted) in [
        ("resource=application&limit=100", 12),
        ("resource=trusted-token-issuer", 1),
        (&format!("objectId={id}"), 1),
        ("action=delete", 0),
        ("administrator=admin+token&limit=100", 13),
        ("administrator=nobody", 0),
        (&format!("from={}&to={}", NOW + 3, NOW + 5), 3),
        ("traceId=none", 0),
    ] {
        assert_eq!(changes(&mut sts, query).len(), wanted, "{query}");
    }
    let (mut ids, mut next) = (Vec::new(), Some(format!("{CHANGES}?limit=5&resource=application")));
    while let Some(path) = next {
        let page = sts.get(&path).with_status(200).body;
        ids.extend(
            page["changes"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()),
        );
        let link = page["links"].as_array().unwrap().first();
        next = link.map(|link| link["href"].as_str().unwrap().replace("https://sts.example", ""));
    }
    assert_eq!(ids, (1..=12).rev().collect::<Vec<_>>());
    for query in ["after=x", "from=x", "limit=-1"] {
        assert_eq!(sts.get(&format!("{CHANGES}?{query}")).status, 400, "{query}");
    }
    let by_type = sts.get("/api/server/v1/audit?type=changes&limit=2").with_status(200).body;
    assert_eq!(by_type["count"], 2);
    assert_eq!(sts.get("/api/server/v1/audit?type=x").code(), "400 EXQ-40001");
    sts.bearer = None;
    sts.get(CHANGES).with_status(401);
}

#[test]
fn the_oldest_go_first_and_each_after_its_days() {
    let audit = json!({ "changes": { "maxRecords": 3, "days": 2 } });
    let mut sts = Service::new(&with(document(), "audit", audit));
    for nth in 0..5 {
        let body = with(shop(), "name", json!(format!("Shop {nth}")));
        made(&mut sts, APPLICATIONS, &with(body, "clientId", json!(format!("shop-{nth}"))));
    }
    let ids = |sts: &mut Service| -> Vec<u64> {
        changes(sts, "").iter().map(|one| one["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(&mut sts), [5, 4, 3]);
    assert_eq!(sts.stored().matches("\nchange/").count(), 3);
    // One call that makes more than are kept.
    let (mut document, tag) = {
        let said = sts.get("/api/server/v1/configuration").with_status(200);
        let tag = said.header("etag").unwrap().to_string();
        (said.body, tag)
    };
    for nth in 5..9 {
        document["applications"].as_array_mut().unwrap().push(json!({
            "name": format!("App {nth}"), "clientId": format!("app-{nth}"), "type": "mobile",
            "grantTypes": ["refresh_token"],
        }));
    }
    let request = sts
        .with_body("POST", "/api/server/v1/configuration/import", document.to_string())
        .header("If-Match", &tag);
    sts.send(0, request).with_status(200);
    assert_eq!(ids(&mut sts), [9, 8, 7], "each of them is one");
    assert_eq!(changes(&mut sts, "")[0]["change"]["action"], "create");
    sts.world.now.0 += 2 * 86_400;
    assert_eq!(ids(&mut sts), Vec::<u64>::new());
}

#[test]
fn two_replicas_number_their_changes_together() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    let patch = |name: &str| json!({ "description": name }).to_string();
    let first = sts.until_commit(0, sts.with_body("PATCH", &path, patch("a")));
    let issuer = globex().to_string();
    let second = sts.until_commit(1, sts.with_body("POST", ISSUERS, issuer));
    assert_eq!(sts.finish(0, first).status, 200);
    assert_eq!(sts.finish(1, second).status, 201);
    let ids: Vec<Value> = changes(&mut sts, "").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(3), json!(2), json!(1)]);
}

#[test]
fn what_was_not_done_is_no_change() {
    let mut sts = service();
    let path = made(&mut sts, APPLICATIONS, &shop());
    sts.commits = Commits::Failing;
    assert_eq!(sts.delete(&path).status, 503);
    sts.commits = Commits::Done;
    assert_eq!(sts.patch(&path, &json!({ "type": "x" })).status, 400);
    assert_eq!(changes(&mut sts, "").len(), 1);
}

/// A host may repeat a write whose answer was lost.
#[test]
fn a_change_whose_answer_was_lost_is_stored_once() {
    let mut sts = service();
    let pending = sts.until_commit(0, sts.with_body("POST", ISSUERS, globex().to_string()));
    let said = sts.finish_repeating(0, pending);
    assert_eq!(said.status, 201);
    assert_eq!(changes(&mut sts, "").len(), 1);
}
