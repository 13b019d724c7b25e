//! Conditions that can never hold together: allowed, since nothing passes that
//! should not, and hardly meant.

use alloc::format;

use serde_json::Value;

use super::super::glob::glob;
use super::super::model::{Condition, Mode, Test};
use super::super::problem::{At, Report, shown};

/// Says which of the conditions no token could pass together with an earlier
/// one, or with one of the issuer to whose conditions they are added.
pub(super) fn note(conditions: &[Condition], issuers: &[Condition], at: &At, report: &mut Report) {
    let enforced = |condition: &&Condition| condition.mode == Mode::Enforce;
    for (index, one) in conditions.iter().enumerate().filter(|(_, one)| enforced(one)) {
        let mut others = issuers.iter().chain(conditions.iter().take(index)).filter(enforced);
        if others.any(|other| one.claim == other.claim && exclude(&one.test, &other.test)) {
            report.note(
                &at.item(index),
                format!(
                    "can never hold together with an earlier condition on {}",
                    shown(&one.claim)
                ),
                "remove one of them; for alternatives use `oneOf`",
            );
        }
    }
}

/// Whether no value passes both.
fn exclude(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Present(false), Test::Present(false)) => false,
        (Test::Present(false), _) | (_, Test::Present(false)) => true,
        (Test::Word(word), test) | (test, Test::Word(word)) => match test {
            Test::Equals(value) => !has_word(value, word),
            Test::OneOf(values) => !values.iter().any(|value| has_word(value, word)),
            _ => false,
        },
        (Test::Contains(_), test) | (test, Test::Contains(_)) => {
            matches!(test, Test::Equals(_) | Test::OneOf(_) | Test::Like(_))
        }
        (Test::Equals(value), test) | (test, Test::Equals(value)) => !may_be(test, value),
        (Test::OneOf(values), test) | (test, Test::OneOf(values)) => {
            !values.iter().any(|value| may_be(test, value))
        }
        (Test::Like(one), Test::Like(other)) => !may_meet(one, other),
        (Test::Like(_) | Test::Present(true), _) => false,
    }
}

/// Whether two patterns agree in how what they match begins and ends.
fn may_meet(one: &str, other: &str) -> bool {
    let (begin, start) = (before_stars(one), before_stars(other));
    let (end, close) = (after_stars(one), after_stars(other));
    (begin.starts_with(start) || start.starts_with(begin))
        && (end.ends_with(close) || close.ends_with(end))
}

fn before_stars(pattern: &str) -> &str {
    pattern.split_once('*').map_or(pattern, |(before, _)| before)
}

fn after_stars(pattern: &str) -> &str {
    pattern.rsplit_once('*').map_or(pattern, |(_, after)| after)
}

/// Says which conditions on `iss` no token of the issuer could pass.
pub(super) fn note_issuer(conditions: &[Condition], issuer: &str, at: &At, report: &mut Report) {
    let value = Value::from(issuer);
    for (index, condition) in conditions.iter().enumerate() {
        if condition.claim == "iss" && !may_be(&condition.test, &value) {
            report.note(
                &at.item(index),
                format!("can never hold: the `iss` of this issuer's tokens is {}", shown(issuer)),
                "remove it; `issuer` is compared already",
            );
        }
    }
}

/// Whether a value passes.
fn may_be(test: &Test, value: &Value) -> bool {
    match test {
        Test::Equals(other) => other == value,
        Test::OneOf(others) => others.contains(value),
        Test::Like(pattern) => value.as_str().is_some_and(|text| glob(pattern, text)),
        Test::Contains(_) => false,
        Test::Word(word) => has_word(value, word),
        Test::Present(present) => *present,
    }
}

fn has_word(value: &Value, word: &str) -> bool {
    value.as_str().is_some_and(|text| text.split(' ').any(|one| one == word))
}
