//! `/api/server/v1/identity-providers/{id}/implicit-association`: whether local
//! users are linked to an issuer's subjects on first sight. It is part of the
//! issuer, and has its version.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::Error;
use super::issuers::{INVALID, found, invalid, kept_association, write};
use super::version::tagged;
use crate::http::Reply;

/// Serves a call about the association of this issuer.
pub(super) async fn serve(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    match &*call.request.method {
        "GET" | "HEAD" => {
            let found = found(call, id).await?;
            Ok(tagged(Reply::json(200, &kept_association(found.object())), found.version()))
        }
        "PUT" => put(call, id).await,
        _ => Err(call.method_not_allowed("GET, PUT")),
    }
}

async fn put(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let body = call.object(&INVALID)?;
    let held = found(call, id).await?.writable(call)?;
    let mut object = held.object.clone();
    object.document.insert("implicitAssociation".into(), association(body)?);
    let (object, version) = write(call, &held, object).await?;
    Ok(tagged(Reply::json(200, &kept_association(&object)), version))
}

/// What is kept of the body; the parser of the document checks the attributes.
fn association(mut body: Map<String, Value>) -> Result<Value, Error> {
    let (enabled, attributes) = (body.remove("isEnabled"), body.remove("lookupAttribute"));
    if let Some(name) = body.keys().next() {
        let name = crate::audit::shown(name);
        return Err(invalid(format!(
            "`{name}` is no member of an implicit association; it has `isEnabled` and `lookupAttribute`"
        )));
    }
    let Some(Value::Bool(enabled)) = enabled else {
        return Err(invalid("`isEnabled` must be true or false"));
    };
    match attributes {
        None | Some(Value::Null) if enabled => {
            Err(invalid("`lookupAttribute` is missing: who is looked up by nothing is not found"))
        }
        None | Some(Value::Null) => Ok(json!({ "isEnabled": false })),
        Some(attributes) => Ok(json!({ "isEnabled": enabled, "lookupAttribute": attributes })),
    }
}
