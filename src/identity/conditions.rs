//! Conditions on the claims of a foreign token, and the mapping of its claims.
//!
//! Everything is bounded and anchored: a pattern matches the whole value or
//! not at all, in time linear in both. What cannot be decided (the claim is
//! missing or of another type) does not hold.

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use crate::audit::{Conditioned, Detail, Outcome, Trace, shown};
use crate::config::{Application, ClaimMapping, Condition, Mode, Test, TrustedTokenIssuer, glob};
use crate::gather::gathered;
use crate::jose::{Found, Object, lookup};
use crate::reason::{self, Fault};

/// Checks every condition and notes each in the trace. `noted` names the one at
/// this place for it.
///
/// # Errors
/// A [`Fault`] for the first one that does not hold, unless it is in audit mode.
pub(crate) fn check(
    conditions: &[Condition],
    claims: &Object,
    role: &'static str,
    trace: &mut Trace,
    noted: impl Fn(usize) -> Detail,
) -> Result<(), Fault> {
    for (index, condition) in conditions.iter().enumerate() {
        let claim = &condition.claim;
        let found = lookup(claims, claim);
        if holds(&condition.test, found) {
            trace.pass(role, "condition", noted(index));
            continue;
        }
        let compared = format!(
            "`{claim}` is {}; wanted: {}",
            match found {
                Found::Nothing => "missing".into(),
                Found::One(value) => shown(&value.value().to_string()),
                Found::Several => "there in several readings of the path".into(),
            },
            wanted(&condition.test),
        );
        match condition.mode {
            Mode::Audit => {
                trace.note(role, reason::CONDITION.code, Outcome::Audit, compared.into());
            }
            Mode::Enforce => {
                return Err(Fault::new(
                    &reason::CONDITION,
                    format!("a condition on the token's claim `{claim}` does not hold"),
                )
                .comparing(compared));
            }
        }
    }
    Ok(())
}

/// The claims of a foreign token that its issuer's mapping lets through, under
/// their names here.
pub(crate) fn mapped(mappings: &[ClaimMapping], claims: &Object) -> Map<String, Value> {
    gathered(mappings.iter().filter_map(|mapping| match lookup(claims, &mapping.from) {
        Found::One(value) => Some((mapping.to.clone(), value.value())),
        Found::Nothing | Found::Several => None,
    }))
}

fn holds(test: &Test, found: Found<'_>) -> bool {
    let value = match found {
        Found::Nothing => None,
        Found::One(value) => Some(value),
        Found::Several => return false,
    };
    match (test, value) {
        (Test::Present(wanted), value) => *wanted == value.is_some_and(|value| !value.is_null()),
        (_, None) => false,
        (Test::Equals(wanted), Some(value)) => value.value() == *wanted,
        (Test::OneOf(wanted), Some(value)) => wanted.contains(&value.value()),
        (Test::Like(pattern), Some(value)) => value.text().is_some_and(|text| glob(pattern, &text)),
        (Test::Contains(wanted), Some(value)) => {
            value.value().as_array().is_some_and(|members| members.contains(wanted))
        }
    }
}

/// An issuer has one list of conditions.
impl Conditioned for TrustedTokenIssuer {
    fn condition(&self, _list: usize, index: usize) -> String {
        self.conditions.get(index).map(said).unwrap_or_default()
    }
}

/// An application has a list for each issuer that it may use.
impl Conditioned for Application {
    fn condition(&self, list: usize, index: usize) -> String {
        let list = self.trusted_token_issuers.get(list);
        list.and_then(|grant| grant.conditions.get(index)).map(said).unwrap_or_default()
    }
}

fn said(condition: &Condition) -> String {
    format!("`{}` {}", condition.claim, wanted(&condition.test))
}

fn wanted(test: &Test) -> String {
    match test {
        Test::Equals(value) => format!("equals {value}"),
        Test::OneOf(values) => format!("one of {}", Value::from(values.clone())),
        Test::Like(pattern) => format!("like `{pattern}`"),
        Test::Contains(value) => format!("contains {value}"),
        Test::Present(true) => "present".into(),
        Test::Present(false) => "absent".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_decided_does_not_hold() {
        let claims = Object::parse(br#"{"string":"1","number":1,"null":null}"#.to_vec()).unwrap();
        let (string, one) = (Value::from("1"), |name| Found::One(claims.get(name).unwrap()));
        assert!(!holds(&Test::Equals(Value::from(1)), one("string")));
        assert!(!holds(&Test::Like("*".into()), one("number")));
        assert!(!holds(&Test::Contains(string.clone()), one("string")));
        assert!(!holds(&Test::Equals(string), Found::Nothing));
        assert!(!holds(&Test::Present(true), one("null")));
        assert!(!holds(&Test::Present(true), Found::Several));
        assert!(!holds(&Test::Present(false), Found::Several));
    }
}
