//! One comparison of a filter: whether it can be made, and whether it holds
//! (RFC 7644 section 3.4.2.2, table 3).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::super::name::{self, Name};
use super::super::path::Place;
use super::super::schema::Kind;
use super::super::{time, value};
use super::Filter;
use super::lexer::Wrong;

/// An attribute held against a value.
pub(in crate::admin::scim) struct Compare {
    place: Place,
    operator: Operator,
    /// A string, or a truth value.
    given: Value,
    /// The string in lower case, for attributes that are not case exact.
    folded: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Compare {
    pub(super) fn holds(&self, of: &Map<String, Value>) -> bool {
        self.place.values(of).into_iter().any(|value| match value {
            Value::String(text) => self.text_holds(text),
            value => self.operator == Operator::Equal && *value == self.given,
        })
    }

    fn text_holds(&self, text: &str) -> bool {
        let Some(given) = self.given.as_str() else { return false };
        let target = self.place.target();
        match target.kind {
            Kind::Time => {
                let instants = (time::read(text), time::read(given));
                self.in_order(&instants.0, &instants.1).unwrap_or_else(|| self.part(text, given))
            }
            _ if target.exact => self.string_holds(text, given),
            _ => self.string_holds(&text.to_lowercase(), &self.folded),
        }
    }

    fn string_holds(&self, text: &str, given: &str) -> bool {
        self.in_order(&text, &given).unwrap_or_else(|| self.part(text, given))
    }

    /// The operators that order; `None` for the others.
    fn in_order<T: PartialOrd>(&self, left: &T, right: &T) -> Option<bool> {
        Some(match self.operator {
            Operator::Equal => left == right,
            Operator::Greater => left > right,
            Operator::GreaterOrEqual => left >= right,
            Operator::Less => left < right,
            Operator::LessOrEqual => left <= right,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => return None,
        })
    }

    /// The operators on parts of a string.
    fn part(&self, text: &str, given: &str) -> bool {
        match self.operator {
            Operator::Contains => text.contains(given),
            Operator::StartsWith => text.starts_with(given),
            Operator::EndsWith => text.ends_with(given),
            _ => false,
        }
    }

    /// The member of a value that this holds of.
    pub(super) fn example(&self) -> Option<(&'static str, Value)> {
        let equal = self.operator == Operator::Equal;
        equal.then(|| (self.place.target().name, self.given.clone()))
    }

    /// What a core attribute must be equal to.
    pub(super) fn requirement(&self) -> Option<(&'static str, &str)> {
        let whole = self.place.holder.is_none() && self.place.member.is_none();
        let equal = self.operator == Operator::Equal && whole;
        equal.then(|| Some((self.place.attribute.name, self.given.as_str()?)))?
    }
}

/// The operator of this name, and whether its contrary is meant: `ne` is true
/// where `eq` is not, also of an attribute without a value.
pub(super) fn operator_named(at: usize, name: &str) -> Result<(Operator, bool), Wrong> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "eq" => (Operator::Equal, false),
        "ne" => (Operator::Equal, true),
        "co" => (Operator::Contains, false),
        "sw" => (Operator::StartsWith, false),
        "ew" => (Operator::EndsWith, false),
        "gt" => (Operator::Greater, false),
        "ge" => (Operator::GreaterOrEqual, false),
        "lt" => (Operator::Less, false),
        "le" => (Operator::LessOrEqual, false),
        _ => {
            let what = "expected one of eq, ne, co, sw, ew, gt, ge, lt, le, pr";
            return Err(Wrong::new(at, what));
        }
    })
}

/// "Boolean and Binary attributes SHALL cause a failed response" when they are
/// ordered (RFC 7644 table 3); so does whatever else cannot be compared.
pub(super) fn compare(
    at: usize,
    place: Place,
    operator: Operator,
    given: Value,
) -> Result<Filter, Wrong> {
    if given.is_null() && operator == Operator::Equal {
        return Ok(Filter::Not(Box::new(Filter::Present(place))));
    }
    let place = comparable(at, place)?;
    let target = place.target();
    let wrong = |what: String| Err(Wrong::new(at, what));
    let ordered = !matches!(
        operator,
        Operator::Equal | Operator::Contains | Operator::StartsWith | Operator::EndsWith
    );
    let given = match (target.kind, given) {
        (Kind::Flag, given) => match value::truth(&given) {
            Some(flag) if operator == Operator::Equal => Value::Bool(flag),
            _ => return wrong(format!("{} is compared by eq true or eq false", target.name)),
        },
        (Kind::Binary, _) if ordered => return wrong(format!("{} has no order", target.name)),
        (Kind::Time, Value::String(text))
            if (ordered || operator == Operator::Equal) && time::read(&text).is_none() =>
        {
            return wrong(format!("{} is compared to an RFC 3339 date and time", target.name));
        }
        (_, Value::String(text)) if place.holder.is_none() && target.name == "userName" => {
            Value::String(if operator == Operator::Equal { canonical(&text) } else { text })
        }
        (_, Value::String(text)) => Value::String(text),
        _ => return wrong(format!("{} is compared to a string", target.name)),
    };
    let folded = given.as_str().map(str::to_lowercase).unwrap_or_default();
    Ok(Filter::Compare(Compare { place, operator, given, folded }))
}

/// A complex attribute is compared by its `value`.
fn comparable(at: usize, place: Place) -> Result<Place, Wrong> {
    let attribute = place.target();
    if attribute.members().is_empty() {
        return Ok(place);
    }
    match attribute.member("value").filter(|_| place.member.is_none()) {
        Some(member) => Ok(Place { member: Some(member), ..place }),
        None => Err(Wrong::new(at, format!("{} has no value to compare", attribute.name))),
    }
}

fn canonical(text: &str) -> String {
    let name = Name::parse(text);
    name::written(&name.store, name.name)
}
