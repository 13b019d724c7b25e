//! Administrators list, make, show and remove the links of anybody.

use serde_json::{Value, json};

use crate::parties::{document, with};
use crate::server::{ADMIN, Server, of};
use crate::support::start::NOW;

fn server() -> Server {
    Server::new(&document("preferred"))
}

#[test]
fn a_link_is_made_listed_shown_and_removed() {
    let mut sts = server();
    let none = sts.admin("GET", &of("u-one", ""));
    assert_eq!((none.status, &none.body), (200, &json!([])));

    let made = sts.link("u-one", "x-1");
    assert_eq!(made.status, 201);
    let id = made.text("id");
    let link = json!({
        "id": id,
        "idp": { "id": made.body["idp"]["id"], "name": "Acme", "displayName": "", "imageUrl": "" },
        "federatedUserId": "x-1",
        "origin": "explicit",
        "created": NOW,
        "createdBy": "admin token",
    });
    assert_eq!(made.body, link);
    assert!(made.body["idp"]["id"].as_str().is_some_and(|id| !id.is_empty()));
    let path = of("u-one", &format!("/{id}"));
    assert_eq!(made.header("location"), format!("https://sts.example{path}"));

    assert_eq!(sts.admin("GET", &of("u-one", "")).body, json!([link]));
    assert_eq!(sts.admin("GET", &path).body, link);
    // It is there for exchanges at once.
    let token = sts.token("x-1");
    assert_eq!(sts.about(&token).as_deref(), Some("u-one"));

    let removed = sts.admin("DELETE", &path);
    assert_eq!((removed.status, &removed.body), (204, &Value::Null));
    assert_eq!(sts.admin("GET", &path).error(), (404, "UAA-10002"));
    assert_eq!(sts.admin("DELETE", &path).error(), (404, "UAA-10002"));
    assert_eq!((sts.count("link/"), sts.count("user-link/")), (0, 0));
}

#[test]
fn what_was_done_stands_in_the_audit_log() {
    let mut sts = server();
    let made = sts.link("u-one", "x-1");
    let id = made.text("id");
    let record = json!({
        "id": id, "userId": "u-one", "issuer": "https://idp.example", "federatedUserId": "x-1",
        "origin": "explicit", "created": NOW,
    });
    let change =
        |action: &str| json!({ "action": action, "resource": "federated-association", "id": id });
    let mut created = change("create");
    created["after"] = record.clone();
    assert_eq!(made.change(), created);
    assert_eq!(made.audit.unwrap().administrator.as_deref(), Some("admin token"));
    assert!(sts.admin("GET", &of("u-one", "")).audit.is_none(), "what was only read is not");

    let removed = sts.admin("DELETE", &of("u-one", ""));
    let mut deleted = change("delete");
    deleted["before"] = record;
    assert_eq!(removed.change(), deleted);

    sts.link("u-one", "x-1");
    sts.link("u-one", "x-2");
    let several = sts.admin("DELETE", &of("u-one", "")).change();
    assert_eq!((&several["id"], &several["action"]), (&json!("several"), &json!("delete")));
    assert_eq!(several["before"].as_array().unwrap().len(), 2);
}

#[test]
fn removing_all_removes_those_of_the_user_and_no_others() {
    let mut sts = server();
    assert_eq!(sts.admin("DELETE", &of("u-one", "")).error(), (400, "UAA-10003"));
    for sub in ["x-1", "x-2", "x-3"] {
        assert_eq!(sts.link("u-one", sub).status, 201);
    }
    sts.link("u-linked", "x-4");
    assert_eq!(sts.admin("DELETE", &of("u-one", "")).status, 204);
    assert_eq!(sts.admin("DELETE", &of("u-one", "")).error(), (400, "UAA-10003"));
    assert_eq!(sts.subs("u-linked"), ["x-4"]);
    assert_eq!((sts.count("link/"), sts.count("user-link/")), (1, 1));
}

