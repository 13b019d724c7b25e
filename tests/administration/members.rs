//! Every member that an issuer or an application of the document may have is known to the
//! administration API. `tests/config/everything.json` has each of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, globex, service, shop, with};

/// The members of the objects of this kind, each with a value.
fn members(kind: &str) -> BTreeMap<String, Value> {
    let case = include_str!("../config/everything.json");
    let case: Value = serde_json::from_str(case).unwrap();
    let objects = case["document"][kind].as_array().unwrap();
    let members: Map<String, Value> =
        objects.iter().flat_map(|object| object.as_object().unwrap().clone()).collect();
    assert!(members.len() > 10, "{kind}");
    members.into_iter().collect()
}

#[test]
fn an_application_may_be_sent_with_every_member_of_the_document() {
    const UNKNOWN: &str = "is no field known here";
    let mut sts = service();
    let other = sts.post(APPLICATIONS, &with(shop(), "colour", json!("red")));
    assert!(other.body.to_string().contains(UNKNOWN), "{}", other.body);
    for (name, value) in members("applications") {
        let said = sts.post(APPLICATIONS, &with(shop(), &name, value));
        assert!(!said.body.to_string().contains(UNKNOWN), "{name}: {}", said.body);
    }
}

#[test]
fn every_member_of_an_issuer_can_be_patched() {
    const UNKNOWN: &str = "is no path";
    let mut sts = service();
    let path = format!("{ISSUERS}/{}", sts.post(ISSUERS, &globex()).with_status(201).text("id"));
    let other = json!([{ "operation": "REPLACE", "path": "/colour", "value": "red" }]);
    let other = sts.patch(&path, &other);
    assert!(other.body.to_string().contains(UNKNOWN), "{}", other.body);
    for (name, value) in members("trustedTokenIssuers") {
        // WSO2's name of it.
        let name = if name == "enabled" { "isEnabled" } else { &name };
        let change =
            json!([{ "operation": "REPLACE", "path": format!("/{name}"), "value": value }]);
        let said = sts.patch(&path, &change);
        assert!(!said.body.to_string().contains(UNKNOWN), "{name}: {}", said.body);
    }
}
