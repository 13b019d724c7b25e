//! Tokens that are bound to a key, where they are used (RFC 9449 section 7): at an
//! API, at this server's own, and on a host without a store. What the token
//! endpoint does is in `tests/vectors/dpop`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "dpop/proofs.rs"]
mod proofs;
#[path = "dpop/server.rs"]
mod server;
mod support;

use base64ct::{Base64, Encoding};
use exchequer::{AccessCredentials, Answer, Ask, DpopProof, Failed, Request, Step};
use serde_json::{Value, json};

use proofs::Proof;
use server::Server;
use support::administered::ADMIN;
use support::start::NOW;
use support::world::entropy;

const US: &str = "https://sts.example/base";
const API: &str = "https://api.example/orders";

fn document() -> Value {
    json!({
        "issuer": US,
        "keys": [{ "$key": "ours" }],
        "applications": [
            { "clientId": "job", "clientSecret": "job-secret-for-tests",
              "grantTypes": ["client_credentials"], "scopes": ["exchequer:admin", "read"],
              "defaultScopes": ["exchequer:admin"], "resources": ["https://api.example"] },
            { "clientId": "strict", "clientSecret": "strict-secret-for-tests",
              "grantTypes": ["client_credentials"], "dpop": { "required": true } },
        ],
    })
}

fn proof_of(token: &str) -> Proof {
    Proof::to("GET", API).of_token(token)
}

fn refused<T>(code: &str, reason: &str) -> Result<T, (String, String)> {
    Err((code.into(), reason.into()))
}

#[test]
fn a_bound_token_lets_in_whoever_has_its_key_once_for_each_proof() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let proof = proof_of(&token);
    assert_eq!(sts.with(&token, &proof), Ok("job".into()));
    assert_eq!(sts.with(&token, &proof), refused("invalid_dpop_proof", "replay.seen"));
    assert_eq!(sts.with(&token, &proof_of(&token)), Ok("job".into()));
}

#[test]
fn a_proof_counts_once_whatever_its_client_calls_it() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let long = "a".repeat(65);
    let names = ["a", "A", "a.b", "a/b", "../link/a", "a b", "a\nb", "\u{e4}", &long, &long[1..]];
    for name in names {
        assert_eq!(
            sts.with(&token, &proof_of(&token).saying("jti", name.into())),
            Ok("job".into()),
            "{name:?}"
        );
    }
    for name in names {
        let again = sts.with(&token, &proof_of(&token).saying("jti", name.into()));
        assert_eq!(again, refused("invalid_dpop_proof", "replay.seen"), "{name:?}");
    }
}

#[test]
fn each_thing_that_is_wrong_keeps_a_bound_token_out() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let bearer = sts.authenticate(token.clone().into());
    assert_eq!(bearer, refused("invalid_token", "binding.no_proof"));
    for (proof, code, reason) in [
        (proof_of(&token).by("machine-es256"), "invalid_token", "binding.other_key"),
        (proof_of("another token"), "invalid_dpop_proof", "claim.ath.mismatch"),
        (Proof::to("GET", API), "invalid_dpop_proof", "claim.ath.mismatch"),
        (Proof::to("POST", API).of_token(&token), "invalid_dpop_proof", "claim.htm.mismatch"),
        (
            Proof::to("GET", "https://api.example/other").of_token(&token),
            "invalid_dpop_proof",
            "claim.htu.mismatch",
        ),
        (proof_of(&token).at(NOW - 120), "invalid_dpop_proof", "claim.iat.too_old"),
        (proof_of(&token).at(NOW + 120), "invalid_dpop_proof", "claim.iat.future"),
    ] {
        assert_eq!(sts.with(&token, &proof), refused(code, reason));
    }
    let (status, unbound) = sts.token("job", None);
    assert_eq!(status, 200);
    let unbound = unbound["access_token"].as_str().unwrap();
    assert_eq!(sts.with(unbound, &proof_of(unbound)), refused("invalid_token", "binding.missing"));
}

/// The header is read once for all the proofs of a client. Nothing else is.
#[test]
fn a_proof_whose_header_was_seen_is_verified_all_the_same() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    assert_eq!(sts.with(&token, &proof_of(&token)), Ok("job".into()));
    let mut present = |jwt: String| {
        let proof = DpopProof::new(jwt, "GET", API);
        sts.authenticate(AccessCredentials::with_dpop(&token, proof))
    };
    let (one, other) = (proof_of(&token).signed(), proof_of(&token).signed());
    let (signed, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let spliced = present(format!("{signed}.{signature}"));
    assert_eq!(spliced, refused("invalid_dpop_proof", "signature.rejected"));
    let late = present(proof_of(&token).at(NOW - 120).signed());
    assert_eq!(late, refused("invalid_dpop_proof", "claim.iat.too_old"));
    assert_eq!(present(one), Ok("job".into()));
}

