//! The JSON Schema of the configuration document, made from its types.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use super::document::Root;

/// The JSON Schema (2020-12) of the configuration document.
///
/// It knows the shape of the document and the bounds of single values. What
/// values mean to each other only [`Config`](crate::Config) knows.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(tidy));
    settings.into_generator().into_root_schema_for::<Root>().to_value()
}

/// Comments are wrapped for the source, not for a reader of the schema; a
/// number's size in memory and a default of `null` are nobody's business.
pub(crate) fn tidy(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    schema.remove("format");
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}
