//! Requests with the scheme `DPoP`: the gateway checks who has the key of the
//! token that it exchanges (RFC 9449 section 7.1).

use exchequer::{Gateway, Request};
use serde_json::{Value, json};

use crate::proofs::Proof;
use crate::support::foreign::foreign;
use crate::support::start::{NOW, world};
use crate::support::world::World;
use crate::{challenge, cross, document, filter, forwarded, gateway, header, refused, rules};
use crate::{with, with_token};

const ORIGIN: &str = "https://api.example";
const URL: &str = "https://api.example/api/orders";

fn with_origin() -> Value {
    let mut rules = rules();
    rules["origin"] = ORIGIN.into();
    rules
}

fn bound() -> String {
    foreign(&json!({ "cnf": { "jkt": Proof::thumbprint("robot-es256") } }))
}

fn request(token: &str, proofs: &[&Proof]) -> Request {
    let request =
        Request::new("GET", "/api/orders?x=1").header("authorization", &format!("DPoP {token}"));
    proofs.iter().fold(request, |request, proof| request.header("dpop", &proof.signed()))
}

fn proof(token: &str) -> Proof {
    Proof::to("GET", URL).of_token(token)
}

fn refusal(gateway: &Gateway, world: &mut World, request: &Request) -> (u16, String) {
    let refused = refused(cross(gateway, world, request));
    assert!(challenge(&refused).starts_with("DPoP realm=\"gateway\""), "{}", challenge(&refused));
    (refused.reply.status, refused.reason)
}

