//! WSO2's filter of a list: `name co abc`, or several such joined by `and`.
//! Letter case does not count, neither in operators nor in values.
//!
//! Objects are found by `eq` and `sw` of all but `isEnabled`, and by `eq` of
//! `trustedTokenIssuers`. The other operators are held against every object, or
//! against those that were found.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::call::Call;
use super::error::{Error, Kind};
use super::lists::{Page, list};
use super::records::filtered::{Wanted, issuers};
use crate::admin::query::Query;
use crate::audit::shown;
use crate::config;
use crate::storage::resources::Kind as ObjectKind;

/// Longest filter, in bytes, and most comparisons in it.
const MAX_LENGTH: usize = 1024;
const MAX_COMPARISONS: usize = 10;

const EXPECTED: &str = "expected `<attribute> <operator> <value>`, several joined by `and`: the \
     attributes are name, id, clientId, issuer, trustedTokenIssuers and isEnabled, the operators \
     eq, ne, co, sw and ew, and a value with spaces stands in double quotes, like `name co \"web \
     shop\"`";

/// What must hold of an object that is listed: all of it.
pub(super) struct Filter(Vec<Comparison>);

struct Comparison {
    attribute: Attribute,
    operator: Operator,
    /// In lower case, but for the name of an issuer.
    value: String,
}

enum Attribute {
    /// One that objects are found by.
    Finding(config::Attribute),
    IsEnabled,
    /// The issuers that an application allows. The one with the name in question, once
    /// it was looked up.
    Issuers(Option<Issuer>),
}

/// An issuer as applications of the store and of the document name it.
struct Issuer {
    id: String,
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
}

impl Filter {
    /// The filter of a call, if it has one.
    ///
    /// # Errors
    /// `malformed` for what is none, with what was expected.
    pub(super) fn parse(query: &Query, malformed: &'static Kind) -> Result<Option<Self>, Error> {
        let Some(text) = query.value("filter") else { return Ok(None) };
        match read(text) {
            Ok(filter) => Ok(Some(filter)),
            Err(problem) => Err(Error::new(malformed, format!("{problem}; {EXPECTED}"))),
        }
    }

    /// Looks up the issuers that are named.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn look_up(&mut self, call: &Call<'_>) -> Result<(), Error> {
        for comparison in &mut self.0 {
            if let Attribute::Issuers(found) = &mut comparison.attribute {
                *found = issuer_named(call, &comparison.value).await?;
            }
        }
        Ok(())
    }

    /// Whether no object can pass.
    pub(super) fn is_void(&self) -> bool {
        self.0.iter().any(|one| matches!(one.attribute, Attribute::Issuers(None)))
    }

    /// Whether the object with this id and document is listed.
    pub(super) fn passes(&self, id: &str, document: &Map<String, Value>) -> bool {
        self.0.iter().all(|comparison| comparison.holds(id, document))
    }

    /// What objects can be found by that may pass: the comparison that fewest of
    /// them pass.
    pub(super) fn wanted(&self) -> Option<Wanted<'_>> {
        self.0.iter().filter_map(Comparison::wanted).min_by_key(|wanted| match wanted {
            Wanted::Value { whole: true, .. } => 0,
            Wanted::Issuer(_) => 1,
            Wanted::Value { whole: false, .. } => 2,
        })
    }

    /// Whether it has no other comparison than the one that objects are found by.
    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }
}

impl Comparison {
    fn wanted(&self) -> Option<Wanted<'_>> {
        let attribute = match &self.attribute {
            Attribute::Finding(attribute) => *attribute,
            Attribute::Issuers(found) => return Some(Wanted::Issuer(&found.as_ref()?.id)),
            Attribute::IsEnabled => return None,
        };
        let whole = match self.operator {
            Operator::Equal => true,
            Operator::StartsWith => false,
            Operator::NotEqual | Operator::Contains | Operator::EndsWith => return None,
        };
        Some(Wanted::Value { attribute, value: &self.value, whole })
    }

    fn holds(&self, id: &str, document: &Map<String, Value>) -> bool {
        if let Attribute::Issuers(found) = &self.attribute {
            let is = |issuer: &Issuer| {
                issuers(document).iter().any(|one| *one == issuer.id || *one == issuer.name)
            };
            return found.as_ref().is_some_and(is);
        }
        let value = self.attribute.of(id, document).to_lowercase();
        let wanted = &*self.value;
        match self.operator {
            Operator::Equal => value == wanted,
            Operator::NotEqual => value != wanted,
            Operator::Contains => value.contains(wanted),
            Operator::StartsWith => value.starts_with(wanted),
            Operator::EndsWith => value.ends_with(wanted),
        }
    }
}

impl Attribute {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Finding(config::Attribute::Name),
            "id" => Self::Finding(config::Attribute::Id),
            "clientId" | "issuer" => Self::Finding(config::Attribute::Identifier),
            "isEnabled" => Self::IsEnabled,
            "trustedTokenIssuers" => Self::Issuers(None),
            _ => return None,
        })
    }

    fn of<'a>(&self, id: &'a str, document: &'a Map<String, Value>) -> &'a str {
        match self {
            Self::Finding(attribute) => attribute.of(id, document),
            // These have several values.
            Self::Issuers(_) => "",
            // An application is always enabled.
            Self::IsEnabled => match document.get("enabled") {
                Some(Value::Bool(false)) => "false",
                _ => "true",
            },
        }
    }
}

