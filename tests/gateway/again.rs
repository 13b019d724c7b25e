//! Issued tokens that are given out again: for whom, and until when.

use exchequer::{
    Answer, Client, Engine, Filter, Gateway, GatewayStep, HostCrypto, Need, Request, Timestamp,
};
use serde_json::{Value, json};

use crate::support::administered::{ADMIN, EXCHANGE};
use crate::support::fixtures;
use crate::support::foreign::foreign;
use crate::support::start::{JWKS, NOW, world};
use crate::support::world::{World, entropy};
use crate::{call, claims, cross, document, filter, forwarded, header, refused, remote, rules};
use crate::{token, with_token};

/// A gateway whose filter is changed, its engine, and its world.
pub(crate) fn with(change: impl FnOnce(&mut Value)) -> (Gateway, Engine, World) {
    let mut document = document(rules());
    change(&mut document);
    let mut filter: Filter = filter(&document).unwrap();
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    let gateway = Gateway::new(&mut filter, engine.clone()).unwrap();
    (gateway, engine, world())
}

/// The issued token that a request passes with.
fn passes(gateway: &Gateway, world: &mut World, request: &Request) -> String {
    header(&forwarded(cross(gateway, world, request)), "authorization").unwrap().into()
}

/// Seconds for which what is issued now is given out again.
fn given_out_for(gateway: &Gateway, world: &mut World, request: &Request) -> u64 {
    passes(gateway, world, request);
    // Without random bytes nothing is exchanged.
    let again = |after| gateway.cross(request, world.now.plus(after), || None).is_some();
    (1..10_000).find(|after| !again(*after)).unwrap() - 1
}

fn bearer(more: &Value) -> Request {
    with_token("/api", &foreign(more))
}

#[test]
fn the_same_token_again_is_not_exchanged_again() {
    let (gateway, engine, mut world) = with(|_| ());
    let request = with_token("/api", &token());
    let first = forwarded(cross(&gateway, &mut world, &request));
    let second = forwarded(cross(&gateway, &mut world, &request));
    assert_eq!(first.set, second.set);
    assert_eq!(second.audit, None, "nothing was decided anew");
    // Another rule is another exchange.
    let other = forwarded(cross(&gateway, &mut world, &with_token("/public/admin/x", &token())));
    assert_eq!(claims(&other)["aud"], "https://admin.example");
    let again = forwarded(cross(&gateway, &mut world, &request));
    assert_eq!(again.set, first.set, "the one does not push out the other");
    let figures = engine.token_caches().issued.unwrap();
    assert_eq!((figures.hits, figures.misses, figures.evictions), (2, 2, 0));
    assert!(figures.bytes > 0);
    // And so is every request when the token's own time is over.
    world.now = Timestamp(NOW + 365 * 24 * 3600);
    assert_eq!(refused(cross(&gateway, &mut world, &request)).reply.status, 401);
}

#[test]
fn without_the_configuration_every_token_is_exchanged() {
    let (gateway, engine, mut world) = with(|document| {
        document["config"].as_object_mut().unwrap().remove("caches");
    });
    let request = with_token("/api", &token());
    let first = forwarded(cross(&gateway, &mut world, &request));
    let second = forwarded(cross(&gateway, &mut world, &request));
    assert_ne!(first.set, second.set);
    assert!(second.audit.is_some());
    assert_eq!(engine.token_caches().issued, None);
}

