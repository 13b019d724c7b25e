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
use crate::jose::{Found, Kind, Object, lookup};
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
        let found = lookup(claims, &condition.claim);
        if holds(&condition.test, found) {
            let tells = trace.tells_values();
            let detail = if tells { compared(condition, found).into() } else { noted(index) };
            trace.pass(role, "condition", detail);
            continue;
        }
        let fault = fault(condition, found);
        match condition.mode {
            Mode::Audit => {
                let detail = fault.detail.unwrap_or_default();
                trace.note(role, fault.reason.code, Outcome::Audit, detail.into());
            }
            Mode::Enforce => return Err(fault),
        }
    }
    Ok(())
}

/// Why a condition does not hold. What was wanted is the operator's business, and
/// stands in the trace only.
fn fault(condition: &Condition, found: Found<'_>) -> Fault {
    let Condition { claim, test, .. } = condition;
    let kind = match found {
        Found::One(value) => Some(Kind::of(&value.value())),
        Found::Nothing | Found::Several => None,
    };
    let (reason, message) = match (found, kind) {
        (Found::Nothing, _) => (
            &reason::CONDITION_MISSING,
            format!("a condition needs the claim `{claim}`, and the token does not have it"),
        ),
        (_, Some(kind)) if !test.may_hold_for(kind) => (
            &reason::CONDITION_TYPE,
            format!(
                "a condition on the token's claim `{claim}` does not hold: the claim is {kind}, and the condition expects another type"
            ),
        ),
        _ => (
            &reason::CONDITION,
            format!("a condition on the token's claim `{claim}` does not hold"),
        ),
    };
    Fault::new(reason, message).comparing(compared(condition, found))
}

/// Both values; and the type of the claim, where that is what is wrong.
fn compared(condition: &Condition, found: Found<'_>) -> String {
    let found = match found {
        Found::Nothing => "missing".into(),
        Found::One(value) => {
            let value = value.value();
            let (kind, shown) = (Kind::of(&value), shown(&value.to_string()));
            if condition.test.may_hold_for(kind) { shown } else { format!("{shown} ({kind})") }
        }
        Found::Several => "there in several readings of the path".into(),
    };
    format!("`{}` is {found}; wanted: {}", condition.claim, wanted(&condition.test))
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
        (Test::Word(wanted), Some(value)) => match value.value() {
            Value::String(text) => text.split(' ').any(|word| word == wanted),
            Value::Array(members) => members.iter().any(|member| member == wanted),
            _ => false,
        },
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

/// A condition in words.
pub(super) fn said(condition: &Condition) -> String {
    format!("`{}` {}", condition.claim, wanted(&condition.test))
}

fn wanted(test: &Test) -> String {
    match test {
        Test::Equals(value) => format!("equals {value}"),
        Test::OneOf(values) => format!("one of {}", Value::from(values.clone())),
        Test::Like(pattern) => format!("like `{pattern}`"),
        Test::Contains(value) => format!("contains {value}"),
        Test::Word(word) => format!("word `{word}`"),
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
        assert!(!holds(&Test::Word("1".into()), one("number")));
        assert!(!holds(&Test::Word("1".into()), Found::Nothing));
    }

    #[test]
    fn a_word_is_one_between_spaces_or_one_member_of_a_list() {
        let claims = br#"{"scope":"foo.read foo.write","scp":["a b","c"],"other":"foo.writeonly"}"#;
        let claims = Object::parse(claims.to_vec()).unwrap();
        let has = |claim: &str, word: &str| {
            holds(&Test::Word(word.into()), Found::One(claims.get(claim).unwrap()))
        };
        assert!(has("scope", "foo.read") && has("scope", "foo.write") && has("scp", "c"));
        assert!(!has("other", "foo.write") && !has("scope", "foo") && !has("scope", ""));
        assert!(!has("scp", "a") && !has("scope", "FOO.READ"));
    }
}
