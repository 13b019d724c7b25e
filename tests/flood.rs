//! Memory under a flood: whatever strangers and clients send that is always
//! new, what the engine keeps between requests stays bounded. This counts the
//! bytes that are allocated, so that it sees every map and list that there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use exchequer::{
    Algorithm, AlgorithmSet, Answer, Ask, Config, Engine, Entropy, HostCrypto, Reply, Request,
    Step, Timestamp, Verdict, Write,
};
use serde_json::{Value, json};

/// Counts what a thread has allocated and not given back.
struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends has nothing more to count.
    let _ = LIVE.try_with(|live| live.set(live.get() + bytes));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: `at` came from `alloc` above, with this layout.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: u64 = 1_790_000_000;
/// Requests in each half of a flood.
const HALF: usize = 1500;
/// The same where they fill a cache: more than it has room for.
const CACHED: usize = 4200;
/// What may differ between the halves. A list that keeps a hundred bytes of each
/// request grows by more than twice as much.
const SLACK: isize = 64 * 1024;

const SECRET: &str = "a-secret-of-the-application-0123456789";
const ADMIN: &str = "admin-token-for-tests";
/// The example of RFC 7517, appendix A.2.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;
const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

/// An engine whose store forgets everything: what grows is the engine's.
struct Service {
    engine: Engine,
    now: u64,
    fetches: usize,
    /// Writes that would stay for ever.
    endless: usize,
    writes: usize,
}

impl Service {
    fn new() -> Self {
        Self::trusting(1)
    }

    /// One that trusts so many issuers, of which the first issues the tokens.
    fn trusting(issuers: usize) -> Self {
        Self::with(issuers, |_| ())
    }

    /// The same with a change of the document.
    fn with(issuers: usize, change: impl FnOnce(&mut Value)) -> Self {
        let issuer = |name: &str| {
            json!({
                "name": name,
                "issuer": format!("https://{name}.example"),
                "certificate": { "jwksUri": format!("https://{name}.example/jwks") },
                "algorithms": ["ES256"],
                "replayProtection": "jti",
            })
        };
        let others = (1..issuers).map(|number| issuer(&format!("other-{number}")));
        let issuers: Vec<Value> = [issuer("idp")].into_iter().chain(others).collect();
        let application = |id: &str, token: &str| {
            json!({
                "clientId": id,
                "clientSecret": SECRET,
                "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange", "refresh_token"],
                "trustedTokenIssuers": ["idp"],
                "audiences": ["https://api.example"],
                "scopes": ["read"],
                "accessToken": { "type": token },
            })
        };
        let mut document = json!({
            "issuer": "https://sts.example",
            "keys": [serde_json::from_str::<Value>(KEY).unwrap()],
            "trustedTokenIssuers": issuers,
            "applications": [application("app", "jwt"), application("opaque", "opaque")],
        });
        change(&mut document);
        let config = Config::parse(&document.to_string()).unwrap().without_secrets().unwrap();
        let all = AlgorithmSet::of(&Algorithm::ALL);
        let engine = Engine::new(
            config.administered_by(ADMIN).unwrap(),
            HostCrypto { verify: all, sign: all },
        );
        Self { engine, now: NOW, fetches: 0, endless: 0, writes: 0 }
    }

    fn handle(&mut self, request: Request) -> Reply {
        let mut step = self.engine.handle(request, Timestamp(self.now), Entropy::new([7; 32]));
        loop {
            step = match step {
                Step::Done(reply) => return *reply,
                Step::Ask(pending) => {
                    let answer = self.answer(pending.ask());
                    pending.resume(answer).unwrap()
                }
            };
        }
    }

    fn answer(&mut self, ask: &Ask) -> Answer {
        match ask {
            Ask::Fetch { .. } => {
                self.fetches += 1;
                Answer::Fetched {
                    status: 200,
                    cache_control: None,
                    location: None,
                    body: JWKS.into(),
                }
            }
            Ask::Verify { .. } => Answer::Verdict { verdict: Verdict::Accept },
            Ask::Sign { .. } => Answer::Signature { signature: vec![1; 64] },
            Ask::Read { keys } => Answer::Records { records: vec![None; keys.len()] },
            Ask::List { .. } => Answer::Page { records: Vec::new(), next: None },
            Ask::Commit { batch } => {
                let endless = |write: &&Write| write.value.is_some() && write.expires_at.is_none();
                self.endless += batch.iter().filter(endless).count();
                self.writes += batch.len();
                Answer::Committed
            }
            other => panic!("{other:?}"),
        }
    }

    /// Sends so many requests, each twice in a virtual second, and sees that the
    /// second half takes no more memory than the first. What they were answered.
    fn flood(
        &mut self,
        what: &str,
        half: usize,
        request: impl Fn(usize) -> Request,
    ) -> BTreeSet<u16> {
        let mut answered = BTreeSet::new();
        let mut most = |service: &mut Self, from: usize| {
            let mut most = isize::MIN;
            for number in from..from + half {
                service.now += u64::from(number % 2 == 0);
                answered.insert(service.handle(request(number)).status);
                most = most.max(LIVE.get());
            }
            most
        };
        let first = most(self, 0);
        let second = most(self, half);
        assert!(second <= first + SLACK, "{what}: {first} bytes became {second}");
        answered
    }

    fn get(&mut self, path: &str) -> String {
        let request = Request::new("GET", path).header("Authorization", &format!("Bearer {ADMIN}"));
        let reply = self.handle(request);
        assert_eq!(reply.status, 200, "{path}");
        String::from_utf8(reply.body).unwrap()
    }
}

