//! What a proxy answers to a foreign function of the filter.

#[path = "../../../../hosts/envoy/src/protobuf.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod envoy;

use envoy::{Field, find, put};

pub(crate) fn run(bytes: &[u8]) {
    for field in [0, 1, 2, 15, u64::MAX] {
        match find(bytes, field) {
            Some(Field::Bytes(found)) => assert!(found.len() <= bytes.len()),
            Some(Field::Number(_)) | None => (),
        }
    }
    // What is written is read.
    let mut message = Vec::new();
    put(&mut message, 2, bytes);
    assert!(matches!(find(&message, 2), Some(Field::Bytes(found)) if found == bytes));
}
