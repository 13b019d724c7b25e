//! WSO2's members of an application, in the document's words: the protocol
//! `oidc`, and whom tokens are about.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::body::{Change, unknown, wrong};
use crate::admin::error::Error;

const PROTOCOLS: &str = "inboundProtocolConfiguration";
const OIDC: [&str; 7] = [
    "clientId",
    "clientSecret",
    "grantTypes",
    "publicClient",
    "accessToken",
    "refreshToken",
    "state",
];
/// What belongs to flows that this server does not have.
const ELSEWHERE: [&str; 8] = [
    "callbackURLs",
    "allowedOrigins",
    "pkce",
    "idToken",
    "logout",
    "scopeValidators",
    "validateRequestObjectSignature",
    "subjectToken",
];
const ACCESS_TOKEN: [&str; 4] = [
    "type",
    "userAccessTokenExpiryInSeconds",
    "applicationAccessTokenExpiryInSeconds",
    "accessTokenAttributes",
];
/// Of access tokens, what is always so here.
const ACCESS_TOKEN_ELSEWHERE: [&str; 4] = [
    "bindingType",
    "validateTokenBinding",
    "revokeTokensWhenIDPSessionTerminated",
    "enableJwtScopeAsArray",
];
const SUBJECT: [&str; 2] = ["useMappedLocalSubject", "mappedLocalSubjectMandatory"];
const SUBJECT_ELSEWHERE: [&str; 4] =
    ["claim", "includeUserDomain", "includeTenantDomain", "includeOrganizationDomain"];

/// Reads `inboundProtocolConfiguration`.
pub(super) fn protocols(value: Value, change: &mut Change) -> Result<(), Error> {
    for (name, value) in object(value, PROTOCOLS)? {
        match &*name {
            "oidc" => oidc(object(value, "inboundProtocolConfiguration.oidc")?, change, PROTOCOLS)?,
            _ => return Err(unknown(PROTOCOLS, &name, &["oidc"])),
        }
    }
    Ok(())
}

/// Reads the members of `oidc`, which stand at this path.
pub(super) fn oidc(
    members: Map<String, Value>,
    change: &mut Change,
    at: &str,
) -> Result<(), Error> {
    let at = if at.is_empty() { String::new() } else { below(at, "oidc") };
    for (name, value) in members {
        let here = below(&at, &name);
        match &*name {
            "clientId" | "grantTypes" => change.put(&[&name], value)?,
            "clientSecret" => change.choose_secret(value)?,
            "publicClient" => change.public = boolean(&value, &here)?,
            "accessToken" => access_token(value, change, &here)?,
            "refreshToken" => refresh_token(value, change, &here)?,
            "state" if value == "ACTIVE" || value.is_null() => {}
            "state" => {
                return Err(wrong(
                    here,
                    "can be `ACTIVE` only",
                    "delete the application to stop it",
                ));
            }
            name if ELSEWHERE.contains(&name) => nothing(&value, &here)?,
            _ => return Err(unknown(&at, &name, &OIDC)),
        }
    }
    Ok(())
}

fn access_token(value: Value, change: &mut Change, at: &str) -> Result<(), Error> {
    let mut members = object(value, at)?;
    // Tokens are always about somebody here; the other lifetime is that of
    // tokens about the application itself.
    let of_application = members.remove("applicationAccessTokenExpiryInSeconds");
    if let Some(seconds) = of_application {
        let seconds = whole(seconds, &below(at, "applicationAccessTokenExpiryInSeconds"))?;
        members.entry("userAccessTokenExpiryInSeconds").or_insert(seconds);
    }
    for (name, value) in members {
        let here = below(at, &name);
        match &*name {
            "type" => change.put(&["accessToken", "type"], token_type(&value, &here)?)?,
            "userAccessTokenExpiryInSeconds" => {
                change.put(&["accessToken", "lifetimeSeconds"], whole(value, &here)?)?;
            }
            "accessTokenAttributes" => {
                change.put(&["accessToken", "attributes"], texts(value, &here)?)?;
            }
            name if ACCESS_TOKEN_ELSEWHERE.contains(&name) => nothing(&value, &here)?,
            _ => return Err(unknown(at, &name, &ACCESS_TOKEN)),
        }
    }
    Ok(())
}

