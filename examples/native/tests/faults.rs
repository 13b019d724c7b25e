//! Faults around the example: an issuer that is down at first, one that says
//! too much, one that rotates its key, and a store that fails.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may say what it means")]

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use exchequer::{Answer, Config, Failed, Request, Timestamp, Write};
use exchequer_example_native::{Host, Issuer, MemoryStore, Store};
use serde_json::{Value, json};

const STS: &str = "https://sts.example.com";
const EXCHANGE: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
    &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";

/// A configuration that trusts an issuer, whose keys are at this URL.
fn config(issuer: &Issuer, keys: &str) -> Config {
    let document = json!({
        "issuer": STS,
        "trustedTokenIssuers": [{
            "name": "Provider", "issuer": issuer.url, "certificate": { "jwksUri": keys },
        }],
        "applications": [{
            "clientId": "web",
            "clientSecret": "a-secret-for-tests",
            "grantTypes": [
                "urn:ietf:params:oauth:grant-type:token-exchange", "refresh_token",
            ],
            "trustedTokenIssuers": ["Provider"],
        }],
    });
    Config::parse(&document.to_string()).unwrap().without_secrets().unwrap()
}

fn post(host: &Host, form: &str) -> (u16, Value) {
    let request = Request::new("POST", "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("{form}&client_id=web&client_secret=a-secret-for-tests"));
    let reply = host.handle(request).unwrap();
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn exchange(host: &Host, issuer: &Issuer) -> (u16, Value) {
    post(host, &format!("{EXCHANGE}&subject_token={}", issuer.token("ada", STS).unwrap()))
}

/// Answers every connection to this address with a document.
fn publish(address: &str, document: String) {
    let listener = TcpListener::bind(address).unwrap();
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}", document.len());
            let _ = write!(connection, "{head}\r\nconnection: close\r\n\r\n{document}");
        }
    });
}

/// An address that nobody listens on.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The document that an issuer publishes.
fn published_by(issuer: &Issuer) -> String {
    let mut connection = TcpStream::connect(issuer.url.trim_start_matches("http://")).unwrap();
    write!(connection, "GET / HTTP/1.1\r\n\r\n").unwrap();
    let lines = BufReader::new(connection).lines().map(Result::unwrap);
    lines.skip_while(|line| !line.is_empty()).skip(1).collect()
}

#[test]
fn an_issuer_that_was_down_is_asked_again() {
    let (issuer, address) = (Issuer::start().unwrap(), nobody());
    let host = Host::new(config(&issuer, &format!("http://{address}")));
    for _ in 0..2 {
        let (status, body) = exchange(&host, &issuer);
        assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
    }
    publish(&address, published_by(&issuer));
    // As long as `Retry-After` says.
    thread::sleep(Duration::from_secs(1));
    let (status, body) = exchange(&host, &issuer);
    assert_eq!(status, 200, "{body}");
}

#[test]
fn an_issuer_that_says_too_much_is_not_heard() {
    let (issuer, address) = (Issuer::start().unwrap(), nobody());
    publish(&address, published_by(&issuer) + &" ".repeat(600_000));
    let host = Host::new(config(&issuer, &format!("http://{address}")));
    let (status, body) = exchange(&host, &issuer);
    assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
}

#[test]
fn a_key_that_was_rotated_is_fetched() {
    let mut issuer = Issuer::start().unwrap();
    let host = Host::new(config(&issuer, &issuer.url));
    assert_eq!(exchange(&host, &issuer).0, 200);
    let before = issuer.token("ada", STS).unwrap();
    issuer.rotate().unwrap();
    let (status, body) = exchange(&host, &issuer);
    assert_eq!(status, 200, "{body}");
    // The issuer has withdrawn the key before.
    let (status, body) = post(&host, &format!("{EXCHANGE}&subject_token={before}"));
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
}

/// A store that fails while it is told to.
struct Failing {
    kept: MemoryStore,
    fails: Arc<AtomicBool>,
}

impl Failing {
    fn fault(&self) -> Option<Answer> {
        let fails = self.fails.load(Ordering::SeqCst);
        fails.then_some(Answer::Failed { failed: Failed::Unreachable })
    }
}

impl Store for Failing {
    fn read(&self, keys: &[String], now: Timestamp) -> Answer {
        self.fault().unwrap_or_else(|| self.kept.read(keys, now))
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: u32, now: Timestamp) -> Answer {
        self.fault().unwrap_or_else(|| self.kept.list(prefix, after, limit, now))
    }

    fn commit(&mut self, batch: &[Write], now: Timestamp) -> Answer {
        match self.fault() {
            Some(failed) => failed,
            None => self.kept.commit(batch, now),
        }
    }
}

#[test]
fn a_store_that_fails_loses_nothing_and_lets_nobody_in() {
    let (issuer, fails) = (Issuer::start().unwrap(), Arc::new(AtomicBool::new(false)));
    let store = Failing { kept: MemoryStore::default(), fails: Arc::clone(&fails) };
    let host = Host::with_store(config(&issuer, &issuer.url), store);
    let (_, body) = exchange(&host, &issuer);
    let token = body["refresh_token"].as_str().unwrap();
    let refresh = format!("grant_type=refresh_token&refresh_token={token}");

    fails.store(true, Ordering::SeqCst);
    for (status, body) in [post(&host, &refresh), exchange(&host, &issuer)] {
        assert_eq!((status, &body["error"]), (503, &json!("temporarily_unavailable")));
        assert_eq!(body["access_token"], Value::Null);
    }
    fails.store(false, Ordering::SeqCst);
    assert_eq!(post(&host, &refresh).0, 200, "it was not spent");
    assert_eq!(post(&host, &refresh).0, 400, "now it is");
}
