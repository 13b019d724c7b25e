//! `limits`: who is turned away with 429, what that looks like, and who never is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

#[path = "limits/documents.rs"]
mod documents;
#[path = "limits/envoy.rs"]
mod envoy;
#[path = "limits/processes.rs"]
mod processes;
#[path = "limits/proxies.rs"]
mod proxies;
#[path = "limits/requests.rs"]
mod requests;
#[path = "limits/together.rs"]
mod together;

#[cfg(feature = "admin")]
use std::collections::BTreeMap;

use exchequer::{
    Client, Engine, GrantRequest, HostCrypto, Reply, Request, Sender, Target, TokenRequest,
};
use serde_json::{Value, json};

use support::administered::{ADMIN, form_request};
#[cfg(feature = "admin")]
use support::case::StoreState;
use support::fixtures;
use support::start::NOW;
use support::world::{World, entropy};

const SECRET: &str = "job-secret-for-tests";
const STRANGER: &str = "203.0.113.66";
const OWN: &str = "203.0.113.7";

fn document(limits: &Value) -> Value {
    json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "limits": limits,
        "applications": [
            { "clientId": "job", "clientSecret": SECRET, "grantTypes": ["client_credentials"] },
            { "clientId": "other", "clientSecret": SECRET, "grantTypes": ["client_credentials"] },
            { "clientId": "signed", "grantTypes": ["client_credentials"],
              "jwks": { "$jwks": ["idp-es256"] } },
        ],
    })
}

struct Server {
    engine: Engine,
    world: World,
}

impl Server {
    fn new(limits: &Value) -> Self {
        Self::of(&document(limits))
    }

    fn of(document: &Value) -> Self {
        let config = fixtures::config(&fixtures::document(document));
        let engine = Engine::new(config.administered_by(ADMIN).unwrap(), HostCrypto::default());
        Self { engine, world: World::at(NOW) }
    }

    fn send(&mut self, from: &str, request: Request) -> Reply {
        self.world.handle(&self.engine, request.sent_by(Sender::Peer(from.parse().unwrap())))
    }

    /// The status of a token request with these credentials from there.
    fn token(&mut self, from: &str, client: (&str, &str)) -> u16 {
        self.send(from, credentials(client)).status
    }

    #[cfg(feature = "admin")]
    fn administer(&mut self, from: &str, token: &str) -> Reply {
        let request = Request::new("GET", "/api/server/v1/applications");
        self.send(from, request.header("Authorization", &format!("Bearer {token}")))
    }
}

fn credentials(client: (&str, &str)) -> Request {
    form_request("/oauth2/token", client, &[("grant_type", "client_credentials")])
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn sixty_failures_a_minute_are_the_default() {
    let mut document = document(&Value::Null);
    document.as_object_mut().unwrap().remove("limits");
    let mut sts = Server::of(&document);
    for _ in 0..60 {
        assert_eq!(sts.token(STRANGER, ("job", "wrong")), 401);
    }
    assert_eq!(sts.token(STRANGER, ("job", "wrong")), 429);
    // Also the right secret: otherwise guessing would go on.
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 429);
}

#[test]
fn who_is_turned_away_is_told_why_and_for_how_long() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    assert_eq!(sts.token(STRANGER, ("job", "wrong")), 401);
    assert_eq!(sts.token(STRANGER, ("job", "wrong")), 401);
    let reply = sts.send(STRANGER, credentials(("job", "wrong")));
    assert_eq!(reply.status, 429);
    assert_eq!(header(&reply, "retry-after"), Some("30"));
    assert_eq!(header(&reply, "cache-control"), Some("no-store"));
    assert_eq!(header(&reply, "www-authenticate"), None);
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description":
            "authentication failed too often from this address; try again in 30 seconds",
    });
    assert_eq!(json_of(&reply), body);
    let audit = reply.audit.unwrap();
    assert_eq!(audit.reason.as_deref(), Some("limit.failures"));
    assert_eq!(audit.status, 429);
    assert!(!json!(audit).to_string().contains(STRANGER), "the address is in no audit line");
    // Who waits that long is heard.
    sts.world.now.0 += 30;
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 200);
}

#[test]
fn a_stranger_does_not_lock_a_client_out() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    for _ in 0..50 {
        sts.token(STRANGER, ("job", "wrong"));
    }
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 429);
    assert_eq!(sts.token(OWN, ("job", SECRET)), 200);
    // Nor a client at the stranger's own address that has not failed.
    assert_eq!(sts.token(STRANGER, ("other", SECRET)), 200);
}

