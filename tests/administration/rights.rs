//! What each scope of administrators lets them do: every path and method of the API is
//! in one table, and is asked for here.

use std::collections::{BTreeMap, BTreeSet};

use exchequer::Request;
use serde_json::{Value, json};

use crate::parties::document;
use crate::support::administered::{EXCHANGE, Said, Service, form_request};
use crate::support::foreign::foreign;

const JOB: (&str, &str) = ("job", "job-secret-for-tests");
/// Its access tokens are opaque, so that the server keeps them.
const HUT: (&str, &str) = ("hut", "hut-secret-for-tests");
const GRANTS: &str = "/api/server/v1/grants";
const SCOPES: [&str; 4] =
    ["exchequer:admin:read", "exchequer:admin:users", "exchequer:admin:trust", "exchequer:admin"];

fn service() -> Service {
    let mut document = document();
    let job = json!({
        "clientId": JOB.0, "clientSecret": JOB.1, "grantTypes": ["client_credentials"],
        "scopes": SCOPES,
    });
    let applications = document["applications"].as_array_mut().unwrap();
    applications.push(job);
    applications.push(json!({
        "clientId": HUT.0, "clientSecret": HUT.1, "trustedTokenIssuers": ["Acme"],
        "grantTypes": [EXCHANGE, "client_credentials"], "accessToken": { "type": "opaque" },
        "audiences": ["https://api.example"], "scopes": ["read", "exchequer:admin:read"],
        "defaultScopes": ["read"], "subject": { "useMappedLocalSubject": true },
    }));
    document["roles"] = json!([
        { "name": "owner", "scopes": ["exchequer:admin"] },
        { "name": "auditor", "scopes": ["exchequer:admin:read"] },
        { "name": "deployer", "scopes": ["read"] },
    ]);
    document["users"] = json!([
        { "id": "u-ada", "username": "ada", "claims": { "email": "ada@example.com" } },
        { "id": "u-root", "username": "root", "roles": ["owner"] },
        { "id": "u-audit", "username": "audit", "roles": ["auditor"],
          "claims": { "email": "audit@example.com" } },
    ]);
    Service::new(&document)
}

/// An access token with this scope.
fn token(sts: &mut Service, scope: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    let said = sts.send(0, form_request("/oauth2/token", JOB, &form)).with_status(200);
    assert_eq!(said.text("scope"), scope);
    said.text("access_token")
}

fn bear(sts: &mut Service, scope: &str) {
    sts.bearer = Some(token(sts, scope));
}

/// The table in the source: method, path, and the name of the right.
fn routes() -> Vec<(String, String, String)> {
    let source = include_str!("../../src/admin/routes.rs");
    let table = source.split("const ROUTES").nth(1).unwrap().split("];").next().unwrap();
    let rows = table.lines().filter_map(|line| line.trim().strip_prefix("(\""));
    let rows = rows.filter_map(|row| row.strip_suffix("),"));
    let rows = rows.map(|row| row.split("\", ").collect::<Vec<_>>());
    let rows = rows.filter(|row| row.len() == 3);
    let text = |text: &str| text.trim_matches('"').to_string();
    rows.map(|row| (text(row[0]), text(row[1]), row[2].to_string())).collect()
}

fn call(sts: &mut Service, method: &str, path: &str) -> Said {
    let path = format!("/{}", path.replace("{kid}", "k").replace("{trace-id}", "t"));
    let path = path.replace("{user-id}", "u-ada").replace("{id}", "x");
    let bearer = format!("Bearer {}", sts.bearer.clone().unwrap());
    let request = Request::new(method, &path)
        .header("Authorization", &bearer)
        .header("Content-Type", "application/json")
        .body("{}");
    sts.send(0, request)
}