fn refresh_token(value: Value, change: &mut Change, at: &str) -> Result<(), Error> {
    for (name, value) in object(value, at)? {
        let here = below(at, &name);
        match &*name {
            "expiryInSeconds" => {
                change.put(&["refreshToken", "lifetimeSeconds"], whole(value, &here)?)?;
            }
            "renewRefreshToken" => {
                if boolean(&value, &here)? == Some(false) {
                    return Err(wrong(
                        here,
                        "can be true only: a refresh token is used once (RFC 9700 section 4.14.2)",
                        "leave it out",
                    ));
                }
            }
            _ => return Err(unknown(at, &name, &["expiryInSeconds", "renewRefreshToken"])),
        }
    }
    Ok(())
}

/// Reads `claimConfiguration`.
pub(super) fn claims(value: Value, change: &mut Change) -> Result<(), Error> {
    const AT: &str = "claimConfiguration";
    for (name, value) in object(value, AT)? {
        let here = below(AT, &name);
        match &*name {
            "subject" => subject(value, change, &here)?,
            "dialect" | "claimMappings" | "requestedClaims" | "role" => nothing(&value, &here)?,
            _ => return Err(unknown(AT, &name, &["subject"])),
        }
    }
    Ok(())
}

fn subject(value: Value, change: &mut Change, at: &str) -> Result<(), Error> {
    for (name, value) in object(value, at)? {
        let here = below(at, &name);
        match &*name {
            name if SUBJECT.contains(&name) => {
                boolean(&value, &here)?;
                change.put(&["subject", name], value)?;
            }
            name if SUBJECT_ELSEWHERE.contains(&name) => nothing(&value, &here)?,
            _ => return Err(unknown(at, &name, &SUBJECT)),
        }
    }
    Ok(())
}

fn token_type(value: &Value, at: &str) -> Result<Value, Error> {
    match value.as_str() {
        Some("JWT") => Ok("jwt".into()),
        Some("Default") => Ok("opaque".into()),
        None if value.is_null() => Ok(Value::Null),
        _ => Err(wrong(at, "must be `JWT` or `Default`, which is opaque", "send one of the two")),
    }
}

/// Clients of WSO2 send what they do not mean as well. What they do mean, and
/// would not happen, is refused.
fn nothing(value: &Value, at: &str) -> Result<(), Error> {
    if says_nothing(value) {
        return Ok(());
    }
    Err(wrong(at, "has no effect here", "leave it out"))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => matches!(&**text, "" | "None"),
        Value::Array(items) => items.iter().all(says_nothing),
        Value::Object(members) => members.values().all(says_nothing),
    }
}

fn object(value: Value, at: &str) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(members) => Ok(members),
        Value::Null => Ok(Map::new()),
        _ => Err(wrong(at, "must be an object", "send its members as an object")),
    }
}

fn boolean(value: &Value, at: &str) -> Result<Option<bool>, Error> {
    match value {
        Value::Bool(is) => Ok(Some(*is)),
        Value::Null => Ok(None),
        _ => Err(wrong(at, "must be true or false", "send one of the two")),
    }
}

fn whole(value: Value, at: &str) -> Result<Value, Error> {
    if value.is_u64() || value.is_null() {
        return Ok(value);
    }
    Err(wrong(at, "must be a whole number of seconds", "send such a number"))
}

fn texts(value: Value, at: &str) -> Result<Value, Error> {
    let are_texts = |items: &[Value]| items.iter().all(Value::is_string);
    if value.is_null() || value.as_array().is_some_and(|items| are_texts(items)) {
        return Ok(value);
    }
    Err(wrong(at, "must be a list of texts", "send such a list"))
}

/// The path of a member.
pub(super) fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.into() } else { format!("{at}.{name}") }
}
