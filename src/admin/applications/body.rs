//! What a call says of an application: the document's own members and WSO2's,
//! into a change of the piece of the document that it is kept as.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::wso2;
use crate::admin::error::{Error, Kind};
use crate::audit::shown;
use crate::config::Problem;
use crate::config::suggest::nearest;
use crate::storage::resources::Object;

/// WSO2's: something in the body is wrong.
pub(super) static INVALID: Kind =
    Kind { status: 400, code: "APP-60001", message: "Invalid request." };

/// Members of the document's own form, besides the secret.
const DOCUMENT: [&str; 20] = [
    "name",
    "clientId",
    "type",
    "grantTypes",
    "trustedTokenIssuers",
    "audiences",
    "resources",
    "scopes",
    "defaultScopes",
    "accessToken",
    "refreshToken",
    "subject",
    "delegation",
    "dpop",
    "mtls",
    "idJag",
    "profile",
    "jwks",
    "jwksUri",
    "clientAssertion",
];
/// Where the keys of a client are.
const KEYS: [&str; 2] = ["jwks", "jwksUri"];
/// What only the API shows.
const ABOUT: [&str; 2] = ["description", "imageUrl"];
/// The others that mean something.
const FURTHER: [&str; 3] = ["clientSecret", "inboundProtocolConfiguration", "claimConfiguration"];
/// Members of WSO2's that change nothing here, or that this server says itself.
const IGNORED: [&str; 10] = [
    "id",
    "meta",
    "self",
    "readOnly",
    "overridden",
    "problems",
    "access",
    "templateId",
    "advancedConfigurations",
    "inboundProtocols",
];

/// What is to become of an application (RFC 7396): `null` removes.
#[derive(Default)]
pub(super) struct Change {
    pub(super) document: Map<String, Value>,
    pub(super) about: Map<String, Value>,
    /// A secret that the caller chose.
    pub(super) secret: Option<Zeroizing<String>>,
    /// WSO2's `publicClient`.
    pub(super) public: Option<bool>,
}

/// Reads the body of a creation or of a `PATCH`.
pub(super) fn read(body: Map<String, Value>) -> Result<Change, Error> {
    let mut change = Change::default();
    for (name, value) in body {
        match &*name {
            name if IGNORED.contains(&name) => {}
            name if ABOUT.contains(&name) => {
                change.about.insert(name.into(), about(name, value)?);
            }
            name if DOCUMENT.contains(&name) => change.put(&[name], value)?,
            "clientSecret" => change.choose_secret(value)?,
            "inboundProtocolConfiguration" => wso2::protocols(value, &mut change)?,
            "claimConfiguration" => wso2::claims(value, &mut change)?,
            _ => {
                return Err(unknown("", &name, &[&DOCUMENT[..], &ABOUT, &FURTHER].concat()));
            }
        }
    }
    Ok(change)
}

impl Change {
    /// Puts a member of the document where it belongs.
    ///
    /// # Errors
    /// 400 when it was said before, in the other form, and otherwise.
    pub(super) fn put(&mut self, path: &[&str], value: Value) -> Result<(), Error> {
        put(&mut self.document, path, value)
    }

    pub(super) fn choose_secret(&mut self, value: Value) -> Result<(), Error> {
        match value {
            // One who does not choose says nothing.
            Value::Null => Ok(()),
            Value::String(text) => {
                self.secret = Some(Zeroizing::new(text));
                Ok(())
            }
            _ => Err(wrong(
                "clientSecret",
                "must be a text: a reference to a secret works in the configuration document only",
                "send the secret, or leave it out to have one made",
            )),
        }
    }

    /// Changes the application, which is checked as a whole afterwards.
    ///
    /// # Errors
    /// 400 when this would make another client of it.
    pub(super) fn apply(mut self, object: &mut Object) -> Result<Option<Zeroizing<String>>, Error> {
        self.resolve_type(object)?;
        let known = object.document.get("clientId");
        let stays = |wanted: &Value| known.is_none_or(|known| known == wanted);
        if !self.document.get("clientId").is_none_or(stays) {
            return Err(wrong(
                "clientId",
                "stays the same, since tokens name it",
                "make another application",
            ));
        }
        // One source of keys takes the place of the other.
        for (one, other) in [("jwks", "jwksUri"), ("jwksUri", "jwks")] {
            if self.document.get(one).is_some_and(|keys| !keys.is_null())
                && !self.document.contains_key(other)
            {
                object.document.remove(other);
            }
        }
        self.replace_proof(object);
        merge(&mut object.document, self.document);
        merge(&mut object.about, self.about);
        Ok(self.secret)
    }

