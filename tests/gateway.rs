//! The gateway, without a proxy: which requests pass, and with what.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "gateway/again.rs"]
mod again;
#[path = "gateway/bound.rs"]
mod bound;
#[path = "gateway/certificates.rs"]
mod certificates;
#[path = "gateway/elsewhere.rs"]
mod elsewhere;
#[path = "gateway/forged.rs"]
mod forged;
#[path = "gateway/paths.rs"]
mod paths;
#[path = "dpop/proofs.rs"]
mod proofs;
#[path = "gateway/resources.rs"]
mod resources;
mod support;

use exchequer::config::Problems;
use exchequer::{
    Answer, Ask, Call, Engine, Failed, Filter, FilterMode, Forward, Gateway, GatewayStep,
    HostCrypto, Need, Refused, Request, Timestamp,
};
use serde_json::{Value, json};

use again::with;
use support::fixtures;
use support::start::{JWKS, NOW, request, world};
use support::world::{World, entropy};

/// A filter's configuration around the gateway's.
fn document(gateway: Value) -> Value {
    let application = json!({
        "clientId": "edge",
        "type": "mobile",
        "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        "trustedTokenIssuers": ["Acme"],
        "audiences": ["https://api.example", "https://admin.example"],
        "scopes": ["read", "write"],
        "accessToken": { "attributes": ["email"] },
    });
    fixtures::expand(&json!({
        "mode": "gateway",
        "config": {
            "issuer": "https://sts.example",
            "keys": [{ "$key": "ours" }],
            "trustedTokenIssuers": [{
                "name": "Acme",
                "issuer": "https://idp.example",
                "certificate": { "jwksUri": JWKS },
                "claims": [{ "from": "email", "to": "email" }],
            }],
            "applications": [application],
            "caches": { "issuedTokens": {} },
        },
        "clusters": { "https://idp.example": "idp" },
        "gateway": gateway,
    }))
}

fn filter(document: &Value) -> Result<Filter, Problems> {
    Filter::parse(&document.to_string())?.resolve(|_| Err("there are none here".into()))
}

/// A gateway with this gateway configuration.
fn gateway(gateway: Value) -> Gateway {
    let mut filter = filter(&document(gateway)).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(filter.mode, FilterMode::Gateway);
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    Gateway::new(&mut filter, engine).unwrap()
}

fn rules() -> Value {
    json!({
        "clientId": "edge",
        "audience": ["https://api.example"],
        "claimHeaders": [{ "claim": "sub", "header": "X-User" }],
        "rules": [
            { "pathPrefix": "/public/", "token": "off" },
            { "pathPrefix": "/public/admin", "audience": ["https://admin.example"] },
            { "pathPrefix": "/maybe", "token": "optional", "forwardSubjectToken": true },
        ],
    })
}

/// A good subject token; `NOW` is within its time.
fn token() -> String {
    token_of("accepted/alg-es256.json")
}

fn token_of(case: &str) -> String {
    let body = String::from_utf8(request(case).body).unwrap();
    let pair = body.split('&').find(|pair| pair.starts_with("subject_token=")).unwrap();
    pair.split_once('=').unwrap().1.into()
}

fn with_token(target: &str, token: &str) -> Request {
    Request::new("GET", target).header("authorization", &format!("Bearer {token}"))
}

/// Where a request stands after everything that the world can answer.
fn cross(gateway: &Gateway, world: &mut World, request: &Request) -> GatewayStep {
    let mut passage = gateway.cross(request, world.now, || Some(entropy())).unwrap();
    loop {
        passage = match passage {
            GatewayStep::Wait(waiting) => {
                let answer = match waiting.need() {
                    Need::Ask(Ask::Fetch { url, .. }) => world.web.fetch(url),
                    Need::Ask(_) => Answer::Failed { failed: Failed::Unsupported },
                    Need::Call(_) => return GatewayStep::Wait(waiting),
                };
                waiting.resume(answer).unwrap()
            }
            done => return done,
        };
    }
}

