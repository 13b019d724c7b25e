//! One comparison of a filter: whether it can be made, and whether it holds
//! (RFC 7644 section 3.4.2.2, table 3).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::Expression;
use super::lexer::Wrong;
use crate::path::AttributePath;
use crate::schema::AttributeType;
use crate::{time, value};

/// An attribute compared to a value.
#[derive(Debug)]
pub(crate) struct Compare {
    path: AttributePath,
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
        self.path.values(of).into_iter().any(|value| match value {
            Value::String(text) => self.text_holds(text),
            value => self.operator == Operator::Equal && *value == self.given,
        })
    }

    fn text_holds(&self, text: &str) -> bool {
        let Some(given) = self.given.as_str() else { return false };
        let target = self.path.target();
        match target.data_type {
            AttributeType::DateTime => {
                let instants = (time::read(text), time::read(given));
                self.in_order(&instants.0, &instants.1).unwrap_or_else(|| self.part(text, given))
            }
            _ if target.case_exact => self.string_holds(text, given),
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

    /// The member of a value for which this holds.
    pub(super) fn example(&self) -> Option<(&'static str, Value)> {
        let equal = self.operator == Operator::Equal;
        equal.then(|| (self.path.target().name, self.given.clone()))
    }

    /// What a core attribute must be equal to.
    pub(super) fn requirement(&self) -> Option<(&'static str, &str)> {
        let whole = self.path.extension.is_none() && self.path.member.is_none();
        let equal = self.operator == Operator::Equal && whole;
        equal.then(|| Some((self.path.attribute.name, self.given.as_str()?)))?
    }
}

/// The operator of this name, and whether it is negated: `ne` holds where `eq`
/// does not, also for an attribute without a value.
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
/// ordered (RFC 7644 table 3). Every other comparison that makes no sense
/// fails, too.
pub(super) fn compare(
    at: usize,
    path: AttributePath,
    operator: Operator,
    given: Value,
) -> Result<Expression, Wrong> {
    if given.is_null() && operator == Operator::Equal {
        return Ok(Expression::Not(Box::new(Expression::Present(path))));
    }
    let path = comparable(at, path)?;
    let target = path.target();
    let wrong = |what: String| Err(Wrong::new(at, what));
    let ordered = !matches!(
        operator,
        Operator::Equal | Operator::Contains | Operator::StartsWith | Operator::EndsWith
    );
    let given = match (target.data_type, given) {
        (AttributeType::Boolean, given) => match value::truth(&given) {
            Some(flag) if operator == Operator::Equal => Value::Bool(flag),
            _ => return wrong(format!("{} is compared by eq true or eq false", target.name)),
        },
        (AttributeType::Binary, _) if ordered => {
            return wrong(format!("{} has no order", target.name));
        }
        (AttributeType::DateTime, Value::String(text))
            if (ordered || operator == Operator::Equal) && time::read(&text).is_none() =>
        {
            return wrong(format!("{} is compared to an RFC 3339 date and time", target.name));
        }
        (_, Value::String(text)) => Value::String(match target.normalize {
            Some(normalize) if operator == Operator::Equal => normalize(&text),
            _ => text,
        }),
        _ => return wrong(format!("{} is compared to a string", target.name)),
    };
    let folded = given.as_str().map(str::to_lowercase).unwrap_or_default();
    Ok(Expression::Compare(Compare { path, operator, given, folded }))
}

/// A complex attribute is compared by its `value`.
fn comparable(at: usize, path: AttributePath) -> Result<AttributePath, Wrong> {
    let attribute = path.target();
    if attribute.sub_attributes().is_empty() {
        return Ok(path);
    }
    match attribute.sub_attribute("value").filter(|_| path.member.is_none()) {
        Some(member) => Ok(AttributePath { member: Some(member), ..path }),
        None => Err(Wrong::new(at, format!("{} has no value to compare", attribute.name))),
    }
}
