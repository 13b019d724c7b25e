//! A host that answers wrongly: with what was not asked for, with garbage, or with a
//! failure. Each answer is taken or is misuse; nothing panics, and every request ends.

use exchequer::{Answer, Failed, Record, Request, Step, Verdict};
use serde_json::json;

use crate::service::{SECRET, Service, administer, exchange, form, good_claims, key_set, signed};

const FAILURES: [Failed; 8] = [
    Failed::Unreachable,
    Failed::Unresolved,
    Failed::Untrusted,
    Failed::Proxy,
    Failed::TimedOut,
    Failed::TooLarge,
    Failed::Unsupported,
    Failed::Broken,
];

/// Takes one byte after another; zeros when there are no more.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn some(&mut self) -> &'a [u8] {
        let length = (self.next() as usize).min(self.0.len());
        let (some, rest) = self.0.split_at(length);
        self.0 = rest;
        some
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut service = Service::with(&json!({ "jwksUri": "https://idp.example/jwks" }));
    service.fetched = key_set().to_string().into_bytes();
    for _ in 0..4 {
        let mut step = service.begin(request(bytes.next()));
        for asks in 0.. {
            assert!(asks < 200, "a request does not end");
            step = match step {
                Step::Done(reply) => {
                    assert!((200..600).contains(&reply.status));
                    break;
                }
                Step::Ask(pending) => {
                    let right = service.answer(pending.ask());
                    match pending.resume(answer(&mut bytes, right)) {
                        Ok(step) => step,
                        // The request is gone, and the next one is served.
                        Err(_) => break,
                    }
                }
            };
        }
    }
}

fn request(which: u8) -> Request {
    let token = signed(good_claims().to_string().as_bytes());
    match which % 8 {
        0 => exchange(&token),
        1 => form(&[
            ("grant_type", "refresh_token"),
            ("client_id", "app"),
            ("client_secret", SECRET),
            ("refresh_token", "exqr_unknown"),
        ]),
        2 => administer("GET", "/scim2/Users?count=3"),
        3 => administer("POST", "/scim2/Users")
            .header("content-type", "application/scim+json")
            .body(json!({ "userName": "ada" }).to_string()),
        4 => administer("GET", "/api/server/v1/applications"),
        5 => Request::new("GET", "/healthz"),
        6 => Request::new("GET", "/oauth2/jwks"),
        _ => form(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_id", "app"),
            ("client_secret", SECRET),
            ("assertion", &token),
        ]),
    }
}

/// What the host answers: mostly what is right, so that requests come far.
fn answer(bytes: &mut Bytes<'_>, right: Answer) -> Answer {
    let failed = FAILURES[bytes.next() as usize % FAILURES.len()];
    match bytes.next() % 16 {
        0..8 => right,
        8 => Answer::Failed { failed },
        9 => Answer::Fetched {
            status: u16::from(bytes.next()) * 3,
            cache_control: Some(String::from_utf8_lossy(bytes.some()).into_owned()),
            location: Some(String::from_utf8_lossy(bytes.some()).into_owned()),
            body: bytes.some().to_vec(),
        },
        10 => Answer::Records { records: vec![record(bytes); bytes.next() as usize % 4] },
        11 => Answer::Page { records: Vec::new(), next: record(bytes).map(|record| record.key) },
        12 => Answer::Committed,
        13 => Answer::Conflict,
        14 => Answer::Verdict { verdict: Verdict::Accept },
        _ => match right {
            // The right kind, with other contents.
            Answer::Records { records } => {
                Answer::Records { records: records.iter().map(|_| record(bytes)).collect() }
            }
            Answer::Page { .. } => Answer::Page {
                records: record(bytes).into_iter().collect(),
                next: record(bytes).map(|record| record.key),
            },
            _ => Answer::Signature { signature: bytes.some().to_vec() },
        },
    }
}

fn record(bytes: &mut Bytes<'_>) -> Option<Record> {
    let key = String::from_utf8_lossy(bytes.some()).into_owned();
    Some(Record { key, value: bytes.some().to_vec(), version: u64::from(bytes.next()) })
}
