//! The small store in which the workers of Envoy count together.

#[path = "../../hosts/envoy/src/slot.rs"]
mod slot;

use exchequer::{Answer, Expect, Write};

const NOW: u64 = 1000;

fn write(key: &str, value: &str, expect: Expect, expires: u64) -> Write {
    Write { key: key.into(), value: Some(value.into()), expect, expires_at: Some(expires) }
}

/// The version and the value under a key.
fn found(bytes: &[u8], key: &str, now: u64) -> Option<(u64, String)> {
    let Answer::Records { mut records } = slot::read(bytes, &[key.into()], now) else { panic!() };
    let record = records.pop().unwrap()?;
    assert_eq!(record.key, key);
    Some((record.version, String::from_utf8(record.value).unwrap()))
}

#[test]
fn what_is_written_is_read_until_it_expires() {
    let bytes = slot::commit(b"", &[write("a", "1", Expect::Absent, NOW + 10)], NOW).unwrap();
    assert_eq!(found(&bytes, "a", NOW + 9), Some((1, "1".into())));
    assert_eq!(found(&bytes, "a", NOW + 10), None);
    assert_eq!(found(&bytes, "b", NOW), None);
    assert!(slot::commit(&bytes, &[write("a", "2", Expect::Absent, NOW + 20)], NOW + 10).is_ok());
}

#[test]
fn a_batch_is_written_as_a_whole_or_not_at_all() {
    let bytes = slot::commit(b"", &[write("a", "1", Expect::Absent, NOW + 10)], NOW).unwrap();
    for expect in [Expect::Absent, Expect::Version(2), Expect::Version(0)] {
        let batch = [write("b", "1", Expect::Absent, NOW + 10), write("a", "2", expect, NOW + 10)];
        assert_eq!(slot::commit(&bytes, &batch, NOW), Err(Answer::Conflict));
    }
    let both =
        [write("b", "1", Expect::Absent, NOW + 10), write("a", "2", Expect::Version(1), NOW + 10)];
    let bytes = slot::commit(&bytes, &both, NOW).unwrap();
    assert_eq!(found(&bytes, "a", NOW), Some((3, "2".into())));
    // A version never comes back, also of a record that expired.
    let again = [write("a", "3", Expect::Absent, NOW + 90)];
    let bytes = slot::commit(&bytes, &again, NOW + 50).unwrap();
    assert_eq!(found(&bytes, "a", NOW + 50), Some((4, "3".into())));
}

#[test]
fn a_slot_is_bounded_and_what_ends_first_goes() {
    let mut bytes = Vec::new();
    for number in 0..1000 {
        let expires = NOW + 1000 + number;
        let batch = [write(&format!("limit/{number}"), "{}", Expect::Absent, expires)];
        bytes = slot::commit(&bytes, &batch, NOW).unwrap();
    }
    assert!(bytes.len() < 128 * 40, "{}", bytes.len());
    assert_eq!(found(&bytes, "limit/871", NOW), None);
    assert!(found(&bytes, "limit/872", NOW).is_some());
    // What is written now stays, though it ends first.
    let bytes = slot::commit(&bytes, &[write("new", "1", Expect::Absent, NOW + 1)], NOW).unwrap();
    assert!(found(&bytes, "new", NOW).is_some());
}

#[test]
fn a_value_that_is_no_slot_is_an_empty_one() {
    for bytes in [&b"null"[..], b"[1]", b"{", b"[1,{\"a\":[1,2]}]"] {
        assert_eq!(found(bytes, "a", NOW), None);
    }
}