#[test]
fn a_subject_belongs_to_one_user_and_a_user_may_have_many() {
    let mut sts = server();
    sts.link("u-one", "x-1");
    let again = sts.link("u-one", "x-1");
    assert_eq!(again.error(), (409, "UAA-10004"));
    assert!(again.text("description").contains("with this user already"));
    let other = sts.link("u-linked", "x-1");
    assert_eq!(other.error(), (409, "UAA-10004"));
    assert!(other.text("description").contains("`u-one`"));
    assert_eq!(sts.link("u-one", "x-2").status, 201);
    assert_eq!((sts.subs("u-one").len(), sts.subs("u-linked").len()), (2, 0));
    // What implicit association linked is taken, too.
    let said = sts.exchange(&json!({ "sub": "x-3", "email": "linked@example.com" }));
    assert_eq!(said.status, 200);
    assert_eq!(sts.link("u-one", "x-3").error(), (409, "UAA-10004"));
    let implicit = sts.admin("GET", &of("u-linked", "")).body[0].clone();
    assert_eq!((&implicit["origin"], implicit.get("createdBy")), (&json!("implicit"), None));
}

#[test]
fn the_link_to_a_user_who_is_gone_makes_room() {
    let mut sts = server();
    sts.link("u-one", "x-1");
    sts.restart(&with(document("preferred"), "/users/1/id", json!("u-new")));
    assert_eq!(sts.admin("GET", &of("u-one", "")).error(), (404, "UAA-10005"));
    assert_eq!(sts.link("u-new", "x-1").status, 201);
    assert_eq!((sts.count("link/"), sts.count("user-link/")), (1, 1));
}

#[test]
fn users_and_issuers_must_be_there() {
    let mut sts = server();
    for user in ["u-nobody", "%FF", "%zz", "u-one%00", "%20", "x".repeat(600).as_str()] {
        for (method, rest) in [("GET", ""), ("DELETE", ""), ("GET", "/x"), ("DELETE", "/x")] {
            assert_eq!(sts.admin(method, &of(user, rest)).error(), (404, "UAA-10005"), "{user}");
        }
        assert_eq!(sts.link(user, "x-1").error(), (404, "UAA-10005"), "{user}");
    }
    // By its name, not by its `iss`, and not by part of its name.
    for idp in ["https://idp.example", "acme", "Acm", "Acme "] {
        let body = json!({ "idp": idp, "federatedUserId": "x-1" });
        let said = sts.call("POST", &of("u-one", ""), ADMIN, &body);
        assert_eq!(said.error(), (400, "UAA-10002"), "{idp}");
    }
}

#[test]
fn a_body_that_is_no_association_is_refused() {
    let mut sts = server();
    for body in [
        json!({}),
        json!([]),
        json!("x"),
        json!({ "idp": "Acme" }),
        json!({ "federatedUserId": "x-1" }),
        json!({ "idp": "", "federatedUserId": "x-1" }),
        json!({ "idp": "Acme", "federatedUserId": "" }),
        json!({ "idp": 1, "federatedUserId": "x-1" }),
        json!({ "idp": ["Acme"], "federatedUserId": "x-1" }),
        json!({ "idp": "Acme", "federatedUserId": 7 }),
        json!({ "idp": "Acme", "federatedUserId": null }),
        json!({ "idp": "Acme", "federatedUserId": "x".repeat(2049) }),
        json!({ "idp": "Acme", "federatedUserId": "x-1", "userId": "u-two" }),
    ] {
        let said = sts.call("POST", &of("u-one", ""), ADMIN, &body);
        assert_eq!(said.error(), (400, "UAA-10002"), "{body}");
        assert_eq!(said.change(), Value::Null);
    }
    assert_eq!(sts.world.store.len(), 0);
}

