//! Checked-in files that are generated from the engine: the JSON Schemas of the
//! configuration and of results, the console's catalogue of reason codes, and the
//! pages of `docs/` about both. `cargo xtask docs` writes them; this test fails
//! when they are stale.

#![cfg(feature = "schema")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "reference/audit_log.rs"]
mod audit_log;
#[path = "reference/notes.rs"]
mod notes;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use exchequer::config::schema;
use exchequer::reason;
use serde_json::{Value, json};

fn compare(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} is stale; `cargo xtask docs` writes it anew");
}

fn compare_json(name: &str, expected: &Value) {
    compare(name, &format!("{}\n", serde_json::to_string_pretty(expected).unwrap()));
}

/// What a page names, and what the source has.
fn compare_sets(page: &BTreeSet<String>, source: &BTreeSet<String>, of: &str) {
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    let (missing, old) = (only(source, page), only(page, source));
    assert!(
        missing.is_empty() && old.is_empty(),
        "{of}: the page lacks {missing:?}; only the page has {old:?}"
    );
}

/// The engine's source files, each without its tests.
fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push(text.split("#[cfg(test)]\nmod tests").next().unwrap().into());
        }
    }
    found
}

/// The text literals that stand behind one of these beginnings in the engine's source.
fn in_sources(beginnings: &[&str]) -> BTreeSet<String> {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut found = BTreeSet::new();
    for (file, beginning) in
        files.iter().flat_map(|file| beginnings.iter().map(move |one| (file, one)))
    {
        let literals = file.split(beginning).skip(1).map(|rest| rest.split('"').next().unwrap());
        found.extend(literals.map(String::from));
    }
    found
}

#[test]
fn the_schemas_of_the_package_are_the_engines() {
    compare_json("pkg/src/generated/config.schema.json", &schema());
    compare_json("pkg/src/generated/results.schema.json", &exchequer::schema::results());
}

/// What a member of the document is to an export: a new one is put into one of
/// these lists, and into `config::redacted` if it can be exported.
#[test]
fn every_member_of_the_document_is_exported_or_left_out_on_purpose() {
    let exported = [
        "$comment",
        "issuer",
        "trustedTokenIssuers",
        "applications",
        "roles",
        "users",
        "audit",
        "caches",
        "clientIdMetadata",
        "clientCertificate",
        "keyRotation",
        "limits",
        "telemetry",
        "console",
    ];
    let left_out = ["$schema", "keys"];
    let schema = schema();
    let members = schema["properties"].as_object().unwrap().keys();
    let mut known: Vec<&str> = exported.into_iter().chain(left_out).collect();
    known.sort_unstable();
    assert_eq!(members.collect::<Vec<_>>(), known);
}

/// Each code without the name of the parameter that carried the token.
#[test]
fn the_reasons_of_the_console_are_the_catalogue() {
    let entry = |reason: &reason::Reason| json!({ "cause": reason.cause, "remedy": reason.remedy });
    let catalogue: BTreeMap<&str, Value> =
        reason::ALL.iter().map(|reason| (reason.code, entry(reason))).collect();
    compare_json("www/src/generated/reasons.json", &json!(catalogue));
}

#[test]
fn the_reference_of_reason_codes_is_the_catalogue() {
    let mut page = String::from(
        "# Reason codes

Why a request was refused, in words that stay the same: in the audit log, in
metrics, in the answer of `POST /oauth2/explain` and at `exchequer explain`. The
OAuth error that the client sees is coarser, as its RFC has it; its description
says what was wrong in one sentence.

A reason that concerns a token is written behind the parameter that carried it:
`subject_token`, `actor_token`, `assertion`, `client_assertion` or
`refresh_token`. So `claim.aud.mismatch` below is
`subject_token.claim.aud.mismatch` in a token exchange.

This page is made from the catalogue in `src/reason/catalogue.rs` by `cargo xtask docs`.
",
    );
    for (title, of_token) in [("Of a token", true), ("Of a request", false)] {
        write!(page, "\n## {title}\n").unwrap();
        for reason in reason::ALL.iter().filter(|reason| reason.of_token == of_token) {
            let reason::Reason { code, cause, remedy, .. } = reason;
            write!(page, "\n### `{code}`\n\n{cause}\n\n*Remedy:* {remedy}\n").unwrap();
        }
    }
    notes::write(&mut page);
    compare("docs/reasons.md", &page);
}

