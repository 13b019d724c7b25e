//! A path in every way that an upstream may read it.
//!
//! Proxies and servers disagree about `//`, `..`, `%2e`, `%2f`, `;` and `\`.
//! A gateway that reads a path in one way guards a door, and the upstream that
//! reads it in another opens the next one. So nothing is guessed here: a rule
//! counts only when every reading of the path falls under it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Longest path that is looked at, in bytes.
const MAX_LENGTH: usize = 8 * 1024;
/// How often a path is decoded. Servers decode once, some twice.
const MAX_DECODED: usize = 3;

/// The path cannot be read safely in any way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Whether there is only one way to read it.
pub(crate) fn is_one_path(path: &str) -> bool {
    let odd = path
        .bytes()
        .any(|byte| matches!(byte, b'%' | b'\\' | b';' | b'?' | b'#' | 0..=b' ' | 0x7f..));
    let mut segments = path.split('/').skip(1).peekable();
    let mut empty_inside = false;
    let mut dots = false;
    while let Some(segment) = segments.next() {
        empty_inside |= segment.is_empty() && segments.peek().is_some();
        dots |= matches!(segment, "." | "..");
    }
    !odd && !empty_inside && !dots
}

/// The path of a request target, without its query.
pub(crate) fn of_target(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// Every way to read a path that is not [`is_one_path`].
///
/// # Errors
/// [`Unreadable`] for what no server should be asked for.
pub(crate) fn readings(path: &str) -> Result<BTreeSet<Vec<u8>>, Unreadable> {
    if path.len() > MAX_LENGTH {
        return Err(Unreadable);
    }
    let mut all = BTreeSet::new();
    let mut current = path.as_bytes().to_vec();
    for _ in 0..=MAX_DECODED {
        check(&current)?;
        for way in 0..8_u8 {
            all.insert(resolved(&current, way));
        }
        let decoded = decoded(&current);
        all.insert(core::mem::replace(&mut current, decoded));
        if all.contains(&current) {
            return Ok(all);
        }
    }
    Err(Unreadable)
}

/// What is refused whatever the rules say: control characters, bytes that are
/// the beginning of an overlong UTF-8 form of `.` and `/`, the `%u002e` of old
/// servers, and a fragment, which no request has.
fn check(path: &[u8]) -> Result<(), Unreadable> {
    let odd = path.iter().any(|byte| matches!(byte, 0..=0x1f | 0x7f | 0xc0 | 0xc1 | b'#'));
    let wide = path.windows(2).any(|pair| matches!(pair, [b'%', b'u' | b'U']));
    if odd || wide { Err(Unreadable) } else { Ok(()) }
}

/// Percent-encoded bytes decoded once; what is malformed stays.
fn decoded(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, after @ ..] = rest {
        let pair = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match pair {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// With dot segments resolved (RFC 3986 section 5.2.4). The bits of `way`:
/// segments lose what stands behind `;`, `\` is `/`, empty segments are none.
fn resolved(path: &[u8], way: u8) -> Vec<u8> {
    let (parameters, backslashes, empty) = (way & 1 != 0, way & 2 != 0, way & 4 != 0);
    let separates = |byte: &u8| *byte == b'/' || (backslashes && *byte == b'\\');
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(separates).skip(1) {
        let end = segment.iter().position(|byte| parameters && *byte == b';');
        let segment = segment.get(..end.unwrap_or(segment.len())).unwrap_or_default();
        match segment {
            b"" if empty => {}
            b"." => {}
            b".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for segment in kept {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    out
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn read(path: &str) -> Vec<String> {
        readings(path).unwrap().into_iter().map(|one| String::from_utf8(one).unwrap()).collect()
    }

    #[test]
    fn most_paths_have_one_reading() {
        for path in ["/", "/api", "/api/", "/.well-known/x", "/a.b/..c/d..", "/a:b@c/~d,e!$&'()*+="]
        {
            assert!(is_one_path(path), "{path}");
        }
        for path in
            ["//a", "/a//", "/a/./b", "/a/..", "/a%2fb", "/a;b", "/a\\b", "/a b", "/ä", "/a#b"]
        {
            assert!(!is_one_path(path), "{path}");
        }
    }

    #[test]
    fn whatever_an_upstream_may_read_is_among_the_readings() {
        for (path, reading) in [
            ("//admin", "/admin"),
            ("/public/../admin", "/admin"),
            ("/public/%2e%2e/admin", "/admin"),
            ("/public/%252e%252e/admin", "/admin"),
            ("/public/..%2fadmin", "/admin"),
            ("/public/..;/admin", "/admin"),
            ("/public/..;x=y/admin", "/admin"),
            ("/public/..\\admin", "/admin"),
            ("/public/..%5cadmin", "/admin"),
            ("/public/.//../admin", "/admin"),
            ("/a//../public", "/a/public"),
            ("/a//../public", "/public"),
            ("/%61dmin", "/admin"),
            ("/../../admin", "/admin"),
            ("/admin%3b/x", "/admin/x"),
        ] {
            assert!(read(path).contains(&reading.into()), "{path}: {:?}", read(path));
        }
    }

    #[test]
    fn what_no_server_should_be_asked_for_is_not_read() {
        let deep = "/%25252525252e";
        for path in ["/a%00b", "/a\u{1}", "/%c0%ae%c0%ae/admin", "/%u002e/a", "/a#b", deep] {
            assert_eq!(readings(path), Err(Unreadable), "{path}");
        }
        assert_eq!(readings(&"/%41".repeat(3000)), Err(Unreadable));
    }
}
