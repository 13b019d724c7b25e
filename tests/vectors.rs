//! Runs every case of `tests/vectors`, natively: once with the signatures
//! computed in the engine, once with a host that computes them, and once with
//! caches, into which every token is brought before it is presented. The outcome
//! has to be the same. `BLESS=1` writes reasons and checks anew.
//!
//! Besides what a case expects, every reply is held against what all replies
//! promise: no token and no secret comes out again, errors have the form of
//! RFC 6749 section 5.2, nothing is cached, and what was issued verifies under
//! the keys that are published.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use exchequer::{Check, Client, Engine, ExchangeParameters, Outcome, Reply, Request, TokenRequest};
use serde_json::{Value, json};

use support::bless::{self, Seen};
use support::case::{Case, Expected, Step, files};
use support::world::{Crypto, World};
use support::{fixtures, leaks, subset, token, world};

#[test]
fn with_the_signatures_computed_in_the_engine() {
    run(Crypto::Engine, Caches::AsConfigured, bless::wanted());
}

#[test]
fn with_the_signatures_computed_by_the_host() {
    if !bless::wanted() {
        run(Crypto::Host, Caches::AsConfigured, false);
    }
}

#[test]
fn with_tokens_that_are_known_already() {
    if !bless::wanted() {
        run(Crypto::Engine, Caches::Filled, false);
        let known = KNOWN.load(Ordering::Relaxed);
        assert!(known > 300, "only {known} tokens were known");
    }
}

/// Which caches a case is played with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caches {
    /// Those of its configuration.
    AsConfigured,
    /// Every one, and each token is rehearsed before it is presented.
    Filled,
}

/// How often the signature of a token was known.
static KNOWN: AtomicU64 = AtomicU64::new(0);

/// Runs all cases and says of each what is wrong.
fn run(crypto: Crypto, caches: Caches, blessing: bool) {
    let files = files();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let share =
            files.len().div_ceil(std::thread::available_parallelism().map_or(1, Into::into)).max(1);
        let workers: Vec<_> = files
            .chunks(share)
            .map(|files| {
                scope.spawn(move || {
                    files
                        .iter()
                        .filter_map(|file| failure(file, crypto, caches, blessing))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker panicked")).collect()
    });
    println!("{} cases", files.len());
    assert!(files.len() > 800, "cases are missing: there are only {}", files.len());
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}

fn failure(file: &Path, crypto: Crypto, caches: Caches, blessing: bool) -> Option<String> {
    let name = file.strip_prefix(fixtures::root()).unwrap_or(file).display().to_string();
    let outcome = std::panic::catch_unwind(|| {
        let case = std::fs::read_to_string(file).expect("the case can be read");
        let case: Case = serde_json::from_str(&case).expect("the case is well formed");
        if is_administered(&case) && !cfg!(feature = "admin") {
            return Vec::new();
        }
        let (seen, problems) = play(&case, crypto, caches, blessing);
        if blessing {
            bless::bless(file, &seen);
        }
        problems
    });
    match outcome {
        Ok(problems) if problems.is_empty() => None,
        Ok(problems) => Some(format!("{name}\n    {}", problems.join("\n    "))),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(format!("{name}\n    panicked: {}", message.unwrap_or("?")))
        }
    }
}

/// Whether a case calls the administration API.
fn is_administered(case: &Case) -> bool {
    let mut targets = case.steps.iter().filter_map(|step| step.request.target.as_deref());
    targets.any(|target| target.starts_with("/api/"))
}

/// Plays all steps of a case; answers what was seen and what was wrong.
fn play(case: &Case, crypto: Crypto, caches: Caches, blessing: bool) -> (Vec<Seen>, Vec<String>) {
    let mut document = fixtures::document(&case.config);
    if caches == Caches::Filled {
        document["caches"] = json!({ "verifiedTokens": {}, "issuedTokens": {} });
    }
    let engine = Engine::new(fixtures::config(&document), crypto.host_crypto());
    let mut world = World::default();
    let web = fixtures::json_file("web.json");
    world.web.script(&serde_json::from_value(web).expect("web.json is well formed"));

    let (mut all_seen, mut problems, mut answered) = (Vec::new(), Vec::new(), Vec::new());
    for (index, step) in case.steps.iter().enumerate() {
        world.now = exchequer::Timestamp(step.now);
        world.store_state = step.store;
        world.web.script(&step.fetch);
        if caches == Caches::Filled && !case.counts_fetches() {
            rehearse(&mut world, &engine, step, &answered);
        }
        world.web.fetched.clear();
        let reply = world.handle(&engine, step.request.request(&answered));
        world.upkeep(&engine);
        let seen = seen(&reply);
        let mut wrong = promises(step, &document, &answered, &reply);
        wrong.extend(expectations(&step.expect, &reply, &world));
        wrong.extend(differences(&step.expect, &seen, blessing));
        wrong.extend(issued(&step.expect, &reply, &mut world, &engine));
        problems.extend(wrong.into_iter().map(|what| format!("step {}: {what}", index + 1)));
        all_seen.push(seen);
        answered.push(body(&reply));
    }
    KNOWN.fetch_add(engine.token_caches().verified.map_or(0, |one| one.hits), Ordering::Relaxed);
    for url in &world.web.unscripted {
        problems.push(format!("the engine must not fetch {url}"));
    }
    (all_seen, problems)
}

/// Has the tokens of an exchange verified, and writes nothing.
fn rehearse(world: &mut World, engine: &Engine, step: &Step, answered: &[Value]) {
    let Some(form) = &step.request.form else { return };
    let value = |name: &str| {
        let one = form.iter().find(|(key, _)| key == name);
        one.map(|(_, value)| fixtures::text(value, answered))
    };
    let basic = step.request.user().map(String::from);
    let Some(client) = basic.or_else(|| value("client_id")) else { return };
    let (subject_token, subject_token_type) = (value("subject_token"), value("subject_token_type"));
    let (actor_token, actor_token_type) = (value("actor_token"), value("actor_token_type"));
    let parameters = ExchangeParameters {
        subject_token: subject_token.as_deref().unwrap_or_default(),
        subject_token_type: subject_token_type.as_deref().unwrap_or_default(),
        actor_token: actor_token.as_deref(),
        actor_token_type: actor_token_type.as_deref(),
        ..ExchangeParameters::default()
    };
    let request = TokenRequest::token_exchange(Client::embedder(client), parameters);
    let rehearsal = engine.explain(request, world.now, world::entropy());
    let _ = world.drive(engine, rehearsal);
}

fn seen(reply: &Reply) -> Seen {
    let Some(audit) = &reply.audit else { return Seen::default() };
    Seen {
        reason: audit.reason.clone(),
        checks: audit.checks.checks().map(|check| shown(&check)).collect(),
    }
}

/// A check that passed is its code; every other says how it came out.
fn shown(check: &Check) -> String {
    match check.outcome {
        Outcome::Pass => check.code.clone(),
        Outcome::Fail => format!("{} (fail)", check.code),
        Outcome::Audit => format!("{} (audit)", check.code),
        Outcome::Unavailable => format!("{} (unavailable)", check.code),
    }
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
}

/// What holds of every reply.
fn promises(step: &Step, document: &Value, answered: &[Value], reply: &Reply) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(leaks::leak(&leaks::secrets(&step.request, document, answered), reply));
    // Only endpoints of clients leave a trace, and these promise more.
    if step.expect.checks.is_none() {
        return wrong;
    }
    for wanted in [("cache-control", "no-store"), ("pragma", "no-cache")] {
        if !reply.headers.iter().any(|(name, value)| (*name, value.as_str()) == wanted) {
            wrong.push(format!("the reply has no `{}: {}`", wanted.0, wanted.1));
        }
    }
    let audit = reply.audit.as_ref();
    if audit.is_none_or(|audit| audit.status != reply.status || audit.time.0 != step.now) {
        wrong.push("the audit line does not go with the reply".into());
    }
    if reply.status != 200 {
        let description = body(reply)["error_description"].as_str().map(String::from);
        // "MUST NOT include characters outside the set %x20-21 / %x23-5B /
        // %x5D-7E" (RFC 6749 section 5.2).
        let plain = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        if description.is_none_or(|text| text.is_empty() || !text.chars().all(plain)) {
            wrong.push("the `error_description` is missing or not plain".into());
        }
    }
    wrong
}

