//! Users see and remove their own links, and reach nobody else's.

use serde_json::{Value, json};

use crate::parties::{document, foreign, with};
use crate::server::{ADMIN, Server, engine_as_is, of};

/// A server, and an access token of `u-one`, who is linked to `x-1` and `x-2`.
fn server() -> (Server, String) {
    let mut sts = Server::new(&document("preferred"));
    for sub in ["x-1", "x-2"] {
        assert_eq!(sts.link("u-one", sub).status, 201);
    }
    assert_eq!(sts.link("u-linked", "other").status, 201);
    let token = sts.token("x-1");
    (sts, token)
}

#[test]
fn a_user_lists_shows_and_removes_links() {
    let (mut sts, token) = server();
    let mine = sts.call("GET", &of("me", ""), &token, &Value::Null);
    let links = mine.body.as_array().unwrap();
    assert_eq!((mine.status, links.len()), (200, 2));
    // Which administrator it was is the administrators' affair.
    assert!(
        links.iter().all(|link| link["origin"] == "explicit" && link.get("createdBy").is_none())
    );

    // The token came by the link to `x-1`; this is the other one.
    let other = links.iter().find(|link| link["federatedUserId"] == "x-2").unwrap();
    let one = of("me", &format!("/{}", other["id"].as_str().unwrap()));
    assert_eq!(&sts.call("GET", &one, &token, &Value::Null).body, other);
    let removed = sts.call("DELETE", &one, &token, &Value::Null);
    assert_eq!(removed.status, 204);
    assert_eq!(removed.change()["before"]["federatedUserId"], "x-2");
    assert_eq!(removed.audit.unwrap().administrator.as_deref(), Some("u-one"));
    assert_eq!(sts.subs("u-one").len(), 1);

    assert_eq!(sts.call("DELETE", &of("me", ""), &token, &Value::Null).status, 204);
    // The link by which the token came is gone, and the token with it.
    for method in ["GET", "DELETE"] {
        let said = sts.call(method, &of("me", ""), &token, &Value::Null);
        assert_eq!(said.error(), (401, "EXQ-40100"));
    }
    assert_eq!(sts.admin("DELETE", &of("u-one", "")).error(), (400, "UAA-10003"));
    assert_eq!(sts.subs("u-linked"), ["other"]);
}

/// Tries to remove all links, and one.
fn removals(sts: &mut Server, token: &str) -> [(u16, String); 2] {
    let id = sts.admin("GET", &of("u-one", "")).body[0]["id"].as_str().unwrap().to_string();
    ["".to_string(), format!("/{id}")].map(|rest| {
        let said = sts.call("DELETE", &of("me", &rest), token, &Value::Null);
        (said.status, said.header("www-authenticate").to_string())
    })
}

const CHALLENGE: &str = "Bearer realm=\"administration\", error=\"insufficient_scope\", \
     scope=\"exchequer:links\", \
     resource_metadata=\"https://sts.example/.well-known/oauth-protected-resource\"";

/// Every API that such a token is sent to could otherwise unlink the user.
#[test]
fn a_token_without_the_scope_shows_links_and_removes_none() {
    let (mut sts, _) = server();
    let token = sts.exchange_for("read", &json!({ "sub": "x-1" })).text("access_token");
    assert_eq!(sts.call("GET", &of("me", ""), &token, &Value::Null).status, 200);
    let refused = (403, CHALLENGE.to_string());
    assert_eq!(removals(&mut sts, &token), [refused.clone(), refused]);
    let said = sts.call("DELETE", &of("me", ""), &token, &Value::Null);
    assert!(said.text("description").contains("`exchequer:links`"), "{}", said.body);
    assert_eq!(said.error(), (403, "EXQ-40300"));
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
}

