//! Requests that meet between a look and a write.

use exchequer::{Pending, Reply, Request, Step};
use serde_json::{Value, json};

use crate::server::Server;
use crate::support::case::StoreState;
use crate::support::start::until;

/// Begins a request and stops before it writes.
fn begun(server: &mut Server, request: Request) -> Pending {
    until(&server.engine, &mut server.world, request, "commit")
}

/// Lets a request go on to its end.
fn ended(server: &mut Server, pending: Pending) -> Reply {
    let answer = server.world.answer(&server.engine, pending.ask());
    let step: Step = pending.resume(answer).unwrap();
    server.world.drive(&server.engine, step)
}

fn patch(path: &str, value: &str) -> Value {
    json!({ "Operations": [{ "op": "add", "path": path, "value": value }] })
}

#[test]
fn of_two_users_of_one_name_one_is_made() {
    let mut server = Server::new();
    let request = server.request("POST", "Users", &json!({ "userName": "ada" }));
    let first = begun(&mut server, request);
    let winner = server.created(json!({ "userName": "Ada" }));
    assert_eq!(ended(&mut server, first).status, 409);
    assert_eq!(server.found("userName eq \"ada\""), [winner]);
}

#[test]
fn users_who_are_made_at_once_are_all_counted() {
    let mut server = Server::new();
    let request = server.request("POST", "Users", &json!({ "userName": "first" }));
    let first = begun(&mut server, request);
    // Enough that some fall into the same shard of the count.
    for number in 0..150 {
        server.created(json!({ "userName": format!("user-{number}") }));
    }
    assert_eq!(ended(&mut server, first).status, 201);
    let total = server.call("GET", "Users?count=0", &Value::Null).1["totalResults"].clone();
    assert_eq!(total, 7 + 151);
}

#[test]
fn a_change_that_comes_second_is_made_to_what_the_first_left() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let path = format!("Users/{id}");
    let request = server.request("PATCH", &path, &patch("title", "Dr"));
    let second = begun(&mut server, request);
    assert_eq!(server.call("PATCH", &path, &patch("nickName", "A")).0, 200);
    assert_eq!(ended(&mut server, second).status, 200);
    let user = server.call("GET", &path, &Value::Null).1;
    assert_eq!((&user["title"], &user["nickName"]), (&json!("Dr"), &json!("A")));
}

#[test]
fn a_change_of_one_version_is_not_made_to_another() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let path = format!("Users/{id}");
    let version = server.call("GET", &path, &Value::Null).1["meta"]["version"].clone();
    let request = server.request("PATCH", &path, &patch("title", "Dr"));
    let second = begun(&mut server, request.header("If-Match", version.as_str().unwrap()));
    assert_eq!(server.call("PATCH", &path, &patch("nickName", "A")).0, 200);
    assert_eq!(ended(&mut server, second).status, 412);
    assert_eq!(server.call("GET", &path, &Value::Null).1["title"], Value::Null);
}

/// The host had not heard that the write had happened, and repeated it.
#[test]
fn a_change_that_was_repeated_is_still_ones_own() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let path = format!("Users/{id}");
    let version = server.call("GET", &path, &Value::Null).1["meta"]["version"].clone();
    let request = server.request("PATCH", &path, &patch("title", "Dr"));
    let pending = begun(&mut server, request.header("If-Match", version.as_str().unwrap()));
    let _lost = server.world.answer(&server.engine, pending.ask());
    let reply = ended(&mut server, pending);
    assert_eq!(reply.status, 200);
    let change = reply.audit.unwrap().change.expect("what was written is in the log");
    assert_eq!(
        (&change.before.unwrap()["title"], &change.after.unwrap()["title"]),
        (&Value::Null, &json!("Dr"))
    );
}

/// What is left when the store fails behind the deletion leads to nobody.
#[test]
fn a_deletion_that_happened_is_told_whatever_comes_after() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada" }));
    let request = server.request("DELETE", &format!("Users/{id}"), &Value::Null);
    let pending = begun(&mut server, request);
    let answer = server.world.answer(&server.engine, pending.ask());
    server.world.store_state = StoreState::Failed;
    let step: Step = pending.resume(answer).unwrap();
    let reply = server.world.drive(&server.engine, step);
    assert_eq!(reply.status, 204);
    assert_eq!(reply.audit.unwrap().change.unwrap().action, "delete");
}

/// The host had not heard that the deletion had happened, and repeated it.
#[test]
fn a_deletion_that_was_repeated_is_still_ones_own() {
    let mut server = Server::new();
    let id = server.created(json!({ "userName": "ada", "emails": ["ada@example.com"] }));
    for number in 0..90 {
        let claims = json!({ "sub": format!("x-{number}"), "email": "ada@example.com" });
        assert_eq!(server.exchange(&claims).0, 200);
    }
    let path = format!("Users/{id}");
    let version = server.call("GET", &path, &Value::Null).1["meta"]["version"].clone();
    let request = server.request("DELETE", &path, &Value::Null);
    let pending = begun(&mut server, request.header("If-Match", version.as_str().unwrap()));
    let _lost = server.world.answer(&server.engine, pending.ask());
    let reply = ended(&mut server, pending);
    assert_eq!(reply.status, 204);
    assert_eq!(reply.audit.unwrap().change.unwrap().action, "delete");
    assert_eq!((server.records("user"), server.records("link/")), (0, 0));
    // Whoever asks again asks for somebody who is not there.
    assert_eq!(server.call("DELETE", &path, &Value::Null).0, 404);
}

#[test]
fn a_user_who_is_deleted_meanwhile_stays_deleted() {
    let mut server = Server::new();
    for (method, status) in [("PATCH", 404), ("DELETE", 204)] {
        let id = server.created(json!({ "userName": "ada" }));
        let path = format!("Users/{id}");
        let request = server.request(method, &path, &patch("title", "Dr"));
        let second = begun(&mut server, request);
        assert_eq!(server.call("DELETE", &path, &Value::Null).0, 204);
        assert_eq!(ended(&mut server, second).status, status, "{method}");
        assert_eq!(server.records("user"), 0);
    }
}