#[test]
fn no_spelling_of_a_client_id_is_a_client_of_its_own() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    for spelling in ["%6aob", "j%6fb", "jo%62", "%6a%6f%62"] {
        sts.token(STRANGER, (spelling, "wrong"));
    }
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 429);
    assert_eq!(sts.token(STRANGER, ("%6aob", SECRET)), 429);
}

#[cfg(feature = "admin")]
#[test]
fn an_address_that_tries_many_clients_is_turned_away_before_the_store_is_asked() {
    let mut document = document(&json!({ "failuresPerMinute": 1 }));
    let names: Vec<String> = (0..12).map(|number| format!("app-{number}")).collect();
    document["applications"] = names
        .iter()
        .map(|name| {
            json!({ "clientId": name, "clientSecret": SECRET, "grantTypes": ["client_credentials"] })
        })
        .collect();
    let mut sts = Server::of(&document);
    for name in &names[..10] {
        assert_eq!(sts.token(STRANGER, (name, "wrong")), 401, "{name}");
    }
    let reply = sts.send(STRANGER, credentials(("app-11", SECRET)));
    assert_eq!(reply.status, 429);
    assert_eq!(reply.audit.unwrap().reason.as_deref(), Some("limit.failures_of_address"));
    // An unknown client would be looked for in the store.
    sts.world.store_state = StoreState::Failed;
    assert_eq!(sts.token(STRANGER, ("nobody", "wrong")), 429);
    assert_eq!(sts.token(OWN, ("nobody", "wrong")), 503);
    assert_eq!(sts.token(OWN, ("app-0", SECRET)), 200);
    // Guesses of the admin token come from the same address.
    assert_eq!(sts.administer(STRANGER, ADMIN).status, 429);
}

#[test]
fn unknown_clients_are_turned_away_like_one_client() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    assert_eq!(["a", "b", "c"].map(|id| sts.token(STRANGER, (id, "x"))), [401, 401, 429]);
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 200);
}

#[test]
fn an_ipv6_network_is_one_address() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    for address in ["2001:db8:0:1::1", "2001:db8:0:1::2"] {
        assert_eq!(sts.token(address, ("job", "wrong")), 401);
    }
    assert_eq!(sts.token("2001:db8:0:1:ffff::3", ("job", SECRET)), 429);
    assert_eq!(sts.token("2001:db8:0:2::1", ("job", SECRET)), 200);
}

#[test]
fn client_assertions_that_do_not_count_are_failures() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    let assertion = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", "e30.e30.e30"),
    ];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(assertion).finish();
    let request = || {
        Request::new("POST", "/oauth2/token")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.clone())
    };
    assert_eq!(sts.send(STRANGER, request()).status, 401);
    assert_eq!(sts.send(STRANGER, request()).status, 401);
    // What names no client counts for the address.
    for _ in 0..18 {
        sts.send(STRANGER, request());
    }
    assert_eq!(sts.send(STRANGER, request()).status, 429);
    assert_eq!(sts.send(OWN, request()).status, 401);
}

#[test]
fn proofs_that_do_not_count_are_failures_of_the_client() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    let mut with_proof = || sts.send(STRANGER, credentials(("job", SECRET)).header("DPoP", "e30"));
    assert_eq!([0; 3].map(|_| with_proof().status), [400, 400, 429]);
    // A proof that is missing, and a nonce that is not known yet, are none.
    let mut document = document(&json!({ "failuresPerMinute": 2 }));
    document["applications"][0]["dpop"] = json!({ "required": true });
    let mut strict = Server::of(&document);
    assert_eq!([0; 3].map(|_| strict.token(STRANGER, ("job", SECRET))), [400; 3]);
    assert_eq!(sts.token(OWN, ("job", SECRET)), 200);
}

#[cfg(feature = "admin")]
#[test]
fn wrong_admin_tokens_are_failures_and_lock_no_administrator_out_elsewhere() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    assert_eq!(sts.administer(STRANGER, "wrong").status, 401);
    assert_eq!(sts.administer(STRANGER, "wrong").status, 401);
    let reply = sts.administer(STRANGER, ADMIN);
    assert_eq!(reply.status, 429);
    assert_eq!(header(&reply, "retry-after"), Some("30"));
    let body = json_of(&reply);
    assert_eq!(body["code"], "EXQ-42900");
    assert_eq!(
        body["description"],
        "authentication failed too often from this address; try again in 30 seconds"
    );
    assert_eq!(sts.administer(OWN, ADMIN).status, 200);
    // A call without a token is no attempt.
    for _ in 0..10 {
        assert_eq!(sts.send(OWN, Request::new("GET", "/metrics")).status, 401);
    }
    assert_eq!(sts.administer(OWN, ADMIN).status, 200);
}

