//! Filters by what objects are found by: found in the store, whatever wrote
//! them there, and at the same cost however many others there are.

use exchequer::{Answer, Ask, Expect, Request, Step, Write};
use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::{ADMIN, Service};
use crate::support::world::entropy;

fn named(sts: &mut Service, number: usize, name: &str) -> String {
    let body = with(shop(), "name", json!(name));
    made(sts, APPLICATIONS, &with(body, "clientId", json!(format!("shop-{number}"))))
}

fn found(sts: &mut Service, path: &str, filter: &str) -> Vec<String> {
    let filter = form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
    let said = sts.get(&format!("{path}?limit=100&filter={filter}")).with_status(200).body;
    let list = said.get("applications").or_else(|| said.get("identityProviders")).unwrap();
    let names: Vec<String> =
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().into()).collect();
    assert_eq!(said["totalResults"], names.len(), "{filter}");
    names
}

/// What a filtered list asks the store for: asks, and records that it answers.
fn cost(sts: &mut Service, filter: &str) -> (usize, usize) {
    let filter = form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
    let request = Request::new("GET", &format!("{APPLICATIONS}?limit=10&filter={filter}"))
        .header("Authorization", &format!("Bearer {ADMIN}"));
    let engine = sts.engine(0);
    let mut step = engine.handle(request, sts.world.now, entropy());
    let (mut asks, mut records) = (0, 0);
    loop {
        step = match step {
            Step::Done(reply) => {
                assert_eq!(reply.status, 200);
                return (asks, records);
            }
            Step::Ask(pending) => {
                let answer = sts.world.answer(&engine, pending.ask());
                asks += 1;
                records += match &answer {
                    Answer::Records { records } => records.iter().flatten().count(),
                    Answer::Page { records, .. } => records.len(),
                    _ => 0,
                };
                pending.resume(answer).unwrap()
            }
        };
    }
}

/// Takes away what earlier versions did not write.
fn as_earlier_version(sts: &mut Service) {
    let now = sts.world.now;
    let Answer::Page { records, .. } = sts.world.store.list("", None, 100_000, now) else {
        panic!("a page")
    };
    let later = records.into_iter().filter(|record| record.key.contains("-filter"));
    let batch: Vec<Write> = later
        .map(|record| Write { key: record.key, value: None, expect: Expect::Any, expires_at: None })
        .collect();
    assert!(!batch.is_empty());
    assert_eq!(sts.world.store.commit(&batch, now), Answer::Committed);
}

fn records_of_filters(sts: &Service) -> usize {
    sts.stored().lines().filter(|line| line.starts_with("application-filter/")).count()
}

#[test]
fn a_filter_reads_no_more_of_many_than_of_few() {
    let filters = [
        "name eq \"Shop 7\"",
        "clientId eq SHOP-7",
        "clientId eq shop-7 and name co shop",
        "name sw \"Shop 7\"",
        "name eq nobody",
    ];
    let mut few = service();
    for number in 0..10 {
        named(&mut few, number, &format!("Shop {number}"));
    }
    let mut many = service();
    for number in 0..10 {
        named(&mut many, number, &format!("Shop {number}"));
    }
    for number in 10..700 {
        named(&mut many, number, &format!("Store {number}"));
    }
    for filter in filters {
        assert_eq!(cost(&mut many, filter), cost(&mut few, filter), "{filter}");
    }
    // A long list counts what is beside the page, and reads only the page.
    let said = many.get(&format!("{APPLICATIONS}?limit=5&offset=600&filter=name+sw+store")).body;
    assert_eq!((&said["totalResults"], &said["count"]), (&json!(690), &json!(5)));
    let (_, records) = cost(&mut many, "name sw store");
    assert!(records <= 690 + 10 + 1, "{records}");
}

