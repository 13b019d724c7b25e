//! What a call sends of a trusted token issuer: WSO2's members and ours, into
//! the piece of the configuration document that it is kept as.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use crate::admin::error::{Error, Kind};
use crate::config::{Problem, Problems};

/// WSO2's: something in the body is wrong.
pub(in crate::admin) static INVALID: Kind =
    Kind { status: 400, code: "IDP-60025", message: "Invalid input." };
/// WSO2's: a certificate is none.
static BAD_CERTIFICATE: Kind =
    Kind { status: 400, code: "IDP-60036", message: "Invalid IDP certificate format." };

/// What only the API shows.
const ABOUT: [&str; 2] = ["description", "image"];
/// Members of WSO2's that change nothing here, or that this server says itself.
const IGNORED: [&str; 14] = [
    "id",
    "meta",
    "self",
    "readOnly",
    "templateId",
    "isPrimary",
    "isFederationHub",
    "homeRealmIdentifier",
    "roles",
    "groups",
    "federatedAuthenticators",
    "provisioning",
    "idpIssuerName",
    "isEnabled",
];

/// An issuer, taken apart.
pub(super) struct Parts {
    pub(super) document: Map<String, Value>,
    pub(super) about: Map<String, Value>,
}

/// Reads the body of a creation.
pub(super) fn read(mut body: Map<String, Value>) -> Result<Parts, Error> {
    if let Some(issuer) = body.get("idpIssuerName").cloned() {
        body.entry("issuer").or_insert(issuer);
    }
    let missing =
        ["name", "issuer", "certificate"].into_iter().find(|name| !body.contains_key(*name));
    if let Some(name) = missing {
        return Err(wrong(
            name,
            "is missing",
            "a trusted token issuer has `name`, `issuer` and `certificate`",
        ));
    }
    if let Some(enabled) = body.get("isEnabled").cloned() {
        body.insert("enabled".into(), enabled);
    }
    let (mut document, mut about) = (Map::new(), Map::new());
    for (name, value) in body {
        match &*name {
            name if IGNORED.contains(&name) => {}
            name if ABOUT.contains(&name) => put_about(&mut about, name, value)?,
            "alias" if is_empty(&value) => {}
            _ => put(&mut document, &name, value)?,
        }
    }
    Ok(Parts { document, about })
}

/// Puts a member where it belongs, in the document's form.
pub(super) fn put(
    document: &mut Map<String, Value>,
    name: &str,
    value: Value,
) -> Result<(), Error> {
    let value = match name {
        "certificate" => certificate(value),
        "claims" => claims(value)?,
        _ => value,
    };
    document.insert(name.into(), value);
    Ok(())
}

pub(super) fn put_about(
    about: &mut Map<String, Value>,
    name: &str,
    value: Value,
) -> Result<(), Error> {
    match &value {
        Value::String(text) if text.chars().count() <= 1024 => {
            about.insert(name.into(), value);
            Ok(())
        }
        _ => Err(wrong(
            name,
            "must be a text of at most 1024 characters",
            "send a shorter text, or leave it out",
        )),
    }
}

/// Clients of WSO2 send what they do not mean as well: an empty list, an empty
/// text, `null`.
fn certificate(value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    if let Some(Value::Array(certificates)) = members.get_mut("certificates") {
        certificates.retain(|one| !is_empty(one));
    }
    members.retain(|_, value| !is_empty(value));
    members.remove("samlMetadataUri");
    Value::Object(members)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Ours is a list of `{from, to}`; WSO2's an object with `mappings` from the
/// issuer's claims to claim URIs.
fn claims(value: Value) -> Result<Value, Error> {
    let Value::Object(members) = value else { return Ok(value) };
    let mappings = members.get("mappings").and_then(Value::as_array);
    let mut claims = Vec::new();
    for mapping in mappings.into_iter().flatten() {
        let from = mapping.get("idpClaim").and_then(Value::as_str);
        let uri = mapping.pointer("/localClaim/uri").and_then(Value::as_str);
        let (Some(from), Some(uri)) = (from, uri) else {
            return Err(wrong(
                "claims.mappings",
                "has an item of another form",
                "write each as `{\"idpClaim\": …, \"localClaim\": {\"uri\": …}}`",
            ));
        };
        claims.push(json!({ "from": from, "to": claim_name(uri) }));
    }
    Ok(Value::Array(claims))
}

/// The OpenID Connect name of a claim that WSO2 names by a URI.
fn claim_name(uri: &str) -> &str {
    match uri.strip_prefix("http://wso2.org/claims/") {
        Some("emailaddress") => "email",
        Some("mobile") => "phone_number",
        Some("givenname") => "given_name",
        Some("lastname") => "family_name",
        Some("fullname") => "name",
        Some(name) => name,
        None => uri,
    }
}

/// 400: a member that is wrong, and what to send instead.
fn wrong(path: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Error {
    Error::about(&INVALID, Problem::new(path, problem, remedy))
}

/// 400: what is wrong with the body as a whole, what was expected.
pub(in crate::admin) fn invalid(description: impl Into<String>) -> Error {
    Error::new(&INVALID, description)
}

/// 400 with everything that the parser of the document has to say.
pub(in crate::admin) fn refuse(problems: Problems) -> Error {
    let about_certificates =
        problems.0.iter().all(|problem| problem.path.starts_with("certificate.certificates"));
    let kind = if about_certificates { &BAD_CERTIFICATE } else { &INVALID };
    Error::about(kind, problems)
}
