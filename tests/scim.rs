//! Users that are provisioned by SCIM, from the request to the store and to
//! the exchange. What filters, PATCH and attributes mean is proved beside
//! them; `tests/clients/test_scim.py` has clients of others.
//!
//! | module | proves |
//! |---|---|
//! | `parties` | nothing: issuer, users and application, shared with the account tests |
//! | `server` | nothing: a service and who administers it |
//! | `earlier` | users that an earlier version kept |
//! | `exchange` | what the exchange makes of provisioned users, and what is left of one who is deleted |
//! | `lists` | pages, cursors, and how far a list is walked |
//! | `roles` | which roles there are, and that they are not written |
//! | `races` | requests that meet |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "scim/earlier.rs"]
mod earlier;
#[path = "scim/exchange.rs"]
mod exchange;
#[path = "scim/lists.rs"]
mod lists;
#[allow(dead_code, reason = "the account tests use the rest")]
#[path = "accounts/parties.rs"]
mod parties;
#[path = "scim/races.rs"]
mod races;
#[path = "scim/roles.rs"]
mod roles;
#[path = "scim/server.rs"]
mod server;
mod support;

use exchequer::Request;
use serde_json::{Value, json};

use server::{Server, header};
use support::case::StoreState;

/// A foreign `sub` of this form is told apart from a user without a read.
#[test]
fn the_id_of_a_user_says_that_it_is_one() {
    let id = Server::new().created(json!({ "userName": "ada" }));
    let drawn = id.strip_prefix("usr_").unwrap();
    assert_eq!(drawn.len(), 22, "128 bits: {id}");
}

#[test]
fn a_user_name_is_taken_once_however_it_is_written() {
    let mut server = Server::new();
    let ada = server.created(json!({ "userName": "ada" }));
    for taken in ["ada", "ADA", "PRIMARY/Ada", "linked", "LDAP/Two", "ldap/two"] {
        let (status, error) = server.call("POST", "Users", &json!({ "userName": taken }));
        assert_eq!((status, &error["scimType"]), (409, &json!("uniqueness")), "{taken}");
    }
    let bob = server.created(json!({ "userName": "bob" }));
    server.created(json!({ "userName": "LDAP/ada" }));
    let (status, _) = server.call("PUT", &format!("Users/{bob}"), &json!({ "userName": "Ada" }));
    assert_eq!(status, 409);
    // The same name in another case is no other name.
    let (status, _) = server.call("PUT", &format!("Users/{ada}"), &json!({ "userName": "Ada" }));
    assert_eq!(status, 200);
    // What was left is free again.
    server.call("PUT", &format!("Users/{ada}"), &json!({ "userName": "countess" }));
    assert_eq!(server.found("userName eq \"ada\""), [""; 0]);
    assert_eq!(server.found("userName eq \"Countess\""), [ada.as_str()]);
    server.call("DELETE", &format!("Users/{bob}"), &Value::Null);
    server.created(json!({ "userName": "bob" }));
    server.created(json!({ "userName": "ada" }));
}

#[test]
fn nothing_but_counts_is_left_of_users_who_are_deleted() {
    let mut server = Server::new();
    for round in 0..3 {
        let id = server.created(json!({
            "userName": "ada", "externalId": "1", "emails": ["a@example.com"], "phoneNumbers": ["1"],
        }));
        let path = format!("Users/{id}");
        let other = json!({ "userName": "bob", "externalId": "2", "emails": ["b@example.com"] });
        assert_eq!(server.call("PUT", &path, &other).0, 200);
        assert_eq!(server.found("externalId eq \"1\""), [""; 0]);
        assert_eq!(server.found("externalId eq \"2\""), [id.as_str()]);
        assert_eq!(server.call("DELETE", &path, &Value::Null).0, 204);
        assert_eq!(server.call("GET", &path, &Value::Null).0, 404, "round {round}");
    }
    for prefix in ["user/", "user-name/", "user-attribute/", "user-external/"] {
        assert_eq!(server.records(prefix), 0, "{prefix}");
    }
    assert_eq!(server.call("GET", "Users?count=0", &Value::Null).1["totalResults"], 7);
}

