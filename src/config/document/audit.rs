//! What the store keeps of decisions and changes.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

/// What the store keeps for administrators to look at. The audit log is not
/// changed by it.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Audit {
    /// Decisions, granted and refused.
    #[serde(default)]
    pub(crate) activity: Activity,
    /// What administrators changed.
    #[serde(default)]
    pub(crate) changes: Changes,
    /// Claims whose values are never stored with a decision: dotted paths, like
    /// `email` or `address.locality`.
    #[serde(default)]
    pub(crate) private_claims: Vec<String>,
}

/// Decisions that are stored.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Activity {
    /// Whether decisions are stored. Default: false.
    #[serde(default)]
    pub(crate) enabled: bool,
    /// Days for which a decision is kept, 1 to 400. Default: 7.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 400)))]
    pub(crate) days: Option<u64>,
    /// Most decisions that one instance stores in a minute, 2 to 6000; what is
    /// beyond is only counted. Default: 120.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 2, max = 6000)))]
    pub(crate) max_per_minute: Option<u64>,
    /// How subjects are stored. Default: `masked`.
    #[serde(default)]
    pub(crate) subject: SubjectShown,
}

/// How much of a subject is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum SubjectShown {
    /// Its name.
    Shown,
    /// The first two characters of its name.
    #[default]
    Masked,
    /// Nothing.
    Hidden,
}

/// Changes that are stored.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Changes {
    /// Days for which a change is kept, 1 to 3650. Default: 365.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3650)))]
    pub(crate) days: Option<u64>,
    /// Most changes that are kept, 1 to 100000; the oldest go first. Default:
    /// 1000.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub(crate) max_records: Option<u64>,
}

objects!(Audit, Activity, Changes);