#[test]
fn a_twin_of_a_known_token_does_not_pass() {
    let (gateway, _, mut world) = with(|_| ());
    let good = foreign(&json!({}));
    passes(&gateway, &mut world, &with_token("/api", &good));
    let at = good.rfind('.').unwrap() + 1;
    let first = if &good[at..=at] == "A" { "B" } else { "A" };
    let payload = good.find('.').unwrap() + 1;
    for twin in [
        format!("{}{first}{}", &good[..at], &good[at + 1..]),
        format!("{}{}", &good[..payload], &good[payload + 4..]),
        good[4..].into(),
        good[..good.len() - 6].into(),
        format!("{good}AAAA"),
    ] {
        let refused = refused(cross(&gateway, &mut world, &with_token("/api", &twin)));
        assert_eq!(refused.reply.status, 401, "{twin}");
    }
    // The characters of a token that is known were looked at before.
    let request = Request::new("GET", "/api").header("authorization", &format!("Bearer {good},x"));
    assert_eq!(refused(cross(&gateway, &mut world, &request)).reply.status, 400);
}

#[test]
fn it_is_given_out_until_a_margin_before_its_end() {
    let inline = |document: &mut Value| {
        let keys = fixtures::expand(&json!({ "jwks": { "$jwks": ["idp-es256"] } }));
        document["config"]["trustedTokenIssuers"][0]["certificate"] = keys;
    };
    let request = bearer(&json!({ "exp": NOW + 3500 }));
    for (lifetime, margin, expected) in [(600, 30, 569), (600, 100, 499), (100, 30, 79)] {
        let (gateway, _, mut world) = with(|document| {
            inline(document);
            let config = &mut document["config"];
            config["applications"][0]["accessToken"]["lifetimeSeconds"] = lifetime.into();
            config["caches"]["issuedTokens"]["marginSeconds"] = margin.into();
        });
        assert_eq!(given_out_for(&gateway, &mut world, &request), expected, "{lifetime} {margin}");
    }
}

#[test]
fn it_is_given_out_no_longer_than_the_token_it_was_issued_for_counts() {
    let inline = |document: &mut Value| {
        let config = &mut document["config"];
        let keys = fixtures::expand(&json!({ "jwks": { "$jwks": ["idp-es256"] } }));
        config["trustedTokenIssuers"][0]["certificate"] = keys;
        config["applications"][0]["accessToken"]["lifetimeSeconds"] = 3600.into();
        config["applications"][0]["accessToken"]["outliveSubject"] = true.into();
    };
    let (gateway, _, mut world) = with(inline);
    let request = bearer(&json!({ "exp": NOW + 100 }));
    assert_eq!(given_out_for(&gateway, &mut world, &request), 99, "it expires");

    let (gateway, _, mut world) = with(|document| {
        inline(document);
        document["config"]["trustedTokenIssuers"][0]["maxTokenAgeSeconds"] = 60.into();
    });
    // It is ten seconds old, and thirty are leeway.
    let request = bearer(&json!({ "exp": NOW + 3000 }));
    assert_eq!(given_out_for(&gateway, &mut world, &request), 80, "it is too old");
    world.now = Timestamp(NOW + 81);
    let refused = refused(cross(&gateway, &mut world, &request));
    assert_eq!(refused.reason, "subject_token.claim.iat.too_old");
}

#[test]
fn it_is_given_out_no_longer_than_the_issuers_keys_are_fresh() {
    let (gateway, _, mut world) = with(|document| {
        document["config"]["applications"][0]["accessToken"]["lifetimeSeconds"] = 3000.into();
    });
    let script = |answer: Value| serde_json::from_value(json!({ JWKS: [answer] })).unwrap();
    world.web.script(&script(json!({
        "headers": { "cache-control": "max-age=120" }, "body": { "$jwks": ["idp-es256"] },
    })));
    let request = bearer(&json!({ "exp": NOW + 3000 }));
    assert_eq!(given_out_for(&gateway, &mut world, &request), 119);
    // The key is withdrawn meanwhile: that is seen as early as without a cache.
    world.web.script(&script(json!({ "body": { "$jwks": ["idp-es256-next"] } })));
    world.now = Timestamp(NOW + 119);
    passes(&gateway, &mut world, &request);
    world.now = Timestamp(NOW + 120);
    let refused = refused(cross(&gateway, &mut world, &request));
    assert_eq!(refused.reason, "subject_token.key.not_found");
}

