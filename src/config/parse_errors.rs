//! Problems with the shape of the document: what `serde` says, said for a
//! person. Values are never repeated, since any of them may be a secret.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::place::{self, Last, Place};
use super::problem::{Problem, SEPARATOR, list, plain, shown};
use super::suggest::nearest;

/// Longest document that is read, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The document in this text.
///
/// # Errors
/// The first thing about its shape that is wrong.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    if text.len() > MAX_BYTES {
        return Err(document(
            "is longer than 8 MiB, the most that is read",
            "remove what is not needed, and keep users and issuers in the store",
        ));
    }
    // Some editors put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(document(
            "is empty",
            r#"begin with `{ "issuer": "https://sts.example.com" }`"#,
        ));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let root = T::deserialize(&mut json).map_err(|error| explained(&path(text, &error), &error))?;
    json.end().map_err(|error| explained(&[], &error))?;
    Ok(root)
}

/// A single object of the document.
///
/// Read from text like the whole, so that the parser is there once.
///
/// # Errors
/// The first thing about its shape that is wrong.
pub(super) fn resource<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, Problem> {
    let text = Value::Object(object).to_string();
    let mut json = serde_json::Deserializer::from_str(&text);
    T::deserialize(&mut json).map_err(|error| {
        let mut problem = explained(&path(&text, &error), &error);
        // Nobody has seen this text: its columns say nothing.
        let place = place(&error);
        for said in [format!(", at {place}"), format!(" at {place}")] {
            problem.problem = problem.problem.replace(&said, "");
        }
        problem
    })
}

fn document(problem: &str, remedy: &str) -> Problem {
    problem_at(&[], problem, remedy)
}

fn problem_at(path: &[String], problem: impl Into<String>, remedy: impl Into<String>) -> Problem {
    let mut joined = String::new();
    for segment in path {
        if !joined.is_empty() && !segment.starts_with('[') {
            joined.push('.');
        }
        joined.push_str(segment);
    }
    if joined.is_empty() {
        joined.push_str("document");
    }
    Problem { path: plain(&joined), problem: problem.into(), remedy: remedy.into() }
}

/// The path of the value that an error is about.
pub(super) fn path(text: &str, error: &serde_json::Error) -> Vec<String> {
    let Place { mut path, last } =
        place::find(text, error.classify(), error.line(), error.column());
    let said = error.to_string();
    let takes_several_forms = said.starts_with("invalid type: sequence, ")
        && said.contains(", expected ")
        && said.contains("`{");
    if error.classify() != Category::Data {
        return path;
    }
    match last {
        // Secrets alone have errors of their own, after some of their members.
        _ if said.contains(SEPARATOR) => {
            let secret = path.iter().position(|one| one == "clientSecret" || one == "keys");
            if let Some(at) = secret {
                let in_list = path.get(at).is_some_and(|one| one == "keys");
                path.truncate(at + 1 + usize::from(in_list));
            }
        }
        // The object may have been read to its end nevertheless.
        Last::Value if said.starts_with("unknown field `") => {
            path.extend(unknown_name(&said).map(str::to_owned));
        }
        // What is there twice, or where a word should be, is told by its object.
        Last::Name if !said.starts_with("unknown field `") => drop(path.pop()),
        // What may be one thing or another looks into a list before it refuses it.
        Last::Open | Last::Comma if takes_several_forms => drop(path.pop()),
        _ => {}
    }
    path
}

fn explained(path: &[String], error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    let said = said.rfind(" at line ").and_then(|end| said.get(..end)).unwrap_or(&said);
    let place = place(error);
    match error.classify() {
        Category::Data => misshapen(path, said, &place),
        Category::Eof => problem_at(
            path,
            format!("the JSON ends too early, at {place}"),
            "close what is still open: a string, `]` or `}`",
        ),
        Category::Syntax if said == "recursion limit exceeded" => problem_at(
            path,
            format!("nested deeper than 127 levels, at {place}"),
            "make it flatter",
        ),
        Category::Syntax | Category::Io => problem_at(
            path,
            format!("not JSON at {place}: {said}"),
            "correct the JSON there; JSON has no comments and no comma after the last item",
        ),
    }
}

fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column().max(1))
}

