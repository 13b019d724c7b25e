//! The whole text of a token: no other text than one that was signed is granted.

use crate::service::{exchange, good_claims, shared, signed};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let reply = shared(|service| service.ask(exchange(text)));
    match reply.status {
        // Signatures of Ed25519 are the same each time: there is one good text.
        200 => assert_eq!(text, signed(good_claims().to_string().as_bytes())),
        400 => (),
        other => panic!("status {other}"),
    }
}
