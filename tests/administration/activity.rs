//! `/api/server/v1/audit/activity`: decisions are stored where that is turned
//! on, within bounds, and without anything private.

use exchequer::{Ask, Request, Step};
use serde_json::{Value, json};

use crate::parties::{OPERATORS, document, with};
use crate::support::administered::{Commits, EXCHANGE, Said, Service};
use crate::support::case::StoreState;
use crate::support::foreign::foreign;
use crate::support::start::NOW;
use crate::support::world::entropy;

const ACTIVITY: &str = "/api/server/v1/audit/activity";

fn on(activity: &Value, more: &Value) -> Service {
    let mut audit = more.clone();
    audit["activity"] = activity.clone();
    audit["activity"]["enabled"] = json!(true);
    Service::new(&with(document(), "audit", audit))
}

fn activity(sts: &mut Service, query: &str) -> Vec<Value> {
    let said = sts.get(&format!("{ACTIVITY}?{query}")).with_status(200).body;
    assert_eq!(said["count"], said["activity"].as_array().unwrap().len());
    said["activity"].as_array().unwrap().clone()
}

fn granted(sts: &mut Service) -> Said {
    sts.exchange(0, OPERATORS, &foreign(&json!({ "sub": "somebody" }))).with_status(200)
}

fn refused(sts: &mut Service) -> Said {
    sts.exchange(0, OPERATORS, &foreign(&json!({ "aud": "somebody-else" }))).with_status(400)
}

/// Another client id each time.
fn stranger(sts: &mut Service, id: &str) {
    let body = format!("grant_type={EXCHANGE}&client_id={id}");
    let request = Request::new("POST", "/oauth2/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    sts.send(0, request).with_status(401);
}

#[test]
fn nothing_is_stored_unless_it_is_turned_on() {
    let mut sts = Service::new(&document());
    granted(&mut sts);
    let said = refused(&mut sts);
    assert_eq!(said.audit.unwrap().trace_id, None);
    assert!(!sts.stored().contains("decision"));
    assert_eq!(activity(&mut sts, ""), Vec::<Value>::new());
    let said = sts.get("/api/server/v1/audit").with_status(200).body;
    assert_eq!(said["activity"]["enabled"], false);
    assert_eq!(said["changes"]["maxRecords"], 1000);
}

#[test]
fn what_was_granted_and_refused_is_told_with_its_trace() {
    let mut sts = on(&json!({ "subject": "shown" }), &json!({}));
    granted(&mut sts);
    sts.world.now.0 += 1;
    let audit = refused(&mut sts).audit.unwrap();
    let all = activity(&mut sts, "");
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["outcome"], &all[1]["outcome"]), (&json!("refused"), &json!("granted")));
    assert_eq!((&all[1]["subject"], &all[1]["time"]), (&json!("somebody"), &json!(NOW)));
    let told = &all[0];
    assert_eq!(
        told,
        &json!({
            "time": NOW + 1, "traceId": audit.trace_id, "event": "token", "outcome": "refused",
            "status": 400, "error": "invalid_request",
            "reason": "subject_token.claim.aud.no_alias", "claim": "aud",
            "message": audit.message, "clientId": OPERATORS.0, "grantType": EXCHANGE,
            "issuer": "Acme", "checks": serde_json::to_value(&audit.checks).unwrap(),
        })
    );
    let trace_id = audit.trace_id.unwrap();
    assert_eq!(&sts.get(&format!("{ACTIVITY}/{trace_id}")).with_status(200).body, told);
    assert_eq!(&activity(&mut sts, &format!("traceId={trace_id}"))[0], told);
    assert_eq!(sts.get(&format!("{ACTIVITY}/none")).code(), "404 EXQ-40403");
}

