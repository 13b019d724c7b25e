//! A link as the API shows it, and as the audit log has it.

use alloc::string::String;

use serde_json::{Value, json};

use super::Owner;
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::storage::links::Link;

/// The issuer of a link, as it is shown.
pub(super) struct Idp {
    pub(super) id: String,
    pub(super) name: String,
}

/// A link with its issuer. One that is not registered any more is named by its `iss`.
pub(super) async fn view(call: &Call<'_>, owner: &Owner, link: &Link) -> Result<Value, Error> {
    let issuer = call.state.trust.issuers.named(call.host, &link.issuer).await?;
    let idp = issuer.map_or_else(
        || Idp { id: String::new(), name: link.issuer.clone() },
        |issuer| Idp { id: issuer.id.clone(), name: issuer.name.clone() },
    );
    Ok(view_of(owner, link, &idp))
}

/// WSO2's members, and when and how it was made; to administrators, by whom.
pub(super) fn view_of(owner: &Owner, link: &Link, idp: &Idp) -> Value {
    let mut view = json!({
        "id": link.id,
        "idp": { "id": idp.id, "name": idp.name, "displayName": "", "imageUrl": "" },
        "federatedUserId": link.sub,
        "origin": link.origin,
        "created": link.created,
    });
    if let (true, Some(by), Some(members)) =
        (owner.administered, &link.created_by, view.as_object_mut())
    {
        members.insert("createdBy".into(), by.as_str().into());
    }
    view
}

/// Whose link it was, and to whom. Needs nothing that could fail: what was
/// written must be in the log.
pub(super) fn record(owner: &Owner, link: &Link) -> Value {
    json!({
        "id": link.id,
        "userId": owner.user_id,
        "issuer": link.issuer,
        "federatedUserId": link.sub,
        "origin": link.origin,
        "created": link.created,
    })
}
