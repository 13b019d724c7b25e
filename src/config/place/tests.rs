//! Beside `serde_path_to_error`, which follows the parser instead.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_path_to_error::Segment;

use super::super::document::Root;
use super::super::parse_errors;

const DOCUMENT: &str = r#"{
  "issuer": "https://sts.example.com",
  "keys": [ {"kty": "EC", "key_ops": ["sign"], "d": "AQ"}, {"env": "KEY"} ],
  "trustedTokenIssuers": [ {
    "name": "A \"b\" \\", "issuer": "https://a", "enabled": true,
    "certificate": { "jwks": { "keys": [ {"kty": "RSA", "n": 1.5e3} ] } },
    "readTimeoutMs": 1000, "replayProtection": "jti",
    "conditions": [ {"claim": "c", "oneOf": ["d", -2, null, {"e": []}], "mode": "audit"} ],
    "claims": [ {"from": "email", "to": "email"} ],
    "implicitAssociation": {"isEnabled": false, "lookupAttribute": ["email"]}
  } ],
  "applications": [ {
    "clientId": "f", "clientSecret": {"file": "g"}, "type": "web", "grantTypes": ["h", "i"],
    "trustedTokenIssuers": ["A", {"name": "B", "conditions": [ {"claim": "j", "present": true} ]}],
    "accessToken": {"type": "jwt", "lifetimeSeconds": 60, "attributes": []}
  }, { "clientId": "k", "clientSecret": "l", "grantTypes": [] } ],
  "users": []
}"#;

/// Pieces of JSON, and of none.
const PIECES: [&str; 20] = [
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    " ",
    "\n",
    "x",
    "0",
    "-",
    "1e999",
    "null",
    "\"m\"",
    "{\"web\": 1}",
    "[[]]",
    "\u{0}",
];

/// The problem as it would be with the path of `serde_path_to_error`, or nothing
/// when the document is read.
fn expected(text: &str) -> Option<(Vec<String>, serde_json::Error)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let error = serde_path_to_error::deserialize::<_, Root>(&mut json).err()?;
    let path = error.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("[{index}]")),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    });
    Some((path.collect(), error.into_inner()))
}

fn whole(text: &str) -> Result<Root, serde_json::Error> {
    serde::Deserialize::deserialize(&mut serde_json::Deserializer::from_str(text))
}

fn check(text: &str, wrong: &mut Vec<String>) -> bool {
    let found = whole(text).err();
    let Some((path, error)) = expected(text) else {
        return false;
    };
    let found = found.map(|found| (parse_errors::path(text, &found), found.to_string()));
    if found.as_ref() != Some(&(path.clone(), error.to_string())) {
        wrong.push(format!("{found:?}, expected {path:?} and {error} in {text}"));
    }
    true
}

#[test]
fn every_error_has_the_path_that_the_parser_would_have_followed() {
    let (mut wrong, mut errors) = (Vec::new(), 0_usize);
    assert!(!check(DOCUMENT, &mut wrong), "the document itself is good");
    for at in 0..DOCUMENT.len() {
        let (before, rest) = DOCUMENT.split_at(at);
        errors += usize::from(check(before, &mut wrong));
        for piece in PIECES {
            for over in [0, 4] {
                let rest = rest.get(over..).unwrap_or_default();
                errors += usize::from(check(&format!("{before}{piece}{rest}"), &mut wrong));
            }
        }
    }
    assert!(errors > 10_000, "{errors}");
    assert!(wrong.is_empty(), "{} of {errors}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_value_of_another_kind_has_its_path() {
    let mut wrong = Vec::new();
    let whole: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    let mut pointers = Vec::from([String::new()]);
    let mut next = 0;
    while let Some(pointer) = pointers.get(next).cloned() {
        next += 1;
        match whole.pointer(&pointer) {
            Some(serde_json::Value::Object(members)) => {
                pointers.extend(members.keys().map(|name| format!("{pointer}/{name}")));
            }
            Some(serde_json::Value::Array(items)) => {
                pointers.extend((0..items.len()).map(|index| format!("{pointer}/{index}")));
            }
            _ => {}
        }
    }
    assert!(pointers.len() > 50, "{}", pointers.len());
    for pointer in pointers {
        for other in [
            "null",
            "true",
            "-1",
            "0",
            "1.5",
            "\"m\"",
            "[]",
            "[[], {}]",
            "[1]",
            "{}",
            "{\"m\": {}}",
            "{\"name\": 1, \"name\": 2}",
            "{\"kty\": [], \"kty\": {\"kty\": []}, \"m\": 1}",
            "{\"env\": \"m\", \"env\": \"m\"}",
        ] {
            check(&replaced(&whole, &pointer, other), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The document with this text at the pointer.
fn replaced(whole: &serde_json::Value, pointer: &str, text: &str) -> String {
    let mut marked = whole.clone();
    if let Some(value) = marked.pointer_mut(pointer) {
        *value = "\u{1}here".into();
    }
    marked.to_string().replace("\"\\u0001here\"", text)
}