#[test]
fn decisions_are_filtered_and_paged() {
    let mut sts = on(&json!({}), &json!({}));
    for nth in 0..20 {
        sts.world.now.0 = NOW + nth;
        if nth % 2 == 0 {
            granted(&mut sts)
        } else {
            refused(&mut sts)
        };
    }
    sts.bearer = Some("nobody".into());
    sts.get(ACTIVITY).with_status(401);
    sts.bearer = Some(crate::support::administered::ADMIN.into());
    for (query, wanted) in [
        ("limit=100", 21),
        ("outcome=granted", 10),
        ("outcome=refused&limit=100", 11),
        ("clientId=operators&limit=1000", 20),
        ("clientId=other", 0),
        ("issuer=Acme&outcome=refused", 10),
        ("reason=subject_token.claim.aud.no_alias", 10),
        ("reason=subject_token.claim", 10),
        ("reason=subject_token.cl", 0),
        ("event=administration", 1),
        (&format!("from={}&to={}", NOW + 5, NOW + 8), 4),
        (&format!("to={}", NOW + 2), 3),
        (&format!("from={}", NOW + 18), 3),
        ("traceId=none", 0),
    ] {
        assert_eq!(activity(&mut sts, query).len(), wanted, "{query}");
    }
    let (mut ids, mut next) = (Vec::new(), Some(format!("{ACTIVITY}?limit=3&outcome=refused")));
    while let Some(path) = next {
        let page = sts.get(&path).with_status(200).body;
        let items = page["activity"].as_array().unwrap();
        ids.extend(items.iter().map(|one| one["traceId"].to_string()));
        let link = page["links"].as_array().unwrap().first();
        next = link.map(|link| link["href"].as_str().unwrap().replace("https://sts.example", ""));
    }
    let once: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), once.len()), (11, 11));
    for query in ["outcome=x", "after=%2F", "from=x", "to=-1", "limit=x"] {
        assert_eq!(sts.get(&format!("{ACTIVITY}?{query}")).status, 400, "{query}");
    }
    assert_eq!(sts.post(ACTIVITY, &json!({})).code(), "405 EXQ-40500");
}

#[test]
fn no_private_claim_no_token_and_no_more_of_a_subject_than_configured_is_stored() {
    let mut with_condition = document();
    with_condition["trustedTokenIssuers"][0]["conditions"] = json!([{ "claim": "email", "like": "*@example.com" }, { "claim": "ref", "equals": "main" }]);
    for (subject, stored_subject) in
        [("shown", json!("somebody")), ("masked", json!("so…")), ("hidden", Value::Null)]
    {
        let audit = json!({
            "activity": { "enabled": true, "subject": subject }, "privateClaims": ["email"],
        });
        let mut sts = Service::new(&with(with_condition.clone(), "audit", audit));
        let mut tokens = Vec::new();
        for (email, reference) in [
            ("eve@private.example", "main"),
            ("eve@example.com", "a-branch-that-is-shown"),
            ("eve@example.com", "main"),
        ] {
            sts.world.now.0 += 1;
            let claims = json!({ "sub": "somebody", "email": email, "ref": reference });
            let token = foreign(&claims);
            let said = sts.exchange(0, OPERATORS, &token);
            tokens.extend([token, said.body["access_token"].as_str().unwrap_or("none").into()]);
        }
        let all = activity(&mut sts, "");
        assert_eq!(all[0].get("subject").cloned().unwrap_or_default(), stored_subject);
        let stored = sts.stored();
        assert!(!stored.contains("eve@") && !stored.contains("@private"), "{stored}");
        assert!(stored.contains("a-branch-that-is-shown"), "{stored}");
        if subject != "shown" {
            assert!(!stored.contains("somebody"), "{stored}");
        }
        for secret in tokens.iter().map(String::as_str).chain([OPERATORS.1]) {
            assert!(secret == "none" || !stored.contains(secret), "{secret}");
        }
        // Whoever looks for a subject knows it already.
        let found = activity(&mut sts, "subject=somebody&outcome=granted").len();
        assert_eq!(found, usize::from(subject != "hidden"), "{subject}");
    }
}

/// A decision costs one write.
#[test]
fn a_decision_costs_one_write_and_no_read() {
    for (sts, writes) in [(Service::new(&document()), 0), (on(&json!({}), &json!({})), 1)] {
        for claims in [json!({}), json!({ "aud": "somebody-else" })] {
            let mut world = crate::support::world::World::at(NOW);
            let engine = sts.engine(0);
            let token = foreign(&claims);
            let form = [
                ("grant_type", EXCHANGE),
                ("subject_token", &token),
                ("subject_token_type", crate::support::administered::JWT),
                ("client_id", OPERATORS.0),
                ("client_secret", OPERATORS.1),
            ];
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let request = Request::new("POST", "/oauth2/token")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(body);
            let (mut written, mut read_decisions) = (0, 0);
            let mut step = engine.handle(request, world.now, entropy());
            while let Step::Ask(pending) = step {
                match pending.ask() {
                    Ask::Commit { .. } => written += 1,
                    Ask::Read { keys } => {
                        read_decisions +=
                            keys.iter().filter(|key| key.contains("decision")).count();
                    }
                    Ask::List { .. } => read_decisions += 1,
                    _ => {}
                }
                let answer = world.answer(&engine, pending.ask());
                step = pending.resume(answer).unwrap();
            }
            assert_eq!((written, read_decisions), (writes, 0), "{claims}");
        }
    }
}