/// What the case expects of this reply, seen from outside.
fn expectations(expect: &Expected, reply: &Reply, world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let body = body(reply);
    if reply.status != expect.status {
        wrong.push(format!("status: wanted {}, found {}", expect.status, reply.status));
    }
    if body["error"].as_str() != expect.error.as_deref() {
        wrong.push(format!("error: wanted {:?}, found {}", expect.error, body["error"]));
    }
    if let Some(fetches) = expect.fetches
        && fetches != world.web.fetched.len()
    {
        wrong.push(format!("fetches: wanted {fetches}, found {:?}", world.web.fetched));
    }
    let headers: Value =
        reply.headers.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    wrong.extend(subset::differs(&Value::Object(expect.headers.clone()), &headers, "headers"));
    if !expect.body.is_null() {
        wrong.extend(subset::differs(&fixtures::expand(&expect.body), &body, "body"));
    }
    wrong
}

/// What the case expects of the trace. Checks that are being written are not
/// compared; a reason that changed is always worth a word.
fn differences(expect: &Expected, seen: &Seen, blessing: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if expect.reason != seen.reason {
        wrong.push(format!("reason: wanted {:?}, found {:?}", expect.reason, seen.reason));
    }
    if let Some(checks) = &expect.checks
        && *checks != seen.checks
        && !blessing
    {
        wrong.push(format!("checks: wanted {checks:?}, found {:?}", seen.checks));
    }
    wrong
}

/// A token that was issued, under the keys that are published.
fn issued(expect: &Expected, reply: &Reply, world: &mut World, engine: &Engine) -> Vec<String> {
    let mut wrong = Vec::new();
    let body = body(reply);
    let is_jwt = |token: &&str| token.matches('.').count() == 2;
    let Some(issued) = body["access_token"].as_str().filter(is_jwt) else {
        if !expect.claims.is_null() || !expect.header.is_null() {
            wrong.push("no JWT was issued".into());
        }
        return wrong;
    };
    let jwks = world.handle(engine, Request::new("GET", "/oauth2/jwks"));
    let jwks = serde_json::from_slice(&jwks.body).unwrap_or(Value::Null);
    match token::verified(issued, &jwks) {
        Err(why) => wrong.push(why),
        Ok(token) => {
            for (wanted, found, at) in [
                (&expect.header, &token.header, "header"),
                (&expect.claims, &token.claims, "claims"),
            ] {
                if !wanted.is_null() {
                    wrong.extend(subset::differs(wanted, found, at));
                }
            }
            let lives = token.claims["exp"].as_u64().zip(token.claims["iat"].as_u64());
            if lives.map(|(exp, iat)| exp - iat) != body["expires_in"].as_u64() {
                wrong.push("`expires_in` is not the token's lifetime".into());
            }
        }
    }
    wrong
}
