//! Filters (RFC 7644 section 3.4.2.2): parsed once, held against resources.

mod compare;
mod lexer;
mod parse;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use self::compare::Compare;
pub(super) use self::parse::{Target, target};
use super::error::Problem;
use super::path::Place;

/// A filter in which nothing is wrong.
pub(super) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Present(Place),
    Compare(Compare),
    /// One value of a multi-valued attribute, for which all of this holds.
    Value(Place, Box<Self>),
    /// About something that has no value here.
    Nothing,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `invalidFilter`, saying where.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        parse::filter(text).map_err(|wrong| Problem::filter(wrong.said("filter")))
    }

    /// Whether it holds of a resource, or of a complex value.
    pub(super) fn holds(&self, of: &Map<String, Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(of)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(of)),
            Self::Not(part) => !part.holds(of),
            Self::Present(place) => place.values(of).into_iter().any(says_something),
            Self::Compare(compare) => compare.holds(of),
            Self::Value(place, inner) => {
                let mut values = place.values(of).into_iter().filter_map(Value::as_object);
                values.any(|value| inner.holds(value))
            }
            Self::Nothing => false,
        }
    }

    /// What core attributes must be equal to, whatever else is asked for.
    pub(super) fn required(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::required).collect(),
            Self::Compare(compare) => compare.requirement().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The members that make a value which this holds of; `None` when that
    /// cannot be said.
    pub(super) fn example(&self) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        match self {
            Self::All(parts) => {
                for part in parts {
                    members.extend(part.example()?);
                }
            }
            Self::Compare(compare) => {
                let (name, value) = compare.example()?;
                members.insert(name.into(), value);
            }
            _ => return None,
        }
        Some(members)
    }
}

/// "non-empty or non-null value, or ... a non-empty node for complex
/// attributes": the meaning of `pr`.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}