/// A token of the issuer, whose signature the host finds good.
fn token(iss: &str, kid: &str, number: usize, now: u64) -> String {
    let part = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!(
        "{}.{}.{}",
        part(json!({ "alg": "ES256", "kid": kid, "typ": "JWT" })),
        part(json!({
            "iss": iss,
            "sub": format!("subject-{number}"),
            "aud": "https://sts.example",
            "jti": format!("token-{number}"),
            "iat": now,
            "exp": now + 60 * 60 * 24,
        })),
        Base64UrlUnpadded::encode_string(&[1; 64]),
    )
}

fn post(path: &str, client: &str, form: &[(&str, &str)]) -> Request {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let basic = Base64::encode_string(format!("{client}:{SECRET}").as_bytes());
    Request::new("POST", path)
        .header("Authorization", &format!("Basic {basic}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
}

fn exchange(client: &str, token: &str, more: &[(&str, &str)]) -> Request {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("subject_token", token),
    ];
    post("/oauth2/token", client, &form.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

/// The same token with a signature of its own.
fn signed_anew(token: &str, number: usize) -> String {
    let mut signature = [1; 64];
    signature[56..].copy_from_slice(&(number as u64).to_be_bytes());
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}

/// When a token is issued that comes as this request of a flood.
fn iat(number: usize) -> u64 {
    NOW + number as u64 / 2
}

#[test]
fn tokens_that_are_granted_and_always_new_leave_only_what_expires() {
    for client in ["app", "opaque"] {
        let mut sts = Service::new();
        let answered = sts.flood(client, HALF, |number| {
            exchange(client, &token("https://idp.example", "1", number, iat(number)), &[])
        });
        assert_eq!(answered, [200].into());
        assert_eq!(sts.endless, 0);
        assert!(sts.writes >= 2 * HALF, "each token was spent");
    }
}

#[test]
fn verified_tokens_take_no_more_than_they_may() {
    const MOST: u64 = 65_536;
    let mut sts = Service::with(1, |document| {
        document["trustedTokenIssuers"][0]["replayProtection"] = "off".into();
        document["caches"] = json!({ "verifiedTokens": { "maxBytes": MOST } });
    });
    let answered = sts.flood("app", HALF, |number| {
        let token = token("https://idp.example", "1", number, iat(number));
        exchange("app", &signed_anew(&token, number), &[])
    });
    assert_eq!(answered, [200].into());
    let figures = sts.engine.token_caches().verified.unwrap();
    assert!(figures.evictions > HALF as u64 && figures.bytes <= MOST, "{figures:?}");
}

/// Each proof has a header of its own, of a kind that is kept when the proof is good.
#[test]
fn keys_of_proofs_take_no_more_than_they_may() {
    let mut sts = Service::new();
    let jwk: Value = serde_json::from_str(KEY).unwrap();
    let answered = sts.flood("proofs", HALF, |number| {
        let (x, y) = (&jwk["x"], &jwk["y"]);
        let header = json!({
            "typ": "dpop+jwt", "alg": "ES256", "kid": format!("key-{number}"),
            "jwk": { "kty": "EC", "crv": "P-256", "x": x, "y": y },
        });
        let claims = json!({
            "jti": format!("proof-{number}"), "htm": "POST",
            "htu": "https://sts.example/oauth2/token", "iat": iat(number),
        });
        let part = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let signature = Base64UrlUnpadded::encode_string(&[1; 64]);
        let proof = format!("{}.{}.{signature}", part(header), part(claims));
        let token = token("https://idp.example", "1", number, iat(number));
        exchange("app", &token, &[]).header("DPoP", &proof)
    });
    assert_eq!(answered, [200].into());
}

#[test]
fn clients_issuers_audiences_and_scopes_that_nobody_knows_are_not_kept() {
    let mut sts = Service::new();
    let known = token("https://idp.example", "1", 1, NOW);
    let answered = sts.flood("clients", CACHED, |number| {
        exchange(&format!("client-{number}-{}", "x".repeat(number % 200)), &known, &[])
    });
    assert_eq!(answered, [401].into());
    let answered = sts.flood("issuers", CACHED, |number| {
        let iss = format!("https://issuer-{number}.example/{}", "x".repeat(number % 200));
        exchange("app", &token(&iss, "1", number, NOW), &[])
    });
    assert_eq!(answered, [400].into());
    let mut sts = Service::new();
    let answered = sts.flood("audiences", HALF, |number| {
        let audience = format!("https://api-{number}.example");
        exchange(
            "app",
            &token("https://idp.example", "1", number, iat(number)),
            &[("audience", &audience)],
        )
    });
    assert_eq!(answered, [400].into());
    let mut sts = Service::new();
    let answered = sts.flood("scopes", HALF, |number| {
        let scope = format!("scope-{number}");
        exchange(
            "app",
            &token("https://idp.example", "1", number, iat(number)),
            &[("scope", &scope)],
        )
    });
    assert_eq!(answered, [400].into());
    assert_eq!((sts.endless, sts.writes), (0, 0), "a refusal writes nothing");
}

#[test]
fn keys_that_nobody_has_are_fetched_at_a_bounded_rate() {
    let mut sts = Service::new();
    let answered = sts.flood("kids", HALF, |number| {
        exchange(
            "app",
            &token("https://idp.example", &format!("kid-{number}"), number, iat(number)),
            &[],
        )
    });
    assert_eq!(answered, [400].into());
    // Once in thirty seconds, whatever comes.
    let seconds = usize::try_from(sts.now - NOW).unwrap();
    assert!(sts.fetches <= seconds / 30 + 2, "{} in {seconds} s", sts.fetches);
}

#[test]
fn paths_ids_and_tokens_that_are_nowhere_are_not_kept() {
    let mut sts = Service::new();
    let answered = sts.flood("paths", HALF, |number| {
        Request::new("GET", &format!("/path-{number}/a?b={number}"))
    });
    assert_eq!(answered, [404].into());
    let answered = sts.flood("methods", HALF, |number| {
        Request::new(&format!("METHOD{number}"), "/oauth2/token")
            .header(&format!("x-{number}"), "1")
    });
    assert_eq!(answered, [405].into());
    let answered = sts.flood("opaque tokens", HALF, |number| {
        post("/oauth2/introspect", "app", &[("token", &format!("opaque-{number}"))])
    });
    assert_eq!(answered, [200].into());
    let answered = sts.flood("refresh tokens", HALF, |number| {
        let token = format!("refresh-{number}");
        post("/oauth2/token", "app", &[("grant_type", "refresh_token"), ("refresh_token", &token)])
    });
    assert_eq!(answered, [400].into());
    let answered = sts.flood("administrators", HALF, |number| {
        Request::new("GET", "/metrics").header("Authorization", &format!("Bearer guess-{number}"))
    });
    assert_eq!(answered, [401].into());
    assert_eq!((sts.endless, sts.writes), (0, 0));
}

#[test]
fn what_is_told_of_a_flood_is_bounded_too() {
    let mut sts = Service::new();
    sts.flood("strangers", CACHED, |number| exchange(&format!("client-{number}"), "a.b.c", &[]));
    for number in 0..300 {
        let iss = format!("https://issuer-{number}.example");
        sts.handle(exchange("app", &token(&iss, "1", number, sts.now), &[]));
    }
    let metrics = sts.get("/metrics");
    let samples = metrics.lines().filter(|line| line.starts_with("exchequer_decisions_total"));
    assert_eq!(samples.count(), 2, "{metrics}");
    let refusals: Value =
        serde_json::from_str(&sts.get("/api/server/v1/refusals?limit=100")).unwrap();
    let told = refusals["refusals"].as_array().unwrap().len();
    assert!((1..=100).contains(&told), "{refusals}");
}

#[test]
fn keys_of_many_issuers_are_counted_once_a_second() {
    for (issuers, at_once) in [(100, "fresh\"} 1\n"), (101, "fresh\"} 0\n")] {
        let mut sts = Service::trusting(issuers);
        assert!(sts.get("/metrics").contains("fresh\"} 0\n"));
        let token = token("https://idp.example", "1", 1, NOW);
        assert_eq!(sts.handle(exchange("app", &token, &[])).status, 200);
        assert!(sts.get("/metrics").contains(at_once), "{issuers}");
        sts.now += 1;
        assert!(sts.get("/metrics").contains("fresh\"} 1\n"), "{issuers}");
    }
}