#[test]
fn a_proof_for_a_token_that_does_not_count_is_not_spent() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let proof = proof_of(&token).by("machine-es256");
    for _ in 0..2 {
        assert_eq!(sts.with(&token, &proof), refused("invalid_token", "binding.other_key"));
    }
}

#[test]
fn an_api_says_in_its_challenge_what_it_takes() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let bearer = Request::new("GET", "/orders").header("authorization", &format!("Bearer {token}"));
    let (status, said) = sts.protect(bearer, Some("https://api.example"));
    assert_eq!(status, 401);
    assert!(said.starts_with("DPoP realm=\"api\", error=\"invalid_token\""), "{said}");
    assert!(said.ends_with(", algs=\"ES256 ES384 ES512 EdDSA PS256 PS384 PS512\""), "{said}");

    let request = |scheme: &str, proofs: &[String]| {
        let request = Request::new("GET", "/orders?a=b")
            .header("authorization", &format!("{scheme} {token}"));
        proofs.iter().fold(request, |request, proof| request.header("dpop", proof))
    };
    let proof = || proof_of(&token).signed();
    for scheme in ["DPoP", "dpop", "dPOp"] {
        let (status, _) = sts.protect(request(scheme, &[proof()]), Some("https://api.example/"));
        assert_eq!(status, 200, "{scheme}");
    }
    for proofs in [vec![], vec![proof(), proof()], vec!["junk".into()]] {
        let (status, said) = sts.protect(request("DPoP", &proofs), Some("https://api.example"));
        assert_eq!(status, 401);
        assert!(said.contains("error=\"invalid_dpop_proof\""), "{said}");
    }
    // The API does not know by which URL clients reach it.
    assert_eq!(sts.protect(request("DPoP", &[proof()]), None).0, 401);
    let two = request("DPoP", &[proof()]).header("authorization", "Bearer other");
    assert_eq!(sts.protect(two, Some("https://api.example")).0, 400);
}

#[test]
fn an_api_gives_out_the_nonce_that_the_application_of_the_token_needs() {
    let token_endpoint = || Proof::to("POST", &format!("{US}/oauth2/token"));
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let mut document = document();
    document["applications"][0]["dpop"] = json!({ "nonce": "required" });
    sts = Server::new(&document);
    assert_eq!(sts.token("job", Some(&token_endpoint().signed())).1["error"], "use_dpop_nonce");

    let nonce = sts.nonce(&token, &proof_of(&token)).unwrap();
    assert_eq!(sts.nonce(&token, &proof_of(&token).with_nonce("AAAA")), Some(nonce.clone()));
    let stranger = proof_of(&token).by("machine-es256").with_nonce("AAAA");
    assert_eq!(sts.nonce(&token, &stranger), None, "the token is not its");
    let required = || refused("use_dpop_nonce", "nonce.required");
    let without = proof_of(&token);
    // A proof that was refused for its nonce is not spent.
    assert_eq!(sts.with(&token, &without), required());
    assert_eq!(sts.with(&token, &without), required());
    let good = proof_of(&token).with_nonce(&nonce);
    assert_eq!(sts.with(&token, &good), Ok("job".into()));
    assert_eq!(sts.with(&token, &good), refused("invalid_dpop_proof", "replay.seen"));
    // It is the one of the token endpoint.
    let issued = sts.token("job", Some(&token_endpoint().with_nonce(&nonce).signed()));
    assert_eq!(issued.0, 200, "{}", issued.1);

    let request = Request::new("GET", "/orders").header("authorization", &format!("DPoP {token}"));
    let request = request.header("dpop", &proof_of(&token).signed());
    let (status, said) = sts.protect(request, Some("https://api.example"));
    assert_eq!(status, 401);
    assert!(said.starts_with("DPoP realm=\"api\", error=\"use_dpop_nonce\""), "{said}");
}

#[test]
fn what_a_proof_may_have_besides_does_not_keep_a_bound_token_out() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    for (name, value) in [
        ("htu", json!("HTTPS://API.example:443/%6frders?a=b#c")),
        ("nonce", json!("nobody asked")),
        ("more", json!([1])),
        ("nbf", json!(NOW)),
        ("exp", json!(NOW + 300)),
        ("iat", json!(NOW - 10)),
        ("iat", json!(NOW + 8)),
    ] {
        let proof = proof_of(&token).saying(name, value);
        assert_eq!(sts.with(&token, &proof), Ok("job".into()), "{name}");
    }
}