#[test]
fn an_issuer_that_is_disabled_or_made_by_the_api_may_be_linked() {
    let mut disabled = document("preferred");
    disabled["trustedTokenIssuers"][0]["enabled"] = json!(false);
    let mut sts = Server::new(&disabled);
    assert_eq!(sts.link("u-one", "x-1").status, 201);

    let issuer = json!({
        "name": "Globex", "issuer": "https://globex.example",
        "certificate": { "jwksUri": "https://globex.example/jwks" },
    });
    let path = "/api/server/v1/trusted-token-issuers";
    let made = sts.call("POST", path, ADMIN, &issuer);
    assert_eq!(made.status, 201);
    let body = json!({ "idp": "Globex", "federatedUserId": "x-1" });
    let linked = sts.call("POST", &of("u-one", ""), ADMIN, &body);
    assert_eq!((linked.status, &linked.body["idp"]["id"]), (201, &made.body["id"]));

    // Once the issuer is gone, its `iss` is all that is left of its name.
    sts.admin("DELETE", &format!("{path}/{}", made.text("id")));
    let left = sts.admin("GET", &of("u-one", &format!("/{}", linked.text("id"))));
    assert_eq!(left.body["idp"]["name"], "https://globex.example");
    assert_eq!(left.body["idp"]["id"], "");
}

#[test]
fn a_user_is_named_by_any_id_that_the_document_may_have() {
    for (id, segment) in [("a/b c?", "a%2Fb%20c%3F"), ("ada@example.com", "ada%40example%2Ecom")] {
        let mut sts = Server::new(&with(document("preferred"), "/users/1/id", json!(id)));
        let made = sts.link(segment, "x-1");
        assert_eq!(made.status, 201);
        let location = made.header("location").strip_prefix("https://sts.example").unwrap();
        assert_eq!(sts.admin("GET", location).body, made.body);
        assert_eq!(made.change()["after"]["userId"], id);
    }
}

#[test]
fn a_list_comes_in_pages() {
    let mut sts = server();
    for n in 0..7 {
        sts.link("u-one", &format!("x-{n}"));
    }
    sts.link("u-linked", "other");
    let (mut path, mut seen) = (format!("{}?limit=3", of("u-one", "")), Vec::new());
    let mut sizes = Vec::new();
    loop {
        let said = sts.admin("GET", &path);
        let page = said.body.as_array().unwrap();
        sizes.push(page.len());
        seen.extend(page.iter().map(|link| link["federatedUserId"].to_string()));
        let Some(next) = said.header("link").strip_suffix(">; rel=\"next\"") else { break };
        path = next.strip_prefix("<https://sts.example").unwrap().into();
    }
    seen.sort();
    seen.dedup();
    assert_eq!((sizes, seen.len()), (vec![3, 3, 1], 7));
    for query in ["limit=101", "limit=99999999999999999999"] {
        let said = sts.admin("GET", &format!("{}?{query}", of("u-one", "")));
        assert_eq!((said.status, said.body.as_array().unwrap().len()), (200, 7), "{query}");
    }
    for query in ["limit=x", "limit=-1", "cursor=x", "cursor=../../link/x"] {
        let said = sts.admin("GET", &format!("{}?{query}", of("u-one", "")));
        assert_eq!(said.error(), (400, "EXQ-40000"), "{query}");
    }
}

#[test]
fn explicit_links_are_bounded_and_all_can_be_removed() {
    let mut sts = server();
    for n in 0..100 {
        assert_eq!(sts.link("u-one", &format!("x-{n}")).status, 201);
    }
    assert_eq!(sts.link("u-one", "one-more").error(), (400, "UAA-10002"));
    assert_eq!(sts.link("u-linked", "one-more").status, 201);
    // Implicit association is not held to it.
    let said = sts.exchange(&json!({ "sub": "implicit", "email": "one@example.com" }));
    assert_eq!(sts.about(&said.text("access_token")).as_deref(), Some("u-one"));
    let removed = sts.admin("DELETE", &of("u-one", ""));
    assert_eq!(removed.change()["before"].as_array().unwrap().len(), 101);
    assert_eq!((sts.count("link/"), sts.count("user-link/")), (1, 1));
}

