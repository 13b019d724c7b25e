//! Paths that servers may read in different ways.

use fastrand::Rng;

use crate::rules::RuleSet;

/// Before the first separator.
const STARTS: [&str; 9] =
    ["//x", "/\\x", "//", "/.", "/%2e", "/;x", "/..", "/x%2fy/%2e%2e", "/x/.."];
/// Between segments.
const SLASHES: [&str; 18] = [
    "//",
    "%2f",
    "%2F",
    "\\",
    "%5c",
    "/./",
    "/;/",
    "%252f",
    "/x/../",
    "/%2e/",
    "/x%2fy/%2e%2e/",
    "/%2f",
    "%2f/",
    "/;a%2f",
    "/x;/../",
    "/%09/",
    "/%20/",
    "%c0%af",
];
/// Segments that go up, or stay.
const DOTS: [&str; 17] = [
    "..",
    "%2e%2e",
    ".%2e",
    "%2E.",
    ".",
    "%2e",
    "..;",
    "..;a=b",
    "%2e%2e%3b",
    "%252e%252e",
    "...",
    "..%00",
    "..%20",
    "%c0%ae%c0%ae",
    "%u002e%u002e",
    "..;x%2fy",
    "%2e%2e%2f..",
];
/// At the end of a segment.
const TAILS: [&str; 31] = [
    ";", ";v=1", "%3b", "%3Bv", ";a%2fb", ";a/", "%20", "%00", "%0a", "%0d", "%09", "?", "?x=/../",
    "%3f", "%3fx", "#", "%23", "#x", "%", "%2", "%zz", "%25", "%2561", "%u0061", ".", "+", "~1",
    ":x", "%ff", "%c3%a9", "\u{e9}",
];
/// Names of segments beside those of the rules.
const NAMES: [&str; 12] =
    ["x", "a", "a%20b", "caf%C3%A9", "%E6%97%A5", "a%2Fb", "a;v=1", "...", ".x", "x.", "A", "%41"];
/// What random text is made of.
const SOUP: [&str; 26] = [
    "/", "/", "/", ".", "..", "%2e", "%2f", "%5c", "\\", ";", "%3b", "%3f", "?", "%23", "#", "%",
    "%25", "2e", "2f", "x", "A", "%61", "%20", "%c0", "%00", "\u{131}",
];
/// Characters that letters of ASCII become in another letter case.
const LOOK_ALIKES: [(char, &str); 3] = [('i', "%C4%B1"), ('s', "%C5%BF"), ('k', "%E2%84%AA")];

/// A path near to the rules of a set. A reader of it may go wrong anywhere.
pub(crate) fn path(rng: &mut Rng, set: &RuleSet) -> String {
    let mut path = match rng.u8(0..10) {
        0..=6 => walk(rng, set),
        7 => soup(rng, set),
        _ => {
            let mut path = walk(rng, set);
            mutate(rng, &mut path);
            path
        }
    };
    // What no request line holds.
    path.retain(|character| !character.is_whitespace() && !character.is_control());
    if path.is_empty() { "/".into() } else { path }
}

/// Segments on the way to a rule, some of them up.
fn walk(rng: &mut Rng, set: &RuleSet) -> String {
    let mut path = String::new();
    match rng.u8(0..100) {
        0..8 => path.push_str(choice(rng, &STARTS)),
        // A target in absolute form.
        8 => path = format!("http://{}", set.name),
        _ => {}
    }
    if rng.u8(0..4) == 0 {
        let down = rng.usize(0..=2);
        for _ in 0..down {
            step(rng, &mut path, set);
        }
        for _ in 0..rng.usize(0..=down + 1) {
            path.push_str(slash(rng));
            path.push_str(choice(rng, &DOTS));
        }
    }
    let prefixes: Vec<&str> = set.prefixes().collect();
    for name in choice(rng, &prefixes).split('/').filter(|name| !name.is_empty()) {
        path.push_str(slash(rng));
        path.push_str(&mangled(rng, name));
    }
    for _ in 0..rng.usize(0..=2) {
        step(rng, &mut path, set);
    }
    path
}

/// One segment more.
fn step(rng: &mut Rng, path: &mut String, set: &RuleSet) {
    path.push_str(slash(rng));
    let names = set.prefixes().flat_map(|prefix| prefix.split('/').skip(1));
    let names: Vec<&str> = names.chain(NAMES).collect();
    let name = choice(rng, &names);
    path.push_str(&mangled(rng, name));
}

fn slash(rng: &mut Rng) -> &'static str {
    if rng.u8(0..12) == 0 { choice(rng, &SLASHES) } else { "/" }
}

/// A name as it is, or as something that a server may take for it.
fn mangled(rng: &mut Rng, name: &str) -> String {
    let at = |rng: &mut Rng| name.char_indices().nth(rng.usize(0..name.len().max(1)));
    let replaced = |at: Option<(usize, char)>, by: &dyn Fn(char) -> String| match at {
        Some((index, character)) if character.is_ascii() => {
            let (before, after) = name.split_at(index);
            format!("{before}{}{}", by(character), after.get(1..).unwrap_or_default())
        }
        _ => name.into(),
    };
    match rng.u8(0..24) {
        0 => replaced(at(rng), &|character| format!("%{:02x}", u32::from(character))),
        1 => replaced(at(rng), &|character| format!("%{:02X}", u32::from(character))),
        2 => replaced(at(rng), &|character| format!("%25{:02x}", u32::from(character))),
        3 => replaced(at(rng), &|character| character.to_ascii_uppercase().to_string()),
        4 => name.to_ascii_uppercase(),
        5 => {
            let one = rng.choice(LOOK_ALIKES);
            one.map_or_else(|| name.into(), |(letter, other)| name.replace(letter, other))
        }
        6 | 7 => format!("{name}{}", choice(rng, &TAILS)),
        8 => format!("{}{name}", choice(rng, &TAILS)),
        _ => name.into(),
    }
}

fn soup(rng: &mut Rng, set: &RuleSet) -> String {
    let names = set.prefixes().flat_map(|prefix| prefix.split('/').skip(1));
    let tokens: Vec<&str> = names.chain(SOUP).collect();
    (0..rng.usize(1..12)).map(|_| choice(rng, &tokens)).fold("/".into(), |path, one| path + one)
}

/// Takes out a piece, puts one in, or repeats one.
fn mutate(rng: &mut Rng, path: &mut String) {
    for _ in 0..rng.usize(1..=3) {
        let cut = |rng: &mut Rng, path: &str| {
            let at = rng.usize(0..=path.len());
            path.get(at..).map_or(path.len(), |_| at)
        };
        let (from, to) = (cut(rng, path), cut(rng, path));
        let (from, to) = (from.min(to), from.max(to));
        let piece = path.get(from..to).unwrap_or_default().to_string();
        match rng.u8(0..3) {
            0 => path.replace_range(from..to, ""),
            1 => path.insert_str(from, choice(rng, &SOUP)),
            _ => path.insert_str(to, &piece),
        }
    }
}

fn choice<'a>(rng: &mut Rng, all: &[&'a str]) -> &'a str {
    rng.choice(all).copied().unwrap_or_default()
}
