//! Which origins are remembered.

use alloc::format;
use alloc::vec::Vec;

use super::{FORGOTTEN_AFTER, JwkSet, KeyDirectory, KeyDocument, MAX_CLIENTS, Origin};
use crate::time::Timestamp;

#[test]
fn origins_that_nobody_names_any_more_are_forgotten() {
    let directory = KeyDirectory::default();
    let ask = |number: u64, now: u64| {
        let origin = Origin {
            url: format!("https://idp.example/{number}"),
            document: KeyDocument::KeySet,
            timeout_ms: 1000,
            danger_allow_http: false,
        };
        directory.with(&origin, Timestamp(now), |_| {});
    };
    for number in 0..100 {
        ask(number, 1);
    }
    ask(7, FORGOTTEN_AFTER);
    ask(100, FORGOTTEN_AFTER + 1);
    assert_eq!(directory.entries.lock().by_name.len(), 2, "the one still in use, and the new one");
}

#[test]
fn strangers_do_not_fill_the_memory_with_client_ids() {
    let directory = KeyDirectory::default();
    let ask = |document, number: usize, now: u64| {
        let url = format!("https://client.example/{number}");
        let origin = Origin { url, document, timeout_ms: 1000, danger_allow_http: false };
        directory.with(&origin, Timestamp(now), |_| {});
        origin.name()
    };
    ask(KeyDocument::KeySet, 0, 0);
    for number in 0..MAX_CLIENTS {
        ask(KeyDocument::ClientMetadata, number, 1 + number as u64);
    }
    let used = ask(KeyDocument::ClientMetadata, 0, 5000);
    ask(KeyDocument::ClientMetadata, MAX_CLIENTS, 5001);
    let entries = directory.entries.lock();
    assert_eq!(entries.by_name.len(), 1 + MAX_CLIENTS);
    assert!(entries.by_name.contains_key(&used), "the one that was used since stays");
}

#[test]
fn names_without_a_document_do_not_take_the_place_of_clients_that_there_are() {
    let directory = KeyDirectory::default();
    let ask = |host: &str, number: usize, now: u64| {
        let url = format!("https://{host}.example/{number}");
        let document = KeyDocument::ClientMetadata;
        let origin = Origin { url, document, timeout_ms: 1000, danger_allow_http: false };
        directory.with(&origin, Timestamp(now), |_| {});
        origin
    };
    let clients: Vec<_> = (0..MAX_CLIENTS - 1).map(|number| ask("client", number, 1)).collect();
    for client in &clients {
        let keys = JwkSet::parse(br#"{"keys":[]}"#).unwrap();
        directory
            .with(client, Timestamp(1), |entry| entry.cache.loaded(1, keys, None, Timestamp(1)));
    }
    for number in 0..3 * MAX_CLIENTS {
        ask("stranger", number, 2);
    }
    let entries = directory.entries.lock();
    assert_eq!(entries.by_name.len(), MAX_CLIENTS);
    assert!(clients.iter().all(|client| entries.by_name.contains_key(&client.name())));
}
