//! Filters (RFC 7644 section 3.4.2.2): parsed once, then applied to resources.

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
pub(crate) use self::parse::{Target, target};
use crate::error::{ScimError, ScimType};
use crate::path::AttributePath;
use crate::resource_type::ResourceType;

/// A filter (RFC 7644 section 3.4.2.2), parsed and checked.
#[derive(Debug)]
pub struct Filter(pub(crate) Expression);

/// What a filter says.
#[derive(Debug)]
pub(crate) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Present(AttributePath),
    Compare(Compare),
    /// One value of a multi-valued attribute, for which all of this holds.
    Value(AttributePath, Box<Self>),
    /// About an attribute that has no value here.
    Nothing,
}

impl Filter {
    /// Reads a filter on resources of this type.
    ///
    /// A filter has at most 1000 characters and 50 terms, and is nested at
    /// most 16 deep. Besides the grammar of the RFC, a sub-attribute may follow
    /// a value path: Entra ID sends `emails[type eq "work"].value eq "a@b"`.
    ///
    /// # Errors
    /// `invalidFilter`; the detail says at which character.
    pub fn parse(of: &'static ResourceType, text: &str) -> Result<Self, ScimError> {
        match parse::filter(of, text) {
            Ok(expression) => Ok(Self(expression)),
            Err(wrong) => Err(ScimError::of(ScimType::InvalidFilter, wrong.sentence("filter"))),
        }
    }

    /// Whether it holds for a resource.
    #[must_use]
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        self.0.holds(resource)
    }

    /// Core attributes and the strings that they must be equal to for the
    /// filter to hold: a service with an index on one of them need not look at
    /// any other resource.
    ///
    /// ```
    /// # use exchequer_scim::{Filter, ResourceType, user};
    /// # static USERS: ResourceType = ResourceType {
    /// #     schema: &user::USER, endpoint: "/Users", extensions: &[], ignored: &[],
    /// # };
    /// let filter = Filter::parse(&USERS, r#"userName eq "ada" and active eq true"#)?;
    /// assert_eq!(filter.required(), [("userName", "ada")]);
    /// # Ok::<(), exchequer_scim::ScimError>(())
    /// ```
    #[must_use]
    pub fn required(&self) -> Vec<(&'static str, &str)> {
        self.0.required()
    }
}

impl Expression {
    /// Whether it holds for a resource, or for a complex value.
    pub(crate) fn holds(&self, of: &Map<String, Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(of)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(of)),
            Self::Not(part) => !part.holds(of),
            Self::Present(path) => path.values(of).into_iter().any(says_something),
            Self::Compare(compare) => compare.holds(of),
            Self::Value(path, inner) => {
                let mut values = path.values(of).into_iter().filter_map(Value::as_object);
                values.any(|value| inner.holds(value))
            }
            Self::Nothing => false,
        }
    }

    fn required(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::required).collect(),
            Self::Compare(compare) => compare.requirement().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The members of a value for which this holds; `None` if it does not
    /// determine one.
    pub(crate) fn example(&self) -> Option<Map<String, Value>> {
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
