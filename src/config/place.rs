//! Which value of a document an error of its parser is about.
//!
//! The parser knows line and column only. The text is read once more up to
//! there, which costs nothing where there is no error, and keeps the path out of
//! the code of every field.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::error::Category;

/// A value of a document.
pub(super) struct Place {
    pub(super) path: Vec<String>,
    /// What was read last when the error was noticed.
    pub(super) last: Last,
}

/// The value that an error of this kind is about, which the parser noticed at this
/// line and column.
pub(super) fn find(text: &str, kind: Category, line: usize, column: usize) -> Place {
    let at = offset(text, line, column);
    let limit = match kind {
        Category::Data => at,
        Category::Eof => text.len(),
        // The parser counts the character that should not be there.
        Category::Syntax | Category::Io => at.saturating_sub(1),
    };
    let mut walk = Walk { text: text.as_bytes(), at: 0, within: Vec::new(), last: Last::Start };
    let broken = walk.up_to(limit);
    if kind != Category::Data && !broken {
        walk.leave_what_did_not_begin(kind == Category::Eof);
    }
    walk.place()
}

/// Where a line and a column are, in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column).min(text.len())
}

/// What encloses the place that was reached.
enum Within {
    /// An object, with the member that was begun last.
    Object(Option<String>),
    /// A list, with the index of the item that was begun last.
    List(usize),
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Start,
    Open,
    Name,
    Colon,
    Comma,
    Value,
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    within: Vec<Within>,
    last: Last,
}

impl Walk<'_> {
    /// Reads what begins before `limit`. Whether it ended in a word, a number or a
    /// string that is none, or that reaches over `limit`.
    fn up_to(&mut self, limit: usize) -> bool {
        loop {
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
            let Some(byte) = self.peek().filter(|_| self.at < limit) else {
                return false;
            };
            let whole = match byte {
                b'{' => self.open(Within::Object(None)),
                b'[' => self.open(Within::List(0)),
                b'}' | b']' => {
                    self.within.pop();
                    self.at += 1;
                    self.last = Last::Value;
                    true
                }
                b':' => self.sign(Last::Colon),
                b',' => self.comma(),
                b'"' if self.wants_name() => self.name(),
                _ => {
                    let whole = self.scalar(byte);
                    self.last = Last::Value;
                    whole && self.at <= limit
                }
            };
            if !whole {
                return true;
            }
        }
    }

    /// The end of a member or an element.
    fn comma(&mut self) -> bool {
        match self.within.last_mut() {
            Some(Within::Object(name)) => *name = None,
            Some(Within::List(index)) => *index += 1,
            None => {}
        }
        self.sign(Last::Comma)
    }

    /// The name of a member. Whether it is whole.
    fn name(&mut self) -> bool {
        let begin = self.at;
        let whole = self.string();
        if let (true, Some(Within::Object(name))) = (whole, self.within.last_mut()) {
            let read = self.text.get(begin..self.at).unwrap_or_default();
            *name = serde_json::from_slice(read).ok();
        }
        self.last = Last::Name;
        whole
    }

    /// An error of the syntax before a value has begun is about what encloses it,
    /// and so is one behind a value.
    fn leave_what_did_not_begin(&mut self, ends: bool) {
        let closes = ends || self.peek() == Some(b']');
        match (self.last, self.within.last_mut()) {
            (Last::Colon, _) | (_, None) => {}
            (_, Some(Within::Object(name))) => *name = None,
            (Last::Open | Last::Comma, Some(Within::List(_))) if !closes => {}
            (_, Some(Within::List(_))) => {
                self.within.pop();
            }
        }
    }

    fn place(self) -> Place {
        let path = self.within.into_iter().filter_map(|one| match one {
            Within::Object(name) => name,
            Within::List(index) => Some(format!("[{index}]")),
        });
        Place { path: path.collect(), last: self.last }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn open(&mut self, within: Within) -> bool {
        self.within.push(within);
        self.sign(Last::Open)
    }

    fn sign(&mut self, last: Last) -> bool {
        self.at += 1;
        self.last = last;
        true
    }

    fn wants_name(&self) -> bool {
        matches!(self.within.last(), Some(Within::Object(_)))
            && matches!(self.last, Last::Open | Last::Comma)
    }

    fn scalar(&mut self, first: u8) -> bool {
        match first {
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    /// Whether there is a string.
    fn string(&mut self) -> bool {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return true,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        self.at = self.text.len();
        false
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at = (self.at + word.len()).min(self.text.len());
        rest.starts_with(word.as_bytes())
    }

    /// Whether there is a number. What the parser would leave is left.
    fn number(&mut self) -> bool {
        let begin = self.at;
        self.skip(1, |byte| byte == b'-');
        self.skip(usize::MAX, |byte| byte.is_ascii_digit());
        if self.skip(1, |byte| byte == b'.') {
            self.skip(usize::MAX, |byte| byte.is_ascii_digit());
        }
        if self.skip(1, |byte| matches!(byte, b'e' | b'E')) {
            self.skip(1, |byte| matches!(byte, b'+' | b'-'));
            self.skip(usize::MAX, |byte| byte.is_ascii_digit());
        }
        let whole = self.at > begin && self.text.get(self.at - 1).is_some_and(u8::is_ascii_digit);
        self.at = self.at.max(begin + 1);
        whole
    }

    /// Whether there was something to skip.
    fn skip(&mut self, most: usize, what: fn(u8) -> bool) -> bool {
        let begin = self.at;
        while self.at - begin < most && self.peek().is_some_and(what) {
            self.at += 1;
        }
        self.at > begin
    }
}

#[cfg(test)]
mod tests;