#[test]
fn a_store_that_fails_fails_no_request_and_is_left_alone_for_a_while() {
    let mut sts = on(&json!({}), &json!({}));
    sts.commits = Commits::Failing;
    granted(&mut sts);
    sts.commits = Commits::Done;
    granted(&mut sts);
    assert!(!sts.stored().contains("decision/"), "it rests");
    sts.world.now.0 += 10;
    granted(&mut sts);
    assert_eq!(activity(&mut sts, "").len(), 1);
    sts.world.store_state = StoreState::Failed;
    assert_eq!(sts.get(ACTIVITY).code(), "503 EXQ-50300");
}

#[test]
fn a_flood_is_bounded_and_strangers_do_not_hide_clients() {
    let mut sts = on(&json!({ "maxPerMinute": 10 }), &json!({}));
    for nth in 0..200 {
        stranger(&mut sts, &format!("stranger-{nth}"));
    }
    assert_eq!(activity(&mut sts, "limit=100").len(), 5);
    for _ in 0..20 {
        refused(&mut sts);
    }
    let all = activity(&mut sts, "limit=100");
    assert_eq!(all.len(), 10);
    assert_eq!(all.iter().filter(|one| one["clientId"] == "operators").count(), 5);
    let keys =
        |sts: &Service| sts.stored().lines().filter(|line| line.starts_with("decision")).count();
    assert_eq!(keys(&sts), 10 + 10 + 1);
    // Everything is counted all the same, once there is something to store.
    sts.world.now.0 += 60;
    granted(&mut sts);
    let now = sts.world.now.0;
    let path = format!("{ACTIVITY}/counts?from={}&to={now}&bucket=60", now - 120);
    let said = sts.get(&path).with_status(200).body;
    let buckets = said["buckets"].as_array().unwrap();
    let total = |name: &str| buckets.iter().map(|one| one[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((total("refused"), total("granted")), (220, 1));
    assert_eq!((&said["complete"], buckets.len()), (&json!(true), 3));
}

#[test]
fn counts_are_told_in_buckets() {
    let start = NOW - NOW % 3600;
    let mut sts = on(&json!({}), &json!({}));
    for (offset, requests) in [(0, 2), (59, 1), (60, 3), (3600, 4)] {
        sts.world.now.0 = start + offset;
        for _ in 0..requests {
            let token = foreign(&json!({ "aud": "x", "exp": start + 9000, "iat": start }));
            sts.exchange(0, OPERATORS, &token).with_status(400);
            // Another replica counts for itself.
            sts.exchange(1, OPERATORS, &token).with_status(400);
        }
    }
    let path = format!("{ACTIVITY}/counts?from={start}&to={}&bucket=3600", start + 3600);
    let said = sts.get(&path).with_status(200).body;
    assert_eq!(
        said["buckets"],
        json!([
            { "time": start, "granted": 0, "refused": 12 },
            { "time": start + 3600, "granted": 0, "refused": 8 },
        ])
    );
    let path = format!("{ACTIVITY}/counts?from={}&to={}&bucket=60", start + 60, start + 119);
    let said = sts.get(&path).with_status(200).body;
    assert_eq!(said["buckets"], json!([{ "time": start + 60, "granted": 0, "refused": 6 }]));
    for query in ["bucket=59", "from=10&to=9", "from=0&to=9999999&bucket=60", "bucket=x"] {
        assert_eq!(sts.get(&format!("{ACTIVITY}/counts?{query}")).status, 400, "{query}");
    }
}

#[test]
fn a_decision_is_kept_for_the_configured_days() {
    let mut sts = on(&json!({ "days": 2 }), &json!({}));
    granted(&mut sts);
    sts.world.now.0 += 2 * 86_400 - 1;
    assert_eq!(activity(&mut sts, "").len(), 1);
    sts.world.now.0 += 1;
    assert_eq!(activity(&mut sts, "").len(), 0);
    assert!(!sts.stored().contains("decision"));
}
