//! What the document says about claims: conditions and mappings.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use crate::config::model::Mode;

/// A condition on a claim: the claim and exactly one test. A claim that is missing or of
/// another type does not pass any test but `"present": false`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[cfg_attr(feature = "schema", schemars(extend("oneOf" = [
    { "required": ["equals"], "properties": { "equals": { "not": { "type": "null" } } } },
    { "required": ["oneOf"], "properties": { "oneOf": { "type": "array" } } },
    { "required": ["like"], "properties": { "like": { "type": "string" } } },
    { "required": ["contains"], "properties": { "contains": { "not": { "type": "null" } } } },
    { "required": ["word"], "properties": { "word": { "type": "string" } } },
    { "required": ["present"], "properties": { "present": { "type": "boolean" } } }
])))]
pub(crate) struct Condition {
    /// The claim. A dot goes into an object (`realm_access.roles`) where no
    /// name goes on with it (`kubernetes.io.namespace`).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) claim: String,
    /// It is this string, number or boolean.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Scalar>"))]
    pub(crate) equals: Option<Value>,
    /// It is one of these strings, numbers or booleans.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<Scalar>>", length(min = 1)))]
    pub(crate) one_of: Option<Vec<Value>>,
    /// It is a string that this pattern matches from beginning to end; `*`
    /// stands for any characters, none and `/` included. At most 256
    /// characters and 8 stars.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) like: Option<String>,
    /// It is an array with this string, number or boolean in it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Scalar>"))]
    pub(crate) contains: Option<Value>,
    /// It is a string of words with spaces between them, and this is one of the
    /// words, as with `scope` and `scp`; or it is an array with this string in it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(crate) word: Option<String>,
    /// True: it is there, whatever it is. False: it is not.
    #[serde(default)]
    pub(crate) present: Option<bool>,
    /// `audit` lets the token pass and records what would have been refused.
    /// Default: `enforce`.
    #[serde(default)]
    pub(crate) mode: Mode,
}

/// A string, a number or a boolean.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what `check` accepts")]
enum Scalar {
    String(String),
    Number(f64),
    Boolean(bool),
}

/// A claim of the issuer's tokens, and its name in issued tokens.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClaimMapping {
    /// The claim in the issuer's token; dots as in a condition's `claim`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) from: String,
    /// The claim in issued tokens. It is in the tokens of applications that list it in
    /// `accessToken.attributes`. Claims that this server sets itself (`sub`, `aud`, `scope` and
    /// the like) cannot be mapped.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) to: String,
}

objects!(Condition, ClaimMapping);
