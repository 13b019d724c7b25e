//! Paths of a gateway: what passes without a token leads nowhere else, however it is
//! read. `tests/paths` asks real servers; this asks readers that are written here, each
//! of them simple, and takes any bytes.

use std::cell::RefCell;

use exchequer::{Engine, Filter, Gateway, GatewayStep, HostCrypto, Request, Timestamp};
use percent_encoding::percent_decode;
use serde_json::json;

use crate::service::{NOW, document, key_set};

fn gateway() -> Gateway {
    let mut config = document(&json!({ "jwks": key_set() }));
    // A filter has no store for the other one's refresh tokens.
    config["applications"].as_array_mut().unwrap().remove(0);
    let filter = json!({
        "mode": "gateway",
        "config": config,
        "clusters": {},
        "gateway": {
            "clientId": "edge",
            "audience": ["https://api.example"],
            "rules": [{ "pathPrefix": "/public/", "token": "off" }],
        },
    });
    let mut filter = Filter::parse(&filter.to_string())
        .and_then(|document| document.resolve(|_| Err("there are none here".into())))
        .unwrap_or_else(|problems| panic!("{problems}"));
    let engine = Engine::new(filter.config.clone(), HostCrypto::default());
    Gateway::new(&mut filter, engine).unwrap()
}

/// Whether a request without a token passes.
fn passes(path: &str) -> bool {
    thread_local! {
        static GATEWAY: RefCell<Gateway> = RefCell::new(gateway());
    }
    GATEWAY.with_borrow(|gateway| {
        let request = Request::new("GET", path);
        matches!(gateway.cross(&request, Timestamp(NOW), || None), Some(GatewayStep::Forward(_)))
    })
}

pub(crate) fn run(bytes: &[u8]) {
    let Ok(path) = std::str::from_utf8(bytes) else { return };
    if !passes(path) {
        return;
    }
    for cut_at in ["", "?", "#", ";", "?#;"] {
        for decodings in 0..3 {
            let read = reading(path, cut_at, decodings);
            let is_public = read == "/public" || read.starts_with("/public/");
            assert!(is_public, "{path:?} is read as {read:?}");
        }
    }
}

/// A path as one more or less careful server reads it.
fn reading(path: &str, cut_at: &str, decodings: usize) -> String {
    let mut path = path.split(['?', '#']).next().unwrap_or_default().to_string();
    for _ in 0..decodings {
        path = percent_decode(path.as_bytes()).decode_utf8_lossy().into_owned();
    }
    if cut_at.contains('?') || cut_at.contains('#') {
        let end = path.find(|char| cut_at.contains(char) && char != ';');
        path.truncate(end.unwrap_or(path.len()));
    }
    let mut read: Vec<&str> = Vec::new();
    for segment in path.split(['/', '\\']) {
        let segment = match (cut_at.contains(';'), segment.split_once(';')) {
            (true, Some((segment, _))) => segment,
            _ => segment,
        };
        match segment {
            "." => (),
            ".." => drop(read.pop()),
            segment => read.push(segment),
        }
    }
    read.join("/")
}