#[test]
fn every_call_needs_the_right_that_the_table_says() {
    let mut sts = service();
    let routes = routes();
    assert!(routes.len() > 50, "{} routes", routes.len());
    let rights = ["Read", "Users", "Trust", "All"];
    for (scope, allowed) in SCOPES.iter().zip([
        [true, false, false, false],
        [true, true, false, false],
        [true, false, true, false],
        [true; 4],
    ]) {
        bear(&mut sts, scope);
        for (method, path, right) in &routes {
            let is_allowed = allowed[rights.iter().position(|one| one == right).unwrap()];
            let said = call(&mut sts, method, path);
            assert_eq!(said.status != 403, is_allowed, "{method} {path} with {scope}");
            assert!(said.status != 405, "{method} {path}: the API has no such call");
            if !is_allowed {
                let needed = SCOPES[rights.iter().position(|one| one == right).unwrap()];
                let text = said.body.to_string();
                assert!(text.contains(&format!("`{needed}`")), "{text}");
                let challenge = said.header("www-authenticate");
                let wanted = format!("error=\"insufficient_scope\", scope=\"{needed}\"");
                assert!(
                    path.starts_with("scim2") || challenge.unwrap().contains(&wanted),
                    "{challenge:?}"
                );
            }
        }
    }
}

/// A method that a path takes and that the table has not would be answered otherwise.
#[test]
fn the_table_has_every_method_of_every_path() {
    let mut sts = service();
    let mut paths = BTreeMap::<String, BTreeSet<String>>::new();
    for (method, path, _) in routes() {
        paths.entry(path).or_default().insert(method);
    }
    // `check` and its like are ids for other methods.
    let beside = |path: &str| {
        let (parent, _) = path.rsplit_once('/').unwrap();
        let is_beside = |other: &&String| {
            other.rsplit_once('/').is_some_and(|(of, name)| of == parent && name.starts_with('{'))
        };
        paths.iter().find(|(other, _)| is_beside(other)).map(|(_, methods)| methods)
    };
    for (path, methods) in &paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if methods.contains(method) {
                continue;
            }
            let is_an_id = beside(path).is_some_and(|methods| methods.contains(method));
            let status = call(&mut sts, method, path).status;
            assert!(status == 405 || is_an_id, "{method} {path}: {status}");
        }
    }
}

/// The sentence that names every part of the API names no part that the table has not.
#[test]
fn the_table_has_every_part_of_the_api() {
    let mut sts = service();
    let said = sts.get("/api/server/v1/nothing").with_status(404);
    let routes = routes();
    let mut parts = 0;
    for word in said.description().split([' ', ',']).filter(|word| word.starts_with('/')) {
        // Everybody may sign in.
        if word != "/api/server/v1/sign-in" {
            let found = routes.iter().any(|(_, path, _)| *path == word[1..]);
            assert!(found, "{word} is not in src/admin/routes.rs");
            parts += 1;
        }
    }
    assert!(parts > 8, "{parts} parts");
}

#[test]
fn a_path_that_is_not_in_the_table_is_closed_to_those_with_less_than_every_right() {
    let mut sts = service();
    bear(&mut sts, "exchequer:admin:trust");
    sts.get("/api/server/v1/nothing").with_status(403);
    sts.bearer = Some(token(&mut sts, "exchequer:admin"));
    sts.get("/api/server/v1/nothing").with_status(404);
}

#[test]
fn metrics_and_rehearsals_are_for_those_who_may_read() {
    let mut sts = service();
    for scope in SCOPES {
        bear(&mut sts, scope);
        sts.get("/metrics").with_status(200);
        let bearer = format!("Bearer {}", sts.bearer.clone().unwrap());
        let explain = Request::new("POST", "/oauth2/explain")
            .header("Authorization", &bearer)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials&client_id=job");
        sts.send(0, explain).with_status(200);
    }
    let other = json!({ "sub": "ada", "email": "ada@example.com" });
    let exchanged =
        sts.exchange_for(0, crate::parties::OPERATORS, &foreign(&other), &[("scope", "read")]);
    sts.bearer = Some(exchanged.with_status(200).text("access_token"));
    let said = sts.get("/metrics").with_status(403);
    let needed = "neither the scope `exchequer:admin` nor `exchequer:admin:read`";
    assert!(said.description().contains(needed), "{}", said.description());
}

