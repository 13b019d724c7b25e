//! `GET /api/server/v1/refusals`: recent refusals, for administrators,
//! bounded, and without anything secret.

use exchequer::Request;
use serde_json::{Value, json};

use crate::parties::{APPLICATIONS, ISSUERS, OPERATORS, globex, made, service, shop, with};
use crate::support::administered::{ADMIN, EXCHANGE, Service};
use crate::support::foreign::foreign;
use crate::support::start::NOW;

const REFUSALS: &str = "/api/server/v1/refusals";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A token that is refused for its audience, of this application.
fn refused_exchange(sts: &mut Service) {
    let token = foreign(&json!({ "aud": "somebody-else" }));
    sts.exchange(0, OPERATORS, &token).with_status(400);
}

/// A refusal of a client that nobody has heard of.
fn stranger(sts: &mut Service, id: &str) {
    sts.form(0, "/oauth2/token", ("", ""), &[]);
    let body = format!("grant_type={EXCHANGE}&client_id={id}");
    let request = Request::new("POST", "/oauth2/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    sts.send(0, request).with_status(401);
}

fn refusals(sts: &mut Service) -> Vec<Value> {
    let said = sts.get(REFUSALS).with_status(200);
    said.body["refusals"].as_array().unwrap().clone()
}

#[test]
fn equal_refusals_are_counted_and_the_newest_comes_first() {
    let mut sts = service();
    sts.exchange(0, OPERATORS, &foreign(&json!({}))).with_status(200);
    sts.world.now.0 += 10;
    refused_exchange(&mut sts);
    sts.world.now.0 += 10;
    sts.exchange(0, OPERATORS, &foreign(&json!({ "exp": NOW - 600 }))).with_status(400);
    sts.world.now.0 += 10;
    refused_exchange(&mut sts);
    let said = sts.get(REFUSALS).with_status(200);
    assert_eq!(said.body["since"], NOW, "since the first request");
    let all = said.body["refusals"].as_array().unwrap();
    let short: Vec<Value> = all
        .iter()
        .map(|one| json!([one["reason"], one["count"], one["firstTime"], one["time"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["subject_token.claim.aud.no_alias", 2, NOW + 10, NOW + 30]),
            json!(["subject_token.claim.exp.expired", 1, NOW + 20, NOW + 20]),
        ]
    );
    let audit = sts.exchange(0, OPERATORS, &foreign(&json!({ "aud": "x" }))).audit.unwrap();
    let told = refusals(&mut sts).remove(0);
    assert_eq!(
        told,
        json!({
            "time": NOW + 30, "firstTime": NOW + 10, "count": 3, "event": "token",
            "status": 400, "error": "invalid_request",
            "reason": "subject_token.claim.aud.no_alias", "message": audit.message,
            "clientId": OPERATORS.0, "issuer": "Acme",
        })
    );
    // Those of another replica are its own.
    let other = sts.send(1, Request::new("GET", REFUSALS).header("Authorization", &bearer()));
    assert_eq!(other.with_status(200).body["refusals"], json!([]));
}

fn bearer() -> String {
    format!("Bearer {ADMIN}")
}

#[test]
fn a_refused_call_of_an_administrator_is_found_by_its_trace() {
    let mut sts = service();
    let said = sts.get(&format!("{APPLICATIONS}/nobody")).with_status(404);
    let told = refusals(&mut sts).remove(0);
    assert_eq!(told["traceId"], said.body["traceId"]);
    assert_eq!((&told["event"], &told["error"]), (&json!("administration"), &json!("APP-60006")));
    assert_eq!(told["reason"], "APP-60006", "there is no other");
}

#[test]
fn only_administrators_are_told() {
    let mut sts = service();
    refused_exchange(&mut sts);
    let admin = foreign(&json!({}));
    let read = [("scope", "read"), ("audience", "https://sts.example")];
    let read = sts.exchange_for(0, OPERATORS, &admin, &read).text("access_token");
    for (bearer, status) in [(None, 401), (Some("wrong".into()), 401), (Some(read), 403)] {
        sts.bearer = bearer;
        let said = sts.get(REFUSALS).with_status(status);
        assert_eq!(said.body.get("refusals"), None);
    }
}

#[test]
fn a_dry_run_refuses_nobody() {
    let mut sts = service();
    let token = foreign(&json!({ "aud": "somebody-else" }));
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", EXCHANGE), ("client_id", OPERATORS.0)])
        .extend_pairs([("subject_token", &*token), ("subject_token_type", JWT)])
        .finish();
    let request = Request::new("POST", "/oauth2/explain")
        .header("Authorization", &bearer())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    let said = sts.send(0, request).with_status(200);
    assert_eq!(said.body["reason"], "subject_token.claim.aud.no_alias");
    assert_eq!(refusals(&mut sts), [json!(null); 0]);
}

/// Makes an application with this client id, and nobody authenticates as it.
fn impersonated(sts: &mut Service, client: &str) {
    let application = json!({
        "name": client, "clientId": client, "clientSecret": "sixteen letters!", "grantTypes": [EXCHANGE],
    });
    made(sts, APPLICATIONS, &application);
    stranger(sts, client);
}

#[test]
fn it_does_not_grow_and_strangers_do_not_hide_clients() {
    let mut sts = service();
    refused_exchange(&mut sts);
    // Names that strangers invent are not in it.
    for number in 0..300 {
        stranger(&mut sts, &format!("nobody-{number}"));
    }
    let all = refusals(&mut sts);
    assert_eq!((all.len(), &all[0]["count"], all[0].get("clientId")), (2, &json!(600), None));
    // Those of clients that there are fill a half.
    for number in 0..60 {
        impersonated(&mut sts, &format!("known-{number}"));
    }
    let all = refusals(&mut sts);
    let ids: Vec<_> = all.iter().filter_map(|one| one["clientId"].as_str()).collect();
    assert_eq!((ids[0], ids.len(), ids.contains(&"known-9")), ("known-59", 51, false));
    assert_eq!(*ids.last().unwrap(), OPERATORS.0, "whatever strangers do");

    // Clients there are fill it to its end.
    let secret = "sixteen letters!";
    for number in 0..150 {
        let client = format!("a-{number}");
        let application = json!({
            "name": client, "clientId": client, "clientSecret": secret, "grantTypes": [EXCHANGE],
        });
        made(&mut sts, APPLICATIONS, &application);
        sts.exchange(0, (&client, secret), "no token").with_status(400);
    }
    let all = refusals(&mut sts);
    assert_eq!(all.len(), 100);
    assert_eq!(all[0]["clientId"], "a-149");
    assert_eq!(all[99]["clientId"], "a-50");
    for (client, count) in [("a-50", 2), ("a-49", 1)] {
        sts.exchange(0, (client, secret), "no token").with_status(400);
        assert_eq!(refusals(&mut sts)[0]["count"], count, "{client}: what fell out is forgotten");
    }
}

#[test]
fn a_limit_is_kept_to() {
    let mut sts = service();
    for number in 0..5 {
        impersonated(&mut sts, &format!("known-{number}"));
    }
    for (limit, length) in
        [("0", 0), ("1", 1), ("3", 3), ("100", 6), ("101", 6), ("99999999999999999999", 6)]
    {
        let said = sts.get(&format!("{REFUSALS}?limit={limit}")).with_status(200);
        assert_eq!(said.body["refusals"].as_array().unwrap().len(), length, "{limit}");
    }
    for limit in ["-1", "x", "1.5"] {
        let said = sts.get(&format!("{REFUSALS}?limit={limit}"));
        assert_eq!(said.code(), "400 EXQ-40000", "{limit}");
    }
    let said = sts.delete(REFUSALS);
    assert_eq!((said.code(), said.header("allow")), ("405 EXQ-40500".into(), Some("GET")));
}

#[test]
fn what_an_administrator_sent_is_shown_printable_and_cut() {
    let mut sts = service();
    let mut said = |name: &str| {
        sts.post(ISSUERS, &with(globex(), name, json!(1))).with_status(400);
        refusals(&mut sts).remove(0)["message"].as_str().unwrap().to_string()
    };
    let odd = said("a\0\x1b[31m\nb");
    assert!(odd.contains("`a\u{fffd}\u{fffd}[31m\u{fffd}b`"), "{odd}");
    let long = said(&"long ".repeat(100));
    assert!(long.contains("long long …"), "{long}");
}

/// Whatever a client sends in the wrong place.
#[test]
fn no_token_and_no_secret_is_in_it() {
    let token = foreign(&json!({ "aud": "somebody-else", "jti": "n0t-t0-be-seen" }));
    let opaque = "GAjyc0p7A0eXSpP0mYLDhA.bK1vTn2yq6YwX0cE5pJ8sL3dR7uF9hQ4zA1mG6iO0kC";
    // Short enough to be the name of something.
    let short = "Zo1mG6iO0kC-x7Yq";
    for secret in [&*token, opaque, short] {
        let mut sts = service();
        everywhere_at_the_token_endpoint(&mut sts, secret);
        if secret != short {
            everywhere_in_the_api(&mut sts, secret);
        }
        let limited = sts.get(REFUSALS).with_status(200).body.to_string();
        let all: Vec<char> = secret.chars().collect();
        for piece in all.windows(12) {
            let piece: String = piece.iter().collect();
            assert!(!limited.contains(&piece), "{piece} is in {limited}");
        }
        let audited = sts.said.join(" ");
        assert!(secret != short || !audited.contains(secret), "in the audit log");
        assert!(refusals(&mut sts).len() > 10, "{limited}");
    }
}

fn everywhere_at_the_token_endpoint(sts: &mut Service, secret: &str) {
    let form = [
        ("grant_type", EXCHANGE),
        ("subject_token", secret),
        ("subject_token_type", JWT),
        ("actor_token", secret),
        ("actor_token_type", JWT),
        ("requested_token_type", JWT),
        ("audience", "https://sts.example"),
        ("resource", "https://sts.example"),
        ("scope", "read"),
        ("assertion", secret),
        ("refresh_token", secret),
        ("token", secret),
        ("token_type_hint", "x"),
        ("claims", "x"),
        ("client_id", OPERATORS.0),
        ("client_secret", secret),
        ("client_assertion", secret),
        ("client_assertion_type", "x"),
    ];
    for target in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        for at in 0..form.len() {
            let mut sent = form;
            sent[at].1 = secret;
            for length in [at + 1, form.len()] {
                sts.form(0, target, OPERATORS, &sent[..length]);
                sts.form(0, target, (secret, secret), &sent[..length]);
            }
            // Alone, and as a name.
            sts.form(0, target, OPERATORS, &[sent[at]]);
            sts.form(0, target, OPERATORS, &[(secret, "x"), (secret, "x")]);
            let alone = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([form[0], (form[at].0, secret), ("client_id", secret)])
                .finish();
            let request = Request::new("POST", target)
                .header("Content-Type", "application/x-www-form-urlencoded");
            sts.send(0, request.body(alone));
        }
        let target = format!("{target}?access_token={secret}&subject_token={secret}");
        sts.form(0, &target, OPERATORS, &form);
        for credentials in [format!("Bearer {secret}"), format!("Basic {secret}"), secret.into()] {
            sts.send(0, Request::new("POST", &target).header("Authorization", &credentials));
        }
    }
}

fn everywhere_in_the_api(sts: &mut Service, secret: &str) {
    let issuer = made(sts, ISSUERS, &globex());
    let application = made(sts, APPLICATIONS, &shop());
    let user = json!({ "userName": "ada" });
    for (path, body) in [
        (ISSUERS, globex()),
        (APPLICATIONS, shop()),
        ("/scim2/Users", user),
        ("/api/users/v1/u-ada/federated-associations", json!({ "idp": "Acme" })),
    ] {
        let members: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        let more = [secret, "certificate", "conditions", "accessToken", "roles", "federatedUserId"];
        for member in members.iter().map(String::as_str).chain(more) {
            for value in [json!(secret), json!([secret]), json!({ secret: secret })] {
                sts.post(path, &with(body.clone(), member, value));
            }
        }
        sts.get(&format!("{path}/{secret}"));
        sts.delete(&format!("{path}/{secret}"));
        sts.get(&format!("{path}?filter=name+eq+{secret}"));
        sts.get(&format!("{path}?filter={secret}+eq+%22{secret}%22"));
        sts.get(&format!("{path}?limit={secret}&startIndex={secret}&cursor={secret}"));
    }
    for path in [&*issuer, &application] {
        for change in [
            json!([{ "operation": "REPLACE", "path": secret, "value": secret }]),
            json!([{ "operation": "ADD", "path": "/certificate/certificates/0", "value": secret }]),
            json!({ secret: secret }),
            json!({ "trustedTokenIssuers": [secret] }),
        ] {
            sts.patch(path, &change);
        }
    }
    sts.get(&format!("/api/server/v1/{secret}"));
    sts.get(&format!("/scim2/{secret}"));
    let admin = sts.bearer.replace(secret.into());
    sts.get(ISSUERS);
    sts.bearer = admin;
}