#[test]
fn the_scope_is_that_of_the_application_or_of_a_role_as_long_as_it_is() {
    // Neither has it.
    let mut sts = Server::new(&document("preferred"));
    sts.engine = engine_as_is(&document("preferred"));
    assert_eq!(sts.link("u-one", "x-1").status, 201);
    let said = sts.exchange(&json!({ "sub": "x-1" }));
    assert_eq!(said.body["scope"], "read");
    assert_eq!(
        removals(&mut sts, &said.text("access_token")).map(|(status, _)| status),
        [403, 403]
    );

    // A role has it.
    let role = with(document("preferred"), "/roles/0/scopes", json!(["exchequer:links"]));
    sts.engine = engine_as_is(&role);
    let token = sts.token("x-1");
    // The role has it no more.
    sts.engine = engine_as_is(&document("preferred"));
    assert_eq!(removals(&mut sts, &token).map(|(status, _)| status), [403, 403]);
    sts.engine = engine_as_is(&role);
    assert_eq!(sts.call("DELETE", &of("me", ""), &token, &Value::Null).status, 204);
}

/// Where no token has a scope, a token for this server is all there can be.
#[test]
fn an_application_without_scopes_needs_none() {
    let without = with(document("preferred"), "/applications/0/scopes", json!([]));
    let mut sts = Server::new(&without);
    sts.engine = engine_as_is(&without);
    assert_eq!(sts.link("u-linked", "x-1").status, 201);
    let token = foreign(&json!({ "sub": "x-1" }));
    let form = [
        ("grant_type", crate::parties::EXCHANGE),
        ("subject_token", &*token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ];
    let token = sts.form("/oauth2/token", &form).text("access_token");
    assert_eq!(sts.call("DELETE", &of("me", ""), &token, &Value::Null).status, 204);

    // A role gives the token a scope: it may have gone to an API by it.
    assert_eq!(sts.link("u-one", "x-2").status, 201);
    let said = sts.exchange_for("deploy", &json!({ "sub": "x-2" }));
    assert_eq!(said.body["scope"], "deploy");
    assert_eq!(
        removals(&mut sts, &said.text("access_token")).map(|(status, _)| status),
        [403, 403]
    );
}

#[test]
fn the_link_of_somebody_else_is_not_there() {
    let (mut sts, token) = server();
    let theirs = sts.admin("GET", &of("u-linked", "")).body[0]["id"].as_str().unwrap().to_string();
    let longer = format!("{theirs}A");
    let long = "A".repeat(600);
    for id in
        [&*theirs, &longer, &long, "x", "..", "a\u{e9}", "%2e%2e%2Fx", "AAAAAAAAAAAAAAAAAAAAAA"]
    {
        for method in ["GET", "DELETE"] {
            let said = sts.call(method, &of("me", &format!("/{id}")), &token, &Value::Null);
            assert_eq!(said.error(), (404, "UAA-10002"), "{id}");
            // Nor by an administrator under the wrong user.
            let said = sts.admin(method, &of("u-one", &format!("/{id}")));
            assert_eq!(said.error(), (404, "UAA-10002"), "{id}");
        }
    }
    assert_eq!(sts.subs("u-linked"), ["other"]);
}

#[test]
fn nobody_makes_a_link_by_asking_for_it() {
    let (mut sts, token) = server();
    let body = json!({ "idp": "Acme", "federatedUserId": "x-9" });
    for method in ["POST", "PUT", "PATCH"] {
        let said = sts.call(method, &of("me", ""), &token, &body);
        assert_eq!(said.error(), (405, "EXQ-40500"));
        assert_eq!(said.header("allow"), "GET, DELETE");
        assert!(said.text("description").contains("ask an administrator"));
    }
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
}

#[test]
fn me_is_a_user_with_a_token_of_ours() {
    let (mut sts, token) = server();
    let path = of("me", "");
    let admin = sts.call("GET", &path, ADMIN, &Value::Null);
    assert_eq!(admin.error(), (403, "EXQ-40300"));
    assert!(admin.text("description").contains("admin token is no user's"));

    let stranger = sts.token("stranger");
    let said = sts.call("DELETE", &path, &stranger, &Value::Null);
    assert_eq!(said.error(), (403, "EXQ-40300"));
    // A foreign subject that is called like a user is not that user.
    let mut qualified = document("preferred");
    qualified["applications"][0]["subject"]["identifier"] = "qualified".into();
    sts.restart(&qualified);
    let impostor = sts.token("u-one");
    assert_eq!(sts.call("GET", &path, &impostor, &Value::Null).error(), (403, "EXQ-40300"));
    sts.restart(&document("preferred"));

    let foreign = crate::parties::foreign(&json!({}));
    for bad in ["guess", "", &foreign, &format!("{token}x")] {
        assert_eq!(sts.call("GET", &path, bad, &Value::Null).error(), (401, "EXQ-40100"));
    }
    let bare = sts.world.handle(&sts.engine, exchequer::Request::new("GET", &path));
    assert_eq!(bare.status, 401);
    for path in ["/api/users/v1/me", "/api/users/v1/me/", "/api/users/v1/me/roles"] {
        assert_eq!(sts.call("GET", path, &token, &Value::Null).error(), (404, "EXQ-40400"));
        assert_eq!(sts.call("GET", path, "guess", &Value::Null).error(), (401, "EXQ-40100"));
    }
}

/// A user of this id could otherwise be read by everybody.
#[test]
fn a_user_who_is_called_me_is_not_everybody() {
    let mut sts = Server::new(&with(document("preferred"), "/users/1/id", json!("me")));
    sts.link("u-linked", "x-1");
    assert_eq!(sts.link("%6De", "of-me").status, 201);
    let token = sts.token("x-1");
    let said = sts.call("GET", &of("me", ""), &token, &Value::Null);
    assert_eq!(said.body[0]["federatedUserId"], "x-1");
    assert_eq!(sts.link("me", "x-2").error(), (403, "EXQ-40300"));
}

#[test]
fn a_user_who_is_locked_meanwhile_does_nothing() {
    let (mut sts, token) = server();
    for state in ["/users/1/locked", "/users/1/disabled"] {
        sts.restart(&with(document("preferred"), state, json!(true)));
        let said = sts.call("DELETE", &of("me", ""), &token, &Value::Null);
        assert_eq!(said.error(), (401, "EXQ-40100"));
    }
    assert_eq!(sts.subs("u-one"), ["x-1", "x-2"]);
}

/// Whoever serves the API that a token is for has seen the token.
#[test]
fn a_token_for_another_audience_is_refused() {
    let mut document = document("preferred");
    document["applications"][0]["audiences"] = json!(["https://api.example"]);
    let mut sts = Server::new(&document);
    sts.link("u-one", "x-1");
    let token = sts.token("x-1");
    let said = sts.call("DELETE", &of("me", ""), &token, &Value::Null);
    assert_eq!(said.error(), (403, "EXQ-40300"));
    assert_eq!(sts.subs("u-one"), ["x-1"]);
}

#[test]
fn somebody_who_acts_for_a_user_does_not_see_or_remove_links() {
    let (mut sts, _) = server();
    let subject = crate::parties::foreign(&json!({ "sub": "x-1" }));
    let actor = crate::parties::foreign(&json!({ "sub": "build-4711" }));
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    let form = [
        ("grant_type", crate::parties::EXCHANGE),
        ("subject_token", &*subject),
        ("subject_token_type", jwt),
        ("actor_token", &*actor),
        ("actor_token_type", jwt),
    ];
    let token = sts.form("/oauth2/token", &form).text("access_token");
    for method in ["GET", "DELETE"] {
        let said = sts.call(method, &of("me", ""), &token, &Value::Null);
        assert_eq!(said.error(), (403, "EXQ-40300"));
        // Who tried is in the log.
        let name = said.audit.unwrap().administrator.unwrap();
        assert_eq!(name, "u-one, for whom build-4711 of https://idp.example acts");
    }
    assert_eq!(sts.subs("u-one").len(), 2);
}
