//! Documents of clients that nobody registered: strangers name them, and have them fetched
//! no more often than they may fail.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Ask, Pending, Request, Sender, SigningKey, Step};
use serde_json::{Value, json};

use super::{OWN, SECRET, STRANGER, Server, document};
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::support::world::entropy;

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A service that lets clients of partners in, three of whom may fail in a minute.
fn partners() -> Server {
    let mut document = document(&json!({ "failuresPerMinute": 3 }));
    document["clientIdMetadata"] = json!({ "hosts": ["*.partners.example"], "template": "job" });
    Server::of(&document)
}

fn id(number: usize) -> String {
    format!("https://h{number}.partners.example/client.json")
}

/// The documents of these clients are there.
fn publish(sts: &mut Server, numbers: impl Iterator<Item = usize>) {
    let answer = |number| {
        let body = json!({
            "client_id": id(number),
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "$jwks": ["machine-es256"] },
        });
        (id(number), vec![json!({ "body": body })])
    };
    sts.world.web.script(&numbers.map(answer).collect::<BTreeMap<String, Vec<Value>>>());
}

/// A request of a client for a token about itself.
fn request(id: &str, serial: usize) -> Request {
    let part = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let claims = json!({
        "iss": id, "sub": id, "aud": "https://sts.example", "jti": format!("{id} {serial}"),
        "iat": NOW, "exp": NOW + 600,
    });
    let header = json!({ "alg": "ES256", "kid": "machine-es256" });
    let signed = format!("{}.{}", part(header), part(claims));
    let key = SigningKey::from_jwk(&fixtures::key("machine-es256")).unwrap();
    let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
    let assertion = format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", BEARER),
        ("client_assertion", &assertion),
    ];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::new("POST", "/oauth2/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
}

fn status(sts: &mut Server, from: &str, number: usize, serial: usize) -> u16 {
    sts.send(from, request(&id(number), serial)).status
}

#[test]
fn a_stranger_has_no_more_documents_fetched_than_it_may_fail() {
    let mut sts = partners();
    publish(&mut sts, [100, 101].into_iter());
    assert_eq!(status(&mut sts, STRANGER, 100, 0), 200);
    let statuses: Vec<u16> = (0..50).map(|number| status(&mut sts, STRANGER, number, 0)).collect();
    assert_eq!(statuses[..4], [503, 503, 503, 429]);
    assert!(statuses[4..].iter().all(|status| *status == 429));
    assert_eq!(sts.world.web.fetched.len(), 1 + 3);
    // Nobody who is known is turned away for it, from there or from elsewhere.
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 200);
    assert_eq!(status(&mut sts, STRANGER, 100, 1), 200);
    assert_eq!(status(&mut sts, OWN, 101, 0), 200);
    // Who waits is heard.
    sts.world.now.0 += 60;
    assert_eq!(status(&mut sts, STRANGER, 50, 0), 503);
}

#[test]
fn documents_that_are_no_good_count_like_those_that_are_not_there() {
    let mut sts = partners();
    let missing = |number| (id(number), vec![json!({ "status": 404 })]);
    sts.world.web.script(&(0..50).map(missing).collect());
    let statuses: Vec<u16> = (0..50).map(|number| status(&mut sts, STRANGER, number, 0)).collect();
    assert_eq!(statuses[..4], [401, 401, 401, 429]);
    assert_eq!(sts.world.web.fetched.len(), 3);
    assert_eq!(sts.token(STRANGER, ("job", SECRET)), 200);
}

#[test]
fn many_at_once_have_no_more_documents_fetched_than_one_after_the_other() {
    let mut sts = partners();
    let mut begun = Vec::new();
    for number in 0..20 {
        let sender = Sender::Peer(STRANGER.parse().unwrap());
        let request = request(&id(number), 0).sent_by(sender);
        begun.extend(until_fetch(&mut sts, request));
    }
    assert_eq!(begun.len(), 3);
}

/// Goes on until the request has something fetched, if it does.
fn until_fetch(sts: &mut Server, request: Request) -> Option<Pending> {
    let mut step = sts.engine.handle(request, sts.world.now, entropy());
    loop {
        match step {
            Step::Done(_) => return None,
            Step::Ask(pending) if matches!(pending.ask(), Ask::Fetch { .. }) => {
                return Some(pending);
            }
            Step::Ask(pending) => {
                let answer = sts.world.answer(&sts.engine, pending.ask());
                step = pending.resume(answer).unwrap();
            }
        }
    }
}

#[test]
fn clients_that_authenticate_are_not_counted() {
    let mut sts = partners();
    publish(&mut sts, 0..20);
    for number in 0..20 {
        assert_eq!(status(&mut sts, OWN, number, 0), 200);
    }
    assert_eq!(sts.world.web.fetched.len(), 20);
}
