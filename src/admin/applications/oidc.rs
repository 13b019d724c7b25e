//! `…/{id}/inbound-protocols/oidc`: an application's protocol as WSO2 has it,
//! and a new client secret.

use serde_json::Value;

use super::body::{Change, INVALID, invalid, wrong};
use super::{APPLICATIONS, NO_SUCH_PROTOCOL, Written, secret, view, write, wso2};
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::admin::records::resources::HeldObject;
use crate::admin::version::tagged;
use crate::http::Reply;
use crate::storage::resources::Object;

/// Serves a call below an application's protocols.
pub(super) async fn serve(call: &mut Call<'_>, id: &str, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        (["oidc"], "GET" | "HEAD") => {
            let found = APPLICATIONS.found(call, id).await?;
            Ok(tagged(Reply::json(200, &view::oidc(found.object())), found.version()))
        }
        (["oidc"], "PUT") => put(call, id).await,
        (["oidc"], _) => Err(call.method_not_allowed("GET, PUT")),
        (["oidc", "regenerate-secret"], "POST") => regenerate(call, id).await,
        (["oidc", "regenerate-secret"], _) => Err(call.method_not_allowed("POST")),
        _ => Err(Error::new(
            &NO_SUCH_PROTOCOL,
            "an application has the protocol `oidc`, and below it `regenerate-secret`",
        )),
    }
}

async fn put(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let mut change = Change { public: Some(false), ..Change::default() };
    wso2::oidc(call.object(&INVALID)?, &mut change, "")?;
    if !change.document.contains_key("grantTypes") {
        return Err(wrong("grantTypes", "is missing", "list at least one grant type"));
    }
    let held = APPLICATIONS.found(call, id).await?.writable(call)?;
    let mut object = held.record.clone();
    reset(&mut object);
    reply(call, &held, object, change).await
}

/// What is replaced as a whole; what WSO2 has no word for stays.
fn reset(object: &mut Object) {
    for (of, stays) in [
        ("accessToken", &["outliveSubject"][..]),
        ("refreshToken", &["absoluteLifetimeSeconds", "reuseGraceSeconds"]),
    ] {
        if let Some(Value::Object(members)) = object.document.get_mut(of) {
            members.retain(|name, _| stays.contains(&name.as_str()));
        }
    }
}

async fn regenerate(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let held = APPLICATIONS.found(call, id).await?.writable(call)?;
    if !secret::is_needed(&held.record) {
        return Err(invalid(
            "the application has no client secret: it is a public client, or proves by a key who it is",
        ));
    }
    let mut object = held.record.clone();
    object.secret = None;
    reply(call, &held, object, Change::default()).await
}

async fn reply(
    call: &mut Call<'_>,
    held: &HeldObject,
    object: Object,
    change: Change,
) -> Result<Reply, Error> {
    let Written { object, version, secret, .. } = write(call, held, object, change).await?;
    Ok(tagged(secret::reply(200, view::oidc(&object), secret), version))
}
