//! Conditions and claim mappings.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::super::document;
use super::super::model::{ClaimMapping, Condition, Test};
use super::super::problem::{At, Report, shown};
use super::values::{Seen, name};

/// Longest pattern, in characters.
const MAX_PATTERN: usize = 256;
/// Most stars in a pattern.
const MAX_STARS: usize = 8;
/// Longest path of a claim, in bytes.
const MAX_PATH: usize = 256;

/// The claims that issued tokens are made of: nothing from outside may stand
/// in their place.
const PROTECTED: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "act",
    "may_act",
    "cnf",
    "azp",
    "idp",
    "token_use",
    "exq",
];

/// The conditions that can be read; the others are reported.
pub(super) fn conditions(
    conditions: Vec<document::Condition>,
    at: &At,
    report: &mut Report,
) -> Vec<Condition> {
    let read = |(index, condition)| self::condition(condition, &at.item(index), report);
    conditions.into_iter().enumerate().filter_map(read).collect()
}

fn condition(
    mut condition: document::Condition,
    at: &At,
    report: &mut Report,
) -> Option<Condition> {
    let document::Condition { claim, mode, .. } = &mut condition;
    let claim = self::claim(core::mem::take(claim), &at.field("claim"), report);
    let mode = *mode;
    let test = test(condition, at, report);
    Some(Condition { claim: claim?, test: test?, mode })
}

fn test(condition: document::Condition, at: &At, report: &mut Report) -> Option<Test> {
    let equals = condition.equals.map(Test::Equals);
    let one_of = condition.one_of.map(Test::OneOf);
    let like = condition.like.map(Test::Like);
    let contains = condition.contains.map(Test::Contains);
    let word = condition.word.map(Test::Word);
    let present = condition.present.map(Test::Present);
    let mut tests = [equals, one_of, like, contains, word, present].into_iter().flatten();
    let (test, more) = (tests.next(), tests.next());
    let remedy = "give exactly one of `equals`, `oneOf`, `like`, `contains`, `word` and `present`; several tests are several conditions";
    let Some(test) = test else {
        report.problem(at, "names a claim and no test", remedy);
        return None;
    };
    if more.is_some() {
        report.problem(at, "has more than one test", remedy);
        return None;
    }
    sound(&test, at, report).then_some(test)
}

fn sound(test: &Test, at: &At, report: &mut Report) -> bool {
    match test {
        Test::Equals(value) => scalar(value, &at.field("equals"), report),
        Test::Contains(value) => scalar(value, &at.field("contains"), report),
        Test::OneOf(values) => {
            let at = at.field("oneOf");
            if values.is_empty() {
                report.problem(
                    &at,
                    "is empty, so no token would ever pass",
                    "list the values that pass",
                );
            }
            let mut good = !values.is_empty();
            for (index, value) in values.iter().enumerate() {
                good &= scalar(value, &at.item(index), report);
            }
            good
        }
        Test::Like(text) => pattern(text, &at.field("like"), report),
        Test::Word(text) => word(text, &at.field("word"), report),
        Test::Present(_) => true,
    }
}

fn word(text: &str, at: &At, report: &mut Report) -> bool {
    let (problem, remedy) = if text.is_empty() {
        ("is empty, and no word is", "write a word, such as one scope")
    } else if text.contains(char::is_whitespace) {
        (
            "has a space in it, and no word has",
            "write one word; several words are several conditions",
        )
    } else if text.chars().nth(MAX_PATTERN).is_some() {
        ("is longer than 256 characters", "shorten the word")
    } else {
        if text.contains('*') {
            report.note(
                at,
                "has a star in it, which stands for itself here",
                "for a pattern use `like`",
            );
        }
        return true;
    };
    report.problem(at, problem, remedy);
    false
}

fn scalar(value: &Value, at: &At, report: &mut Report) -> bool {
    let found = match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => return true,
        Value::Null => "null",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    report.problem(
        at,
        format!("found {found}, expected a string, a number or a boolean"),
        "compare one value; for the members of an object go on in `claim`, like `realm_access.roles`",
    );
    false
}

fn pattern(text: &str, at: &At, report: &mut Report) -> bool {
    let stars = text.matches('*').count();
    let (problem, remedy) = if text.is_empty() {
        ("is empty, and would match the empty string only", "write a pattern, or use `equals`")
    } else if text.chars().nth(MAX_PATTERN).is_some() {
        ("is longer than 256 characters", "shorten the pattern")
    } else if stars > MAX_STARS {
        ("has more than 8 stars", "use fewer stars, or several conditions")
    } else {
        if stars == text.len() {
            report.note(
                at,
                "matches every string",
                "say `\"present\": true` if that is what is meant",
            );
        } else if stars == 0 {
            report.note(at, "has no star in it", "say `equals` if that is what is meant");
        }
        return true;
    };
    report.problem(at, problem, remedy);
    false
}

/// A claim by its path: names joined by dots, as `jose::lookup` reads it.
fn claim(text: String, at: &At, report: &mut Report) -> Option<String> {
    if text.len() > MAX_PATH || text.split('.').any(str::is_empty) {
        report.problem(
            at,
            format!("{} is no path of a claim", shown(&text)),
            "name the members from the outside in, with one dot between them, like `realm_access.roles`",
        );
        return None;
    }
    Some(text)
}

/// The claim mappings that can be read; the others are reported.
pub(super) fn mappings(
    mappings: Vec<document::ClaimMapping>,
    at: &At,
    report: &mut Report,
) -> Vec<ClaimMapping> {
    let mut targets = Seen::default();
    let mut read = Vec::new();
    for (index, mapping) in mappings.into_iter().enumerate() {
        let at = at.item(index);
        let from = claim(mapping.from, &at.field("from"), report);
        let to = mapping.to;
        if target(&to, &at.field("to"), report) {
            targets.once(&to, &at.field("to"), report);
        }
        if let Some(from) = from {
            read.push(ClaimMapping { from, to });
        }
    }
    read
}

/// Whether a claim of this name may be put into issued tokens.
pub(super) fn target(claim: &str, at: &At, report: &mut Report) -> bool {
    if PROTECTED.contains(&claim) || claim.starts_with("exchequer_") {
        report.problem(
            at,
            format!(
                "{} is a claim that our tokens are made of, and cannot be set from outside",
                shown(claim)
            ),
            "choose another name for the claim",
        );
        return false;
    }
    name(claim, at, report);
    true
}