#[test]
fn every_write_is_noted_and_passwords_are_not() {
    let mut server = Server::new();
    let body = json!({ "userName": "ada", "password": "tr0ub4dor" });
    let reply = server.send("POST", "Users", &body);
    let id = server.body(&reply)["id"].as_str().unwrap().to_string();
    let change = reply.audit.unwrap().change.unwrap();
    assert_eq!((&*change.action, &*change.resource, change.id), ("create", "user", id.clone()));
    assert_eq!((change.before, &change.after.clone().unwrap()["userName"]), (None, &json!("ada")));
    assert!(!change.after.unwrap().to_string().contains("tr0ub4dor"));

    let path = format!("Users/{id}");
    let off = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let change = server.send("PATCH", &path, &off).audit.unwrap().change.unwrap();
    assert_eq!(change.action, "update");
    assert_eq!(change.before.unwrap()["active"], true);
    assert_eq!(change.after.unwrap()["active"], false);
    // What changes nothing writes nothing.
    let again = server.send("PATCH", &path, &off);
    assert_eq!((again.status, again.audit), (200, None));
    let change = server.send("DELETE", &path, &Value::Null).audit.unwrap().change.unwrap();
    assert_eq!((&*change.action, change.after), ("delete", None));
}

#[test]
fn who_wrote_a_user_last_is_shown_and_given_by_nobody() {
    const OURS: &str = "urn:exchequer:params:scim:schemas:1.0:User";
    let mut server = Server::new();
    let forged = json!({ "modifiedBy": "somebody else" });
    let id = server.created(json!({ "schemas": [OURS], "userName": "ada", OURS: forged }));
    let path = format!("Users/{id}");
    let by = json!({ "modifiedBy": "admin token" });
    for body in [
        Value::Null,
        json!({ "userName": "ada", "title": "Dr", OURS: forged }),
        json!({ "userName": "ada", OURS: { "modifiedBy": 7 } }),
    ] {
        let method = if body.is_null() { "GET" } else { "PUT" };
        let (status, user) = server.call(method, &path, &body);
        assert_eq!((status, &user[OURS]), (200, &by), "{user}");
        assert!(user["schemas"].as_array().unwrap().contains(&json!(OURS)));
    }
    // Whoever sends back what they have read is not refused for it.
    let all =
        json!({ "Operations": [{ "op": "replace", "value": { "title": "Dr", OURS: forged } }] });
    let (status, user) = server.call("PATCH", &path, &all);
    assert_eq!((status, &user["title"], &user[OURS]), (200, &json!("Dr"), &by));
    for (op, path_of, value) in [
        ("replace", format!("{OURS}:modifiedBy"), json!("x")),
        ("remove", format!("{OURS}:modifiedBy"), Value::Null),
        ("add", OURS.into(), forged.clone()),
        ("remove", OURS.into(), Value::Null),
    ] {
        let body = json!({ "Operations": [{ "op": op, "path": path_of, "value": value }] });
        let (status, error) = server.call("PATCH", &path, &body);
        assert_eq!((status, &error["scimType"]), (400, &json!("mutability")), "{op} {path_of}");
    }
    assert_eq!(server.call("GET", &path, &Value::Null).1[OURS], by);
    assert_eq!(server.found(&format!("{OURS}:modifiedBy eq \"admin token\"")), [id]);
    let users = server.call("GET", &format!("Users?attributes={OURS}:modifiedBy"), &Value::Null).1;
    assert_eq!(users["Resources"][7][OURS], by);
    // Users of the document were written by nobody here.
    assert_eq!(server.call("GET", "Users/u-ldap", &Value::Null).1.get(OURS), None);

    let schema = server.call("GET", &format!("Schemas/{OURS}"), &Value::Null).1;
    let attribute = &schema["attributes"][0];
    assert_eq!(
        (&attribute["name"], &attribute["mutability"]),
        (&json!("modifiedBy"), &json!("readOnly"))
    );
    let types = server.call("GET", "ResourceTypes/User", &Value::Null).1;
    let declared = json!({ "schema": OURS, "required": false });
    assert!(types["schemaExtensions"].as_array().unwrap().contains(&declared));
}