#[test]
fn who_calls_is_told_what_they_may_do() {
    let mut sts = service();
    let scopes = |sts: &mut Service| sts.get("/api/server/v1/administrator").body["scopes"].clone();
    assert_eq!(scopes(&mut sts), json!(SCOPES));
    bear(&mut sts, "exchequer:admin:users");
    assert_eq!(scopes(&mut sts), json!(["exchequer:admin:read", "exchequer:admin:users"]));
    bear(&mut sts, "exchequer:admin:read");
    let said = sts.get("/api/server/v1/administrator");
    assert_eq!(said.body, json!({ "administrator": "job", "scopes": ["exchequer:admin:read"] }));
}

fn user(name: &str, roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({ "value": role })).collect();
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "roles": roles })
}

#[test]
fn who_may_change_users_makes_no_administrator() {
    let mut sts = service();
    bear(&mut sts, "exchequer:admin:users");
    for role in ["owner", "auditor"] {
        let said = sts.post("/scim2/Users", &user("eve", &["deployer", role])).with_status(403);
        let detail = said.body["detail"].as_str().unwrap();
        assert!(detail.contains("`exchequer:admin`"), "{detail}");
    }
    let eve = sts.post("/scim2/Users", &user("eve", &["deployer"])).with_status(201).text("id");
    let path = format!("/scim2/Users/{eve}");
    sts.put(&path, &user("eve", &["owner"])).with_status(403);
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "roles", "value": [{ "value": "auditor" }] }],
    });
    sts.patch(&path, &patch).with_status(403);
    sts.put(&path, &user("eva", &["deployer"])).with_status(200);
}

#[test]
fn who_may_change_users_changes_no_administrator() {
    let mut sts = service();
    let made = sts.post("/scim2/Users", &user("boss", &["owner"])).with_status(201).text("id");
    bear(&mut sts, "exchequer:admin:users");
    let path = format!("/scim2/Users/{made}");
    sts.get(&path).with_status(200);
    sts.put(&path, &user("boss", &[])).with_status(403);
    sts.delete(&path).with_status(403);
    let link = json!({ "idp": "Acme", "federatedUserId": "eve" });
    for id in [&*made, "u-root", "u-audit"] {
        let links = format!("/api/users/v1/{id}/federated-associations");
        sts.post(&links, &link).with_status(403);
        sts.delete(&links).with_status(403);
        sts.get(&links).with_status(200);
        let bulk = json!({ "operations": [{
            "method": "POST", "path": format!("/{id}/federated-associations"), "data": link,
        }] });
        let said = sts.post("/api/users/v1/federated-associations/bulk", &bulk);
        assert!(said.body["operations"][0].to_string().contains("403"), "{}", said.body);
    }
    sts.post("/api/users/v1/u-ada/federated-associations", &link).with_status(201);
    // Who has every right may.
    bear(&mut sts, "exchequer:admin");
    sts.put(&path, &user("boss", &[])).with_status(200);
}

#[test]
fn whoever_administers_in_part_is_never_linked_by_an_attribute() {
    let mut sts = service();
    let claims = json!({ "sub": "eve", "email": "audit@example.com", "email_verified": true });
    let said =
        sts.exchange_for(0, crate::parties::OPERATORS, &foreign(&claims), &[("scope", "read")]);
    let sub = sts.send(0, {
        let token = said.with_status(200).text("access_token");
        form_request("/oauth2/introspect", crate::parties::OPERATORS, &[("token", &token)])
    });
    assert_eq!(sub.text("sub"), "eve");
}

/// Links each of these users to the subject of the same name, and has a token of `HUT`
/// issued about it. The tokens in the same order.
fn tokens_about(sts: &mut Service, users: &[&str]) -> Vec<String> {
    let about = |user: &&str| {
        let link = json!({ "idp": "Acme", "federatedUserId": user });
        sts.post(&format!("/api/users/v1/{user}/federated-associations"), &link).with_status(201);
        sts.world.now.0 += 1;
        let said = sts.exchange(0, HUT, &foreign(&json!({ "sub": user })));
        said.with_status(200).text("access_token")
    };
    users.iter().map(about).collect()
}

fn is_active(sts: &mut Service, token: &str) -> bool {
    let said = sts.form(0, "/oauth2/introspect", HUT, &[("token", token)]);
    said.with_status(200).body["active"] == true
}

