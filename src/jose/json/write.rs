//! Objects written as they are made, without a map in between.

use alloc::string::String;
use core::fmt::Write as _;

use serde::Serialize;

use super::check::special;
use crate::scan;

/// An object that is being written. Its members come in the order in which they
/// are added; the caller sees to it that none comes twice.
pub(crate) struct Writer {
    out: String,
}

impl Writer {
    /// An object with room for so many bytes.
    pub(crate) fn new(room: usize) -> Self {
        let mut out = String::with_capacity(room);
        out.push('{');
        Self { out }
    }

    /// Adds a member whose value is text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
    }

    /// Adds a member whose value is a number.
    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        // Writing to memory does not fail.
        let _ = write!(self.out, "{value}");
    }

    /// Adds a member with any value. One that cannot be written is `null`; no
    /// value of this engine is such a one.
    pub(crate) fn value(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        self.any(value);
    }

    /// The JSON text.
    pub(crate) fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn name(&mut self, name: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        self.string(name);
        self.out.push(':');
    }

    /// Text is written at once where nothing in it has to be escaped.
    fn string(&mut self, value: &str) {
        if scan::before(value.as_bytes(), special) < value.len() {
            return self.any(value);
        }
        self.out.push('"');
        self.out.push_str(value);
        self.out.push('"');
    }

    fn any(&mut self, value: &(impl Serialize + ?Sized)) {
        let written = serde_json::to_string(value);
        self.out.push_str(written.as_deref().unwrap_or("null"));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::Writer;

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let all: String = ('\0'..='\u{ff}').collect();
        let mut writer = Writer::new(0);
        writer.text(&all, &all);
        writer.text("plain", "a.b-c_d/é");
        writer.number("n", 7);
        writer.value("list", &["a", "b\""]);
        let expected = [
            serde_json::to_string(&serde_json::json!({ all.as_str(): all }))
                .unwrap()
                .trim_end_matches('}'),
            r#","plain":"a.b-c_d/é","n":7,"list":["a","b\""]}"#,
        ]
        .concat();
        assert_eq!(writer.end(), expected);
    }
}