#[test]
fn a_user_of_the_document_is_shown_and_not_written() {
    let mut server = Server::new();
    let (status, user) = server.call("GET", "Users/u-ldap", &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(user["userName"], "LDAP/two");
    assert_eq!(user["emails"], json!([{ "value": "two@example.com", "primary": true }]));
    assert_eq!(
        user["meta"],
        json!({
            "resourceType": "User", "location": "https://sts.example/scim2/Users/u-ldap",
        })
    );
    for (method, body) in [
        ("PUT", json!({ "userName": "two" })),
        ("PATCH", json!({ "Operations": [{ "op": "remove", "path": "title" }] })),
        ("DELETE", Value::Null),
    ] {
        let (status, error) = server.call(method, "Users/u-ldap", &body);
        assert_eq!(status, 409, "{method}");
        assert!(error["detail"].as_str().unwrap().contains("configuration document"));
    }
}

#[test]
fn versions_are_kept_to() {
    let mut server = Server::new();
    let reply = server.send("POST", "Users", &json!({ "userName": "ada" }));
    let tag = header(&reply, "etag");
    let user = server.body(&reply);
    assert_eq!(header(&reply, "location"), user["meta"]["location"].as_str().unwrap());
    assert_eq!(tag, user["meta"]["version"].as_str().unwrap());
    let path = format!("Users/{}", user["id"].as_str().unwrap());
    let mut send = |method: &str, field: &str, tag: &str, title: &str| {
        let body = json!({ "userName": "ada", "title": title });
        let request = server.request(method, &path, &body).header(field, tag);
        let reply = server.handle(request);
        (reply.status, header(&reply, "etag"))
    };
    assert_eq!(send("GET", "If-None-Match", &tag, ""), (304, tag.clone()));
    assert_eq!(send("GET", "If-None-Match", "\"0\"", "").0, 200);
    assert_eq!(send("PUT", "If-Match", "W/\"0\"", "a").0, 412);
    let (status, next) = send("PUT", "If-Match", &format!("\"x\", {tag}"), "b");
    assert!(status == 200 && next != tag);
    assert_eq!(send("PUT", "If-Match", &tag, "c").0, 412);
    assert_eq!(send("PUT", "If-Match", "*", "d").0, 200);
    assert_eq!(send("DELETE", "If-Match", &next, "").0, 412);
    let request = server.request("DELETE", &path, &Value::Null).header("If-Match", &next);
    let reply = server.handle(request);
    let detail = server.body(&reply)["detail"].as_str().unwrap().to_string();
    assert!(detail.starts_with("changed by `admin token` at 2026-"), "{detail}");
    assert!(detail.ends_with("read it again and send the change with its ETag"), "{detail}");
}

#[test]
fn a_projection_that_is_none_is_refused_before_anything_is_written() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let before = server.call("GET", &format!("Users/{id}"), &Value::Null).1;
    const BOTH: &str = "?attributes=userName&excludedAttributes=emails";
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }],
    });
    for (method, path, body) in [
        ("POST", "Users".to_string(), json!({ "userName": "eve" })),
        ("PUT", format!("Users/{id}"), json!({ "userName": "eva" })),
        ("PATCH", format!("Users/{id}"), patch),
        ("GET", format!("Users/{id}"), Value::Null),
    ] {
        let (status, error) = server.call(method, &format!("{path}{BOTH}"), &body);
        assert_eq!(status, 400, "{method}: {error}");
    }
    assert_eq!(server.call("GET", &format!("Users/{id}"), &Value::Null).1, before);
    assert_eq!(server.found("userName eq \"eve\""), Vec::<String>::new());
}

