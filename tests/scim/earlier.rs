//! Users that an earlier version of this server kept: under ids without a
//! prefix, and found by e-mail addresses in the letter case they were written in.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Answer, Expect, Write};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::Server;
use crate::support::store::Store;

/// The key under which that version noted who has an e-mail address.
fn former_index(email: &str, id: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["email", email] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    format!("user-attribute/{}/{id}", Base64UrlUnpadded::encode_string(&hash.finalize()))
}

/// The user with this address as that version kept it, and its id.
fn kept_by_an_earlier_version(server: &mut Server, email: &str) -> String {
    let new = server.created(json!({ "userName": "ada", "emails": [email] }));
    let id = new.strip_prefix("usr_").unwrap().to_string();
    let Answer::Page { records, .. } = server.world.store.list("", None, 99, server.world.now)
    else {
        panic!("no page");
    };
    let index = former_index(&email.to_ascii_lowercase(), &id);
    let write = |key: &str, value: &[u8]| {
        let value = String::from_utf8(value.to_vec()).unwrap().replace(&new, &id);
        let key = key.replace(&new, &id);
        let key = if key == index { former_index(email, &id) } else { key };
        Write { key, value: Some(value.into_bytes()), expect: Expect::Any, expires_at: None }
    };
    let batch: Vec<_> = records.iter().map(|one| write(&one.key, &one.value)).collect();
    assert!(batch.iter().any(|write| write.key == former_index(email, &id)));
    server.world.store = Store::default();
    assert_eq!(server.world.store.commit(&batch, server.world.now), Answer::Committed);
    id
}

#[test]
fn a_user_of_an_earlier_version_is_found_written_and_deleted() {
    let mut server = Server::new();
    let id = kept_by_an_earlier_version(&mut server, "Ada@Example.com");
    let path = format!("Users/{id}");
    assert_eq!(server.call("GET", &path, &Value::Null).1["userName"], "ada");
    let as_written = json!({ "sub": "a-1", "email": "Ada@Example.com" });
    let (status, issued) = server.exchange(&as_written);
    assert_eq!(status, 200, "{issued}");

    // What is written again is found in any letter case, and nowhere else.
    let title = json!({ "Operations": [{ "op": "add", "path": "title", "value": "Countess" }] });
    assert_eq!(server.call("PATCH", &path, &title).0, 200);
    for (sub, email) in [("a-2", "ada@example.com"), ("a-3", "Ada@Example.com")] {
        assert_eq!(server.exchange(&json!({ "sub": sub, "email": email })).0, 200, "{email}");
    }
    assert!(server.world.store.value(&former_index("Ada@Example.com", &id)).is_none());
    assert_eq!(server.call("DELETE", &path, &Value::Null).0, 204);
    assert_eq!((server.records("user/"), server.records("user-attribute/")), (0, 0));
}

#[test]
fn the_address_that_a_user_of_an_earlier_version_had_finds_nobody() {
    let mut server = Server::new();
    let id = kept_by_an_earlier_version(&mut server, "Ada@Example.com");
    let emails = json!(["lovelace@example.com"]);
    let moved = json!({ "Operations": [{ "op": "replace", "path": "emails", "value": emails }] });
    assert_eq!(server.call("PATCH", &format!("Users/{id}"), &moved).0, 200);
    assert_eq!(server.exchange(&json!({ "email": "Ada@Example.com" })).0, 400);
    assert_eq!(server.exchange(&json!({ "email": "LOVELACE@example.com" })).0, 200);
}

#[test]
fn a_user_of_an_earlier_version_can_be_deleted_at_once() {
    let mut server = Server::new();
    let id = kept_by_an_earlier_version(&mut server, "Ada@Example.com");
    assert_eq!(server.call("DELETE", &format!("Users/{id}"), &Value::Null).0, 204);
    assert_eq!(server.records("user"), 0);
}