impl Operator {
    fn from_name(name: &str) -> Option<Self> {
        Some(match &*name.to_ascii_lowercase() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "co" => Self::Contains,
            "sw" => Self::StartsWith,
            "ew" => Self::EndsWith,
            _ => return None,
        })
    }
}

/// The filter, or what is wrong with it.
fn read(text: &str) -> Result<Filter, String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("the filter is longer than {MAX_LENGTH} bytes"));
    }
    let mut comparisons = Vec::new();
    let mut rest = text;
    loop {
        if comparisons.len() == MAX_COMPARISONS {
            return Err(format!("the filter has more than {MAX_COMPARISONS} comparisons"));
        }
        let (comparison, after) = comparison(rest)?;
        comparisons.push(comparison);
        if after.trim().is_empty() {
            return Ok(Filter(comparisons));
        }
        let (joint, after) = word(after);
        if !joint.eq_ignore_ascii_case("and") {
            return Err(format!("found `{}` where only `and` can stand", shown(joint)));
        }
        rest = after;
    }
}

fn comparison(text: &str) -> Result<(Comparison, &str), String> {
    let (attribute, rest) = word(text);
    let (operator, rest) = word(rest);
    let known = Attribute::from_name(attribute)
        .ok_or_else(|| format!("`{}` is no attribute to filter by", shown(attribute)))?;
    let operator = Operator::from_name(operator)
        .ok_or_else(|| format!("`{}` is no operator of a filter", shown(operator)))?;
    let (value, rest) = value(rest).ok_or("a value is missing, or its quote is not closed")?;
    // The names of two issuers may differ in nothing but letter case.
    let is_name = matches!(known, Attribute::Issuers(_));
    let value = if is_name { value } else { value.to_lowercase() };
    let comparison = Comparison { attribute: known, operator, value };
    let equates = matches!(operator, Operator::Equal | Operator::NotEqual);
    match (&comparison.attribute, &*comparison.value) {
        (Attribute::IsEnabled, "true" | "false") if equates => {}
        (Attribute::IsEnabled, _) => return Err("`isEnabled` equals `true` or `false`".into()),
        (Attribute::Issuers(_), _) if operator != Operator::Equal => {
            return Err("`trustedTokenIssuers` takes `eq` and the name of an issuer".into());
        }
        _ => {}
    }
    Ok((comparison, rest))
}

/// The issuer with this name; if none has exactly this one, one with other letter case.
async fn issuer_named(call: &Call<'_>, name: &str) -> Result<Option<Issuer>, Error> {
    let is_name = Comparison {
        attribute: Attribute::Finding(config::Attribute::Name),
        operator: Operator::Equal,
        value: name.to_lowercase(),
    };
    let found =
        list(call, ObjectKind::TrustedTokenIssuer, Page::FIRST, Some(&Filter(vec![is_name])))
            .await?;
    let issuers = found.objects.into_iter().map(|object| Issuer {
        name: config::Attribute::Name.of(&object.id, &object.document).into(),
        id: object.id,
    });
    Ok(issuers.min_by_key(|issuer| issuer.name != name))
}

/// The next word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// The next word, or what stands between double quotes.
fn value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = word(text);
        return (!word.is_empty()).then(|| (word.into(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{String, Wanted, read};

    fn passes(filter: &str, document: &Value) -> bool {
        read(filter).unwrap().passes("Id-1", document.as_object().unwrap())
    }

    #[test]
    fn every_comparison_must_hold() {
        let shop = json!({ "name": "Web \"shop\"", "clientId": "web-1" });
        for (filter, wanted) in [
            ("name co SHOP", true),
            ("name eq \"web \\\"shop\\\"\"", true),
            ("name eq web", false),
            ("name sw web and clientId ew -1", true),
            ("name sw web AND issuer NE web-1", false),
            ("id eq id-1 and isEnabled eq true", true),
            ("isEnabled ne TRUE", false),
            ("  name   co \"b s\"  ", false),
        ] {
            assert_eq!(passes(filter, &shop), wanted, "{filter}");
        }
        let retired = json!({ "name": "A", "issuer": "https://a", "enabled": false });
        assert!(passes("isEnabled eq false and issuer co //A", &retired));
    }

    #[test]
    fn objects_are_found_by_what_fewest_of_them_have() {
        let found_by = |filter: &str| {
            read(filter).unwrap().wanted().map(|wanted| match wanted {
                Wanted::Value { value, whole, .. } => (String::from(value), whole),
                Wanted::Issuer(id) => (String::from(id), true),
            })
        };
        assert_eq!(found_by("name sw A and clientId eq B"), Some(("b".into(), true)));
        assert_eq!(found_by("name co a and id sw B"), Some(("b".into(), false)));
        assert_eq!(found_by("name co a and isEnabled eq true and id ew b and issuer ne c"), None);
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let long = alloc::format!("name co {}", "a".repeat(1024));
        let many = alloc::vec!["name co a"; 11].join(" and ");
        for filter in [
            "name",
            "name co",
            "co a",
            "name is a",
            "color eq a",
            "name eq \"a",
            "name eq \"a\\",
            "name eq a or name eq b",
            "name eq a and",
            "isEnabled co t",
            "isEnabled eq yes",
            "trustedTokenIssuers co a",
            &long,
            &many,
        ] {
            assert!(read(filter).is_err(), "{filter}");
        }
    }
}
