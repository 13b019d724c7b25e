//! What one exchange costs the engine, in instructions and allocations: figures
//! that repeat exactly, on any machine with the same compiler.
//!
//! The host answers for signatures, as it does in Node and in workerd, so that no
//! arithmetic of keys is in the count. The engine is compiled as for release.
//!
//! ```sh
//! cargo bench --bench instructions --no-run    # prints the path of the program
//! valgrind --tool=callgrind --toggle-collect=measured $PROGRAM form
//! ```
//!
//! `form` goes through HTTP, `typed` through `Engine::exchange`, `refused` is
//! `typed` with a token for another audience, `bound` with a DPoP proof, `audited` is `typed` whose
//! audit line is written. A number behind it makes so many more
//! issuers and applications: an exchange costs the same among them. Without valgrind
//! the program prints the allocations alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench may say what it means"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{
    Algorithm, AlgorithmSet, Answer, Ask, Client, Config, DpopProof, Engine, Entropy,
    ExchangeParameters, HostCrypto, Request, Step, Target, Timestamp, TokenRequest, Verdict,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_790_000_000);
const STS: &str = "https://sts.example.com";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const SECRET: &str = "a-secret-that-nobody-uses-here";

/// Counts calls of `malloc` and `realloc`.
struct Counting(AtomicUsize);

