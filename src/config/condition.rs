//! What must hold of a claim, after every check.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use crate::jose::Kind;

/// Something that must hold of a claim.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The claim by its dotted path, as written (see `jose::lookup`).
    pub(crate) claim: String,
    pub(crate) test: Test,
    pub(crate) mode: Mode,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Equals(Value),
    OneOf(Vec<Value>),
    /// A whole-string glob; `*` stands for any characters, `/` included.
    Like(String),
    /// The claim is an array with this member.
    Contains(Value),
    /// The claim is a text with this word between spaces, or an array with this
    /// text as a member.
    Word(String),
    Present(bool),
}

impl Test {
    /// Whether some value of this type passes.
    pub(crate) fn may_hold_for(&self, kind: Kind) -> bool {
        match self {
            Self::Equals(value) => Kind::of(value) == kind,
            Self::OneOf(values) => values.iter().any(|value| Kind::of(value) == kind),
            Self::Like(_) => kind == Kind::Text,
            Self::Word(_) => matches!(kind, Kind::Text | Kind::List),
            Self::Contains(_) => kind == Kind::List,
            Self::Present(_) => true,
        }
    }
}

/// What happens when a condition does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// The token is refused.
    #[default]
    Enforce,
    /// The token passes, and the trace records what would have been refused.
    Audit,
}
