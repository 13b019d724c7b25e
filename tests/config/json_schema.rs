//! As much of JSON Schema (2020-12) as the schema of the configuration uses;
//! a keyword that is not known here fails the test that meets it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub(crate) struct Validator<'a> {
    root: &'a Value,
    used: RefCell<BTreeSet<String>>,
}

/// The fields of every object of the schema that knows its fields, by name.
pub(crate) fn objects(schema: &Value) -> BTreeMap<String, Vec<String>> {
    let mut objects = BTreeMap::new();
    let definitions = schema["$defs"].as_object().unwrap().iter();
    let root = ("".to_string(), schema);
    for (name, object) in definitions.map(|(name, object)| (name.clone(), object)).chain([root]) {
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            objects.insert(name, properties.keys().cloned().collect());
        }
    }
    objects
}

impl<'a> Validator<'a> {
    pub(crate) fn new(root: &'a Value) -> Self {
        Self { root, used: RefCell::default() }
    }

    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        self.at("", self.root, value, "$")
    }

    /// The fields of the schema that a document uses, as `Object.field`.
    pub(crate) fn used(&self, value: &Value) -> BTreeSet<String> {
        self.check(value).unwrap();
        self.used.take()
    }

    fn at(&self, name: &str, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(keywords) = schema else {
            return if schema == &Value::Bool(true) {
                Ok(())
            } else {
                Err(format!("{at}: nothing may be here"))
            };
        };
        for (keyword, argument) in keywords {
            self.keyword(name, keywords, keyword, argument, value, at)?;
        }
        Ok(())
    }

    fn keyword(
        &self,
        name: &str,
        all: &Map<String, Value>,
        keyword: &str,
        argument: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let ok = match keyword {
            "$schema" | "$defs" | "title" | "description" | "default" => true,
            "$ref" => {
                let name = argument.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                return self.at(name, &self.root["$defs"][name], value, at);
            }
            "type" => match argument {
                Value::Array(types) => types.iter().any(|one| is(value, one.as_str().unwrap())),
                one => is(value, one.as_str().unwrap()),
            },
            "const" => value == argument,
            "enum" => argument.as_array().unwrap().contains(value),
            "anyOf" => self.passing(name, argument, value, at) > 0,
            "oneOf" => self.passing(name, argument, value, at) == 1,
            "not" => self.at(name, argument, value, at).is_err(),
            "required" => value.as_object().is_none_or(|members| {
                argument
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|one| members.contains_key(one.as_str().unwrap()))
            }),
            "properties" => return self.properties(name, argument, value, at),
            "additionalProperties" => match (argument, value) {
                (Value::Bool(true), _) => true,
                (Value::Bool(false), Value::Object(members)) => {
                    let known = all["properties"].as_object().unwrap();
                    members.keys().all(|member| known.contains_key(member))
                }
                (Value::Bool(false), _) => true,
                other => panic!("additionalProperties: {other:?}"),
            },
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.at(name, argument, item, &format!("{at}[{index}]"))?;
                }
                true
            }
            "minItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 >= number(argument))
            }
            "maxItems" => {
                value.as_array().is_none_or(|items| items.len() as u64 <= number(argument))
            }
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= number(argument))
            }
            "maxLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 <= number(argument))
            }
            "minimum" => value.as_f64().is_none_or(|value| value >= argument.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|value| value <= argument.as_f64().unwrap()),
            other => panic!("keyword `{other}` is not known to this test"),
        };
        if ok { Ok(()) } else { Err(format!("{at}: {keyword} {argument}")) }
    }

    fn passing(&self, name: &str, schemas: &Value, value: &Value, at: &str) -> usize {
        let passes = |schema: &&Value| self.at(name, schema, value, at).is_ok();
        schemas.as_array().unwrap().iter().filter(passes).count()
    }

    fn properties(&self, name: &str, known: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (member, schema) in known.as_object().unwrap() {
            if let Some(value) = value.get(member) {
                self.at(name, schema, value, &format!("{at}.{member}"))?;
                self.used.borrow_mut().insert(format!("{name}.{member}"));
            }
        }
        Ok(())
    }
}

fn number(argument: &Value) -> u64 {
    argument.as_u64().unwrap()
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("type `{other}` is not known to this test"),
    }
}