#[test]
fn letter_case_and_characters_of_every_kind_are_found() {
    let mut sts = service();
    let long = "ä".repeat(120);
    let longer = format!("{}b", "ä".repeat(119));
    for (number, name) in
        ["Ada", "ADA", "Ada & Co.", "Ärzte", "商店", &long, &longer].into_iter().enumerate()
    {
        named(&mut sts, number, name);
    }
    let mut ada = found(&mut sts, APPLICATIONS, "name eq aDa");
    ada.sort();
    assert_eq!(ada, ["ADA", "Ada"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name sw ada").len(), 3);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq ärzTE"), ["Ärzte"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name sw 商"), ["商店"]);
    let exactly = format!("name eq {}", long.to_uppercase());
    assert_eq!(found(&mut sts, APPLICATIONS, &exactly), std::slice::from_ref(&long));
    assert_eq!(
        found(&mut sts, APPLICATIONS, &format!("name sw {long}")),
        std::slice::from_ref(&long)
    );
    assert_eq!(found(&mut sts, APPLICATIONS, &format!("name sw {}", "ä".repeat(60))).len(), 2);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq operators"), ["Operators"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "clientId sw oper"), ["Operators"]);
}

#[test]
fn what_is_renamed_or_deleted_is_found_by_its_new_name_alone() {
    let mut sts = service();
    let path = named(&mut sts, 1, "Before");
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq before"), ["Before"]);
    let records = records_of_filters(&sts);
    sts.patch(&path, &json!({ "name": "After" })).with_status(200);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq before"), [""; 0]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq after"), ["After"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "clientId eq shop-1"), ["After"]);
    assert_eq!(records_of_filters(&sts), records);
    // A name that another one has changes nothing.
    named(&mut sts, 3, "Other");
    let records = records_of_filters(&sts);
    assert_eq!(sts.patch(&path, &json!({ "name": "Other" })).code(), "409 APP-60007");
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq other"), ["Other"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq after"), ["After"]);
    assert_eq!(records_of_filters(&sts), records);
    sts.delete(&path).with_status(204);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq after"), [""; 0]);
    assert_eq!(records_of_filters(&sts), records - 4);
}

#[test]
fn what_an_earlier_version_wrote_is_found() {
    let mut sts = service();
    for number in 0..100 {
        named(&mut sts, number, &format!("Shop {number}"));
    }
    let path = made(&mut sts, ISSUERS, &globex());
    as_earlier_version(&mut sts);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq \"shop 42\""), ["Shop 42"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "clientId eq shop-99"), ["Shop 99"]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name sw \"shop 9\"").len(), 11);
    assert_eq!(records_of_filters(&sts), 400);
    // Written again before any list was filtered.
    sts.patch(&path, &json!([{ "operation": "REPLACE", "path": "/name", "value": "Renamed" }]))
        .with_status(200);
    assert_eq!(found(&mut sts, ISSUERS, "name eq globex"), [""; 0]);
    assert_eq!(found(&mut sts, ISSUERS, "name eq renamed"), ["Renamed"]);
    assert_eq!(found(&mut sts, ISSUERS, "issuer eq https://GLOBEX.example"), ["Renamed"]);
    sts.delete(&path).with_status(204);
    assert_eq!(found(&mut sts, ISSUERS, "issuer eq https://globex.example"), [""; 0]);
}

#[test]
fn what_an_earlier_version_wrote_is_found_before_everything_is_added() {
    let mut sts = service();
    // More than one call adds.
    for number in 0..300 {
        named(&mut sts, number, &format!("Shop {number}"));
    }
    as_earlier_version(&mut sts);
    // One that is made meanwhile does not hide the others.
    named(&mut sts, 300, "Shop 300");
    for number in [299, 298, 300] {
        let shop = format!("Shop {number}");
        assert_eq!(found(&mut sts, APPLICATIONS, &format!("name eq \"{shop}\"")), [shop]);
    }
    assert_eq!(records_of_filters(&sts), 301 * 4);
}

#[test]
fn a_store_that_takes_no_writes_hides_nothing_from_a_filter() {
    let mut sts = service();
    named(&mut sts, 1, "Shop");
    as_earlier_version(&mut sts);
    sts.commits = crate::support::administered::Commits::Failing;
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq shop"), ["Shop"]);
    assert_eq!(records_of_filters(&sts), 0);
}

#[test]
fn a_change_while_records_are_added_leaves_nothing_false() {
    let mut sts = service();
    let path = named(&mut sts, 1, "Before");
    as_earlier_version(&mut sts);
    // A list is about to add the records of the object that it has read.
    let request = sts.with_body("GET", &format!("{APPLICATIONS}?filter=name+eq+x"), "");
    let pending = sts.until_commit(0, request);
    assert!(matches!(pending.ask(), Ask::Commit { .. }));
    sts.patch(&path, &json!({ "name": "After" })).with_status(200);
    sts.finish(0, pending).with_status(200);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq before"), [""; 0]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name sw before"), [""; 0]);
    assert_eq!(found(&mut sts, APPLICATIONS, "name eq after"), ["After"]);
    let said = sts.get(&format!("{APPLICATIONS}?filter=name+ne+x")).with_status(200).body;
    assert_eq!(said["totalResults"], Value::from(2));
}

