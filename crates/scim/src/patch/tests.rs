use std::string::String;

use serde_json::{Map, Value, json};

use crate::ScimType;
use crate::sample::{ENTERPRISE, USERS, object};

fn ada() -> Map<String, Value> {
    object(json!({
        "userName": "ada",
        "active": true,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [
            {"value": "ada@work", "type": "work", "primary": true},
            {"value": "ada@home", "type": "home"},
        ],
        ENTERPRISE: {"department": "Math"},
    }))
}

fn patched(operations: Value) -> Result<Value, Option<ScimType>> {
    let mut resource = ada();
    let body = json!({"Operations": operations});
    USERS.patch(&mut resource, &object(body)).map_err(|error| error.scim_type)?;
    Ok(Value::Object(resource))
}

/// What one operation makes of Ada, at this place.
fn becomes(operation: Value, pointer: &str, value: Value) {
    let after = patched(json!([operation.clone()]));
    let after = after.unwrap_or_else(|kind| panic!("{operation}: {kind:?}"));
    assert_eq!(after.pointer(pointer).unwrap_or(&Value::Null), &value, "{operation}");
}

#[test]
fn attributes_with_one_value() {
    for op in ["add", "replace", "Add", "REPLACE"] {
        becomes(
            json!({"op": op, "path": "title", "value": "Countess"}),
            "/title",
            json!("Countess"),
        );
        becomes(
            json!({"op": op, "path": "TITLE", "value": "Countess"}),
            "/title",
            json!("Countess"),
        );
        becomes(json!({"op": op, "path": "active", "value": "False"}), "/active", json!(false));
        let name = json!({"givenName": "A", "familyName": "Lovelace"});
        becomes(
            json!({"op": op, "path": "name", "value": {"givenName": "A"}}),
            "/name",
            name.clone(),
        );
        becomes(json!({"op": op, "path": "name.givenName", "value": "A"}), "/name", name.clone());
        becomes(json!({"op": op, "value": {"name.givenName": "A"}}), "/name", name);
        let urn = std::format!("{ENTERPRISE}:division");
        let work = json!({"department": "Math", "division": "North"});
        let at = std::format!("/{ENTERPRISE}");
        becomes(json!({"op": op, "path": &urn, "value": "North"}), &at, work.clone());
        becomes(json!({"op": op, "value": {&urn: "North"}}), &at, work.clone());
        becomes(json!({"op": op, "value": {ENTERPRISE: {"division": "North"}}}), &at, work.clone());
        becomes(json!({"op": op, "path": ENTERPRISE, "value": {"division": "North"}}), &at, work);
        // Entra ID sends the id of the manager without the object around it.
        let urn = std::format!("{ENTERPRISE}:manager");
        becomes(
            json!({"op": op, "path": urn, "value": "x"}),
            &(at + "/manager"),
            json!({"value": "x"}),
        );
    }
    becomes(
        json!({"op": "replace", "path": "name.givenName", "value": null}),
        "/name",
        json!({"familyName": "Lovelace"}),
    );
    becomes(json!({"op": "remove", "path": "name"}), "/name", Value::Null);
    becomes(json!({"op": "remove", "path": "nickName"}), "/nickName", Value::Null);
    becomes(
        json!({"op": "remove", "path": ENTERPRISE}),
        &std::format!("/{ENTERPRISE}"),
        Value::Null,
    );
    let urn = std::format!("{ENTERPRISE}:department");
    becomes(json!({"op": "remove", "path": urn}), &std::format!("/{ENTERPRISE}"), Value::Null);
    let urn = std::format!("{ENTERPRISE}:division");
    becomes(
        json!({"op": "remove", "path": urn}),
        &std::format!("/{ENTERPRISE}/department"),
        json!("Math"),
    );
}