fn forwarded(passage: GatewayStep) -> Forward {
    match passage {
        GatewayStep::Forward(forward) => forward,
        other => panic!("{other:?}"),
    }
}

fn refused(passage: GatewayStep) -> Refused {
    match passage {
        GatewayStep::Refuse(refused) => refused,
        other => panic!("{other:?}"),
    }
}

fn header<'a>(forward: &'a Forward, name: &str) -> Option<&'a str> {
    forward.set.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

fn claims(forward: &Forward) -> Value {
    payload(header(forward, "authorization").unwrap().strip_prefix("Bearer ").unwrap())
}

fn payload(token: &str) -> Value {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap()
}

fn challenge(refused: &Refused) -> &str {
    let all = &refused.reply.headers;
    all.iter().find(|(name, _)| *name == "www-authenticate").map_or("", |(_, value)| value)
}

#[test]
fn a_good_token_is_exchanged_for_one_of_ours() {
    let (gateway, mut world) = (gateway(rules()), world());
    let forward = forwarded(cross(&gateway, &mut world, &with_token("/api/orders?x=1", &token())));
    let claims = claims(&forward);
    assert_eq!(claims["iss"], "https://sts.example");
    assert_eq!(claims["aud"], "https://api.example");
    assert_eq!(header(&forward, "x-user"), claims["sub"].as_str());
    assert_eq!(header(&forward, "x-subject-token"), None);
    assert_eq!(forward.audit.unwrap().status, 200);
}

#[test]
fn random_bytes_are_drawn_for_an_exchange_alone() {
    let (gateway, mut world) = (gateway(rules()), world());
    let request = with_token("/api", &token());
    let without = |request: &Request| gateway.cross(request, Timestamp(NOW), || None);
    assert!(without(&request).is_none(), "an exchange without random bytes");
    forwarded(without(&Request::new("GET", "/public/")).unwrap());
    refused(without(&with_token("/api", "not a token")).unwrap());
    let first = forwarded(cross(&gateway, &mut world, &request));
    assert_eq!(forwarded(without(&request).unwrap()).set, first.set);
}