fn allowing(sts: &mut Service, client_id: &str, issuers: Value) -> String {
    let body = with(with(shop(), "name", json!(client_id)), "clientId", json!(client_id));
    made(sts, APPLICATIONS, &with(body, "trustedTokenIssuers", issuers))
}

/// Issuers that are made, by their names.
fn partners(sts: &mut Service, count: usize) -> Vec<String> {
    let name = |number| format!("Partner {number}");
    for number in 0..count {
        let issuer = format!("https://{number}.partner.example");
        let body = with(with(globex(), "name", json!(name(number))), "issuer", json!(issuer));
        made(sts, ISSUERS, &body);
    }
    (0..count).map(name).collect()
}

#[test]
fn applications_are_found_by_an_issuer_that_they_allow() {
    let mut sts = service();
    made(&mut sts, ISSUERS, &globex());
    let both =
        json!(["Acme", { "name": "Globex", "conditions": [{ "claim": "a", "equals": "b" }] }]);
    allowing(&mut sts, "both", both);
    let path = allowing(&mut sts, "acme", json!(["Acme"]));
    allowing(&mut sts, "none", json!([]));
    let of = |sts: &mut Service, filter: &str| {
        let mut names = found(sts, APPLICATIONS, filter);
        names.sort();
        names
    };
    // The application of the document names the issuer, those of the store have its id.
    let acme = ["Operators", "acme", "both"];
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Acme"), acme);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq aCME"), acme);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Globex"), ["both"]);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Globex and name sw a"), [""; 0]);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Acme and clientId eq acme"), ["acme"]);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Nobody"), [""; 0]);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Nobody and name co a"), [""; 0]);
    // Another name of the issuer, and other issuers of the application.
    let globex = found(&mut sts, ISSUERS, "name eq globex");
    assert_eq!(globex, ["Globex"]);
    sts.patch(&path, &json!({ "trustedTokenIssuers": ["Globex"] })).with_status(200);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Acme"), ["Operators", "both"]);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Globex"), ["acme", "both"]);
    sts.delete(&path).with_status(204);
    assert_eq!(of(&mut sts, "trustedTokenIssuers eq Globex"), ["both"]);
    let said = sts.get(&format!("{APPLICATIONS}?filter=trustedTokenIssuers+ne+Acme"));
    let said = said.with_status(400);
    assert!(said.text("description").contains("takes `eq`"), "{}", said.body);
}

#[test]
fn an_issuer_of_an_application_with_many_is_found_too() {
    let mut sts = service();
    let names = partners(&mut sts, 40);
    let path = allowing(&mut sts, "many", json!(names));
    allowing(&mut sts, "few", json!(names[38..]));
    let filter = |name: &str| format!("trustedTokenIssuers eq \"{name}\"");
    assert_eq!(found(&mut sts, APPLICATIONS, &filter(&names[39])), ["few", "many"]);
    assert_eq!(found(&mut sts, APPLICATIONS, &filter(&names[0])), ["many"]);
    assert_eq!(found(&mut sts, APPLICATIONS, &filter("Acme")), ["Operators"]);
    // As many as have records, twice: the largest batch.
    sts.patch(&path, &json!({ "trustedTokenIssuers": names[..20] })).with_status(200);
    sts.patch(&path, &json!({ "trustedTokenIssuers": names[8..] })).with_status(200);
    sts.patch(&path, &json!({ "trustedTokenIssuers": names[..32] })).with_status(200);
    assert_eq!(found(&mut sts, APPLICATIONS, &filter(&names[39])), ["few"]);
    as_earlier_version(&mut sts);
    assert_eq!(found(&mut sts, APPLICATIONS, &filter(&names[31])), ["many"]);
    assert_eq!(found(&mut sts, APPLICATIONS, &filter(&names[39])), ["few"]);
}

#[test]
fn a_filter_by_issuer_reads_no_more_of_many_than_of_few() {
    let mut costs = Vec::new();
    for others in [10, 300] {
        let mut sts = service();
        made(&mut sts, ISSUERS, &globex());
        for number in 0..3 {
            allowing(&mut sts, &format!("mine-{number}"), json!(["Globex"]));
        }
        for number in 0..others {
            allowing(&mut sts, &format!("other-{number}"), json!(["Acme"]));
        }
        costs.push(cost(&mut sts, "trustedTokenIssuers eq Globex"));
    }
    assert_eq!(costs[0], costs[1]);
}
