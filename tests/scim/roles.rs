//! Roles are shown, with the scopes that they grant, and are not written.

use exchequer::Request;
use serde_json::{Value, json};

use crate::parties::document;
use crate::server::{Server, header, ids};

const SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:2.0:Role";

fn server() -> Server {
    let mut document = document("required");
    document["roles"] = json!([
        { "name": "deployer", "scopes": ["deploy", "read"] },
        { "name": "on call / Köln", "scopes": [] },
        { "name": "reader", "scopes": ["read"] },
    ]);
    Server::of(&document)
}

#[test]
fn roles_are_listed_and_shown_with_what_they_grant() {
    let mut server = server();
    let deployer = json!({
        "schemas": [SCHEMA], "id": "deployer", "displayName": "deployer",
        "permissions": ["deploy", "read"],
        "meta": { "resourceType": "Role", "location": "https://sts.example/scim2/Roles/deployer" },
    });
    assert_eq!(server.call("GET", "Roles/deployer", &Value::Null), (200, deployer.clone()));
    let (status, list) = server.call("GET", "Roles", &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!((&list["totalResults"], &list["startIndex"]), (&json!(3), &json!(1)));
    assert_eq!((&list["itemsPerPage"], &list["Resources"][0]), (&json!(3), &deployer));
    // Each is where it says that it is, whatever its name.
    for role in list["Resources"].as_array().unwrap() {
        let location = role["meta"]["location"].as_str().unwrap();
        let path = location.strip_prefix("https://sts.example/scim2/").unwrap();
        assert_eq!(server.call("GET", path, &Value::Null), (200, role.clone()), "{location}");
    }
    assert_eq!(server.send("HEAD", "Roles", &Value::Null).status, 200);
    let schema = server.call("GET", &format!("Schemas/{SCHEMA}"), &Value::Null).1;
    assert_eq!(schema["attributes"][1]["mutability"], "readOnly");
}

#[test]
fn pages_of_roles_are_had_by_index() {
    let mut server = server();
    for (query, wanted) in [
        ("startIndex=2", vec!["on call / Köln", "reader"]),
        ("startIndex=2&count=1", vec!["on call / Köln"]),
        ("startIndex=-3&count=1", vec!["deployer"]),
        ("count=0", vec![]),
        ("count=-1", vec![]),
        ("startIndex=9", vec![]),
        ("startIndex=9223372036854775807&count=9223372036854775807", vec![]),
    ] {
        let (status, list) = server.call("GET", &format!("Roles?{query}"), &Value::Null);
        assert_eq!((status, &list["totalResults"]), (200, &json!(3)), "{query}");
        assert_eq!(ids(&list), wanted, "{query}");
        assert_eq!(list["itemsPerPage"], wanted.len(), "{query}");
    }
}

#[test]
fn what_is_no_role_and_what_would_write_one_is_refused() {
    let mut server = server();
    for (path, status, kind) in [
        ("Roles/Deployer", 404, Value::Null),
        ("Roles/nobody", 404, Value::Null),
        ("Roles/%ff", 404, Value::Null),
        ("Roles?startIndex=x", 400, json!("invalidValue")),
        ("Roles?filter=displayName+pr", 400, json!("invalidFilter")),
    ] {
        let (seen, error) = server.call("GET", path, &Value::Null);
        assert_eq!((seen, &error["scimType"]), (status, &kind), "{path}");
        assert_eq!(error["status"], status.to_string());
    }
    for (method, path) in [
        ("POST", "Roles"),
        ("PUT", "Roles/deployer"),
        ("PATCH", "Roles/x"),
        ("DELETE", "Roles/deployer"),
    ] {
        let reply = server.send(method, path, &json!({ "displayName": "x" }));
        let error = server.body(&reply);
        assert_eq!((reply.status, &*header(&reply, "allow")), (405, "GET, HEAD"), "{method}");
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        let detail = error["detail"].as_str().unwrap();
        assert!(detail.contains("configuration document, under `roles`"), "{detail}");
    }
    assert_eq!(server.records(""), 0);
    assert_eq!(server.handle(Request::new("GET", "/scim2/Roles")).status, 401);
}
