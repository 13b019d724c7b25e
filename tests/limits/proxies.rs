//! Which address counts where proxies stand in front of the server.

use exchequer::Request;
use serde_json::json;

use crate::support::administered::ADMIN;
use crate::{OWN, SECRET, STRANGER, Server, credentials};

#[test]
fn the_address_behind_a_proxy_is_the_configured_header_field() {
    let address = json!({ "header": "X-Forwarded-For", "from": ["10.0.0.0/8"] });
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2, "clientAddress": address }));
    let mut through = |peer: &str, client: &str, secret: &str| {
        let request = credentials(("job", secret)).header("x-forwarded-for", client);
        sts.send(peer, request).status
    };
    assert_eq!([0; 3].map(|_| through("10.0.0.2", STRANGER, "wrong")), [401, 401, 429]);
    assert_eq!(through("10.0.0.2", OWN, SECRET), 200);
    // What a stranger writes into the field before the proxy changes nothing.
    assert_eq!(through("10.0.0.2", &format!("{OWN}, {STRANGER}"), SECRET), 429);
    // Nor does a field from somebody who is no proxy.
    assert_eq!([0; 3].map(|_| through("203.0.113.99", OWN, "wrong")), [401, 401, 429]);
    assert_eq!(through("10.0.0.2", OWN, SECRET), 200);
}

#[test]
fn clients_behind_a_proxy_that_is_not_configured_do_not_lock_each_other_out() {
    let mut sts = Server::new(&json!({ "failuresPerMinute": 2 }));
    let mut through = |secret: &str| {
        let request = credentials(("job", secret)).header("x-forwarded-for", STRANGER);
        sts.send("10.0.0.2", request).status
    };
    for _ in 0..100 {
        assert_eq!(through("wrong"), 401);
    }
    assert_eq!(through(SECRET), 200);
    let metrics =
        Request::new("GET", "/metrics").header("Authorization", &format!("Bearer {ADMIN}"));
    let text = String::from_utf8(sts.send(OWN, metrics).body).unwrap();
    assert!(text.contains("\nexchequer_failures_without_address_total 100\n"), "{text}");
}
