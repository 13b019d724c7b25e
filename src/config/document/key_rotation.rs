//! How the keys that the server makes are rotated, in the document.

use serde::Deserialize;

/// How the keys that the server makes and keeps in its store are rotated. Left out:
/// they are rotated when an administrator says so.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct KeyRotation {
    /// How long a key signs, in days. 2 to 3650; default: 90.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 2, max = 3650), extend("default" = 90)))]
    pub(crate) every_days: Option<u64>,
    /// How long the next key is published before it signs, in days: as long as others
    /// may keep the published keys. 1 to 30, and less than `everyDays`; default: 2.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30), extend("default" = 2)))]
    pub(crate) overlap_days: Option<u64>,
}

objects!(KeyRotation);
