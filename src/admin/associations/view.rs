//! A link as the API shows it, and as the audit log has it.

use serde_json::{Value, json};

use super::Owner;
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::storage::links::Link;

/// WSO2's members, and when and how it was made; to administrators, by whom.
/// An issuer that is not registered any more is named by its `iss`.
pub(super) async fn view(call: &Call<'_>, owner: &Owner, link: &Link) -> Result<Value, Error> {
    let issuer = call.state.trust.issuers.named(call.host, &link.issuer).await?;
    let (id, name) = issuer
        .as_ref()
        .map_or(("", link.issuer.as_str()), |issuer| (issuer.id.as_str(), issuer.name.as_str()));
    let mut view = json!({
        "id": link.id,
        "idp": { "id": id, "name": name, "displayName": "", "imageUrl": "" },
        "federatedUserId": link.sub,
        "origin": link.origin,
        "created": link.created,
    });
    if let (true, Some(by), Some(members)) =
        (owner.administered, &link.created_by, view.as_object_mut())
    {
        members.insert("createdBy".into(), by.as_str().into());
    }
    Ok(view)
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