    /// The tokens of a platform take the place of keys, and keys that of them.
    fn replace_proof(&mut self, object: &mut Object) {
        let is_given = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        let assertion = self.document.get("clientAssertion");
        let gives_issuer = is_given(assertion.and_then(|assertion| assertion.get("issuer")));
        let gives_keys = KEYS.iter().any(|name| is_given(self.document.get(*name)));
        if gives_issuer && !gives_keys {
            for name in KEYS {
                object.document.remove(name);
            }
        }
        if gives_keys
            && assertion.is_none()
            && is_given(
                object.document.get("clientAssertion").and_then(|known| known.get("issuer")),
            )
        {
            object.document.remove("clientAssertion");
        }
    }

    /// `publicClient` says half of what `type` says.
    fn resolve_type(&mut self, object: &Object) -> Result<(), Error> {
        let Some(public) = self.public else { return Ok(()) };
        let said = self.document.get("type").filter(|kind| !kind.is_null());
        let kind = said.or_else(|| object.document.get("type")).and_then(Value::as_str);
        if is_public(kind) == public {
            return Ok(());
        }
        if said.is_some() {
            return Err(contradiction("publicClient"));
        }
        let kind = if public { "mobile" } else { "web" };
        self.document.insert("type".into(), kind.into());
        Ok(())
    }
}

/// Whether an application of this `type` is a public client; `web` is the
/// default.
pub(super) fn is_public(kind: Option<&str>) -> bool {
    matches!(kind, Some("mobile" | "spa"))
}

fn about(name: &str, value: Value) -> Result<Value, Error> {
    match &value {
        Value::Null => Ok(value),
        Value::String(text) if text.chars().count() <= 1024 => Ok(value),
        _ => Err(wrong(
            name,
            "must be a text of at most 1024 characters",
            "send a shorter text, or leave it out",
        )),
    }
}

fn put(members: &mut Map<String, Value>, path: &[&str], value: Value) -> Result<(), Error> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    if !rest.is_empty() {
        let inner = members.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return Err(contradiction(name)) };
        return put(inner, rest, value);
    }
    match (members.get_mut(*name), value) {
        (Some(Value::Object(there)), Value::Object(more)) => {
            more.into_iter().try_for_each(|(name, value)| put(there, &[&name], value))
        }
        (Some(there), value) if *there != value => Err(contradiction(name)),
        (_, value) => {
            members.insert((*name).into(), value);
            Ok(())
        }
    }
}

/// RFC 7396 section 2.
fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (target.get_mut(&name), value) {
            (_, Value::Null) => {
                target.remove(&name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            (_, Value::Object(patch)) => {
                let mut inner = Map::new();
                merge(&mut inner, patch);
                target.insert(name, Value::Object(inner));
            }
            (_, value) => {
                target.insert(name, value);
            }
        }
    }
}

/// 400: a member that is wrong, and what to send instead.
pub(super) fn wrong(
    path: impl Into<String>,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> Error {
    Error::about(&INVALID, Problem::new(path, problem, remedy))
}

/// 400: what is wrong with the body as a whole, what was expected.
pub(super) fn invalid(description: impl Into<String>) -> Error {
    Error::new(&INVALID, description)
}

/// 400: a member that is none, and the one that was probably meant.
pub(super) fn unknown(at: &str, name: &str, known: &[&str]) -> Error {
    let remedy = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of `{}`", known.join("`, `")),
    };
    wrong(wso2::below(at, &shown(name)), "is no field known here", remedy)
}

fn contradiction(name: &str) -> Error {
    wrong(
        name,
        "has two different values, in the configuration document's form and in WSO2's",
        "send one of the two forms",
    )
}
