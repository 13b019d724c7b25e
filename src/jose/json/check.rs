//! The check of a JSON text: the grammar of RFC 8259, one meaning for each name,
//! and a bound for nesting. It keeps the places of the members of the outermost
//! object and nothing else.
//!
//! Values are read by `serde_json` later, which therefore has to accept what is
//! accepted here. The tests compare both on many thousand texts.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use serde_json::Value;

use super::Member;
use crate::json_writer::special;
use crate::scan;

/// Deepest nesting of objects and arrays in a token.
const MAX_DEPTH: usize = 16;
/// Room for the members of an ordinary token.
const USUAL: usize = 24;
/// Up to so many names are compared with each other; more are sorted first.
const FEW: usize = 24;
/// A number of this length without an exponent is in range, whatever its digits.
const SHORT: usize = 300;

/// The members of the one object that is this text.
pub(super) fn object(text: &str) -> Option<Vec<Member>> {
    let members = Vec::with_capacity(USUAL);
    let mut check = Check { text, bytes: text.as_bytes(), at: 0, members };
    check.space();
    check.expect(b'{')?;
    check.object(MAX_DEPTH)?;
    check.space();
    (check.at == text.len()).then_some(check.members)
}

/// The name of a member.
pub(super) fn name<'a>(text: &'a str, member: &Member) -> Cow<'a, str> {
    let Range { start, end } = member.name;
    if member.is_escaped {
        // With its quotes.
        return unescaped(text.get(start.saturating_sub(1)..end + 1).unwrap_or_default());
    }
    text.get(start..end).unwrap_or_default().into()
}

/// The text of a string that was checked.
pub(super) fn unescaped(string: &str) -> Cow<'_, str> {
    match serde_json::from_str(string) {
        Ok(Value::String(text)) => text.into(),
        _ => "".into(),
    }
}

struct Check<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Of the outermost object, and above them those of every object that is
    /// not at its end.
    members: Vec<Member>,
}

impl Check<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// A value with room for so many levels below it.
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.next()? {
            b'"' => self.string().map(|_| ()),
            b'{' => {
                let outer = self.members.len();
                self.object(depth)?;
                self.members.truncate(outer);
                Some(())
            }
            b'[' => self.array(depth),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            first @ (b'-' | b'0'..=b'9') => self.number(first),
            _ => None,
        }
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        let end = self.at + rest.len();
        let is_next = self.bytes.get(self.at..end) == Some(rest);
        self.at = end;
        is_next.then_some(())
    }

    /// The rest of an object.
    fn object(&mut self, depth: usize) -> Option<()> {
        let outer = self.members.len();
        self.space();
        if self.take(b'}') {
            return Some(());
        }
        loop {
            self.expect(b'"')?;
            let start = self.at;
            let is_escaped = self.string()?;
            let name = start..self.at - 1;
            self.space();
            self.expect(b':')?;
            self.space();
            let start = self.at;
            self.value(depth.checked_sub(1)?)?;
            self.members.push(Member { name, is_escaped, value: start..self.at });
            self.space();
            match self.next()? {
                b',' => self.space(),
                b'}' => break,
                _ => return None,
            }
        }
        are_distinct(self.text, self.members.get(outer..)?).then_some(())
    }

    /// The rest of an array. One without room below it is refused, also when it
    /// is empty.
    fn array(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.space();
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The rest of a string. Says whether there are escapes in it.
    fn string(&mut self) -> Option<bool> {
        let mut is_escaped = false;
        loop {
            self.at += scan::before(self.bytes.get(self.at..)?, special);
            match self.next()? {
                b'"' => return Some(is_escaped),
                b'\\' => self.escape()?,
                // A control character.
                _ => return None,
            }
            is_escaped = true;
        }
    }

    /// The rest of an escape. A surrogate comes with its other half (RFC 8259
    /// section 8.2).
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.hex()? {
                0xd800..=0xdbff => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    matches!(self.hex()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let mut number = 0;
        for _ in 0..4 {
            number = number * 16 + char::from(self.next()?).to_digit(16)?;
        }
        Some(number)
    }

    /// The rest of a number.
    fn number(&mut self, first: u8) -> Option<()> {
        let start = self.at - 1;
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => {
                self.digits();
            }
            _ => return None,
        }
        if self.take(b'.') && self.digits() == 0 {
            return None;
        }
        let has_exponent = self.take(b'e') || self.take(b'E');
        if has_exponent {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        if !has_exponent && self.at - start <= SHORT {
            return Some(());
        }
        // Whether it is in range is decided by the one who will read it.
        serde_json::from_slice::<Value>(self.bytes.get(start..self.at)?).ok().map(|_| ())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }
}

/// Whether no name stands twice, however it is written.
fn are_distinct(text: &str, members: &[Member]) -> bool {
    if members.len() > FEW || members.iter().any(|member| member.is_escaped) {
        let mut names: Vec<_> = members.iter().map(|member| name(text, member)).collect();
        names.sort_unstable();
        return names.windows(2).all(|pair| matches!(pair, [one, other] if one != other));
    }
    let mut marks = 0;
    members.iter().enumerate().all(|(index, member)| {
        let bytes = written(text, member);
        // Most names differ in their length or at their ends.
        let mark = 1u64 << (mark(bytes) % 64);
        let is_like = |other: &Member| written(text, other) == bytes;
        let is_new = marks & mark == 0 || !members.iter().take(index).any(is_like);
        marks |= mark;
        is_new
    })
}

/// A number by which few names are alike.
fn mark(name: &[u8]) -> usize {
    let end = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    name.len() + 7 * end(name.first()) + 13 * end(name.last())
}

/// The name of a member as it is written.
pub(super) fn written<'a>(text: &'a str, member: &Member) -> &'a [u8] {
    text.as_bytes().get(member.name.clone()).unwrap_or_default()
}
