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

/// How many bytes of values there is memory for at all times: more than a request writes,
/// and less than a configuration document is.
const KEPT: usize = 16 * 1024;

#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) keys: String,
    pub(crate) values: Vec<u8>,
    /// Little-endian, as the memory of WebAssembly is.
    pub(crate) numbers: Vec<u8>,
}

impl Batch {
    /// Makes it of these writes, in the memory that the batch before took.
    pub(crate) fn set(&mut self, writes: &[Write]) {
        self.keys.clear();
        self.values.clear();
        self.numbers.clear();
        self.values.shrink_to(KEPT);
        for Write { key, value, expect, expires_at } in writes {
            if !self.numbers.is_empty() {
                self.keys.push('\n');
            }
            self.keys.push_str(key);
            self.values.extend_from_slice(value.as_deref().unwrap_or_default());
            let expected = match expect {
                Expect::Absent => NOTHING,
                Expect::Any => ANYTHING,
                Expect::Version(version) => *version as f64,
            };
            let expires = expires_at.map_or(NOTHING, |at| at as f64);
            let length = value.as_ref().map_or(NOTHING, |value| value.len() as f64);
            for number in [expected, expires, length] {
                self.numbers.extend(number.to_le_bytes());
            }
        }
    }
}
