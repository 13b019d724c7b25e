//! Checks that any value may need: bounds, names, lists without repetition.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::super::problem::{At, Report, list, shown};
use super::super::suggest::nearest;

/// Longest name there may be, in characters.
const MAX_NAME: usize = 255;

/// Where each of the values that may exist only once was seen first.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<String, String>);

impl Seen {
    /// Notes the value here; says so when it was there before.
    pub(crate) fn once(&mut self, value: &str, at: &At, report: &mut Report) {
        if let Some(first) = self.0.get(value) {
            report.problem(
                at,
                format!("{} is also that of `{first}`, and must be unique", shown(value)),
                "change one of the two, or remove it",
            );
        } else {
            self.0.insert(value.to_string(), at.to_string());
        }
    }
}

/// Says which items of a list are there twice.
pub(super) fn no_repetition<'a>(
    items: impl IntoIterator<Item = &'a String>,
    at: &At,
    report: &mut Report,
) {
    let mut seen = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        if seen.contains(&item) {
            let problem = format!("{} is in this list twice", shown(item));
            report.problem(&at.item(index), problem, "remove one of the two");
        }
        seen.push(item);
    }
}

/// A number within bounds, or the default.
pub(crate) fn bounded(
    value: Option<u64>,
    default: u64,
    range: RangeInclusive<u64>,
    unit: &str,
    at: &At,
    report: &mut Report,
) -> u64 {
    let value = value.unwrap_or(default);
    if !range.contains(&value) {
        report.problem(
            at,
            format!("found {value}, expected {} to {} {unit}", range.start(), range.end()),
            "give a number in these bounds, or leave it out for the default",
        );
    }
    value
}

/// A text that stands for something: there, without control characters, and
/// without spaces around it that nobody would see.
pub(super) fn name(text: &str, at: &At, report: &mut Report) {
    let problem = if text.trim().is_empty() {
        "is empty"
    } else if text.trim() != text {
        "has a space or a line break at its beginning or end"
    } else if text.chars().any(char::is_control) {
        "has a control character in it"
    } else if text.chars().nth(MAX_NAME).is_some() {
        "is longer than 255 characters"
    } else {
        return;
    };
    report.problem(at, problem, "write a short printable text, without spaces around it");
}

/// Whether this is one scope (RFC 6749 section 3.3):
/// scope-token = 1*( %x21 / %x23-5B / %x5D-7E ).
pub(crate) fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// Scopes, each of them once.
pub(crate) fn scopes(scopes: &[String], at: &At, report: &mut Report) {
    for (index, scope) in scopes.iter().enumerate() {
        if !is_scope(scope) {
            report.problem(
                &at.item(index),
                format!("{} is no scope (RFC 6749 section 3.3)", shown(scope)),
                "write printable ASCII without spaces, `\"` and `\\`; several scopes are several items of the list",
            );
        }
    }
    no_repetition(scopes, at, report);
}

/// The remedy for a name that is not known.
pub(crate) fn or_known<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    none: &str,
) -> String {
    if let Some(near) = nearest(name, known.clone()) {
        return format!("did you mean {}?", shown(near));
    }
    let known = list(known.into_iter().filter(|name| !name.is_empty()).take(20));
    if known.is_empty() { none.into() } else { format!("use one of {known}") }
}