#[cfg(feature = "admin")]
#[test]
fn users_with_wrong_tokens_are_turned_away_too() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    let request = || {
        Request::new("GET", "/api/users/v1/me/federated-associations")
            .header("Authorization", "Bearer wrong")
    };
    assert_eq!([0; 3].map(|_| sts.send(STRANGER, request()).status), [401, 401, 429]);
}

#[cfg(feature = "admin")]
#[test]
fn sign_ins_that_are_not_accepted_are_failures() {
    const DISCOVERY: &str = "https://login.example/.well-known/openid-configuration";
    let mut document = document(&json!({ "failuresPerMinute": 2 }));
    document["trustedTokenIssuers"] = json!([{
        "name": "Login", "issuer": "https://login.example", "alias": "console-there",
        "certificate": { "discovery": true },
    }]);
    document["applications"] = json!([{
        "clientId": "console", "type": "mobile",
        "grantTypes": [support::administered::EXCHANGE],
        "trustedTokenIssuers": ["Login"],
        "subject": { "useMappedLocalSubject": true },
    }]);
    document["console"] = json!({ "signIn": {
        "issuer": "Login", "clientId": "console-there", "application": "console" } });
    let mut sts = Server::of(&document);
    sts.world.web.script(&BTreeMap::from([
        (
            DISCOVERY.into(),
            vec![json!({ "body": {
                "issuer": "https://login.example", "jwks_uri": "https://login.example/jwks",
                "authorization_endpoint": "https://login.example/auth",
                "token_endpoint": "https://login.example/token",
            } })],
        ),
        (
            "https://login.example/token".into(),
            vec![json!({ "status": 400, "body": { "error": "invalid_grant" } })],
        ),
    ]));
    let body = json!({ "code": "c", "codeVerifier": "v", "redirectUri": "https://sts.example/" });
    let request = || {
        Request::new("POST", "/api/server/v1/sign-in")
            .header("Content-Type", "application/json")
            .body(body.to_string())
    };
    assert_eq!([0; 3].map(|_| sts.send(STRANGER, request()).status), [400, 400, 429]);
    assert_eq!(sts.send(OWN, request()).status, 400);
}

#[test]
fn a_client_sends_as_many_requests_as_it_may() {
    let mut sts = Server::new(&json!({ "requestsPerSecond": 2 }));
    assert_eq!([0; 3].map(|_| sts.token(OWN, ("job", SECRET))), [200, 200, 429]);
    let reply = sts.send("203.0.113.8", credentials(("job", SECRET)));
    assert_eq!(reply.audit.unwrap().reason.as_deref(), Some("limit.requests"));
    assert_eq!(sts.token(OWN, ("other", SECRET)), 200);
    // Who does not authenticate uses nothing up.
    sts.world.now.0 += 1;
    for _ in 0..5 {
        assert_eq!(sts.token(STRANGER, ("job", "wrong")), 401);
    }
    assert_eq!(sts.token(OWN, ("job", SECRET)), 200);
}

#[test]
fn an_embedding_program_is_not_limited() {
    let mut sts = Server::new(&json!({ "requestsPerSecond": 1, "failuresPerMinute": 1 }));
    for id in ["job", "job", "job", "nobody", "nobody", "nobody"] {
        let grant = GrantRequest::ClientCredentials(Target::default());
        let request = TokenRequest::new(Client::embedder(id), grant);
        let step = sts.engine.exchange(request, exchequer::Timestamp(NOW), entropy());
        let status = sts.world.drive(&sts.engine.clone(), step).result.map_err(|one| one.status());
        assert_eq!(status.err(), (id == "nobody").then_some(401));
    }
}

#[test]
fn limits_can_be_off() {
    let mut sts = Server::new(&json!("off"));
    for _ in 0..1000 {
        assert_eq!(sts.token(STRANGER, ("job", "wrong")), 401);
    }
}

#[test]
fn counts_go_on_under_another_configuration() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    assert_eq!([0; 3].map(|_| sts.token(STRANGER, ("job", "wrong"))), [401, 401, 429]);
    let document = fixtures::document(&document(&json!({ "failuresPerMinute": 2 })));
    sts.engine = sts.engine.succeed(fixtures::config(&document));
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 429);
}

#[test]
fn who_is_turned_away_is_counted() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 1 }));
    assert_eq!([0; 3].map(|_| sts.token(STRANGER, ("job", "wrong"))), [401, 429, 429]);
    let metrics =
        Request::new("GET", "/metrics").header("Authorization", &format!("Bearer {ADMIN}"));
    let text = String::from_utf8(sts.send(OWN, metrics).body).unwrap();
    let line = "exchequer_decisions_total{event=\"token\",outcome=\"refused\",reason=\"limit.failures\"} 2\n";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("\nexchequer_limits_counts 2\n"), "{text}");
}
