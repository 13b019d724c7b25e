//! What an issuer's server answers: any bytes in the place of its key set, or of its
//! discovery document. A token is then granted or not, and the answer says whose fault
//! it is; nothing else may come of it.

use serde_json::{Value, json};

use crate::service::{ISSUER, Service, exchange, good_claims, key_set, signed};

pub(crate) fn run(bytes: &[u8]) {
    fetched(&json!({ "jwksUri": "https://idp.example/jwks" }), bytes);
}

pub(crate) fn run_discovery(bytes: &[u8]) {
    fetched(&json!({ "discovery": true }), bytes);
}

fn fetched(certificate: &Value, bytes: &[u8]) {
    let mut service = Service::with(certificate);
    service.fetched = bytes.to_vec();
    let reply = service.ask(exchange(&signed(good_claims().to_string().as_bytes())));
    match reply.status {
        200 => {
            let text = String::from_utf8_lossy(bytes);
            let x = key_set()["keys"][0]["x"].as_str().unwrap().to_string();
            // A text may be written with escapes; then it is read first.
            let read: Value = serde_json::from_slice(bytes.trim_ascii_start())
                .unwrap_or_else(|_| json!(text.trim_start_matches('\u{feff}')));
            assert!(
                read.to_string().contains(&x) || text.contains(&x),
                "granted without the key of {ISSUER}"
            );
        }
        400 | 503 => (),
        other => panic!("status {other}"),
    }
}
