//! Keys, certificates, configurations and the web, by name.
//!
//! In a configuration, and in the body of what is fetched, an object with one
//! of these members stands for what it names:
//!
//! | object | stands for |
//! |---|---|
//! | `{"$key": "ours"}` | the private JWK `keys/ours.json` |
//! | `{"$public": "idp-es256", "kid": "other"}` | its public half, with these members instead; `null` takes one away |
//! | `{"$jwks": ["idp-es256", {…}]}` | a JWK set of public halves and whatever else stands there |
//! | `{"$certificate": "idp-rs2048"}` | the PEM text `keys/idp-rs2048.pem` |

use std::path::{Path, PathBuf};

use exchequer::Config;
use serde_json::{Map, Value, json};

const PRIVATE: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

/// `tests/vectors`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json_file(path: impl AsRef<Path>) -> Value {
    let path = path.as_ref();
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The configuration document of this name, or this one.
pub(crate) fn document(config: &Value) -> Value {
    expand(&match config {
        Value::String(name) => json_file(format!("configs/{name}.json")),
        inline => inline.clone(),
    })
}

pub(crate) fn config(document: &Value) -> Config {
    Config::parse(&document.to_string())
        .and_then(|document| document.without_secrets())
        .unwrap_or_else(|problems| panic!("the configuration of a case is wrong:\n{problems}"))
}

/// The private JWK of this name.
pub(crate) fn key(name: &str) -> Value {
    json_file(format!("keys/{name}.json"))
}

pub(crate) fn expand(value: &Value) -> Value {
    match value {
        Value::Object(members) => named(members).unwrap_or_else(|| {
            members.iter().map(|(name, value)| (name.clone(), expand(value))).collect()
        }),
        Value::Array(items) => items.iter().map(expand).collect(),
        other => other.clone(),
    }
}

fn named(members: &Map<String, Value>) -> Option<Value> {
    if let Some(Value::String(name)) = members.get("$key") {
        return Some(key(name));
    }
    if let Some(Value::String(name)) = members.get("$public") {
        return Some(public(name, members));
    }
    if let Some(Value::String(name)) = members.get("$certificate") {
        return Some(read(format!("keys/{name}.pem")).into());
    }
    let Some(Value::Array(keys)) = members.get("$jwks") else { return None };
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| match key {
            Value::String(name) => public(name, &Map::new()),
            other => expand(other),
        })
        .collect();
    Some(json!({ "keys": keys }))
}

fn public(name: &str, instead: &Map<String, Value>) -> Value {
    let mut jwk = key(name);
    let members = jwk.as_object_mut().expect("a JWK is an object");
    members.retain(|name, _| !PRIVATE.contains(&name.as_str()));
    for (name, value) in instead.iter().filter(|(name, _)| *name != "$public") {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    jwk
}

/// A text, or its parts: a part is a text, `{"repeat": "a", "times": 9}`, or
/// what an earlier step was answered, `{"step": 1, "member": "access_token"}`.
pub(crate) fn text(value: &Value, answered: &[Value]) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(|part| text(part, answered)).collect(),
        Value::Object(part) if part.contains_key("step") => {
            let step = value["step"].as_u64().expect("`step` is a number") as usize;
            let member = value["member"].as_str().expect("`member` is a text");
            let found = answered.get(step - 1).and_then(|body| body[member].as_str());
            found.unwrap_or_else(|| panic!("step {step} was answered no `{member}`")).into()
        }
        Value::Object(_) => {
            let times = value["times"].as_u64().expect("`times` is a number");
            value["repeat"].as_str().expect("`repeat` is a text").repeat(times as usize)
        }
        other => panic!("no text: {other}"),
    }
}