#[test]
fn a_token_counts_in_its_header_field_alone() {
    let mut sts = Server::new(&document());
    let (_, body) = sts.token("job", None);
    let token = body["access_token"].as_str().unwrap();
    let get = |target: &str| Request::new("GET", target);
    for scheme in ["Bearer", "bEARER"] {
        let good = get("/orders").header("authorization", &format!("{scheme} {token}"));
        assert_eq!(sts.protect(good, None).0, 200, "{scheme}");
    }
    let form = Request::new("POST", "/orders")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("access_token={token}"));
    for request in [get(&format!("/orders?access_token={token}")), form] {
        let (status, said) = sts.protect(request, None);
        assert_eq!(status, 401);
        assert!(!said.contains("error"), "nothing was presented: {said}");
    }
}

#[cfg(feature = "admin")]
#[test]
fn an_administrator_with_a_bound_token_proves_the_key() {
    let mut sts = Server::new(&document());
    let token = sts.bound();
    let url = format!("{US}/api/server/v1/applications");
    let authorization = format!("DPoP {token}");
    let by = |url: &str| Proof::to("GET", url).of_token(&token).signed();
    for path in ["/base/api/server/v1/applications", "/api/server/v1/applications?limit=1"] {
        let headers = [("authorization", &*authorization), ("dpop", &*by(&url))];
        assert_eq!(sts.get(path, &headers).0, 200, "{path}");
    }
    let wrong = by("https://elsewhere.example/api/server/v1/applications");
    let (status, said) = sts
        .get("/api/server/v1/applications", &[("authorization", &authorization), ("dpop", &wrong)]);
    assert_eq!(status, 401);
    assert!(
        said.starts_with("DPoP realm=\"administration\", error=\"invalid_dpop_proof\""),
        "{said}"
    );
    let bearer = format!("Bearer {token}");
    assert_eq!(sts.get("/api/server/v1/applications", &[("authorization", &bearer)]).0, 401);
    // The admin token is a bearer token.
    let admin = format!("DPoP {ADMIN}");
    let proof = Proof::to("GET", &url).of_token(ADMIN).signed();
    let headers = [("authorization", &*admin), ("dpop", &*proof)];
    assert_eq!(sts.get("/api/server/v1/applications", &headers).0, 401);
    let own = Proof::to("GET", &format!("{US}/api/users/v1/me/federated-associations"));
    let own = own.of_token(&token).signed();
    let headers = [("authorization", &*authorization), ("dpop", &*own)];
    assert_eq!(sts.get("/api/users/v1/me/federated-associations", &headers).0, 403);
}

#[test]
fn tokens_that_were_issued_unbound_end_when_the_application_demands_bound_ones() {
    let mut sts = Server::new(&document());
    let (_, body) = sts.token("job", None);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(sts.authenticate(String::from(token).into()), Ok("job".into()));
    let mut stricter = document();
    stricter["applications"][0]["dpop"] = json!({ "required": true });
    let mut later = Server { world: sts.world, ..Server::new(&stricter) };
    let said = later.authenticate(String::from(token).into());
    assert_eq!(said, refused("invalid_token", "binding.missing"));
}

#[test]
fn a_host_without_a_store_takes_a_proof_as_long_as_it_is_fresh() {
    let sts = Server::new(&document());
    let proof = Proof::to("POST", &format!("{US}/oauth2/token")).signed();
    let basic = Base64::encode_string(b"strict:strict-secret-for-tests");
    for _ in 0..2 {
        let request = Request::new("POST", "/oauth2/token")
            .header("authorization", &format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("dpop", &proof)
            .body("grant_type=client_credentials");
        let mut step = sts.engine.handle(request, sts.world.now, entropy());
        let reply = loop {
            step = match step {
                Step::Done(reply) => break reply,
                Step::Ask(pending) => {
                    assert!(matches!(pending.ask(), Ask::Commit { .. } | Ask::Read { .. }));
                    pending.resume(Answer::Failed { failed: Failed::Unsupported }).unwrap()
                }
            };
        };
        assert_eq!(reply.status, 200);
    }
}

#[test]
fn a_proof_is_not_accepted_while_the_store_cannot_remember_it() {
    let mut sts = Server::new(&document());
    sts.world.store_state = support::case::StoreState::Failed;
    let proof = Proof::to("POST", &format!("{US}/oauth2/token")).signed();
    let (status, body) = sts.token("job", Some(&proof));
    assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
}

#[test]
fn a_rehearsal_needs_no_proof_and_shows_what_would_be_bound() {
    let mut sts = Server::new(&document());
    let admin = format!("Bearer {ADMIN}");
    let request = Request::new("POST", "/oauth2/explain")
        .header("authorization", &admin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials&client_id=strict");
    let reply = sts.world.handle(&sts.engine, request);
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["granted"], true, "{body}");
}
