//! What is wrong with a configuration, said so that it can be put right.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

/// Separates problem and remedy in an error of our own making.
pub(super) const SEPARATOR: char = '\u{1f}';

/// An error of this parser, from inside a `Deserialize`.
pub(super) fn custom<E: serde::de::Error>(problem: impl AsRef<str>, remedy: &str) -> E {
    E::custom(format!("{}{SEPARATOR}{remedy}", problem.as_ref()))
}

/// One thing that is wrong with a configuration: where, what, and what to
/// change. Never shows the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Where, like `trustedTokenIssuers[0].certificate.jwksUri`. `document`
    /// is the document as a whole.
    pub path: String,
    /// What was found, and what was expected.
    pub problem: String,
    /// What to change.
    pub remedy: String,
}

impl Problem {
    pub(crate) fn new(
        path: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}; {}", self.path, self.problem, self.remedy)
    }
}

/// Everything that is wrong with a configuration, at least one thing.
/// `Display` writes one problem a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(Vec::from([problem]))
    }
}

/// The path of a value in the document.
#[derive(Clone, Debug)]
pub(crate) struct At(String);

impl At {
    /// A member of the document itself.
    pub(crate) fn top(field: &str) -> Self {
        Self(field.into())
    }

    /// A single object, of which paths begin.
    pub(super) fn resource() -> Self {
        Self(String::new())
    }

    /// A member of the object here.
    pub(crate) fn field(&self, field: &str) -> Self {
        if self.0.is_empty() { Self::top(field) } else { Self(format!("{}.{field}", self.0)) }
    }

    /// An item of the list here.
    pub(crate) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gathers what is found, so that everything can be said at once.
#[derive(Default)]
pub(crate) struct Report {
    /// What makes the configuration unusable.
    pub(crate) problems: Vec<Problem>,
    /// What is allowed and probably not meant.
    pub(super) notes: Vec<Problem>,
}

impl Report {
    pub(crate) fn problem(
        &mut self,
        at: &At,
        problem: impl fmt::Display,
        remedy: impl fmt::Display,
    ) {
        self.problems.push(said(at, &problem, &remedy));
    }

    /// What was built, if nothing is wrong.
    pub(crate) fn so<T>(self, built: Option<T>) -> Result<T, Problems> {
        match built {
            Some(built) if self.problems.is_empty() => Ok(built),
            _ => Err(Problems(self.problems)),
        }
    }

    pub(super) fn note(&mut self, at: &At, problem: impl fmt::Display, remedy: impl fmt::Display) {
        self.notes.push(said(at, &problem, &remedy));
    }
}

fn said(at: &At, problem: &dyn fmt::Display, remedy: &dyn fmt::Display) -> Problem {
    Problem::new(at.to_string(), problem.to_string(), remedy.to_string())
}

/// Longest part of the document that is repeated in a problem, in characters.
const MAX_SHOWN: usize = 100;

/// A text from the document, in backticks, on one line and cut short.
pub(crate) fn shown(text: &str) -> String {
    if text.is_empty() { "the empty string".into() } else { format!("`{}`", plain(text)) }
}

/// The same without the backticks.
pub(super) fn plain(text: &str) -> String {
    let mut plain: String =
        text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(MAX_SHOWN).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        plain.push('…');
    }
    plain
}

/// "`a`, `b`, `c`".
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let shown: Vec<String> = names.into_iter().map(shown).collect();
    shown.join(", ")
}
