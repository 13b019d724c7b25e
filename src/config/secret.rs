//! Secrets: in the document, or referred to by name and brought by the host.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::problem::custom;

/// Where a secret is kept outside of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// In the environment variable of this name.
    Env(String),
    /// In the file at this path. One line break at its end is not part of it.
    File(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => {
                write!(f, "the environment variable {}", super::problem::shown(name))
            }
            Self::File(path) => write!(f, "the file {}", super::problem::shown(path)),
        }
    }
}

/// A secret that the document refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretReference {
    /// Where the document refers to it, like `applications[0].clientSecret`.
    pub path: String,
    /// Where it is kept.
    pub source: SecretSource,
}

/// A secret of the document; `T` is its form when it is written out.
pub(crate) enum Secret<T> {
    /// Written out in the document.
    Literal(T),
    /// Kept elsewhere.
    Reference(SecretSource),
    /// Brought from elsewhere.
    Resolved(Zeroizing<String>),
    /// Could not be brought, which has been said.
    Missing,
}

impl<T> Secret<T> {
    pub(super) fn source(&self) -> Option<&SecretSource> {
        match self {
            Self::Reference(source) => Some(source),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Secret<Zeroizing<String>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Secret<Map<String, Value>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor(PhantomData))
    }
}

/// What distinguishes the two forms of secret.
trait Written: Sized {
    const EXPECTED: &'static str;

    fn from_text<E: Error>(text: &str) -> Result<Self, E>;

    /// The secret this object is, or the object back if it must be a reference.
    fn from_object(object: Map<String, Value>) -> Result<Self, Map<String, Value>>;
}

impl Written for Zeroizing<String> {
    const EXPECTED: &'static str = "a string, `{\"env\": \"NAME\"}` or `{\"file\": \"PATH\"}`";

    fn from_text<E: Error>(text: &str) -> Result<Self, E> {
        Ok(Self::new(text.to_owned()))
    }

    fn from_object(object: Map<String, Value>) -> Result<Self, Map<String, Value>> {
        Err(object)
    }
}

impl Written for Map<String, Value> {
    const EXPECTED: &'static str = "a private JWK, `{\"env\": \"NAME\"}` or `{\"file\": \"PATH\"}`";

    fn from_text<E: Error>(text: &str) -> Result<Self, E> {
        Err(E::invalid_type(serde::de::Unexpected::Str(text), &Self::EXPECTED))
    }

    fn from_object(object: Map<String, Value>) -> Result<Self, Map<String, Value>> {
        if object.contains_key("kty") { Ok(object) } else { Err(object) }
    }
}

struct SecretVisitor<T>(PhantomData<T>);

impl<'de, T: Written> Visitor<'de> for SecretVisitor<T> {
    type Value = Secret<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        T::from_text(text).map(Secret::Literal)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if object.insert(name, value).is_some() {
                return Err(custom("found a member twice", "remove one of the two"));
            }
        }
        match T::from_object(object) {
            Ok(literal) => Ok(Secret::Literal(literal)),
            Err(object) => reference(&object)
                .map(Secret::Reference)
                .ok_or_else(|| not_a_reference(T::EXPECTED)),
        }
    }
}

fn reference(object: &Map<String, Value>) -> Option<SecretSource> {
    let mut members = object.iter();
    let (Some((name, Value::String(value))), None) = (members.next(), members.next()) else {
        return None;
    };
    match name.as_str() {
        _ if value.is_empty() => None,
        "env" => Some(SecretSource::Env(value.clone())),
        "file" => Some(SecretSource::File(value.clone())),
        _ => None,
    }
}

fn not_a_reference<E: Error>(expected: &str) -> E {
    custom(
        format!("found another object, expected {expected}"),
        "name exactly one of `env` and `file`, and give its value as a string",
    )
}

#[cfg(feature = "schema")]
mod schema {
    //! What the two forms of secret look like from outside.

    use alloc::borrow::Cow;
    use alloc::string::String;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Map, Value};
    use zeroize::Zeroizing;

    use super::Secret;

    fn reference(name: &str, description: &str) -> Schema {
        json_schema!({
            "description": description,
            "type": "object",
            "properties": { name: { "type": "string", "minLength": 1 } },
            "required": [name],
            "additionalProperties": false,
        })
    }

    fn either(literal: &Schema) -> Schema {
        let env = reference("env", "The name of the environment variable that holds it.");
        let file = reference("file", "The path of the file that holds it.");
        json_schema!({ "anyOf": [literal, env, file] })
    }

    impl JsonSchema for Secret<Zeroizing<String>> {
        fn schema_name() -> Cow<'static, str> {
            "Secret".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            either(&generator.subschema_for::<String>())
        }
    }

    impl JsonSchema for Secret<Map<String, Value>> {
        fn schema_name() -> Cow<'static, str> {
            "PrivateKey".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            either(&json_schema!({
                "description": "A private JWK (RFC 7517).",
                "type": "object",
                "properties": { "kty": { "enum": ["EC", "OKP", "RSA"] } },
                "required": ["kty"],
            }))
        }
    }
}
