//! What the trace says of an issuer's keys: what was found, what was expected.

use exchequer::{Check, Engine, Reply};
use serde_json::{Value, json};

use crate::support::fixtures;
use crate::support::start::{JWKS, NOW, exchange, request, standard, world};
use crate::support::world::World;

/// The reply to an exchange while the URL of the keys answers this.
fn answered(answer: &Value) -> Reply {
    let mut world = world();
    world.web.script(&serde_json::from_value(json!({ JWKS: [answer] })).unwrap());
    world.handle(&standard(), exchange())
}

fn last(reply: &Reply) -> Check {
    reply.audit.as_ref().unwrap().checks.checks().last().unwrap()
}

fn detail(reply: &Reply) -> String {
    last(reply).detail.unwrap_or_default()
}

fn check(reply: &Reply, code: &str) -> Check {
    let checks = &reply.audit.as_ref().unwrap().checks;
    checks.checks().find(|check| check.code == code).unwrap_or_else(|| panic!("{checks:?}"))
}

#[test]
fn what_could_not_be_reached_is_said_with_its_url_and_why() {
    for (answer, code, expected, said) in [
        (
            json!("unreachable"),
            "",
            "could not be connected to, or broke off",
            "could not be connected to, or broke off",
        ),
        (
            json!("unresolved"),
            ".name",
            "has a host name that could not be resolved",
            "the name of their server",
        ),
        (
            json!("untrusted"),
            ".certificate",
            "has a TLS certificate that is not trusted here",
            "the TLS certificate of their server",
        ),
        (
            json!("proxy"),
            ".proxy",
            "could not be reached through the proxy of the environment",
            "the proxy of this server",
        ),
        (json!("timedOut"), ".timeout", "did not answer within 1000 ms", "did not answer in time"),
        (json!("unsupported"), ".host", "is not available on this host", "does not fetch"),
        (json!({ "status": 502 }), ".status", "answered with status 502", "answered with an error"),
        (
            json!({ "status": 404, "text": "<html>" }),
            ".status",
            "answered with status 404",
            "error",
        ),
    ] {
        let reply = answered(&answer);
        assert_eq!(last(&reply).code, format!("subject_token.key.unavailable{code}"), "{answer}");
        assert_eq!(detail(&reply), format!("{JWKS} {expected}"));
        assert_eq!(reply.status, 503);
        let message = reply.audit.as_ref().unwrap().message.clone().unwrap();
        assert!(message.contains(said), "{message}");
        assert!(!message.contains("idp.example"), "{message}");
    }
}

#[test]
fn every_cause_names_its_own_setting_in_the_remedy() {
    for (code, setting) in [
        ("key.unavailable.timeout", "readTimeoutMs"),
        ("key.unavailable.certificate", "NODE_EXTRA_CA_CERTS"),
        ("key.unavailable.proxy", "HTTPS_PROXY"),
        ("key.document_unusable", "jwksUri"),
        ("key.document_of_another_issuer", "jwksUri"),
        ("key.document_too_long", "512 KiB"),
    ] {
        let reason = exchequer::reason::ALL.iter().find(|one| one.code == code).unwrap();
        assert!(format!("{} {}", reason.cause, reason.remedy).contains(setting), "{code}");
        let is_lasting = code.starts_with("key.document");
        assert!(!(is_lasting && reason.remedy.contains("Try again")), "{code}");
    }
}

