//! JSON that has one meaning (RFC 8259 section 4 leaves repeated names open;
//! RFC 7515 section 4 and RFC 7519 section 4 want them refused).
//!
//! A text is checked as a whole. What it says is read when somebody asks, because
//! most claims of a token are asked for by nobody.

mod check;
mod kind;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use serde_json::{Map, Value};

use crate::gather::gathered;

pub(crate) use self::kind::Kind;

/// A JSON object that passed every check. A clone shares its text.
#[derive(Clone, Debug)]
pub(crate) struct Object(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    text: String,
    members: Vec<Member>,
}

/// The place of a member in the text.
#[derive(Clone, Debug)]
struct Member {
    /// Without its quotes.
    name: Range<usize>,
    /// The name has escapes in it.
    is_escaped: bool,
    value: Range<usize>,
}

/// The members of an object within a checked text.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    text: &'a str,
    members: Cow<'a, [Member]>,
}

/// A value within a checked text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raw<'a>(&'a str);

/// The JSON object in these bytes; `None` when they are no object, a name
/// stands twice at any level, or nesting is too deep.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    Object::parse(bytes.to_vec()).map(|object| object.to_map())
}

impl Object {
    /// The JSON object in these bytes; `None` when they are no object, a name
    /// stands twice at any level, or nesting is too deep.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        let members = check::object(&text)?;
        Some(Self(Arc::new(Checked { text, members })))
    }

    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'_>> {
        self.members().get(name)
    }

    /// The text of a member that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name)?.text()
    }

    pub(crate) fn members(&self) -> Members<'_> {
        let Checked { text, members } = &*self.0;
        Members { text, members: Cow::Borrowed(members) }
    }

    /// How many bytes it takes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        let Checked { text, members } = &*self.0;
        size_of::<Checked>() + text.capacity() + members.capacity() * size_of::<Member>()
    }

    /// Every member, read.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        let members = self.members();
        gathered(members.iter().map(|(name, value)| (name.into_owned(), value.value())))
    }
}

impl<'a> Members<'a> {
    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let found = self.members.iter().find(|member| {
            if member.is_escaped {
                check::name(self.text, member) == name
            } else {
                is_same(check::written(self.text, member), name.as_bytes())
            }
        })?;
        Some(self.value(found))
    }

    /// Names and values, as they stand.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        let all = self.members.iter();
        all.map(|member| (check::name(self.text, member), self.value(member)))
    }

    fn value(&self, member: &Member) -> Raw<'a> {
        Raw(self.text.get(member.value.clone()).unwrap_or_default())
    }
}

/// Whether two names are the same. Most differ in length or in their first letter, which
/// costs less to see than a call of `memcmp`.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
}

impl<'a> Raw<'a> {
    /// The value, read.
    pub(crate) fn value(self) -> Value {
        // It was checked, so that there is no other outcome.
        serde_json::from_str(self.0).unwrap_or_default()
    }

    /// The JSON text.
    pub(crate) fn json(self) -> &'a str {
        self.0
    }

    /// The text of a string.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inner.contains('\\') { check::unescaped(self.0) } else { inner.into() })
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether it is a number.
    pub(crate) fn is_number(self) -> bool {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }

    /// The members of an object.
    pub(crate) fn members(self) -> Option<Members<'a>> {
        let members = check::object(self.0)?;
        Some(Members { text: self.0, members: members.into() })
    }
}

#[cfg(test)]
mod tests;