#[test]
fn a_bound_token_passes_with_a_proof_of_its_key_and_what_is_issued_is_bound() {
    let (gateway, mut world) = (gateway(with_origin()), world());
    let token = bound();
    let forward = forwarded(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
    let issued = header(&forward, "authorization").unwrap().strip_prefix("DPoP ").unwrap();
    assert_eq!(crate::payload(issued)["cnf"]["jkt"], Proof::thumbprint("robot-es256"));
}

#[test]
fn a_bound_token_does_not_pass_without_its_key() {
    let (gateway, mut world) = (gateway(with_origin()), world());
    let token = bound();
    let mut said = |request: &Request| refusal(&gateway, &mut world, request);
    let bearer = with_token("/api/orders", &token);
    assert_eq!(said(&bearer), (401, "subject_token.binding.no_proof".into()));
    let good = proof(&token);
    for (proofs, reason) in [
        (vec![], "dpop.shape.not_compact"),
        (vec![&good, &good], "dpop.several"),
        (vec![&good.clone().by("machine-es256")], "subject_token.binding.other_key"),
        (vec![&proof("another token")], "dpop.claim.ath.mismatch"),
        (vec![&Proof::to("POST", URL).of_token(&token)], "dpop.claim.htm.mismatch"),
        (
            vec![&Proof::to("GET", "https://evil.example/api/orders").of_token(&token)],
            "dpop.claim.htu.mismatch",
        ),
        (vec![&good.clone().at(NOW - 120)], "dpop.claim.iat.too_old"),
    ] {
        assert_eq!(said(&request(&token, &proofs)), (401, reason.into()));
    }
    // What `Host` says is the sender's word.
    let evil = Proof::to("GET", "https://evil.example/api/orders").of_token(&token);
    let evil = request(&token, &[&evil]).header("host", "evil.example");
    assert_eq!(said(&evil), (401, "dpop.claim.htu.mismatch".into()));
}

#[test]
fn an_unbound_token_is_no_dpop_token() {
    let (gateway, mut world) = (gateway(with_origin()), world());
    let token = foreign(&json!({}));
    // Also not where it is known already.
    forwarded(cross(&gateway, &mut world, &with_token("/api/orders", &token)));
    let said = refusal(&gateway, &mut world, &request(&token, &[&proof(&token)]));
    assert_eq!(said, (401, "subject_token.binding.missing".into()));
}

#[test]
fn anybodys_key_does_not_take_the_place_of_the_tokens() {
    let (gateway, _, mut world) = with(|document| {
        document["gateway"]["origin"] = ORIGIN.into();
        document["config"]["applications"][0]["dpop"] = json!({ "rebind": true });
    });
    let token = bound();
    let stolen = proof(&token).by("machine-es256");
    let said = refusal(&gateway, &mut world, &request(&token, &[&stolen]));
    assert_eq!(said, (401, "subject_token.binding.other_key".into()));
    forwarded(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
}

#[test]
fn where_the_binding_is_ignored_a_proof_that_comes_has_to_be_of_the_key() {
    let (gateway, _, mut world) = with(|document| {
        document["gateway"]["origin"] = ORIGIN.into();
        document["config"]["trustedTokenIssuers"][0]["boundTokens"] = "ignore".into();
    });
    let token = bound();
    let forward = forwarded(cross(&gateway, &mut world, &with_token("/api/orders", &token)));
    let issued = header(&forward, "authorization").unwrap().strip_prefix("Bearer ").unwrap();
    assert_eq!(crate::payload(issued)["cnf"], Value::Null);
    let checks: Vec<_> = forward.audit.unwrap().checks.checks().map(|one| one.code).collect();
    assert!(checks.contains(&"subject_token.binding.ignored".into()), "{checks:?}");

    let said =
        refusal(&gateway, &mut world, &request(&token, &[&proof(&token).by("machine-es256")]));
    assert_eq!(said, (401, "subject_token.binding.other_key".into()));
    let forward = forwarded(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
    let issued = header(&forward, "authorization").unwrap().strip_prefix("DPoP ").unwrap();
    assert_eq!(crate::payload(issued)["cnf"]["jkt"], Proof::thumbprint("robot-es256"));
}

#[test]
fn what_was_issued_for_a_bound_token_is_not_given_out_again() {
    let (gateway, mut world) = (gateway(with_origin()), world());
    let token = bound();
    forwarded(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
    let bearer = with_token("/api/orders", &token);
    assert_eq!(refusal(&gateway, &mut world, &bearer).0, 401);
    let stolen = proof(&token).by("machine-es256");
    assert_eq!(refusal(&gateway, &mut world, &request(&token, &[&stolen])).0, 401);
}

#[test]
fn a_gateway_that_demands_bound_tokens_lets_no_bearer_token_in() {
    let (gateway, _, mut world) = with(|document| {
        document["gateway"]["origin"] = ORIGIN.into();
        document["config"]["applications"][0]["dpop"] = json!({ "required": true });
    });
    let bearer = with_token("/api/orders", &foreign(&json!({})));
    assert_eq!(refusal(&gateway, &mut world, &bearer), (401, "dpop.missing".into()));
    let token = bound();
    forwarded(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
}

#[test]
fn a_gateway_gives_out_the_nonce_that_its_application_needs() {
    let (gateway, _, mut world) = with(|document| {
        document["gateway"]["origin"] = ORIGIN.into();
        document["config"]["applications"][0]["dpop"] = json!({ "nonce": "required" });
    });
    let token = bound();
    let mut nonce_of = |proof: &Proof| {
        let refused = refused(cross(&gateway, &mut world, &request(&token, &[proof])));
        let told = "DPoP realm=\"gateway\", error=\"use_dpop_nonce\"";
        assert!(challenge(&refused).starts_with(told), "{}", challenge(&refused));
        assert_eq!((refused.reply.status, &*refused.reason), (401, "dpop.nonce.required"));
        let mut found = refused.reply.headers.iter().filter(|(name, _)| *name == "dpop-nonce");
        let nonce = found.next().unwrap().1.clone();
        assert!(found.next().is_none(), "one nonce");
        nonce
    };
    let nonce = nonce_of(&proof(&token));
    assert_eq!(nonce_of(&proof(&token).with_nonce("AAAA")), nonce);
    let good = proof(&token).with_nonce(&nonce);
    forwarded(cross(&gateway, &mut world, &request(&token, &[&good])));
    // Bearer tokens have no proof.
    forwarded(cross(&gateway, &mut world, &with_token("/api/orders", &foreign(&json!({})))));
}

#[test]
fn a_gateway_that_does_not_know_its_origin_takes_no_proofs() {
    let (gateway, mut world) = (gateway(rules()), world());
    let token = bound();
    let refused = refused(cross(&gateway, &mut world, &request(&token, &[&proof(&token)])));
    assert_eq!((refused.reply.status, &*refused.reason), (401, "gateway.token.missing"));
    for wrong in
        ["api.example", "https://api.example/", "https://api.example/x", "https://", "https://a@b"]
    {
        let mut rules = rules();
        rules["origin"] = wrong.into();
        assert!(filter(&document(rules)).is_err(), "{wrong}");
    }
}