#[test]
fn what_is_no_key_set_is_said_with_what_it_is() {
    let discovery = json!({ "issuer": "https://idp.example", "jwks_uri": "https://idp.example/k" });
    let not_expected = "document_unusable";
    for (answer, code, expected) in [
        (json!("tooLarge"), "document_too_long", "is longer than 512 KiB"),
        (json!({ "text": "" }), not_expected, "is empty"),
        (json!({ "text": "<!DOCTYPE html>" }), not_expected, "is not JSON but HTML or XML"),
        (json!({ "text": "keys: none" }), not_expected, "is not JSON"),
        (json!({ "body": {} }), not_expected, "is not a JWK set: it has no list `keys`"),
        (
            json!({ "body": { "k1": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" } }),
            not_expected,
            "is not a JWK set but certificates by name, as Google has them at `/oauth2/v1/certs`: expected the URL of a JWK set, such as `/oauth2/v3/certs`",
        ),
        (
            json!({ "body": discovery }),
            not_expected,
            "is not a JWK set but a discovery document: its `jwks_uri` is the URL of the set",
        ),
        (
            json!({ "status": 302, "headers": { "location": "https://login.example/?next=%2Fjwks" } }),
            "document_elsewhere",
            "redirects to `https://login.example/?next=%2Fjwks`: only redirects to the same host are followed",
        ),
        (
            json!({ "status": 302, "headers": { "location": "/jwks" } }),
            "document_elsewhere",
            "redirects more than 3 times",
        ),
    ] {
        let reply = answered(&answer);
        assert_eq!(last(&reply).code, format!("subject_token.key.{code}"), "{answer}");
        assert_eq!(detail(&reply), format!("{JWKS} {expected}"));
        assert_eq!(reply.status, 503);
        let message = reply.audit.as_ref().unwrap().message.clone().unwrap();
        assert!(message.contains("the issuer's keys cannot be used"), "{message}");
        assert!(!message.contains("try again") && !message.contains("temporarily"), "{message}");
    }
}

#[test]
fn within_a_second_of_a_failure_the_same_is_said_again() {
    let (engine, mut world) = (standard(), world());
    let web = json!({ JWKS: [{ "text": "<html>" }, "unreachable"] });
    world.web.script(&serde_json::from_value(web).unwrap());
    let first = world.handle(&engine, exchange());
    let again = world.handle(&engine, exchange());
    assert_eq!(last(&first), last(&again));
    assert_eq!(world.web.fetched, [JWKS]);
    world.now.0 += 1;
    assert_eq!(last(&world.handle(&engine, exchange())).code, "subject_token.key.unavailable");
}

const DISCOVERED: &str = "https://disco.example";
const DOCUMENT: &str = "https://disco.example/.well-known/openid-configuration";

fn discovered(answer: &Value) -> Reply {
    let engine =
        crate::support::start::engine(&json!("discovery"), exchequer::HostCrypto::default());
    let mut world = World::at(NOW);
    world.web.script(&serde_json::from_value(json!({ DOCUMENT: [answer] })).unwrap());
    world.handle(&engine, request("fetch/discovery.json"))
}

#[test]
fn of_a_discovery_document_it_is_said_what_was_found_and_what_was_expected() {
    let keys = "https://disco.example/keys";
    for (body, expected) in [
        (
            json!({ "issuer": "https://disco.example/tenant/v2.0/", "jwks_uri": keys }),
            "is of the `issuer` `https://disco.example/tenant/v2.0/`: expected exactly `https://disco.example`",
        ),
        (json!({ "jwks_uri": keys }), "is not a discovery document: it names no `issuer`"),
        (json!({ "issuer": DISCOVERED }), "has no `jwks_uri`"),
        (
            json!({ "issuer": DISCOVERED, "jwks_uri": "https://10.0.0.1/keys" }),
            "has the `jwks_uri` `https://10.0.0.1/keys`, which is on this machine or in a private network, and the issuer is not",
        ),
    ] {
        let reply = discovered(&json!({ "body": body }));
        let another = body["issuer"].is_string() && body["issuer"] != DISCOVERED;
        let code = if another { "document_of_another_issuer" } else { "document_unusable" };
        assert_eq!(last(&reply).code, format!("subject_token.key.{code}"), "{body}");
        assert_eq!(detail(&reply), format!("{DOCUMENT} {expected}"));
    }
    let reply = discovered(&json!({ "status": 500 }));
    assert_eq!(last(&reply).code, "subject_token.key.unavailable.status");
}

#[test]
fn an_issuer_that_differs_in_a_slash_or_in_letter_case_is_named() {
    for (case, seen) in [
        ("issuer/trailing-slash.json", "https://idp.example/"),
        ("issuer/upper-case-host.json", "https://IDP.example"),
    ] {
        let reply = world().handle(&standard(), request(case));
        assert_eq!(last(&reply).code, "subject_token.issuer.unknown");
        assert_eq!(
            detail(&reply),
            format!(
                "`{seen}`; registered is `https://idp.example`: they differ in letter case or in slashes at the end"
            )
        );
    }
    let reply = world().handle(&standard(), request("issuer/subdomain-of-attacker.json"));
    assert!(!detail(&reply).contains("registered"), "{}", detail(&reply));
}

/// A set of a good key and others.
fn set(others: &Value) -> Value {
    let mut set = fixtures::expand(&json!({ "$jwks": ["idp-es256"] }));
    set["keys"].as_array_mut().unwrap().extend(others.as_array().unwrap().iter().cloned());
    json!({ "body": set })
}

#[test]
fn a_broken_key_is_named_where_another_was_used() {
    let broken = json!([{ "kty": "EC", "crv": "P-256", "kid": "half", "x": "AA" }]);
    let reply = answered(&set(&broken));
    assert_eq!(reply.status, 200);
    assert_eq!(
        check(&reply, "subject_token.signature").detail.as_deref(),
        Some("not used: key 1 (`kid` `half`): `y` is missing")
    );
    // What is for something else is in order, and not worth a word.
    let other = json!([{ "kty": "RSA", "use": "enc" }, { "kty": "RSA", "alg": "RSA-OAEP" }]);
    let reply = answered(&set(&other));
    assert_eq!(check(&reply, "subject_token.signature").detail, None);
}

#[test]
fn a_token_without_a_key_is_told_which_keys_are_not_used() {
    let mut world = world();
    let web = json!({ JWKS: [{ "body": fixtures::expand(&json!({
        "keys": [{ "$public": "idp-es256", "use": "enc" }, { "$public": "idp-rs2048" }],
    })) }] });
    world.web.script(&serde_json::from_value(web).unwrap());
    let reply = world.handle(&standard(), exchange());
    assert_eq!((reply.status, &*last(&reply).code), (400, "subject_token.key.skipped"));
    assert_eq!(
        detail(&reply),
        "the issuer's key that the token names, `idp-es256`, is not used: its `use` is `enc`, not `sig`"
    );
}

#[test]
fn an_expired_certificate_is_named_where_another_was_used() {
    let config = json!({
        "issuer": "https://sts.example",
        "keys": [{ "$key": "ours" }],
        "trustedTokenIssuers": [{
            "name": "Acme",
            "issuer": "https://idp.example",
            "certificate": { "certificates": [
                { "$certificate": "cert-es256-expired" }, { "$certificate": "cert-es256" },
            ] },
        }],
        "applications": [{
            "clientId": "web",
            "clientSecret": "web-secret-for-tests",
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "trustedTokenIssuers": ["Acme"],
        }],
    });
    let engine: Engine = crate::support::start::engine(&config, exchequer::HostCrypto::default());
    let reply = World::at(NOW).handle(&engine, exchange());
    assert_eq!(reply.status, 200);
    assert_eq!(
        check(&reply, "subject_token.signature").detail.as_deref(),
        Some("not used: certificates that are not valid now (1)")
    );
}