#[test]
fn it_is_not_kept_while_keys_are_past_their_time() {
    let (gateway, _, mut world) = with(|_| ());
    let request = bearer(&json!({ "exp": NOW + 3000 }));
    passes(&gateway, &mut world, &request);
    world.web.script(&serde_json::from_value(json!({ JWKS: ["unreachable"] })).unwrap());
    world.now = Timestamp(NOW + 3600);
    let request = bearer(&json!({ "exp": NOW + 9000, "iat": NOW + 3600 }));
    let first = passes(&gateway, &mut world, &request);
    assert_ne!(passes(&gateway, &mut world, &request), first);
}

#[test]
fn it_does_not_count_once_keys_have_changed() {
    let (gateway, engine, mut world) = with(|_| ());
    let request = with_token("/api", &token());
    passes(&gateway, &mut world, &request);
    let set = |name: &str| fixtures::expand(&json!({ "$jwks": [name] })).to_string();
    engine.supply_keys("https://idp.example", set("idp-es256-next"), world.now).unwrap();
    let refused = refused(cross(&gateway, &mut world, &request));
    assert_eq!(refused.reason, "subject_token.key.not_found");
}

#[test]
fn it_is_given_out_no_longer_than_the_issuers_certificate_is_valid() {
    let (gateway, _, mut world) = with(|document| {
        let config = &mut document["config"];
        config["trustedTokenIssuers"][0]["certificate"] = fixtures::expand(
            &json!({ "certificates": [{ "$certificate": "cert-es256-expired" }] }),
        );
        config["applications"][0]["accessToken"]["lifetimeSeconds"] = 3600.into();
    });
    // A hundred seconds before the certificate's last one.
    let now = 1_609_459_100;
    world.now = Timestamp(now);
    let request = bearer(&json!({ "iat": now, "exp": now + 3000 }));
    assert_eq!(given_out_for(&gateway, &mut world, &request), 100);
    world.now = Timestamp(now + 101);
    let refused = refused(cross(&gateway, &mut world, &request));
    assert_eq!(refused.reason, "subject_token.key.certificate_expired");
}

fn fetched(body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    Answer::Fetched { status: 200, cache_control: None, location: None, body }
}

#[test]
fn what_a_remote_service_issued_is_given_out_again_as_well() {
    let (gateway, mut world) = (crate::gateway(remote()), world());
    let request = with_token("/api", &token());
    let (waiting, _) = call(cross(&gateway, &mut world, &request));
    let issued = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 60 });
    forwarded(waiting.resume(fetched(&issued)).unwrap());
    assert_eq!(passes(&gateway, &mut world, &request), "Bearer opaque");
    world.now = Timestamp(NOW + 48);
    call(cross(&gateway, &mut world, &request));
}

/// The same with a store.
fn cross_with_store(
    gateway: &Gateway,
    engine: &Engine,
    world: &mut World,
    token: &str,
) -> GatewayStep {
    let mut step =
        gateway.cross(&with_token("/api", token), world.now, || Some(entropy())).unwrap();
    loop {
        let GatewayStep::Wait(waiting) = step else { return step };
        let Need::Ask(ask) = waiting.need() else { panic!("a call") };
        let answer = world.answer(engine, ask);
        step = waiting.resume(answer).unwrap();
    }
}

