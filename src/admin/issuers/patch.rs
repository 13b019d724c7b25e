//! `PATCH` of a trusted token issuer: a list of `{operation, path, value}`, as
//! WSO2 has it; all of them or none.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::body::{INVALID, invalid, put, put_about};
use crate::admin::error::{Error, Kind};
use crate::storage::resources::Object;

/// Below it each certificate has its index.
const CERTIFICATES: &str = "/certificate/certificates/";
/// Most operations of a call.
const MAX_OPERATIONS: usize = 100;

/// WSO2's: what should be changed is not there.
static NOTHING_THERE: Kind =
    Kind { status: 404, code: "IDP-65005", message: "Unable to update identity provider." };
/// What should be added is there.
static THERE_ALREADY: Kind =
    Kind { status: 409, code: "IDP-65005", message: "Unable to update identity provider." };

/// One change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    operation: Verb,
    path: String,
    #[serde(default)]
    value: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// Reads the body.
pub(super) fn read(items: Vec<Value>) -> Result<Vec<Operation>, Error> {
    if items.is_empty() || items.len() > MAX_OPERATIONS {
        return Err(invalid(format!("a patch has 1 to {MAX_OPERATIONS} operations")));
    }
    let read = |(index, item)| {
        Operation::deserialize(item).map_err(|_| {
            invalid(format!(
                "operation {index} is not `{{\"operation\": \"ADD\" | \"REPLACE\" | \"REMOVE\", \"path\": …, \"value\": …}}`"
            ))
        })
    };
    items.into_iter().enumerate().map(read).collect()
}

/// Applies one change to an issuer, which is checked as a whole afterwards.
pub(super) fn apply(object: &mut Object, operation: Operation) -> Result<(), Error> {
    let Operation { operation, path, value } = operation;
    match (&*path, operation, value) {
        ("/certificate/jwksUri", Verb::Remove, _) => remove_key_source(object, "jwksUri"),
        ("/certificate/jwksUri", _, Some(uri)) => {
            // One source of keys takes the place of the other.
            set_certificate(object, "jwksUri", uri);
            Ok(())
        }
        (path, verb, value) if path.starts_with(CERTIFICATES) => {
            let index = path.strip_prefix(CERTIFICATES).unwrap_or_default();
            let index: usize = index.parse().map_err(|_| unknown(path))?;
            certificates(object, verb, index, value)
        }
        (path, Verb::Remove, _) => remove(object, path),
        (path, _, Some(value)) => set(object, path, value),
        (path, _, None) => Err(invalid(format!("the operation on `{path}` needs a `value`"))),
    }
}

fn set(object: &mut Object, path: &str, value: Value) -> Result<(), Error> {
    match member(path) {
        Some(Member::Document(name)) => put(&mut object.document, name, value),
        Some(Member::About(name)) => put_about(&mut object.about, name, value),
        Some(Member::Fixed) | None => Err(unknown(path)),
    }
}

fn remove(object: &mut Object, path: &str) -> Result<(), Error> {
    let removed = match member(path) {
        Some(Member::Document("name" | "issuer" | "certificate")) => {
            return Err(invalid(format!("`{path}` can be replaced and not removed")));
        }
        Some(Member::Document(name)) => object.document.remove(name),
        Some(Member::About(name)) => object.about.remove(name),
        Some(Member::Fixed) | None => return Err(unknown(path)),
    };
    removed.map(|_| ()).ok_or_else(|| nothing_there(path))
}

/// What a path leads to.
enum Member {
    Document(&'static str),
    About(&'static str),
    /// WSO2's, always false here.
    Fixed,
}

fn member(path: &str) -> Option<Member> {
    /// Members of the document's own form.
    const OURS: [&str; 11] = [
        "/name",
        "/alias",
        "/algorithms",
        "/certificate",
        "/claims",
        "/conditions",
        "/readTimeoutMs",
        "/clockSkewSeconds",
        "/maxTokenAgeSeconds",
        "/replayProtection",
        "/boundTokens",
    ];
    Some(match path {
        "/description" => Member::About("description"),
        "/image" => Member::About("image"),
        "/isEnabled" => Member::Document("enabled"),
        "/idpIssuerName" | "/issuer" => Member::Document("issuer"),
        "/implicitAssociation" => Member::Document("implicitAssociation"),
        "/dangerAllowHttp" => Member::Document("dangerAllowHttp"),
        "/isPrimary" | "/isFederationHub" | "/homeRealmIdentifier" => Member::Fixed,
        _ => {
            let ours = OURS.into_iter().find(|ours| *ours == path)?;
            Member::Document(ours.trim_start_matches('/'))
        }
    })
}

fn certificates(
    object: &mut Object,
    verb: Verb,
    index: usize,
    value: Option<Value>,
) -> Result<(), Error> {
    let mut all = match source(object, "certificates") {
        Some(Value::Array(all)) => all.clone(),
        _ => Vec::new(),
    };
    let there = index < all.len();
    match (verb, value) {
        (Verb::Add, Some(value)) if index == all.len() => {
            if all.contains(&value) {
                return Err(Error::new(&THERE_ALREADY, "the issuer has this certificate already"));
            }
            all.push(value);
        }
        (Verb::Add, _) => {
            let next = all.len();
            return Err(invalid(format!(
                "a certificate is added behind the last one: expected `/certificate/certificates/{next}`"
            )));
        }
        (Verb::Replace, Some(value)) if there => {
            all.splice(index..=index, [value]);
        }
        (Verb::Remove, _) if there => {
            all.remove(index);
        }
        _ => return Err(nothing_there(&format!("/certificate/certificates/{index}"))),
    }
    if all.is_empty() {
        return remove_key_source(object, "certificates");
    }
    set_certificate(object, "certificates", Value::Array(all));
    Ok(())
}

fn source<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.document.get("certificate").and_then(|certificate| certificate.get(name))
}

fn set_certificate(object: &mut Object, name: &str, value: Value) {
    let mut certificate = Map::new();
    certificate.insert(name.to_string(), value);
    object.document.insert("certificate".into(), Value::Object(certificate));
}

/// An issuer without keys is none: the last source is replaced, not removed.
fn remove_key_source(object: &Object, name: &str) -> Result<(), Error> {
    if source(object, name).is_none() {
        return Err(nothing_there(&format!("/certificate/{name}")));
    }
    Err(invalid(
        "an issuer needs keys: add `/certificate/jwksUri` or `/certificate/certificates/0`, \
         which takes the place of what it has",
    ))
}

fn nothing_there(path: &str) -> Error {
    Error::new(&NOTHING_THERE, format!("`{path}` cannot be changed or removed, it does not exist"))
}

fn unknown(path: &str) -> Error {
    let path = crate::audit::shown(path);
    Error::new(
        &INVALID,
        format!(
            "`{path}` is no path that can be patched; there are /name, /description, /image, /alias, \
             /isEnabled, /idpIssuerName, /certificate/jwksUri, /certificate/certificates/{{n}}, \
             /algorithms, /claims, /conditions, /readTimeoutMs, /clockSkewSeconds, \
             /maxTokenAgeSeconds, /replayProtection, /boundTokens, /implicitAssociation"
        ),
    )
}
