//! The JSON Schema of results, from which the types of hosts in other
//! languages are made. That of the configuration document is
//! [`config::schema`](crate::config::schema).

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::audit::Audit;
use crate::config::{Problem, tidy};
use crate::exchange::{Explanation, Introspection, Issued};
use crate::reason::{ALL, PARAMETERS, ReasonCode};

/// The claims of an access token, in the names of RFC 7662 section 2.2.
pub(crate) struct Claims;

/// The JSON Schema (2020-12) of every result. The root has a property for each.
#[must_use]
pub fn results() -> Value {
    let settings =
        SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(tidy));
    let mut generator = settings.into_generator();
    let named: Vec<(&str, Schema)> = alloc::vec![
        ("TokenResponse", generator.subschema_for::<Issued>()),
        ("IntrospectionResponse", generator.subschema_for::<Introspection>()),
        ("Claims", generator.subschema_for::<Claims>()),
        ("Explanation", generator.subschema_for::<Explanation>()),
        ("Decision", generator.subschema_for::<Audit>()),
        ("Problem", generator.subschema_for::<Problem>()),
        #[cfg(feature = "admin")]
        ("StoredDecision", generator.subschema_for::<crate::activity::Decision>()),
        #[cfg(feature = "admin")]
        ("StoredChange", generator.subschema_for::<crate::audit::StoredChange>()),
    ];
    let properties: Map<_, _> =
        named.into_iter().map(|(name, schema)| (name.into(), schema.to_value())).collect();
    let definitions = generator.take_definitions(true);
    let mut schema = json!({ "title": "Results", "type": "object", "properties": properties, "$defs": definitions });
    absent_is_not_null(&mut schema);
    schema
}

/// An optional member is left out, and never `null`.
fn absent_is_not_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|one| one != "null");
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
            }
            members.values_mut().for_each(absent_is_not_null);
        }
        Value::Array(items) => items.iter_mut().for_each(absent_is_not_null),
        _ => {}
    }
}

impl JsonSchema for ReasonCode {
    fn schema_name() -> Cow<'static, str> {
        "ReasonCode".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        struct Request;
        struct Token;
        struct Parameter;
        macro_rules! words {
            ($($name:ident $called:literal $about:literal $words:expr;)*) => {
                $(impl JsonSchema for $name {
                    fn schema_name() -> Cow<'static, str> {
                        $called.into()
                    }

                    fn json_schema(_: &mut SchemaGenerator) -> Schema {
                        let words: Vec<&str> = $words;
                        json_schema!({ "description": $about, "type": "string", "enum": words })
                    }
                })*
            };
        }
        words! {
            Request "RequestReason" "The reason code of a request." codes(false);
            Token "TokenReason" "The reason code of a token." codes(true);
            Parameter "TokenParameter" "The parameter that carried a token." PARAMETERS.to_vec();
        }
        let [request, token, _] = [
            generator.subschema_for::<Request>(),
            generator.subschema_for::<Token>(),
            generator.subschema_for::<Parameter>(),
        ];
        json_schema!({
            "description": "A reason code. That of a token stands behind the parameter that carried it.",
            "anyOf": [request, token, {
                "type": "string",
                "pattern": format!("^({})\\.", PARAMETERS.join("|")),
            }],
        })
    }
}

fn codes(of_token: bool) -> Vec<&'static str> {
    ALL.iter().filter(|reason| reason.of_token == of_token).map(|reason| reason.code).collect()
}

/// The members that both say about a token; any other claim may stand beside.
fn members(required: &[&str], more: &Value) -> Schema {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "iss": { "type": "string" },
            "sub": { "type": "string" },
            "idp": { "description": "The issuer that `sub` is a name of; absent for a local user.", "type": "string" },
            "username": { "description": "The name of a local user.", "type": "string" },
            "aud": { "type": "array", "items": { "type": "string" } },
            "client_id": { "type": "string" },
            "scope": { "description": "The scopes, with spaces between them.", "type": "string" },
            "iat": { "type": "integer", "minimum": 0 },
            "exp": { "type": "integer", "minimum": 0 },
            "act": { "description": "Who acts for the subject (RFC 8693 section 4.1)." },
            "may_act": { "description": "Who may act for the subject (RFC 8693 section 4.4)." },
            "jti": { "type": "string" },
            "token_type": { "enum": ["Bearer", "refresh_token"] },
        },
        "required": required,
        "additionalProperties": true,
    });
    if let (Some(Value::Object(properties)), Value::Object(more)) =
        (schema.get_mut("properties"), more)
    {
        properties.extend(more.clone());
    }
    Schema::try_from(schema).unwrap_or_default()
}

impl JsonSchema for Introspection {
    fn schema_name() -> Cow<'static, str> {
        "IntrospectionResponse".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        members(&["active"], &json!({ "active": { "type": "boolean" } }))
    }
}

impl JsonSchema for Claims {
    fn schema_name() -> Cow<'static, str> {
        "Claims".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        members(&["iss", "sub", "aud", "client_id", "scope", "iat", "exp"], &json!({}))
    }
}
