//! `/api/server/v1/identity-providers/{id}/implicit-association`: whether local
//! users are linked to an issuer's subjects on first sight. It is part of the
//! issuer, and has its version.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::call::Call;
use super::error::Error;
use super::issuers::{INVALID, ISSUERS, invalid, kept_association, write};
use super::version::tagged;
use crate::http::Reply;

/// Serves a call about the association of this issuer.
pub(super) async fn serve(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    match &*call.request.method {
        "GET" | "HEAD" => {
            let found = ISSUERS.found(call, id).await?;
            Ok(tagged(Reply::json(200, &kept_association(found.object())), found.version()))
        }
        "PUT" => put(call, id).await,
        _ => Err(call.method_not_allowed("GET, PUT")),
    }
}

async fn put(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let body = call.object(&INVALID)?;
    let held = ISSUERS.found(call, id).await?.writable(call)?;
    let mut object = held.record.clone();
    let kept = object.document.get("implicitAssociation");
    let association = association(body, kept)?;
    object.document.insert("implicitAssociation".into(), association);
    let (object, version) = write(call, &held, object).await?;
    Ok(tagged(Reply::json(200, &kept_association(&object)), version))
}

/// What is kept of the body; the parser of the document checks the attributes.
/// WSO2 has no `trustUnverified`: it stays as it is when the body lacks it.
fn association(mut body: Map<String, Value>, kept: Option<&Value>) -> Result<Value, Error> {
    let (enabled, attributes) = (body.remove("isEnabled"), body.remove("lookupAttribute"));
    let trusted = body.remove("trustUnverified");
    if let Some(name) = body.keys().next() {
        let name = crate::audit::shown(name);
        return Err(invalid(format!(
            "`{name}` is no member of an implicit association; it has `isEnabled`, `lookupAttribute` and `trustUnverified`"
        )));
    }
    let Some(Value::Bool(enabled)) = enabled else {
        return Err(invalid("`isEnabled` must be true or false"));
    };
    let mut association = Map::new();
    association.insert("isEnabled".into(), enabled.into());
    match attributes {
        None | Some(Value::Null) if enabled => {
            return Err(invalid(
                "`lookupAttribute` is missing: who is looked up by nothing is not found",
            ));
        }
        None | Some(Value::Null) => {}
        Some(attributes) => {
            association.insert("lookupAttribute".into(), attributes);
        }
    }
    match trusted.or_else(|| kept?.get("trustUnverified").cloned()) {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => {
            association.insert("trustUnverified".into(), true.into());
        }
        Some(_) => return Err(invalid("`trustUnverified` must be true or false")),
    }
    Ok(Value::Object(association))
}
