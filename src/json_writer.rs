//! JSON objects written as they are made, without a map in between.

use alloc::string::String;
use core::fmt::{self, Write};

use serde::Serialize;

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

    /// Adds a member whose value is text that comes in pieces.
    pub(crate) fn pieces(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Pieces<'_>) -> fmt::Result,
    ) {
        self.name(name);
        self.out.push('"');
        // Writing to memory does not fail.
        let _ = write(&mut Pieces(self));
        self.out.push('"');
    }

    /// Adds a member whose value is a list of objects, each of which is written by `write`.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.name(name);
        self.out.push('[');
        for item in items {
            self.separate();
            self.out.push('{');
            write(self, item);
            self.out.push('}');
        }
        self.out.push(']');
    }

    /// The JSON text.
    pub(crate) fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.string(name);
        self.out.push(':');
    }

    /// A comma, unless this is the first member or item. No value ends with what opens an
    /// object or a list.
    fn separate(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }

    fn string(&mut self, value: &str) {
        self.out.push('"');
        self.escaped(value);
        self.out.push('"');
    }

    /// Text is written at once where nothing in it has to be escaped.
    fn escaped(&mut self, text: &str) {
        if scan::before(text.as_bytes(), special) == text.len() {
            return self.out.push_str(text);
        }
        let written = serde_json::to_string(text).unwrap_or_default();
        let quoted = written.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        self.out.push_str(quoted.unwrap_or_default());
    }

    fn any(&mut self, value: &(impl Serialize + ?Sized)) {
        let written = serde_json::to_string(value);
        self.out.push_str(written.as_deref().unwrap_or("null"));
    }
}

/// Text that is being written, piece by piece.
pub(crate) struct Pieces<'a>(&'a mut Writer);

impl Write for Pieces<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.escaped(piece);
        Ok(())
    }
}

/// What text has to be written in another way for: a quote, a backslash or a
/// control character.
pub(crate) fn special(word: u64) -> u64 {
    scan::is(word, b'"') | scan::is(word, b'\\') | scan::control(word)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use core::fmt::Write;

    use super::Writer;

    #[test]
    fn what_is_written_is_what_serde_json_writes() {
        let all: String = ('\0'..='\u{ff}').collect();
        let mut writer = Writer::new(0);
        writer.text(&all, &all);
        writer.text("plain", "a.b-c_d/é");
        writer.number("n", 7);
        writer.value("list", &["a", "b\""]);
        writer.pieces("pieces", |out| all.chars().try_for_each(|one| write!(out, "{one}")));
        writer.objects("objects", ["{", "["], |object, item| {
            object.text("text", item);
            object.number("n", 1);
        });
        writer.objects("none", [""; 0], |_, _| {});
        writer.text("last", "");
        let written = serde_json::to_string(&all).unwrap();
        let expected = [
            serde_json::to_string(&serde_json::json!({ all.as_str(): all }))
                .unwrap()
                .trim_end_matches('}'),
            r#","plain":"a.b-c_d/é","n":7,"list":["a","b\""],"pieces":"#,
            &written,
            r#","objects":[{"text":"{","n":1},{"text":"[","n":1}],"none":[],"last":""}"#,
        ]
        .concat();
        assert_eq!(writer.end(), expected);
    }
}