/// Nobody else changed anything: the call says what it did, and that there is more.
#[test]
fn more_links_than_one_call_removes_are_no_change_of_somebody_else() {
    for (links, first) in [(1000, 204), (1001, 409)] {
        let mut sts = server();
        for n in 0..links {
            let claims = json!({ "sub": format!("x-{n}"), "email": "one@example.com" });
            assert_eq!(sts.exchange(&claims).status, 200);
        }
        let said = sts.admin("DELETE", &of("u-one", ""));
        assert_eq!(said.status, first);
        assert_eq!(said.change()["before"].as_array().unwrap().len(), 1000);
        if links > 1000 {
            assert_eq!(said.error(), (409, "EXQ-40904"));
            assert_eq!(sts.admin("DELETE", &of("u-one", "")).status, 204);
        }
        assert_eq!((sts.count("link/"), sts.count("user-link/")), (0, 0));
    }
}

#[test]
fn a_path_takes_what_it_takes() {
    let mut sts = server();
    for (method, rest, allowed) in [
        ("PUT", "", "GET, POST, DELETE"),
        ("PATCH", "", "GET, POST, DELETE"),
        ("POST", "/x", "GET, DELETE"),
        ("PUT", "/x", "GET, DELETE"),
    ] {
        let said = sts.call(method, &of("u-one", rest), ADMIN, &json!({}));
        assert_eq!(said.error(), (405, "EXQ-40500"));
        assert_eq!(said.header("allow"), allowed);
    }
    for path in ["/api/users/v1/u-one", "/api/users/v1/u-one/roles", "/api/users/v1/"] {
        assert_eq!(sts.admin("GET", path).error(), (404, "EXQ-40400"), "{path}");
    }
    assert_eq!(sts.admin("GET", &of("u-one", "/a/b")).error(), (404, "EXQ-40400"));
}

#[test]
fn nobody_but_administrators_reaches_the_links_of_others() {
    let mut sts = server();
    let id = sts.link("u-one", "x-1").text("id");
    let (own, one) = (sts.token("x-1"), format!("/{id}"));
    let federated = sts.token("stranger");
    for (method, path) in [
        ("GET", of("u-one", "")),
        ("POST", of("u-one", "")),
        ("DELETE", of("u-one", "")),
        ("GET", of("u-one", &one)),
        ("DELETE", of("u-one", &one)),
        ("POST", "/api/users/v1/federated-associations/bulk".into()),
        // Nor by what only looks like `me`.
        ("GET", of("ME", "")),
        ("GET", of("%6De", "")),
        ("GET", of("./me", "")),
        ("GET", of("/me", "")),
    ] {
        let body = json!({ "idp": "Acme", "federatedUserId": "x-9" });
        assert_eq!(sts.call(method, &path, "guess", &body).error(), (401, "EXQ-40100"), "{path}");
        for token in [&own, &federated] {
            let said = sts.call(method, &path, token, &body);
            assert_eq!(said.error(), (403, "EXQ-40300"), "{path}");
            assert!(said.header("www-authenticate").contains("insufficient_scope"));
        }
        let bare = exchequer::Request::new(method, &path);
        assert_eq!(sts.world.handle(&sts.engine, bare).status, 401);
    }
    assert_eq!(sts.subs("u-one"), ["x-1"]);
}

/// An access token with the scope of administrators is one, and is named.
#[test]
fn a_user_who_administers_is_named_by_the_link() {
    let scopes = json!(["read", "exchequer:admin"]);
    let mut sts = Server::new(&with(document("preferred"), "/applications/0/scopes", scopes));
    sts.link("u-one", "x-1");
    let form = crate::parties::foreign(&json!({}));
    let token = sts.form(
        "/oauth2/token",
        &[
            ("grant_type", crate::parties::EXCHANGE),
            ("subject_token", &form),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("scope", "exchequer:admin"),
        ],
    );
    let body = json!({ "idp": "Acme", "federatedUserId": "x-2" });
    let made = sts.call("POST", &of("u-linked", ""), &token.text("access_token"), &body);
    assert_eq!((made.status, &made.body["createdBy"]), (201, &json!("u-one")));
    assert_eq!(made.audit.unwrap().administrator.as_deref(), Some("u-one"));
}
