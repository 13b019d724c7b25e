//! The caches of tokens: the same token again costs no signature, and everything
//! else is checked as if there were no cache.
//!
//! The host verifies here, so that every signature is an ask that is counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "caches/changes.rs"]
mod changes;
#[path = "caches/server.rs"]
mod server;
mod support;
#[path = "caches/twins.rs"]
mod twins;

use serde_json::json;

use server::{Server, WEB, document};
use support::foreign::foreign;
use support::start::NOW;

#[test]
fn the_same_token_again_is_not_verified_again() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    for _ in 0..3 {
        sts.granted(&token);
    }
    assert_eq!(sts.world.verifications, 1);
    sts.granted(&foreign(&json!({ "sub": "x-2" })));
    assert_eq!(sts.world.verifications, 2);
}

#[test]
fn without_the_configuration_every_token_is_verified() {
    let mut document = document();
    document.as_object_mut().unwrap().remove("caches");
    let mut sts = Server::new(&document);
    let token = foreign(&json!({}));
    for _ in 0..3 {
        sts.granted(&token);
    }
    assert_eq!(sts.world.verifications, 3);
    assert_eq!(sts.engine.token_caches(), exchequer::TokenCaches::default());
    assert!(!sts.metrics().contains("token_cache"));
}

#[test]
fn a_token_that_was_rejected_is_not_kept() {
    let mut sts = Server::new(&document());
    let good = foreign(&json!({}));
    let bad = twins::with_bit_of_signature(&good);
    for _ in 0..3 {
        let before = sts.world.verifications;
        sts.refused(&bad, "subject_token.signature.rejected");
        assert!(sts.world.verifications > before);
    }
}

#[test]
fn an_actor_token_again_is_not_verified_again() {
    let mut sts = Server::new(&document());
    let (subject, actor) = (foreign(&json!({})), foreign(&json!({ "sub": "x-2" })));
    for _ in 0..3 {
        let reply = sts.exchange_with(
            &subject,
            &[("actor_token", &actor), ("actor_token_type", support::administered::JWT)],
        );
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    assert_eq!(sts.world.verifications, 2);
}

#[test]
fn times_are_checked_every_time() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({ "exp": NOW + 100, "nbf": NOW }));
    sts.granted(&token);
    // 30 seconds are leeway.
    sts.world.now.0 = NOW + 130;
    sts.refused(&token, "subject_token.claim.exp.expired");
    sts.world.now.0 = NOW - 31;
    sts.refused(&token, "subject_token.claim.nbf.early");
    sts.world.now.0 = NOW;
    sts.granted(&token);
    let old = foreign(&json!({ "exp": NOW + 10_000 }));
    sts.granted(&old);
    sts.world.now.0 = NOW + 3600 + 30;
    sts.refused(&old, "subject_token.claim.iat.too_old");
    assert_eq!(sts.world.verifications, 2);
}

#[test]
fn what_an_application_may_have_is_checked_every_time() {
    let mut sts = Server::new(&document());
    let token = foreign(&json!({}));
    sts.granted(&token);
    let scope = sts.exchange_with(&token, &[("scope", "admin")]);
    assert_eq!(scope.body["error"], "invalid_scope");
    let audience = sts.exchange_with(&token, &[("audience", "https://elsewhere.example")]);
    assert_eq!(audience.body["error"], "invalid_target");
    let other = sts.exchange_as(("stranger", "stranger-secret-for-tests"), &token, &[]);
    assert_eq!(other.reason.as_deref(), Some("subject_token.issuer.not_allowed"));
    assert_eq!(sts.world.verifications, 1);
}

#[test]
fn a_token_that_counts_once_counts_once_and_is_not_kept() {
    let mut document = document();
    document["trustedTokenIssuers"][0]["replayProtection"] = "jti".into();
    let mut sts = Server::new(&document);
    let token = foreign(&json!({ "jti": "only" }));
    sts.granted(&token);
    sts.refused(&token, "subject_token.replay.seen");
    assert_eq!(sts.world.verifications, 2);
    assert_eq!(sts.engine.token_caches().verified.unwrap().bytes, 0);
}

#[test]
fn an_issued_token_is_verified_once_and_looked_up_every_time() {
    let mut sts = Server::new(&document());
    let issued = sts.granted(&foreign(&json!({})));
    let verified = sts.world.verifications;
    for _ in 0..3 {
        assert!(sts.authenticate(&issued).is_ok());
        assert_eq!(sts.introspect(&issued)["active"], true);
        let again = sts.exchange_with(&issued, &[]);
        assert_eq!(again.status, 200, "{}", again.body);
    }
    assert_eq!(sts.world.verifications, verified + 1);
    assert_eq!(
        sts.authenticate(&twins::with_bit_of_signature(&issued)).unwrap_err().reason(),
        Some("signature.rejected")
    );
    sts.revoke(&issued);
    assert_eq!(sts.authenticate(&issued).unwrap_err().reason(), Some("unknown"));
    assert_eq!(sts.introspect(&issued)["active"], false);

    let issued = sts.granted(&foreign(&json!({})));
    assert!(sts.authenticate(&issued).is_ok());
    sts.world.now.0 = NOW + 600;
    assert_eq!(sts.authenticate(&issued).unwrap_err().reason(), Some("claim.exp.expired"));
}

#[test]
fn an_issued_token_counts_for_no_other_server() {
    let mut sts = Server::new(&document());
    let issued = sts.granted(&foreign(&json!({})));
    assert!(sts.authenticate(&issued).is_ok());
    // The configuration is another one: the engine is, too, and begins with nothing.
    let mut changed = document();
    changed["keys"] = json!([{ "$key": "rfc8037-a" }]);
    sts.restart(&changed);
    assert_eq!(sts.authenticate(&issued).unwrap_err().reason(), Some("key.not_found"));
    sts.restart(&document());
    let before = sts.world.verifications;
    assert!(sts.authenticate(&issued).is_ok());
    assert_eq!(sts.world.verifications, before + 1);
}

#[test]
fn hits_misses_evictions_and_bytes_are_in_the_metrics() {
    let mut document = document();
    document["caches"]["verifiedTokens"]["maxBytes"] = 65_536.into();
    let mut sts = Server::new(&document);
    let token = foreign(&json!({}));
    for _ in 0..3 {
        sts.granted(&token);
    }
    let figures = sts.engine.token_caches().verified.unwrap();
    assert_eq!((figures.hits, figures.misses, figures.evictions), (2, 1, 0));
    assert!(figures.bytes > token.len() as u64);
    let text = sts.metrics();
    for line in [
        "# TYPE exchequer_token_cache_hits_total counter".into(),
        "exchequer_token_cache_hits_total{cache=\"verified\"} 2".into(),
        "exchequer_token_cache_misses_total{cache=\"verified\"} 1".into(),
        "exchequer_token_cache_evictions_total{cache=\"verified\"} 0".into(),
        format!("exchequer_token_cache_bytes{{cache=\"verified\"}} {}", figures.bytes),
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("cache=\"issued\""), "only a gateway has it");
    assert!(!text.contains(&token[token.len() - 20..]));
    for number in 0..200 {
        sts.granted(&foreign(&json!({ "sub": format!("user-{number}") })));
    }
    let figures = sts.engine.token_caches().verified.unwrap();
    assert!(figures.evictions > 0 && figures.bytes <= 65_536, "{figures:?}");
    assert_eq!(sts.exchange_as(WEB, &token, &[]).status, 200);
}
