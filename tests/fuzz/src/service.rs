//! The engine that most targets ask, and a host that keeps records in memory.

use std::cell::RefCell;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use exchequer::{
    Answer, Ask, Config, Engine, Entropy, HostCrypto, Reply, Request, Step, Timestamp,
};
use serde_json::{Value, json};

use crate::store::Store;

pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const STS: &str = "https://sts.example";
pub(crate) const ADMIN: &str = "an-admin-token-of-the-fuzzer-0123456789";
pub(crate) const SECRET: &str = "a-secret-of-the-fuzzer-0123456789";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// The example of RFC 7517, appendix A.2.
const OURS: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

/// More than any request asks for.
const MAX_ASKS: usize = 200;
/// The store is emptied before an input when it has so many records: the thousandth input
/// must not cost more than the first.
const MAX_RECORDS: usize = 500;

fn issuer_key() -> SigningKey {
    SigningKey::from_bytes(&[0x42; 32])
}

/// The key set of the issuer.
pub(crate) fn key_set() -> Value {
    let x = Base64UrlUnpadded::encode_string(&issuer_key().verifying_key().to_bytes());
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "idp", "alg": "EdDSA", "x": x }] })
}

/// A token of the issuer with this text as claims.
pub(crate) fn signed(claims: &[u8]) -> String {
    let part = Base64UrlUnpadded::encode_string;
    let header = json!({ "alg": "EdDSA", "kid": "idp", "typ": "JWT" }).to_string();
    let text = format!("{}.{}", part(header.as_bytes()), part(claims));
    let signature = issuer_key().sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", part(&signature))
}

/// Claims that are granted.
pub(crate) fn good_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "a-job", "aud": STS, "iat": NOW - 5, "exp": NOW + 600,
        "jti": "1", "email": "ada@example.com", "groups": ["a", "b"] })
}

/// A configuration whose issuer has its keys from here.
pub(crate) fn document(certificate: &Value) -> Value {
    json!({
        "issuer": STS,
        "keys": [serde_json::from_str::<Value>(OURS).unwrap()],
        "trustedTokenIssuers": [{ "name": "IdP", "issuer": ISSUER, "algorithms": ["EdDSA"],
            "certificate": certificate, "claims": [{ "from": "email", "to": "email" }],
            "conditions": [{ "claim": "sub", "equals": "a-job" }] }],
        "applications": [
            { "clientId": "app", "clientSecret": SECRET, "grantTypes": [EXCHANGE, "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer"],
              "trustedTokenIssuers": ["IdP"], "audiences": ["https://api.example"],
              "scopes": ["read", "write"] },
            { "clientId": "edge", "type": "mobile", "grantTypes": [EXCHANGE],
              "trustedTokenIssuers": ["IdP"], "audiences": ["https://api.example"] },
        ],
    })
}

/// An engine, its store, and what its web answers.
pub(crate) struct Service {
    engine: Engine,
    store: Store,
    /// What every URL answers.
    pub(crate) fetched: Vec<u8>,
}

impl Service {
    /// The issuer's keys stand in the configuration.
    pub(crate) fn new() -> Self {
        Self::with(&json!({ "jwks": key_set() }))
    }

    pub(crate) fn with(certificate: &Value) -> Self {
        let config = Config::parse(&document(certificate).to_string()).unwrap();
        let config = config.without_secrets().unwrap().administered_by(ADMIN).unwrap();
        let engine = Engine::new(config, HostCrypto::default());
        Self { engine, store: Store::default(), fetched: Vec::new() }
    }

    pub(crate) fn begin(&self, request: Request) -> Step {
        self.engine.handle(request, Timestamp(NOW), Entropy::new([7; 32]))
    }

    /// The reply to a request. A promise holds for each: it ends, and what went wrong is
    /// never the engine's fault.
    pub(crate) fn ask(&mut self, request: Request) -> Reply {
        let mut step = self.begin(request);
        for _ in 0..MAX_ASKS {
            step = match step {
                Step::Done(reply) => {
                    assert_ne!(reply.status, 500, "an internal error");
                    return *reply;
                }
                Step::Ask(pending) => {
                    let answer = self.answer(pending.ask());
                    pending.resume(answer).expect("the answer fits the ask")
                }
            };
        }
        panic!("one request asked more than {MAX_ASKS} times");
    }

    pub(crate) fn answer(&mut self, ask: &Ask) -> Answer {
        match ask {
            Ask::Fetch { .. } => Answer::Fetched {
                status: 200,
                cache_control: None,
                location: None,
                body: self.fetched.clone(),
            },
            Ask::Read { keys } => self.store.read(keys, Timestamp(NOW)),
            Ask::List { prefix, cursor, limit } => {
                self.store.list(prefix, cursor.as_deref(), *limit, Timestamp(NOW))
            }
            Ask::Commit { batch } => self.store.commit(batch, Timestamp(NOW)),
            other => panic!("the engine computes its own signatures, and asks: {}", other.name()),
        }
    }
}

/// One engine for all inputs of a thread: to build it costs more than to ask it.
pub(crate) fn shared<T>(work: impl FnOnce(&mut Service) -> T) -> T {
    thread_local! {
        static SERVICE: RefCell<Service> = RefCell::new(Service::new());
    }
    SERVICE.with_borrow_mut(|service| {
        if service.store.len() > MAX_RECORDS {
            service.store = Store::default();
        }
        work(service)
    })
}

/// A request of the token endpoint by an application without a secret.
pub(crate) fn exchange(token: &str) -> Request {
    form(&[
        ("grant_type", EXCHANGE),
        ("client_id", "edge"),
        ("subject_token_type", JWT),
        ("subject_token", token),
    ])
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> Request {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    post("/oauth2/token", "application/x-www-form-urlencoded", body.finish().into_bytes())
}

pub(crate) fn post(target: &str, media_type: &str, body: Vec<u8>) -> Request {
    Request::new("POST", target).header("content-type", media_type).body(body)
}

/// The same with the admin token.
pub(crate) fn administer(method: &str, target: &str) -> Request {
    Request::new(method, target).header("authorization", &format!("Bearer {ADMIN}"))
}
