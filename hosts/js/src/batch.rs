//! A batch of writes as JavaScript reads it: the keys, a line each; the values, one
//! after the other; and three numbers for each write, as 64-bit floats.
//!
//! | number | | or |
//! |---|---|---|
//! | what the write expects | a version | -1: nothing; -2: anything |
//! | when the record expires, in seconds since the epoch | a time | -1: never |
//! | how long its value is, in bytes | a length | -1: the write deletes |
//!
//! A key is printable ASCII, so it ends with its line.

use exchequer::{Expect, Write};

const NOTHING: f64 = -1.0;
const ANYTHING: f64 = -2.0;

/// How many bytes the numbers of one write are.
const BYTES_OF_NUMBERS: usize = 3 * size_of::<f64>();

#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) keys: String,
    pub(crate) values: Vec<u8>,
    /// Little-endian, as the memory of WebAssembly is.
    pub(crate) numbers: Vec<u8>,
}

impl Batch {
    pub(crate) fn of(writes: &[Write]) -> Self {
        let of_values = writes.iter().map(|write| write.value.as_ref().map_or(0, Vec::len)).sum();
        let mut batch = Self {
            keys: String::with_capacity(writes.iter().map(|write| write.key.len() + 1).sum()),
            values: Vec::with_capacity(of_values),
            numbers: Vec::with_capacity(writes.len() * BYTES_OF_NUMBERS),
        };
        for Write { key, value, expect, expires_at } in writes {
            if !batch.numbers.is_empty() {
                batch.keys.push('\n');
            }
            batch.keys.push_str(key);
            batch.values.extend_from_slice(value.as_deref().unwrap_or_default());
            let expected = match expect {
                Expect::Absent => NOTHING,
                Expect::Any => ANYTHING,
                Expect::Version(version) => *version as f64,
            };
            let expires = expires_at.map_or(NOTHING, |at| at as f64);
            let length = value.as_ref().map_or(NOTHING, |value| value.len() as f64);
            for number in [expected, expires, length] {
                batch.numbers.extend(number.to_le_bytes());
            }
        }
        batch
    }
}