#[test]
fn requests_that_are_none() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let long = json!({ "userName": "x".repeat(64 * 1024) });
    for (method, path, body, status) in [
        ("GET", "Groups", Value::Null, 404),
        ("GET", "", Value::Null, 404),
        ("GET", "Users/none", Value::Null, 404),
        ("GET", "Users/%ff", Value::Null, 404),
        ("GET", "Users/a%2Fb", Value::Null, 404),
        ("GET", "Schemas/none", Value::Null, 404),
        ("GET", "Schemas?filter=id+pr", Value::Null, 403),
        ("PATCH", "Users", json!({}), 405),
        ("POST", "ServiceProviderConfig", json!({}), 405),
        ("POST", "Users", long, 413),
        ("POST", "Users", json!([]), 400),
        ("PATCH", &format!("Users/{id}"), json!({}), 400),
        ("GET", "Users?startIndex=x", Value::Null, 400),
        ("GET", "Users?cursor=x", Value::Null, 400),
        ("GET", "Users?filter=userName", Value::Null, 400),
        ("GET", "Users?attributes=id&excludedAttributes=id", Value::Null, 400),
    ] {
        let (seen, error) = server.call(method, path, &body);
        assert_eq!(seen, status, "{method} {path}: {error}");
        assert_eq!(error["status"], status.to_string());
    }
    let reply = server.send("PATCH", "Users", &json!({}));
    assert_eq!(header(&reply, "allow"), "GET, HEAD, POST");

    let typed = |media_type: &str, body: &str| {
        let request = Request::new("POST", "/scim2/Users").header("Content-Type", media_type);
        Server::new().handle(Server::administered(request.body(body))).status
    };
    assert_eq!(typed("application/json; charset=utf-8", r#"{"userName":"a"}"#), 201);
    assert_eq!(typed("text/plain", r#"{"userName":"a"}"#), 415);
    assert_eq!(typed("application/scim+json", r#"{"userName":"a","userName":"b"}"#), 400);
    let unknown = Request::new("GET", "/scim2/Users");
    assert_eq!(server.handle(unknown).status, 401);
}

#[test]
fn an_error_names_the_attribute_that_is_wrong() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let user = format!("Users/{id}");
    let patch = |op: &str, path: &str, value: Value| json!({ "Operations": [{ "op": op, "path": path, "value": value }] });
    for (method, path, body, attribute) in [
        ("POST", "Users", json!({ "userName": "ada" }), Some("userName")),
        ("POST", "Users", json!({ "displayName": "Ada" }), Some("userName")),
        ("POST", "Users", json!({ "userName": " " }), Some("userName")),
        ("POST", "Users", json!({ "userName": "eve", "emails": 7 }), Some("emails")),
        ("POST", "Users", json!({ "userName": "eve", "roles": [{ "value": "x" }] }), Some("roles")),
        ("PATCH", &*user, patch("remove", "userName", Value::Null), Some("userName")),
        ("PATCH", &*user, patch("replace", "active", json!("maybe")), Some("active")),
        ("POST", "Users", json!({ "userName": "eve", "colour": "red" }), None),
        ("GET", "Users/nobody", Value::Null, None),
    ] {
        let reply = server.send(method, path, &body);
        assert!(reply.status >= 400, "{method} {path} {body}");
        let named = reply.headers.iter().find(|(name, _)| *name == "exchequer-attribute");
        assert_eq!(named.map(|(_, value)| value.as_str()), attribute, "{method} {path} {body}");
        // No more members than RFC 7644 has: clients refuse others.
        let error: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        let known = ["schemas", "status", "scimType", "detail"];
        assert!(error.as_object().unwrap().keys().all(|name| known.contains(&&**name)), "{error}");
    }
}

#[test]
fn a_store_that_fails_is_said_and_nothing_is_lost() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    server.world.store_state = StoreState::Failed;
    let path = format!("Users/{id}");
    for (method, path) in [("GET", path.as_str()), ("DELETE", &path), ("GET", "Users")] {
        let reply = server.send(method, path, &Value::Null);
        assert_eq!((reply.status, header(&reply, "retry-after").as_str()), (503, "1"), "{method}");
        assert_eq!(header(&reply, "content-type"), "application/scim+json");
    }
    server.world.store_state = StoreState::Ok;
    assert_eq!(server.call("GET", &path, &Value::Null).0, 200);
}