fn misshapen(path: &[String], said: &str, place: &str) -> Problem {
    if let Some((problem, remedy)) = said.split_once(SEPARATOR) {
        return problem_at(path, format!("{problem}, at {place}"), remedy);
    }
    if let Some(rest) = said.strip_prefix("unknown field `") {
        return unknown(path, rest, "field", place);
    }
    if let Some(rest) = said.strip_prefix("unknown variant `") {
        return unknown(path, rest, "value", place);
    }
    if let Some(name) = said.strip_prefix("missing field `") {
        return missing(path, name.trim_end_matches('`'), place);
    }
    if let Some(name) = said.strip_prefix("duplicate field `") {
        let at = member(path, name.trim_end_matches('`'));
        return problem_at(&at, format!("given twice, again at {place}"), "remove one of the two");
    }
    if let Some((found, expected)) = wrong_type(said) {
        return problem_at(
            path,
            format!("found {found} at {place}, expected {expected}"),
            instead(found, &expected),
        );
    }
    problem_at(
        path,
        format!("not as expected at {place}"),
        "compare it with the example in the README",
    )
}

/// The name out of "unknown field `name`, expected …". It may hold anything; what
/// serde says behind it does not.
fn unknown_name(said: &str) -> Option<&str> {
    said.strip_prefix("unknown field `")?.rsplit_once("`, expected ").map(|(name, _)| name)
}

/// Says the name that is not known, and the ones that are, out of
/// "name`, expected one of `a`, `b`".
fn unknown(path: &[String], rest: &str, what: &str, place: &str) -> Problem {
    // The name may hold anything; what serde says behind it does not.
    let (name, expected) = rest.rsplit_once("`, expected ").unwrap_or((rest, ""));
    let known = expected.split('`').skip(1).step_by(2);
    let remedy = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean {}?", shown(near)),
        None => format!("use one of {}", list(known)),
    };
    problem_at(path, format!("{} is no {what} known here, at {place}", shown(name)), remedy)
}

fn member(path: &[String], name: &str) -> Vec<String> {
    let mut at = path.to_owned();
    at.push(name.to_owned());
    at
}

fn missing(path: &[String], name: &str, place: &str) -> Problem {
    let at = member(path, name);
    let within = path.iter().rev().find(|segment| !segment.starts_with('['));
    let example = example(within.map_or("", String::as_str), name);
    problem_at(
        &at,
        format!("missing from the object that ends at {place}, and required"),
        format!("add it, for example `{example}`"),
    )
}

/// How a required field looks like, by the field its object stands in.
fn example(within: &str, name: &str) -> &'static str {
    match (within, name) {
        ("", "issuer") => r#""issuer": "https://sts.example.com""#,
        (_, "issuer") => r#""issuer": "https://idp.example.com""#,
        ("applications", "trustedTokenIssuers" | "name") | ("trustedTokenIssuers", "name") => {
            r#""name": "Example IdP""#
        }
        (_, "certificate") => r#""certificate": { "jwksUri": "https://idp.example.com/jwks" }"#,
        (_, "clientId") => r#""clientId": "deploy-bot""#,
        (_, "grantTypes") => r#""grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"]"#,
        (_, "claim") => r#""claim": "email""#,
        (_, "from") => r#""from": "email""#,
        (_, "to") => r#""to": "email""#,
        (_, "isEnabled") => r#""isEnabled": true"#,
        ("roles", "name") => r#""name": "deployer""#,
        (_, "id") => r#""id": "u-1""#,
        (_, "username") => r#""username": "ada""#,
        _ => "…",
    }
}

fn instead(found: &str, expected: &str) -> String {
    match (found, expected) {
        (_, "a list") => "put it in square brackets: `[ … ]`".into(),
        (_, "an object") => "write the members in braces: `{ … }`".into(),
        ("a string", "`true` or `false`") => "write `true` or `false`, without quotes".into(),
        ("a string", _) if expected.starts_with("a whole number") => {
            "write digits, without quotes".into()
        }
        (_, "a string") => "write it in quotes".into(),
        _ => format!("put {expected} there"),
    }
}

/// invalid type: string "…", expected a sequence
fn wrong_type(said: &str) -> Option<(&'static str, String)> {
    let rest = ["invalid type: ", "invalid value: ", "invalid length "]
        .into_iter()
        .find_map(|prefix| said.strip_prefix(prefix))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let found = match found.split([' ', '`']).next().unwrap_or_default() {
        _ if found.starts_with("integer `-") => "a negative number",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "floating" => "a number that is not whole or too large",
        "string" => "a string",
        "null" => "null",
        "map" => "an object",
        "sequence" => "a list",
        _ => "something else",
    };
    let expected = match expected {
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        "a boolean" => "`true` or `false`".into(),
        "u64" => "a whole number, 0 or more".into(),
        _ if expected.starts_with("struct ") => "an object".into(),
        _ => expected.to_string(),
    };
    Some((found, expected))
}
