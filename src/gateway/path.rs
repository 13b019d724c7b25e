//! Which paths every server reads alike, and which prefixes the others may
//! fall under.
//!
//! Servers disagree about dot segments, empty segments, `\`, encoded
//! characters, `;` and letter case. The gateway does not know how the upstream
//! reads a path, and a list of ways to read one is never complete. So a path
//! is not plain when something in it may lead to another place or end it
//! early. Servers that read a plain path differ only about the names of its
//! segments.

use alloc::string::String;
use alloc::vec::Vec;

use percent_encoding::percent_decode_str;

/// A path in which nothing leads to another place.
pub(super) struct Plain<'a>(&'a str);

impl<'a> Plain<'a> {
    /// Reads a path without its query; `None` when it is not plain.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        // A `%` starts a byte, and decoding makes no `%` that starts another.
        if !path.starts_with('/') || !after_percent(path).all(starts_byte) {
            return None;
        }
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        if after_percent(&decoded).any(starts_byte) || decoded.contains(ends_or_splits) {
            return None;
        }
        let mut segments = decoded.strip_prefix('/')?.rsplit('/').map(without_parameters);
        let is_dots = |name: &str| matches!(name, "." | "..");
        // Only the last one may be empty.
        let last = segments.next()?;
        let plain = !is_dots(last) && segments.all(|name| !name.is_empty() && !is_dots(name));
        plain.then_some(Self(path))
    }

    /// Whether every server reads it as the prefix or a path below.
    pub(super) fn is_below(&self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a server may read it as the prefix or a path below: one that
    /// decodes, that ignores letter case, that cuts parameters, or that splits
    /// at an encoded slash.
    pub(super) fn may_be_below(&self, prefix: &str) -> bool {
        let Names { names, unclear } = self.names();
        let mut names = names.iter();
        for wanted in prefix.split('/').skip(1) {
            match names.next() {
                Some(name) if *name == folded(wanted) => {}
                Some(_) => return false,
                None => return unclear,
            }
        }
        true
    }

    fn names(&self) -> Names {
        let mut names = Vec::new();
        for segment in self.0.split('/').skip(1) {
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            let (before, parameters) = segment.split_once(';').unwrap_or((&segment, ""));
            names.extend(before.split('/').map(folded));
            // Some servers cut parameters at the next slash as it was sent,
            // others after decoding: there are several ways to go on.
            if parameters.contains('/') {
                return Names { names, unclear: true };
            }
        }
        Names { names, unclear: false }
    }
}

/// The names of a path's segments, split wherever a server may split it.
struct Names {
    names: Vec<String>,
    /// Whether anything may follow them.
    unclear: bool,
}

/// Whether a rule may have this prefix: all of its characters stand for
/// themselves.
pub(crate) fn is_prefix(text: &str) -> bool {
    let stands_for_itself =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b';' | b'*');
    text.bytes().all(stands_for_itself) && Plain::parse(text).is_some()
}

/// What stands behind each `%`.
fn after_percent(text: &str) -> impl Iterator<Item = &str> {
    text.split('%').skip(1)
}

fn starts_byte(digits: &str) -> bool {
    matches!(digits.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// Characters that end a path or are slashes to some servers, and U+FFFD, which
/// stands for bytes that were no text.
fn ends_or_splits(character: char) -> bool {
    character.is_control() || matches!(character, '?' | '#' | '\\' | char::REPLACEMENT_CHARACTER)
}

/// A segment without its parameters (RFC 3986 section 3.3), and without the
/// spaces around it, which some servers drop.
fn without_parameters(segment: &str) -> &str {
    segment.split_once(';').map_or(segment, |(name, _)| name).trim()
}

/// A name by which two are compared when letter case does not count. Upper
/// case comes first: `ı` and `ſ` are letters that have `I` and `S` there.
fn folded(name: &str) -> String {
    name.trim().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_leads_to_where_it_stands() {
        for path in [
            "/",
            "/api",
            "/api/",
            "/.well-known/x",
            "/a.b/..c/d../...",
            "/a:b@c/~d,e!$&'()*+=[]|^{}",
            "/caf%C3%A9/\u{e9}/a%20b/100%25",
            "/a%2Fb/c;v=1/d%3Bw",
            "/a;v=1;w/",
            "/a/;v=1",
        ] {
            assert!(Plain::parse(path).is_some(), "{path}");
        }
    }

    #[test]
    fn what_leads_elsewhere_or_ends_early_is_not_plain() {
        let dots =
            ["/.", "/..", "/a/./b", "/a/%2e%2E/b", "/a/..;v=1/b", "/a%2f..%3bv/b", "/..%20/b"];
        let empty = ["//a", "/a//b", "/a//", "/a%2f/b", "/%2fa", "/;v/a", "/a/%20/b"];
        let slashes = ["/\\a", "/a\\", "/a%5cb"];
        let ends = ["/a%3fb", "/a#b", "/a%23b", "/a%00", "/a\u{1}", "/a%0a", "/a%7f"];
        let percent = ["/%", "/%4", "/%zz", "/%u002e", "/%252e", "/%25%32%65", "/%%32%65"];
        let no_text = ["/%c0%ae", "/%ff", "/\u{fffd}"];
        let no_path = ["", "*", "a/b", "%2fa", "http://a/b"];
        let all = [&dots[..], &empty, &slashes, &ends, &percent, &no_text, &no_path].concat();
        for path in all {
            assert!(Plain::parse(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_path_is_below_a_prefix_in_every_reading_or_in_some() {
        let certain = ["/a/b", "/a/b/", "/a/b/c", "/a/b/%41;x"];
        let possible =
            ["/A/b", "/%61/b", "/a%2fb", "/a;v/b/c", "/a/b;v", "/a%20/b", "/a;v%2fb", "/a;x%2fy/z"];
        let never = ["/a", "/a/bc", "/a/c/b", "/a%2fc/b", "/b/a/b", "/a;v"];
        for (paths, is, may) in
            [(&certain[..], true, true), (&possible, false, true), (&never, false, false)]
        {
            for path in paths {
                let plain = Plain::parse(path).unwrap();
                assert_eq!(
                    (plain.is_below("/a/b"), plain.may_be_below("/a/b")),
                    (is, may),
                    "{path}"
                );
            }
        }
        let kelvin = Plain::parse("/\u{212a}/adm%C4%B1n").unwrap();
        assert!(kelvin.may_be_below("/k/admin"));
    }

    #[test]
    fn the_prefix_of_a_rule_stands_for_itself() {
        for prefix in ["/", "/api", "/api/v1.0/"] {
            assert!(is_prefix(prefix), "{prefix}");
        }
        for prefix in ["", "api", "/a%20b", "/a;b", "/a*", "/\u{e9}", "/a?b", "/a//b", "/a/../b"] {
            assert!(!is_prefix(prefix), "{prefix}");
        }
    }
}
