//! Pages and filters.

use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, made, service, shop, with};
use crate::support::administered::Service;

fn names(body: &Value) -> Vec<&str> {
    let list = body.get("applications").or_else(|| body.get("identityProviders")).unwrap();
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

fn many() -> Service {
    let mut sts = service();
    for number in 0..20 {
        let body = with(shop(), "name", json!(format!("Shop {number}")));
        made(&mut sts, APPLICATIONS, &with(body, "clientId", json!(format!("shop-{number}"))));
    }
    sts
}

#[test]
fn every_page_together_is_the_list() {
    let mut sts = many();
    let first = sts.get(APPLICATIONS).with_status(200).body;
    assert_eq!((&first["totalResults"], &first["startIndex"]), (&json!(21), &json!(1)));
    assert_eq!(names(&first)[0], "Operators", "the document's come first");
    let (mut all, mut next) = (Vec::new(), Some(format!("{APPLICATIONS}?limit=4")));
    while let Some(path) = next {
        let page = sts.get(&path).with_status(200).body;
        all.extend(names(&page).into_iter().map(String::from));
        assert_eq!(page["count"], names(&page).len());
        let links = page["links"].as_array().unwrap();
        let link = links.iter().find(|link| link["rel"] == "next");
        next = link.map(|link| link["href"].as_str().unwrap().replace("https://sts.example", ""));
    }
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!((all.len(), once.len()), (21, 21));
    let beyond = sts.get(&format!("{APPLICATIONS}?offset=100")).with_status(200).body;
    assert_eq!((&beyond["totalResults"], &beyond["count"]), (&json!(21), &json!(0)));
    let none = sts.get(&format!("{APPLICATIONS}?limit=0")).with_status(200).body;
    assert_eq!((&none["totalResults"], &none["applications"]), (&json!(21), &json!([])));
}

#[test]
fn pages_that_cannot_be_had_are_refused() {
    let mut sts = service();
    for path in [ISSUERS, APPLICATIONS] {
        for query in [
            "limit=-1",
            "limit=x",
            "limit=1.5",
            "offset=-1",
            "offset=100001",
            "offset=99999999999999999999",
        ] {
            assert_eq!(sts.get(&format!("{path}?{query}")).code(), "400 EXQ-40000", "{query}");
        }
    }
}

#[test]
fn a_limit_above_the_maximum_is_answered_with_the_maximum() {
    let mut sts = service();
    for number in 0..101 {
        let body = with(shop(), "name", json!(format!("Shop {number}")));
        made(&mut sts, APPLICATIONS, &with(body, "clientId", json!(format!("shop-{number}"))));
    }
    for limit in ["101", "99999999999999999999999"] {
        let said = sts.get(&format!("{APPLICATIONS}?limit={limit}")).with_status(200).body;
        assert_eq!((&said["totalResults"], &said["count"]), (&json!(102), &json!(100)), "{limit}");
        assert!(said["links"][0]["href"].as_str().unwrap().ends_with("?offset=100&limit=100"));
    }
}

#[test]
fn lists_are_filtered_and_their_links_remember_it() {
    let mut sts = many();
    let said = sts.get(&format!("{APPLICATIONS}?limit=3&filter=name+sw+%22SHOP%201%22")).body;
    assert_eq!((&said["totalResults"], &said["count"]), (&json!(11), &json!(3)));
    let next = said["links"][0]["href"].as_str().unwrap().replace("https://sts.example", "");
    let page = sts.get(&next).with_status(200).body;
    assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(11), &json!(4)));
    assert!(names(&page).iter().all(|name| name.starts_with("Shop 1")));
    let said = sts.get(&format!("{APPLICATIONS}?filter=clientId+eq+operators")).body;
    assert_eq!(names(&said), ["Operators"]);

    made(&mut sts, ISSUERS, &with(globex(), "isEnabled", json!(false)));
    for (filter, wanted) in [
        ("name+co+e", vec!["Acme", "Globex"]),
        ("isEnabled+eq+false", vec!["Globex"]),
        ("issuer+ew+idp.example+and+isEnabled+eq+true", vec!["Acme"]),
        ("name+ne+acme", vec!["Globex"]),
        ("id+eq+nobody", vec![]),
    ] {
        let said = sts.get(&format!("{ISSUERS}?filter={filter}")).with_status(200).body;
        assert_eq!(names(&said), wanted, "{filter}");
        assert_eq!(said["totalResults"], wanted.len());
    }
}

#[test]
fn filters_that_are_none_are_refused() {
    let mut sts = service();
    for filter in ["name", "name+is+a", "colour+eq+red", "name+eq+%22a", "name+eq+a+or+name+eq+b"] {
        let said = sts.get(&format!("{APPLICATIONS}?filter={filter}"));
        assert_eq!(said.code(), "400 APP-60004", "{filter}");
        assert!(said.description().contains("expected `<attribute>"), "{}", said.description());
        assert_eq!(sts.get(&format!("{ISSUERS}?filter={filter}")).code(), "400 IDP-60025");
    }
}
