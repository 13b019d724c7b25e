//! What the exchange makes of provisioned users, and what is left of them.

use serde_json::{Value, json};

use crate::server::Server;

fn patch(path: &str, value: &Value) -> Value {
    json!({ "Operations": [{ "op": "replace", "path": path, "value": value }] })
}

#[test]
fn a_provisioned_user_is_linked_gets_scopes_by_roles_and_is_stopped_at_once() {
    let mut server = Server::new();
    let ada = json!({ "sub": "ada", "email": "ada@example.com" });
    assert_eq!(server.exchange(&ada).0, 400);
    let id = server.created(json!({
        "userName": "ada", "emails": [{ "value": "ada@example.com" }], "roles": ["deployer"],
    }));
    let (status, issued) = server.exchange(&ada);
    assert_eq!((status, &issued["scope"]), (200, &json!("read deploy")), "{issued}");

    let path = format!("Users/{id}");
    let locked = "urn:scim:wso2:schema:accountLocked";
    for (attribute, stop, go) in [("active", false, true), (locked, true, false)] {
        assert_eq!(server.call("PATCH", &path, &patch(attribute, &json!(stop))).0, 200);
        assert_eq!(server.exchange(&ada).1["error"], "access_denied", "{attribute}");
        assert_eq!(server.call("PATCH", &path, &patch(attribute, &json!(go))).0, 200);
        assert_eq!(server.exchange(&ada).0, 200, "{attribute}");
    }
    assert_eq!(server.call("PATCH", &path, &patch("roles", &json!([]))).0, 200);
    assert_eq!(server.exchange(&ada).1["scope"], "read");
}

#[test]
fn an_address_of_two_users_links_nobody() {
    let mut server = Server::new();
    server.created(json!({ "userName": "a", "emails": ["same@example.com"] }));
    let other = server.created(json!({ "userName": "b", "emails": ["same@example.com"] }));
    let claims = json!({ "email": "same@example.com" });
    assert_eq!(server.exchange(&claims).0, 400);
    let path = format!("Users/{other}");
    server.call("PATCH", &path, &patch("emails", &json!(["other@example.com"])));
    assert_eq!(server.exchange(&claims).0, 200);
}

#[test]
fn an_address_is_that_of_a_user_in_any_letter_case() {
    let mut server = Server::new();
    server.created(json!({ "userName": "a", "emails": ["Same@Example.com"] }));
    for (sub, email) in [("a-1", "same@example.com"), ("a-2", "SAME@example.COM")] {
        assert_eq!(server.exchange(&json!({ "sub": sub, "email": email })).0, 200, "{email}");
    }
    server.created(json!({ "userName": "b", "emails": ["same@EXAMPLE.com"] }));
    let (status, refused) = server.exchange(&json!({ "sub": "a-3", "email": "same@example.com" }));
    assert_eq!(status, 400, "{refused}");
}

#[test]
fn links_go_with_their_user_however_many() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada", "emails": ["ada@example.com"] }));
    let links = 90;
    for number in 0..links {
        let claims = json!({ "sub": format!("x-{number}"), "email": "ada@example.com" });
        assert_eq!(server.exchange(&claims).0, 200);
    }
    assert_eq!(server.exchange(&json!({ "sub": "y", "email": "one@example.com" })).0, 200);
    assert_eq!((server.records("link/"), server.records("user-link/")), (links + 1, links + 1));
    assert_eq!(server.call("DELETE", &format!("Users/{id}"), &Value::Null).0, 204);
    // Those of others stay.
    assert_eq!((server.records("link/"), server.records("user-link/")), (1, 1));
    assert_eq!(server.exchange(&json!({ "sub": "x-1" })).0, 400);
}
