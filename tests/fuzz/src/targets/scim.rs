//! Filters and changes of SCIM, in the language itself and over HTTP.

use exchequer_scim::{Filter, ResourceType, user};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::service::{administer, shared};

const USERS: ResourceType = ResourceType {
    schema: &user::USER,
    endpoint: "/Users",
    extensions: &[&user::ENTERPRISE],
    ignored: &["password", "groups"],
};

fn ada() -> Value {
    json!({ "userName": "ada", "name": { "givenName": "Ada" },
        "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }] })
}

pub(crate) fn run_filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(filter) = Filter::parse(&USERS, text) {
        let ada = USERS.read(ada().as_object().cloned().unwrap()).unwrap();
        // What it says of a resource, it says each time.
        assert_eq!(filter.matches(&ada), filter.matches(&ada));
    }
    let filter = utf8_percent_encode(text, NON_ALPHANUMERIC);
    let request = administer("GET", &format!("/scim2/Users?filter={filter}"));
    let reply = shared(|service| service.ask(request));
    assert!([200, 400].contains(&reply.status), "status {}", reply.status);
}

pub(crate) fn run_patch(bytes: &[u8]) {
    let Ok(Value::Object(patch)) = serde_json::from_slice(bytes) else { return };
    let before = USERS.read(ada().as_object().cloned().unwrap()).unwrap();
    let mut after = before.clone();
    if USERS.patch(&mut after, &patch).is_ok() {
        // What a change made is a user again: nothing comes in by PATCH that POST refuses.
        USERS.read(after.clone()).unwrap_or_else(|error| panic!("{error}: {after:?}"));
    }
    shared(|service| {
        let media_type = "application/scim+json";
        let create = administer("POST", "/scim2/Users").header("content-type", media_type);
        let reply = service.ask(create.body(ada().to_string()));
        // It may be there already.
        assert!([201, 409].contains(&reply.status), "status {}", reply.status);
        if reply.status == 201 {
            let user: Value = serde_json::from_slice(&reply.body).unwrap();
            let path = format!("/scim2/Users/{}", user["id"].as_str().unwrap());
            let change = administer("PATCH", &path).header("content-type", media_type);
            let reply = service.ask(change.body(bytes));
            assert!((200..500).contains(&reply.status), "status {}", reply.status);
            let reply = service.ask(administer("DELETE", &path));
            assert_eq!(reply.status, 204);
        }
    });
}