#[test]
fn the_reference_of_the_configuration_is_its_schema() {
    let schema = schema();
    let example = include_str!("../docs/exchequer.json");
    let mut page = format!(
        "# Configuration

One JSON document for every host. `exchequer check FILE` says what is wrong with
it, where, and what to do; fields that are not known are errors. Editors complete
it by the schema, `exchequer/config.schema.json` in the npm package.

Wherever a secret stands, `{{\"env\": \"NAME\"}}` or `{{\"file\": \"PATH\"}}` may stand
instead; paths are relative to the document.

This page is made from that schema by `cargo xtask docs`. In the tables, fields in
bold are required.

```json
{example}```
"
    );
    let mut pages = Pages { schema: &schema, places: BTreeMap::new(), next: VecDeque::new() };
    pages.object("", &schema, &mut page);
    while let Some((at, definition)) = pages.next.pop_front() {
        pages.object(&at, &schema["$defs"][&definition], &mut page);
    }
    compare("docs/configuration.md", &page);
}

struct Pages<'a> {
    schema: &'a Value,
    /// Where each definition is described.
    places: BTreeMap<String, String>,
    next: VecDeque<(String, String)>,
}

impl Pages<'_> {
    fn object(&mut self, at: &str, object: &Value, page: &mut String) {
        let title = if at.is_empty() { "The document".into() } else { format!("`{at}`") };
        write!(page, "\n## {title}\n\n{}\n\n", text(object)).unwrap();
        page.push_str("| field | type | what |\n|---|---|---|\n");
        let required = object["required"].as_array().cloned().unwrap_or_default();
        let is_required = |name: &str| required.iter().any(|one| one == name);
        let mut fields: Vec<_> = object["properties"].as_object().unwrap().iter().collect();
        fields.sort_by_key(|(name, _)| (!is_required(name), (*name).clone()));
        for (name, field) in fields {
            let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let (kind, values) = self.kind(field, &below);
            let name =
                if is_required(name) { format!("**`{name}`**") } else { format!("`{name}`") };
            let what = format!("{} {values}", text(field));
            writeln!(page, "| {name} | {kind} | {} |", what.trim().replace('|', "\\|")).unwrap();
        }
    }

    /// The type of a field, and what is to say of its values.
    fn kind(&mut self, field: &Value, at: &str) -> (String, String) {
        if let Some(reference) = field["$ref"].as_str() {
            return self.reference(reference.rsplit('/').next().unwrap(), at);
        }
        if let Some(choices) = field["anyOf"].as_array() {
            let kinds: Vec<_> = choices
                .iter()
                .filter(|choice| choice["type"] != "null")
                .map(|choice| self.kind(choice, at))
                .collect();
            let names: Vec<_> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
            let values: Vec<_> = kinds.iter().map(|(_, values)| values.as_str()).collect();
            return (names.join(" or "), values.concat());
        }
        let named = match &field["type"] {
            Value::Array(types) => types[0].as_str().unwrap().to_string(),
            other => other.as_str().unwrap_or("any").to_string(),
        };
        if named != "array" {
            return (named, String::new());
        }
        let (of, values) = self.kind(&field["items"], &format!("{at}[]"));
        (format!("list of {of}"), values)
    }

    fn reference(&mut self, name: &str, at: &str) -> (String, String) {
        if name == "PrivateKey" {
            return ("private JWK, or where it is kept".into(), String::new());
        }
        if name == "Secret" {
            return ("string, or where it is kept".into(), String::new());
        }
        let definition = &self.schema["$defs"][name];
        let choices = definition["oneOf"].as_array();
        if let (Some(choices), None) = (choices, definition.get("properties")) {
            return ("string".into(), list_values(choices));
        }
        if let Some(choices) = definition["enum"].as_array() {
            let values: Vec<_> =
                choices.iter().map(|one| format!("`{}`", one.as_str().unwrap())).collect();
            return ("string".into(), format!("One of {}.", values.join(", ")));
        }
        if definition.get("properties").is_none() {
            return match definition.get("anyOf") {
                Some(_) => self.kind(&definition.clone(), at),
                None => (definition["type"].as_str().unwrap_or("any").into(), String::new()),
            };
        }
        if name == "Jwks" {
            return ("JWK set".into(), String::new());
        }
        if !self.places.contains_key(name) {
            self.places.insert(name.into(), at.into());
            self.next.push_back((at.into(), name.into()));
        }
        let place = &self.places[name];
        let anchor: String =
            place.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        (format!("[object](#{anchor})"), String::new())
    }
}

fn list_values(choices: &[Value]) -> String {
    let value = |choice: &Value| {
        let name = choice["const"].as_str().or_else(|| choice["enum"][0].as_str());
        let name = name.map(|name| format!("`{name}`")).unwrap_or_default();
        match text(choice) {
            "" => name,
            text => format!("{name}: {}", text.trim_end_matches('.')),
        }
    };
    let values: Vec<_> = choices.iter().map(value).collect();
    format!("<br>{}", values.join("<br>"))
}

fn text(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}
