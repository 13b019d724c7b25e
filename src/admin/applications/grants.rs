//! The issuers that an application names: people name them, what is kept are
//! their ids. Another issuer that takes over a name takes over nothing else.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::body::wrong;
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::admin::resources::{find, having, is_overridden};
use crate::audit::shown;
use crate::config::Problem;
use crate::storage::resources::{Kind, Object, Unique};

const MEMBER: &str = "trustedTokenIssuers";
const KIND: Kind = Kind::TrustedTokenIssuer;
/// Most issuers of an application: each is looked up.
const MOST: usize = 100;

/// Puts ids in the place of the names that a call has sent.
///
/// # Errors
/// 400 for a name that no issuer has. What has another shape is left to the
/// parser of the document.
pub(super) async fn to_ids(
    call: &Call<'_>,
    document: &mut Map<String, Value>,
) -> Result<(), Error> {
    if let Some(name) = asserting(document) {
        let unique = Unique { of: "name", value: core::mem::take(name) };
        *name = having(call, KIND, &unique)
            .await?
            .ok_or_else(|| unknown("clientAssertion.issuer".into(), &unique.value))?;
    }
    let Some(Value::Array(grants)) = document.get_mut(MEMBER) else { return Ok(()) };
    if grants.len() > MOST {
        return Err(wrong(MEMBER, format!("has more than {MOST} issuers"), "list fewer of them"));
    }
    let mut ids: Vec<String> = Vec::new();
    for (index, grant) in grants.iter_mut().enumerate() {
        let Some(name) = name_of(grant) else { continue };
        let unique = Unique { of: "name", value: core::mem::take(name) };
        let Some(id) = having(call, KIND, &unique).await? else {
            return Err(unknown(format!("{MEMBER}[{index}]"), &unique.value));
        };
        if ids.contains(&id) {
            return Err(wrong(
                format!("{MEMBER}[{index}]"),
                format!("`{}` is in this list twice", shown(&unique.value)),
                "remove one of the two",
            ));
        }
        ids.push(id.clone());
        *name = id;
    }
    Ok(())
}

/// The list with names in the place of ids. An issuer that is gone is not shown.
pub(super) async fn named(call: &Call<'_>, object: &Object) -> Result<Vec<Value>, Error> {
    let grants = object.document.get(MEMBER).and_then(Value::as_array);
    let mut shown = Vec::new();
    for grant in grants.into_iter().flatten() {
        let mut grant = grant.clone();
        let Some(id) = name_of(&mut grant) else { continue };
        if let Some(name) = effective(call, id).await? {
            *id = name;
            shown.push(grant);
        }
    }
    Ok(shown)
}

/// The issuer whose tokens authenticate the client.
fn asserting(document: &mut Map<String, Value>) -> Option<&mut String> {
    match document.get_mut("clientAssertion")?.get_mut("issuer")? {
        Value::String(name) => Some(name),
        _ => None,
    }
}

/// Puts the name of the issuer whose tokens authenticate the client in the place
/// of its id. One that is gone has none: false.
///
/// # Errors
/// The store failed.
pub(super) async fn name_asserting(
    call: &Call<'_>,
    document: &mut Map<String, Value>,
) -> Result<bool, Error> {
    let Some(id) = asserting(document) else { return Ok(true) };
    let name = effective(call, id).await?;
    let is_there = name.is_some();
    *id = name.unwrap_or_default();
    Ok(is_there)
}

/// What is wrong with an application whose client nobody can authenticate as.
pub(super) fn gone() -> Problem {
    Problem::new(
        "clientAssertion.issuer",
        "is a trusted token issuer that is gone, so that nobody can authenticate as this client",
        "name another issuer, or give the client another way to prove who it is",
    )
}

/// The name of the issuer with this id. Nothing is exchanged for one that is gone, or in the
/// place of which the document has another.
async fn effective(call: &Call<'_>, id: &str) -> Result<Option<String>, Error> {
    let Some(found) = find(call, KIND, id).await? else { return Ok(None) };
    let object = found.object();
    let name = object.document.get("name").and_then(Value::as_str);
    Ok(name.filter(|_| !is_overridden(call, KIND, object)).map(String::from))
}

fn unknown(at: String, name: &str) -> Error {
    wrong(
        at,
        format!("there is no trusted token issuer named `{}`", shown(name)),
        "create it first, or remove it here",
    )
}

fn name_of(grant: &mut Value) -> Option<&mut String> {
    let name = match grant {
        Value::Object(members) => members.get_mut("name")?,
        name => name,
    };
    match name {
        Value::String(name) => Some(name),
        _ => None,
    }
}
