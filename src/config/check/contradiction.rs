//! Conditions that can never hold together: allowed, since nothing passes that
//! should not, and hardly meant.

use alloc::format;

use serde_json::Value;

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
        (Test::Contains(_), test) | (test, Test::Contains(_)) => {
            matches!(test, Test::Equals(_) | Test::OneOf(_) | Test::Like(_))
        }
        (Test::Equals(value), test) | (test, Test::Equals(value)) => !may_be(test, value),
        (Test::OneOf(values), test) | (test, Test::OneOf(values)) => {
            !values.iter().any(|value| may_be(test, value))
        }
        (Test::Like(_) | Test::Present(true), _) => false,
    }
}

/// Whether a value might pass; patterns are only tried for their type.
fn may_be(test: &Test, value: &Value) -> bool {
    match test {
        Test::Equals(other) => other == value,
        Test::OneOf(others) => others.contains(value),
        Test::Like(_) => value.is_string(),
        Test::Contains(_) => false,
        Test::Present(present) => *present,
    }
}