#[global_allocator]
static ALLOCATOR: Counting = Counting(AtomicUsize::new(0));

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.0.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// The issuer and application of `benches/inside/job.mjs`, and so many others.
fn engine(others: usize) -> Engine {
    let mut document = json!({
        "issuer": STS,
        // RFC 7515 appendix A.3.
        "keys": [{
            "kty": "EC", "crv": "P-256", "kid": "sts-1", "alg": "ES256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        }],
        "trustedTokenIssuers": [{
            "name": "CI",
            "issuer": "https://idp.example.com",
            // RFC 7515 appendix A.2.
            "certificate": { "jwks": { "keys": [{
                "kty": "RSA", "kid": "idp-1", "alg": "RS256", "use": "sig", "e": "AQAB",
                "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
            }]}},
            "algorithms": ["RS256"],
            "maxTokenAgeSeconds": 7200,
            "claims": [{ "from": "email", "to": "email" }],
        }],
        "applications": [{
            "name": "Deploy bot",
            "clientId": "deploy-bot",
            "clientSecret": SECRET,
            "type": "machine",
            "grantTypes": [EXCHANGE],
            "trustedTokenIssuers": ["CI"],
            "audiences": ["https://api.example.com"],
            "scopes": ["deploy:read"],
            "accessToken": { "attributes": ["email"] },
        }],
    });
    let others = (0..others).map(other);
    for (issuer, application) in others {
        document["trustedTokenIssuers"].as_array_mut().unwrap().push(issuer);
        document["applications"].as_array_mut().unwrap().push(application);
    }
    let host_crypto = HostCrypto {
        verify: AlgorithmSet::of(&[Algorithm::RS256, Algorithm::ES256]),
        sign: AlgorithmSet::of(&[Algorithm::ES256]),
    };
    let config = Config::parse(&document.to_string()).unwrap().without_secrets().unwrap();
    Engine::new(config, host_crypto)
}

/// An issuer and an application that no exchange is about.
fn other(index: usize) -> (Value, Value) {
    let url = format!("https://issuer-{index:06}.example.com");
    let name = format!("Issuer {index:06}");
    let issuer =
        json!({ "name": name, "issuer": url, "certificate": { "jwksUri": format!("{url}/jwks") } });
    let application = json!({
        "clientId": format!("application-{index:06}"),
        "clientSecret": SECRET,
        "type": "machine",
        "grantTypes": [EXCHANGE],
        "trustedTokenIssuers": [name],
        "audiences": ["https://api.example.com"],
    });
    (issuer, application)
}

/// A token like those of a CI system: 1.4 KB of claims about a build. Its
/// signature has the right form and nothing else.
fn subject_token(audience: &str) -> String {
    let header = json!({ "alg": "RS256", "kid": "idp-1", "typ": "JWT" });
    let claims = json!({
        "iss": "https://idp.example.com",
        "aud": audience,
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main:0",
        "iat": NOW.0 - 10,
        "nbf": NOW.0 - 10,
        "exp": NOW.0 + 7200,
        "jti": "0b5b7e3a-3f0e-4a39-8f0c-3a1d4c1f9b52",
        "ref": "refs/heads/main",
        "repository": "octo-org/octo-repo",
        "repository_owner": "octo-org",
        "workflow": "deploy",
        "workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
        "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
        "environment": "production",
        "email": "builder@example.com",
        "filler": "x".repeat(240),
    });
    let [header, claims] =
        [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
    format!("{header}.{claims}.{}", Base64UrlUnpadded::encode_string(&[1; 256]))
}

fn form(token: &str) -> Request {
    let encoded = |text: &str| text.replace(':', "%3A");
    let (grant, jwt) = (encoded(EXCHANGE), encoded(JWT));
    let body = format!(
        "grant_type={grant}&subject_token={token}&subject_token_type={jwt}\
         &client_id=deploy-bot&client_secret={SECRET}&scope=deploy%3Aread"
    );
    Request::new("POST", "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

fn typed(token: &str) -> TokenRequest {
    let parameters = ExchangeParameters {
        subject_token: token,
        subject_token_type: JWT,
        target: Target::new(Vec::new(), Some("deploy:read")),
        ..ExchangeParameters::default()
    };
    TokenRequest::token_exchange(Client::with_secret("deploy-bot", SECRET), parameters)
}

/// The same with a DPoP proof, whose signature has the right form and nothing else.
fn bound(token: &str) -> TokenRequest {
    let header = json!({
        "typ": "dpop+jwt", "alg": "ES256",
        "jwk": {
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
    });
    let claims = json!({
        "jti": "0b5b7e3a-3f0e-4a39-8f0c-3a1d4c1f9b52", "htm": "POST",
        "htu": format!("{STS}/oauth2/token"), "iat": NOW.0,
    });
    let [header, claims] =
        [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
    let signature = Base64UrlUnpadded::encode_string(&[1; 64]);
    typed(token).with_dpop(DpopProof::of_token_request(format!("{header}.{claims}.{signature}")))
}

/// Answers with good signatures that are ready made.
fn driven<T>(mut step: Step<T>) -> T {
    loop {
        step = match step {
            Step::Done(result) => return *result,
            Step::Ask(pending) => {
                let answer = match pending.ask() {
                    Ask::Verify { .. } => Answer::Verdict { verdict: Verdict::Accept },
                    Ask::Commit { .. } => Answer::Committed,
                    Ask::Sign { .. } => Answer::Signature { signature: vec![1; 64] },
                    other => panic!("asked for {}", other.name()),
                };
                pending.resume(answer).unwrap()
            }
        };
    }
}

/// What callgrind counts. It has a name that is found in the program.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn measured(work: &mut Work) {
    exchange(work);
}

fn exchange(work: &mut Work) {
    let entropy = Entropy::new([7; 32]);
    let status = match work.input.take() {
        Some(Input::Form(request)) => driven(work.engine.handle(request, NOW, entropy)).status,
        Some(Input::Typed(request)) => {
            let decided = driven(work.engine.exchange(request, NOW, entropy));
            black_box(&decided.result);
            if work.is_audited {
                black_box(decided.audit.to_json());
            }
            decided.audit.status
        }
        None => 0,
    };
    work.status = status;
}

struct Work {
    engine: Engine,
    input: Option<Input>,
    is_audited: bool,
    status: u16,
}

enum Input {
    Form(Request),
    Typed(TokenRequest),
}

fn main() {
    // `cargo bench` adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|one| !one.starts_with('-'));
    let (named, others) = (arguments.next(), arguments.next());
    let engine = engine(others.map_or(0, |number| number.parse().expect("a number")));
    let cases = ["form", "typed", "refused", "bound", "audited"];
    for case in cases.into_iter().filter(|case| named.as_ref().is_none_or(|named| named == case)) {
        let audience = if case == "refused" { "https://other.example.com" } else { STS };
        let token = subject_token(audience);
        let input = || match case {
            "form" => Input::Form(form(&token)),
            "bound" => Input::Typed(bound(&token)),
            _ => Input::Typed(typed(&token)),
        };
        let mut work =
            Work { engine: engine.clone(), input: None, is_audited: case == "audited", status: 0 };
        // The first one makes what the next one finds made.
        work.input = Some(input());
        exchange(&mut work);
        work.input = Some(input());
        let before = ALLOCATOR.0.load(Ordering::Relaxed);
        measured(&mut work);
        let allocations = ALLOCATOR.0.load(Ordering::Relaxed) - before;
        println!("{case}: status {}, {allocations} allocations", work.status);
    }
}