/// The id of the one grant of a user.
fn grant_of(sts: &mut Service, user: &str) -> String {
    let said = sts.get(&format!("{GRANTS}?userId={user}")).with_status(200);
    assert_eq!(said.body["count"], 1);
    said.body["grants"][0]["id"].as_str().unwrap().into()
}

#[test]
fn who_may_change_users_revokes_no_token_of_an_administrator() {
    let mut sts = service();
    let made = sts.post("/scim2/Users", &user("boss", &["owner"])).with_status(201).text("id");
    let users = ["u-root", "u-audit", &made];
    let tokens = tokens_about(&mut sts, &users);
    bear(&mut sts, "exchequer:admin:users");
    for (user, token) in users.iter().zip(&tokens) {
        let one = format!("{GRANTS}/{}", grant_of(&mut sts, user));
        for path in [one, format!("{GRANTS}?userId={user}")] {
            let said = sts.delete(&path);
            assert_eq!(said.code(), "403 EXQ-40300", "{path}");
            assert!(said.description().contains("`exchequer:admin`"), "{}", said.description());
        }
        assert!(is_active(&mut sts, token), "{user}");
    }
    bear(&mut sts, "exchequer:admin");
    let path = format!("{GRANTS}/{}", grant_of(&mut sts, "u-root"));
    sts.delete(&path).with_status(204);
    let said = sts.delete(&format!("{GRANTS}?userId={made}")).with_status(200);
    assert_eq!(said.body["revoked"], 1);
    let left: Vec<bool> = tokens.iter().map(|token| is_active(&mut sts, token)).collect();
    assert_eq!(left, [false, true, false]);
}

#[test]
fn who_revokes_the_tokens_of_an_application_is_told_how_many_of_administrators_stay() {
    let mut sts = service();
    let tokens = tokens_about(&mut sts, &["u-ada", "u-root", "u-audit"]);
    let list = sts.get("/api/server/v1/applications?filter=clientId+eq+hut").body;
    let path =
        format!("{GRANTS}?applicationId={}", list["applications"][0]["id"].as_str().unwrap());
    bear(&mut sts, "exchequer:admin:users");
    let said = sts.delete(&path).with_status(200);
    let short = json!([said.body["revoked"], said.body["skipped"], said.body["more"]]);
    assert_eq!(short, json!([1, 2, false]));
    assert!(said.text("skippedBecause").contains("`exchequer:admin`"), "{}", said.body);
    let change = said.audit.unwrap().change.unwrap();
    assert_eq!(change.before.unwrap()["subject"]["userId"], "u-ada");
    let left: Vec<bool> = tokens.iter().map(|token| is_active(&mut sts, token)).collect();
    assert_eq!(left, [false, true, true]);
    bear(&mut sts, "exchequer:admin");
    let said = sts.delete(&path).with_status(200);
    assert_eq!(said.body, json!({ "revoked": 2, "more": false, "links": [] }));
}

/// It has no roles: its scope says that it administers.
#[test]
fn who_may_change_users_revokes_no_administrator_token_of_an_application() {
    let mut sts = service();
    let form = [("grant_type", "client_credentials"), ("scope", "exchequer:admin:read")];
    let token = sts.form(0, "/oauth2/token", HUT, &form).with_status(200).text("access_token");
    let list = sts.get("/api/server/v1/applications?filter=clientId+eq+hut").body;
    let application = list["applications"][0]["id"].as_str().unwrap().to_string();
    let of_hut = format!("{GRANTS}?applicationId={application}");
    let all = sts.get(&of_hut).body["grants"].clone();
    let one = format!("{GRANTS}/{}", all[0]["id"].as_str().unwrap());
    bear(&mut sts, "exchequer:admin:users");
    assert_eq!(sts.delete(&one).code(), "403 EXQ-40300");
    let said = sts.delete(&of_hut).with_status(200);
    assert_eq!((&said.body["revoked"], &said.body["skipped"]), (&json!(0), &json!(1)));
    assert!(is_active(&mut sts, &token));
    bear(&mut sts, "exchequer:admin");
    sts.delete(&one).with_status(204);
}