#[test]
fn an_issued_token_is_looked_up_every_time() {
    let (gateway, engine, mut world) = with(|document| {
        let application = &mut document["config"]["applications"][0];
        application["type"] = "web".into();
        application["clientSecret"] = "edge-secret-for-tests".into();
    });
    let mut bearer = |token: &str| match cross_with_store(&gateway, &engine, &mut world, token) {
        GatewayStep::Forward(forward) => {
            Ok(header(&forward, "authorization").unwrap()["Bearer ".len()..].to_string())
        }
        GatewayStep::Refuse(refused) => Err(refused.reason),
        GatewayStep::Wait(_) | GatewayStep::Answer(_) => panic!("it waits"),
    };
    let issued = bearer(&foreign(&json!({}))).unwrap();
    let first = bearer(&issued).unwrap();
    assert_ne!(bearer(&issued).unwrap(), first);
    let revoke = engine.revoke(Client::embedder("edge"), issued.clone(), Timestamp(NOW), entropy());
    world.drive(&engine, revoke).result.unwrap();
    let again = cross_with_store(&gateway, &engine, &mut world, &issued);
    assert_eq!(refused(again).reason, "subject_token.unknown");
}

/// A gateway whose engine has another configuration than its filter, as a Rust host
/// may have it: this document, caches, and a store.
fn with_engine(document: &Value, gateway: Value) -> (Gateway, Engine, World) {
    let config = fixtures::config(&fixtures::expand(document)).administered_by(ADMIN).unwrap();
    let engine = Engine::new(config, HostCrypto::default());
    let mut filter: Filter = filter(&crate::document(gateway)).unwrap();
    (Gateway::new(&mut filter, engine.clone()).unwrap(), engine, world())
}

#[cfg(feature = "admin")]
fn administer(world: &mut World, engine: &Engine, method: &str, path: &str, body: &Value) -> Value {
    let request = Request::new(method, path)
        .header("authorization", &format!("Bearer {ADMIN}"))
        .header("content-type", "application/json");
    let reply = world.handle(engine, request.body(fixtures::expand(body).to_string()));
    assert!(reply.status < 300, "{}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
}

fn issuer() -> Value {
    json!({
        "name": "Acme", "issuer": "https://idp.example",
        "certificate": { "jwks": { "$jwks": ["idp-es256"] } },
    })
}

fn edge() -> Value {
    json!({
        "name": "Edge", "clientId": "edge", "type": "web", "clientSecret": "edge-secret-for-tests",
        "grantTypes": [EXCHANGE], "trustedTokenIssuers": ["Acme"],
        "audiences": ["https://api.example"], "scopes": ["read"],
    })
}

#[cfg(feature = "admin")]
#[test]
fn what_the_store_had_a_part_in_is_looked_up_every_time() {
    let document = json!({
        "issuer": "https://sts.example", "keys": [{ "$key": "ours" }],
        "caches": { "issuedTokens": {} },
    });
    let (gateway, engine, mut world) = with_engine(&document, rules());
    let issuers = "/api/server/v1/trusted-token-issuers";
    let made = administer(&mut world, &engine, "POST", issuers, &issuer());
    administer(&mut world, &engine, "POST", "/api/server/v1/applications", &edge());
    let token = foreign(&json!({}));
    // The second time issuer and application are known without an ask.
    for _ in 0..2 {
        forwarded(cross_with_store(&gateway, &engine, &mut world, &token));
    }
    let path = format!("{issuers}/{}", made["id"].as_str().unwrap());
    let disable = json!([{ "operation": "REPLACE", "path": "/isEnabled", "value": false }]);
    administer(&mut world, &engine, "PATCH", &path, &disable);
    let again = cross_with_store(&gateway, &engine, &mut world, &token);
    assert_eq!(refused(again).reason, "subject_token.issuer.disabled");
}

#[test]
fn a_token_that_counts_once_is_sent_to_the_remote_service_every_time() {
    let mut issuer = issuer();
    issuer["replayProtection"] = "jti".into();
    let document = json!({
        "issuer": "https://sts.example", "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [issuer], "applications": [edge()],
        "caches": { "issuedTokens": {} },
    });
    let (gateway, _, mut world) = with_engine(&document, remote());
    let request = bearer(&json!({ "jti": "only" }));
    for _ in 0..2 {
        let (waiting, _) = call(cross(&gateway, &mut world, &request));
        let issued = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 60 });
        forwarded(waiting.resume(fetched(&issued)).unwrap());
    }
}
