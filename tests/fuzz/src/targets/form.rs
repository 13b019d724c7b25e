//! The body of a request to each endpoint that takes a form: an OAuth error, or what was
//! asked for; never a fault of the server.

use crate::service::{ADMIN, SECRET, exchange, post, shared};

const FORM: &str = "application/x-www-form-urlencoded";
const ENDPOINTS: [&str; 4] =
    ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/explain"];

pub(crate) fn run(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else { return };
    let endpoint = ENDPOINTS[*first as usize % ENDPOINTS.len()];
    let with_client = [body, b"&client_id=app&client_secret=", SECRET.as_bytes()].concat();
    for body in [body.to_vec(), with_client] {
        let mut request = post(endpoint, FORM, body);
        if endpoint.ends_with("explain") {
            request = request.header("authorization", &format!("Bearer {ADMIN}"));
        }
        let reply = shared(|service| service.ask(request));
        assert!([200, 400, 401, 403, 404].contains(&reply.status), "{endpoint}: {}", reply.status);
        if reply.status == 400 || reply.status == 401 {
            let error: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
            let said = |member: &str| error[member].is_string();
            assert!(said("error") && said("error_description"), "{endpoint}: {error}");
        }
    }
    // The engine that heard this still serves the next one.
    let reply = shared(|service| service.ask(exchange("no token")));
    assert_eq!(reply.status, 400);
}
