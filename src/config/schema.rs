//! The JSON Schema of the configuration document, made from its types.

use serde_json::Value;

use super::document::Root;

/// The JSON Schema (2020-12) of the configuration document.
///
/// It knows the shape of the document and the bounds of single values. What
/// values mean to each other only [`Config`](crate::Config) knows.
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Root).to_value()
}