#[test]
fn attributes_with_several_values() {
    let (work, home) = (
        json!({"value": "ada@work", "type": "work", "primary": true}),
        json!({"value": "ada@home", "type": "home"}),
    );
    let work_was = json!({"value": "ada@work", "type": "work", "primary": false});
    let new = json!({"value": "new"});
    let path = |filter: &str| std::format!("emails[{filter}]");
    for (operation, emails) in [
        (json!({"op": "add", "path": "emails", "value": [new]}), json!([work, home, new])),
        (json!({"op": "add", "path": "emails", "value": new}), json!([work, home, new])),
        (json!({"op": "add", "path": "emails", "value": [home, work]}), json!([work, home])),
        (json!({"op": "add", "value": {"emails": [new]}}), json!([work, home, new])),
        (json!({"op": "replace", "path": "emails", "value": [new]}), json!([new])),
        (json!({"op": "replace", "path": "emails", "value": []}), Value::Null),
        (json!({"op": "remove", "path": "emails"}), Value::Null),
        (
            json!({"op": "remove", "path": "emails", "value": [{"value": "ada@home"}]}),
            json!([work]),
        ),
        (json!({"op": "remove", "path": path("type eq \"home\"")}), json!([work])),
        (
            json!({"op": "remove", "path": path("value ew \"work\" or primary eq true")}),
            json!([home]),
        ),
        (json!({"op": "remove", "path": path("type eq \"home\"") + ".value"}), json!([work])),
        (
            json!({"op": "replace", "path": path("type eq \"home\""), "value": new}),
            json!([work, new]),
        ),
        (
            json!({"op": "add", "path": path("type eq \"home\""), "value": {"display": "x"}}),
            json!([work, {"value": "ada@home", "type": "home", "display": "x"}]),
        ),
        (
            json!({"op": "replace", "path": path("type eq \"home\"") + ".value", "value": "h"}),
            json!([work, {"value": "h", "type": "home"}]),
        ),
        (
            json!({"op": "add", "path": path("type eq \"other\"") + ".value", "value": "o"}),
            json!([work, home, {"value": "o", "type": "other"}]),
        ),
        (
            json!({"op": "replace", "path": path("type eq \"other\"") + ".value", "value": "o"}),
            json!([work, home, {"value": "o", "type": "other"}]),
        ),
        (
            json!({"op": "replace", "value": {path("type eq \"home\"") + ".value": "h"}}),
            json!([work, {"value": "h", "type": "home"}]),
        ),
        // Who becomes primary takes it from who was.
        (
            json!({"op": "add", "path": "emails", "value": {"value": "p", "primary": "True"}}),
            json!([work_was, home, {"value": "p", "primary": true}]),
        ),
        (
            json!({"op": "replace", "path": path("type eq \"home\"") + ".primary", "value": true}),
            json!([work_was, {"value": "ada@home", "type": "home", "primary": true}]),
        ),
        (
            json!({"op": "add", "path": "emails", "value": {"value": "ada@home", "type": "home", "primary": true}}),
            json!([work_was, {"value": "ada@home", "type": "home", "primary": true}]),
        ),
    ] {
        becomes(operation, "/emails", emails);
    }
    let role = json!({"op": "add", "path": "roles[primary eq \"True\"].value", "value": "r"});
    becomes(role, "/roles", json!([{"primary": true, "value": "r"}]));
}

#[test]
fn what_is_not_kept_here_is_ignored() {
    for operation in [
        json!({"op": "replace", "path": "password", "value": "secret"}),
        json!({"op": "add", "path": "urn:custom:1.0:Thing:size", "value": 9}),
        json!({"op": "replace", "value": {"id": "x", "schemas": [], "meta": {}, "password": "secret", "urn:example:2.0:Record": {"writtenBy": "me"}}}),
        json!({"op": "add", "path": "groups", "value": [{"value": "g"}]}),
    ] {
        assert_eq!(patched(json!([operation.clone()])), Ok(Value::Object(ada())), "{operation}");
    }
}

#[test]
fn operations_that_cannot_be_done() {
    for (operation, kind) in [
        (json!(1), ScimType::InvalidSyntax),
        (json!({"path": "title", "value": "x"}), ScimType::InvalidSyntax),
        (json!({"op": "move", "path": "title", "value": "x"}), ScimType::InvalidSyntax),
        (json!({"op": "add", "path": "titel", "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "add", "path": 1, "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "add", "path": "emails[type", "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "add", "value": {"titel": "x"}}), ScimType::InvalidPath),
        (json!({"op": "add", "path": "title"}), ScimType::InvalidValue),
        (json!({"op": "add", "path": "title", "value": 1}), ScimType::InvalidValue),
        (json!({"op": "add", "path": "active", "value": "no"}), ScimType::InvalidValue),
        (json!({"op": "add", "value": "x"}), ScimType::InvalidValue),
        (json!({"op": "add", "path": "emails", "value": [{"kind": "x"}]}), ScimType::InvalidSyntax),
        (
            json!({"op": "add", "path": "emails", "value": [{"value": "1", "primary": true}, {"value": "2", "primary": true}]}),
            ScimType::InvalidValue,
        ),
        (json!({"op": "remove"}), ScimType::NoTarget),
        (json!({"op": "remove", "path": "emails[type eq \"other\"]"}), ScimType::NoTarget),
        (
            json!({"op": "replace", "path": "emails[type eq \"other\"]", "value": {"value": "x"}}),
            ScimType::NoTarget,
        ),
        (
            json!({"op": "add", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}),
            ScimType::NoTarget,
        ),
        (
            json!({"op": "replace", "path": "name[givenName eq \"Ada\"]", "value": {}}),
            ScimType::NoTarget,
        ),
        (json!({"op": "replace", "path": "id", "value": "x"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "meta.version"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "schemas", "value": ["x"]}), ScimType::Mutability),
        (
            json!({"op": "replace", "path": "urn:example:2.0:Record", "value": {}}),
            ScimType::Mutability,
        ),
        (json!({"op": "remove", "path": "userName"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "userName", "value": null}), ScimType::Mutability),
    ] {
        assert_eq!(patched(json!([operation.clone()])), Err(Some(kind)), "{operation}");
    }
    let title = json!({"op": "add", "path": "title", "value": "x"});
    assert!(patched(Value::Array(std::vec![title.clone(); 100])).is_ok());
    assert!(patched(Value::Array(std::vec![title; 101])).is_err());
    assert!(patched(json!([])).is_err());
    assert!(patched(json!({})).is_err());
}
