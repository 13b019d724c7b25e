//! The trusted token issuers of an application in the document.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::claims::Condition;

/// An issuer whose tokens an application may exchange: its name, or its name
/// with conditions that must hold besides the issuer's own.
pub(crate) struct IssuerGrant {
    pub(crate) name: String,
    pub(crate) client_id: Option<String>,
    pub(crate) conditions: Vec<Condition>,
}

/// An issuer by name, with what the application adds.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
struct ConditionalIssuerGrant {
    /// The name of the trusted token issuer.
    name: String,
    /// The application's own client id at that issuer: an ID token whose audience
    /// it is counts when this application presents it. Needed for `idJag`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 255)))]
    client_id: Option<String>,
    /// What must hold of the claims besides the issuer's own conditions.
    #[serde(default)]
    conditions: Vec<Condition>,
}

impl<'de> Deserialize<'de> for IssuerGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GrantVisitor;

        impl<'de> Visitor<'de> for GrantVisitor {
            type Value = IssuerGrant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a trusted token issuer, or `{\"name\": …, \"clientId\": …, \"conditions\": […]}`",
                )
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<IssuerGrant, E> {
                Ok(IssuerGrant { name: name.into(), client_id: None, conditions: Vec::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<IssuerGrant, A::Error> {
                let ConditionalIssuerGrant { name, client_id, conditions } =
                    Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(IssuerGrant { name, client_id, conditions })
            }
        }

        deserializer.deserialize_any(GrantVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IssuerGrant {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "IssuerGrant".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let name = generator.subschema_for::<String>();
        let conditional = generator.subschema_for::<ConditionalIssuerGrant>();
        schemars::json_schema!({ "anyOf": [name, conditional] })
    }
}

objects!(ConditionalIssuerGrant);
