//! Many associations by one call.

use serde_json::{Value, json};

use crate::parties::document;
use crate::server::{ADMIN, Said, Server, of};
use crate::support::case::StoreState;

const BULK: &str = "/api/users/v1/federated-associations/bulk";

fn bulk(sts: &mut Server, operations: &Value, more: &Value) -> Said {
    let mut body = json!({ "operations": operations });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    sts.call("POST", BULK, ADMIN, &body)
}

fn link(id: &str, user: &str, sub: &str) -> Value {
    json!({
        "method": "POST", "bulkId": id, "path": format!("/{user}/federated-associations"),
        "data": { "idp": "Acme", "federatedUserId": sub },
    })
}

fn unlink(id: &str, user: &str, rest: &str) -> Value {
    json!({ "method": "DELETE", "bulkId": id, "path": format!("/{user}/federated-associations{rest}") })
}

/// Each answer as `bulkId status code`.
fn outcomes(said: &Said) -> Vec<String> {
    assert_eq!(said.status, 200, "{}", said.body);
    let answers = said.body["operations"].as_array().unwrap();
    let outcome = |one: &Value| {
        let status = &one["status"];
        if status["statusCode"].as_u64().unwrap() >= 400 {
            assert!(status["errorMessage"].is_string() && status["errorDescription"].is_string());
        }
        let words = [&one["bulkId"], &status["statusCode"], &status["errorCode"]];
        let words = words.iter().filter(|word| !word.is_null());
        words.map(|word| word.to_string().replace('"', "")).collect::<Vec<_>>().join(" ")
    };
    answers.iter().map(outcome).collect()
}

#[test]
fn each_operation_is_carried_out_and_answered() {
    let mut sts = Server::new(&document("preferred"));
    let old = sts.link("u-linked", "old").text("id");
    let operations = json!([
        link("a", "u-one", "x-1"),
        link("b", "u-one", "x-2"),
        link("c", "u-linked", "x-1"),
        link("d", "u-nobody", "x-3"),
        unlink("e", "u-linked", &format!("/{old}")),
        unlink("f", "u-one", &format!("/{old}")),
        unlink("g", "u-linked", ""),
        link("h", "u-ldap", "old"),
    ]);
    let said = bulk(&mut sts, &operations, &json!({}));
    assert_eq!(
        outcomes(&said),
        [
            "a 201",
            "b 201",
            "c 409 UAA-10004",
            "d 404 UAA-10005",
            "e 204",
            "f 404 UAA-10002",
            "g 400 UAA-10003",
            "h 201",
        ]
    );
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
    assert_eq!(sts.subs("u-ldap"), ["old"]);

    let change = said.change();
    assert_eq!((&change["action"], &change["id"]), (&json!("update"), &json!("several")));
    assert_eq!(change["before"][0]["id"], old);
    assert_eq!(change["after"].as_array().unwrap().len(), 3);
}

#[test]
fn links_of_one_call_have_ids_of_their_own() {
    let mut sts = Server::new(&document("preferred"));
    let operations = json!([
        link("a", "u-one", "x-1"),
        link("b", "u-one", "x-2"),
        unlink("c", "u-one", ""),
        link("d", "u-one", "x-1")
    ]);
    let said = bulk(&mut sts, &operations, &json!({}));
    assert_eq!(outcomes(&said), ["a 201", "b 201", "c 204", "d 201"]);
    let after = said.change()["after"].clone();
    let ids: std::collections::BTreeSet<String> =
        after.as_array().unwrap().iter().map(|link| link["id"].to_string()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn it_ends_after_as_many_errors_as_the_call_says() {
    let wrong: Vec<Value> = (0..5).map(|n| link(&n.to_string(), "u-nobody", "x")).collect();
    for (errors, answered) in
        [(json!(1), 1), (json!(3), 3), (json!(0), 5), (json!(9), 5), (Value::Null, 5)]
    {
        let mut sts = Server::new(&document("preferred"));
        let said = bulk(&mut sts, &json!(wrong), &json!({ "failOnErrors": errors }));
        assert_eq!(outcomes(&said).len(), answered, "{errors}");
    }
}

#[test]
fn an_operation_that_is_none_is_answered_like_any_that_fails() {
    let mut sts = Server::new(&document("preferred"));
    sts.link("u-one", "x-1");
    let path = "/u-one/federated-associations";
    let data = json!({ "idp": "Acme", "federatedUserId": "x-2" });
    for operation in [
        json!(7),
        json!({}),
        json!({ "method": "POST", "path": path }),
        json!({ "method": "POST", "path": path, "data": [] }),
        json!({ "method": "POST", "path": path, "data": { "idp": "Acme" } }),
        json!({ "method": "POST", "path": path, "data": data, "other": 1 }),
        json!({ "method": "POST", "path": path, "data": data, "bulkId": 1 }),
        json!({ "method": "POST", "path": format!("{path}/x"), "data": data }),
        json!({ "method": "PUT", "path": path, "data": data }),
        json!({ "method": "post", "path": path, "data": data }),
        json!({ "method": "DELETE", "path": path, "data": data }),
        json!({ "method": "DELETE", "path": "/u-one" }),
        json!({ "method": "DELETE", "path": "u-one/federated-associations" }),
        json!({ "method": "DELETE", "path": format!("{path}/x/y") }),
        json!({ "method": "DELETE", "path": "/me/federated-associations" }),
        json!({ "method": 1, "path": path }),
    ] {
        let said = bulk(&mut sts, &json!([operation]), &json!({}));
        let outcome = outcomes(&said);
        assert!(outcome[0].ends_with("400 UAA-10002"), "{operation}: {outcome:?}");
        assert_eq!(said.change(), Value::Null);
    }
    assert_eq!(sts.subs("u-one"), ["x-1"]);
}

#[test]
fn a_call_that_is_none_does_nothing() {
    let mut sts = Server::new(&document("preferred"));
    let one = json!([link("a", "u-one", "x-1")]);
    for body in [
        json!({}),
        json!([]),
        json!({ "operations": {} }),
        json!({ "operations": null }),
        json!({ "operations": one, "failOnErrors": "1" }),
        json!({ "operations": one, "failOnErrors": -1 }),
        json!({ "operations": one, "failOnErrors": 1.5 }),
        json!({ "operations": one, "schemas": [] }),
        json!({ "operations": vec![0; 1001] }),
    ] {
        assert_eq!(sts.call("POST", BULK, ADMIN, &body).error(), (400, "UAA-10002"), "{body}");
    }
    let large = json!({ "operations": one, "x": "x".repeat(64 * 1024) });
    assert_eq!(sts.call("POST", BULK, ADMIN, &large).error(), (413, "EXQ-41300"));
    assert_eq!(sts.admin("GET", BULK).error(), (405, "EXQ-40500"));
    assert_eq!(sts.world.store.len(), 0);
    assert_eq!(outcomes(&bulk(&mut sts, &json!([]), &json!({}))), Vec::<String>::new());
}

#[test]
fn a_store_that_fails_ends_it() {
    let mut sts = Server::new(&document("preferred"));
    sts.world.store_state = StoreState::Failed;
    let operations = json!([link("a", "u-one", "x-1"), link("b", "u-one", "x-2")]);
    let said = bulk(&mut sts, &operations, &json!({}));
    assert_eq!(outcomes(&said), ["a 503 EXQ-50300"]);
    assert_eq!(sts.admin("GET", &of("u-one", "")).error(), (503, "EXQ-50300"));
}