#[test]
fn a_request_without_a_token_passes_only_where_it_may() {
    let (gateway, mut world) = (gateway(rules()), world());
    for open in ["/public", "/public/", "/public/x", "/public?x=/api", "/maybe", "/maybe/x"] {
        let forward = forwarded(cross(&gateway, &mut world, &Request::new("GET", open)));
        assert!(forward.set.is_empty(), "{open}");
    }
    for closed in ["/", "/api", "/publicity", "/public/admin", "/maybes"] {
        let refused = refused(cross(&gateway, &mut world, &Request::new("GET", closed)));
        assert_eq!(refused.reply.status, 401, "{closed}");
        assert_eq!(challenge(&refused), r#"Bearer realm="gateway""#);
        assert_eq!(refused.reason, "gateway.token.missing");
    }
}

#[test]
fn a_bad_token_never_passes_where_it_is_looked_at() {
    let (gateway, mut world) = (gateway(rules()), world());
    for path in ["/api", "/maybe"] {
        for bad in ["abc", "a.b", "a.b.c", "a.b.c.d.e", &token()[..token().len() - 8]] {
            let refused = refused(cross(&gateway, &mut world, &with_token(path, bad)));
            assert_eq!(refused.reply.status, 401, "{bad}");
            assert!(challenge(&refused).contains(r#"error="invalid_token""#), "{bad}");
            assert!(refused.reason.starts_with("subject_token."), "{}", refused.reason);
        }
        let basic = Request::new("GET", path).header("authorization", "Basic YTpi");
        assert_eq!(refused(cross(&gateway, &mut world, &basic)).reply.status, 401);
        let two = with_token(path, &token()).header("Authorization", "Bearer x");
        assert_eq!(refused(cross(&gateway, &mut world, &two)).reply.status, 400);
    }
}

#[test]
fn header_fields_that_the_gateway_sets_cannot_be_sent() {
    let (gateway, mut world) = (gateway(rules()), world());
    let forge = |target| {
        Request::new("GET", target)
            .header("x-user", "root")
            .header("X_User", "root")
            .header("x-subject-token", "t")
            .header("x-other", "1")
    };
    for target in ["/public", "/maybe"] {
        let forward = forwarded(cross(&gateway, &mut world, &forge(target)));
        assert_eq!(forward.remove, ["X_User", "x-subject-token", "x-user"], "{target}");
    }
    let request = forge("/maybe").header("authorization", &format!("bearer {}", token()));
    let forward = forwarded(cross(&gateway, &mut world, &request));
    assert_eq!(header(&forward, "x-subject-token"), Some(&*token()));
}

#[test]
fn without_the_issuers_keys_the_request_is_told_to_come_again() {
    let gateway = gateway(rules());
    let mut down = World::at(NOW);
    down.web.script(&serde_json::from_value(json!({ JWKS: ["unreachable"] })).unwrap());
    let request = with_token("/api", &token());
    let refused = refused(cross(&gateway, &mut down, &request));
    assert_eq!(refused.reply.status, 503);
    assert!(refused.reply.headers.iter().any(|(name, _)| *name == "retry-after"));
    assert_eq!(refused.reason, "subject_token.key.unavailable");
    // The first one after the outage passes, if it waited as it was told.
    let mut up = world();
    up.now = Timestamp(NOW + 1);
    forwarded(cross(&gateway, &mut up, &request));
}

#[test]
fn a_good_token_that_may_not_do_this_is_no_bad_token() {
    for (condition, reason) in [
        (json!({ "claim": "sub", "equals": "somebody else" }), "condition.not_met"),
        (json!({ "claim": "team", "equals": "red" }), "condition.claim_missing"),
        (json!({ "claim": "exp", "equals": "never" }), "condition.wrong_type"),
    ] {
        let mut document = document(rules());
        document["config"]["trustedTokenIssuers"][0]["conditions"] = json!([condition]);
        let mut filter = filter(&document).unwrap();
        let engine = Engine::new(filter.config.clone(), HostCrypto::default());
        let gateway = Gateway::new(&mut filter, engine).unwrap();
        let refused = refused(cross(&gateway, &mut world(), &with_token("/api", &token())));
        assert_eq!(refused.reply.status, 403, "{reason}");
        assert!(challenge(&refused).contains(r#"error="insufficient_scope""#));
        assert_eq!(refused.reason, format!("subject_token.{reason}"));
        assert_eq!(refused.reply.audit.unwrap().status, 403);
    }
}

#[test]
fn an_engine_is_seeded_with_what_another_one_fetched() {
    let (mut filter, mut web) = (filter(&document(rules())).unwrap(), world());
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    let gateway = Gateway::new(&mut filter, engine.clone()).unwrap();
    engine.seed_cache(JWKS, web.web.fetch(JWKS), Timestamp(NOW - 10));
    let passage =
        gateway.cross(&with_token("/api", &token()), Timestamp(NOW), || Some(entropy())).unwrap();
    forwarded(passage);
}

#[test]
fn what_was_seeded_expires_with_the_document() {
    let (mut filter, mut web) = (filter(&document(rules())).unwrap(), world());
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    let gateway = Gateway::new(&mut filter, engine.clone()).unwrap();
    engine.seed_cache(JWKS, web.web.fetch(JWKS), Timestamp(NOW - 24 * 3600 - 1));
    let passage =
        gateway.cross(&with_token("/api", &token()), Timestamp(NOW), || Some(entropy())).unwrap();
    assert!(matches!(passage, GatewayStep::Wait(_)));
}

fn remote() -> Value {
    let mut rules = rules();
    rules["remote"] = json!({
        "cluster": "sts", "clientId": "edge at home", "clientSecret": "remote-secret-for-tests",
    });
    rules["scope"] = "read".into();
    rules
}

fn call(passage: GatewayStep) -> (exchequer::Waiting, Call) {
    let GatewayStep::Wait(waiting) = passage else { panic!("{passage:?}") };
    let Need::Call(call) = waiting.need() else { panic!("no call") };
    let call = call.clone();
    (waiting, call)
}

#[test]
fn a_token_is_validated_before_it_is_sent_elsewhere() {
    let (gateway, mut world) = (gateway(remote()), world());
    let refused = refused(cross(&gateway, &mut world, &with_token("/api", "a.b.c")));
    assert_eq!(refused.reply.status, 401);

    let (waiting, call) = call(cross(&gateway, &mut world, &with_token("/api", &token())));
    assert_eq!((&*call.cluster, &*call.path), ("sts", "/oauth2/token"));
    let body = String::from_utf8(call.body).unwrap();
    assert!(body.contains("audience=https%3A%2F%2Fapi.example&scope=read"), "{body}");
    assert!(!body.contains("client_id"), "{body}");
    let issued = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 60 });
    let answer = Answer::Fetched {
        status: 200,
        cache_control: None,
        location: None,
        body: issued.to_string().into_bytes(),
    };
    let forward = forwarded(waiting.resume(answer).unwrap());
    assert_eq!(header(&forward, "authorization"), Some("Bearer opaque"));
    // It is kept for the next request.
    forwarded(cross(&gateway, &mut world, &with_token("/api", &token())));
}

#[test]
fn a_remote_service_that_fails_lets_nothing_pass() {
    let (gateway, mut world) = (gateway(remote()), world());
    for (answer, status) in
        [(Answer::Failed { failed: Failed::TimedOut }, 503), (Answer::Committed, 503)]
    {
        let (waiting, _) = call(cross(&gateway, &mut world, &with_token("/api", &token())));
        assert_eq!(refused(waiting.resume(answer).unwrap()).reply.status, status);
    }
}

#[test]
fn a_configuration_that_would_not_do_what_it_says_is_refused() {
    let problems = |change: &dyn Fn(&mut Value)| {
        let mut document = document(rules());
        change(&mut document);
        filter(&document).map_or_else(|problems| problems.to_string(), |_| String::new())
    };
    assert_eq!(problems(&|_| ()), "");
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [(Change<'_>, &str); 13] = [
        (&|one| one["config"]["keys"] = json!([]), "`config.keys`: the configuration has no key"),
        (&|one| one["config"]["issuer"] = "x".into(), "`config.issuer`: "),
        (&|one| one["clusters"] = json!({}), "`clusters`: there is no cluster for `https://idp"),
        (&|one| one["gateway"] = Value::Null, "`gateway`: is missing"),
        (&|one| one["mode"] = "authority".into(), "`gateway`: is there"),
        (&|one| one["mode"] = "gatewya".into(), "did you mean `gateway`?"),
        (&|one| one["gateway"]["clientId"] = "edg".into(), "did you mean `edge`?"),
        (&|one| one["gateway"]["audience"] = json!(["x"]), "`gateway.audience`: "),
        (
            &|one| one["gateway"]["rules"][0]["pathPrefix"] = "/a%2fb".into(),
            "`gateway.rules[0].pathPrefix`: ",
        ),
        (
            &|one| one["gateway"]["rules"][0]["pathPrefix"] = "/Public/ADMIN/".into(),
            "must be unique",
        ),
        (
            &|one| one["gateway"]["claimHeaders"][0]["header"] = "Authorization".into(),
            "`authorization` is not a header field",
        ),
        (
            &|one| one["gateway"]["stripHeaders"] = json!(["Content_Length"]),
            "`Content_Length` is not a header field",
        ),
        (
            &|one| {
                one["config"]["trustedTokenIssuers"][0]["replayProtection"] = "jti".into();
                one["config"]["applications"][0]["accessToken"]["type"] = "opaque".into();
            },
            "no store that remembers tokens",
        ),
    ];
    for (change, expected) in cases {
        let found = problems(change);
        assert!(found.contains(expected), "wanted {expected:?}, found {found:?}");
    }
}
