//! A trusted token issuer as the API shows it: WSO2's members, and those of
//! the configuration document that WSO2 has none for.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value, json};

use super::PATH;
use crate::admin::call::Call;
use crate::admin::jwks::without_private_members;
use crate::admin::resources;
use crate::identity::Health;
use crate::storage::resources::{Kind, Object};

/// Everything about it.
pub(in crate::admin) fn view(call: &Call<'_>, object: &Object) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("id", object.id.as_str().into());
    put("name", text(object, "name").into());
    for name in ["description", "image"] {
        put(name, object.about.get(name).cloned().unwrap_or_else(|| "".into()));
    }
    put("templateId", "trusted-token-issuer".into());
    put("isEnabled", enabled(object).into());
    put("isPrimary", false.into());
    put("isFederationHub", false.into());
    put("issuer", text(object, "issuer").into());
    put("idpIssuerName", text(object, "issuer").into());
    put("alias", text(object, "alias").into());
    put("readOnly", read_only(object).into());
    put("self", call.url(&format!("{PATH}/{}", object.id)).into());
    // What WSO2 calls otherwise has been said.
    let said = |name: &str| matches!(name, "name" | "issuer" | "alias" | "enabled");
    for (name, value) in object.document.iter().filter(|(name, _)| !said(name)) {
        put(name, value.clone());
    }
    if let Some(meta) = resources::meta(object) {
        members.insert("meta".into(), meta);
    }
    // The document may have private keys there, for which it warns.
    if let Some(jwks) = members.get_mut("certificate").and_then(|one| one.get_mut("jwks")) {
        without_private_members(jwks);
    }
    let mut view = Value::Object(members);
    resources::note_overridden(call, Kind::TrustedTokenIssuer, object, &mut view);
    view
}

/// What a list says of it.
pub(super) fn summary(call: &Call<'_>, object: &Object) -> Value {
    let mut summary = json!({
        "id": object.id,
        "name": text(object, "name"),
        "description": object.about.get("description").cloned().unwrap_or_else(|| "".into()),
        "image": object.about.get("image").cloned().unwrap_or_else(|| "".into()),
        "isEnabled": enabled(object),
        "issuer": text(object, "issuer"),
        "keyState": key_state(call, object),
        "readOnly": read_only(object),
        "self": call.url(&format!("{PATH}/{}", object.id)),
    });
    resources::note_overridden(call, Kind::TrustedTokenIssuer, object, &mut summary);
    summary
}

/// How the keys of an issuer are doing on the server that is asked.
fn key_state(call: &Call<'_>, object: &Object) -> &'static str {
    let Ok(issuer) = super::parse(call, object) else { return "broken" };
    // Every URL that is asked about is kept in mind: only those in use are.
    let health = |_| call.state.trust.key_health(&issuer, call.host.now);
    match issuer.enabled.then_some(()).and_then(health) {
        None => "configured",
        Some(Health::Fresh) => "fresh",
        Some(Health::Stale) => "stale",
        Some(Health::Unavailable) => "unavailable",
        Some(Health::Unused) => "unused",
    }
}

/// Its implicit association, as it is kept or by default, in WSO2's shape;
/// `trustUnverified` is there when it is true.
pub(in crate::admin) fn kept_association(object: &Object) -> Value {
    let kept = object.document.get("implicitAssociation");
    let member = |name: &str| kept.and_then(|kept| kept.get(name)).cloned();
    let mut association = Map::new();
    let mut put = |name: &str, value: Value| association.insert(name.into(), value);
    put("isEnabled", member("isEnabled").unwrap_or(Value::Bool(false)));
    put("lookupAttribute", member("lookupAttribute").unwrap_or_else(|| json!(["email"])));
    if member("trustUnverified") == Some(Value::Bool(true)) {
        put("trustUnverified", true.into());
    }
    Value::Object(association)
}

/// A member that is text; empty when it is not there.
pub(super) fn text(object: &Object, name: &str) -> String {
    object.document.get(name).and_then(Value::as_str).unwrap_or_default().into()
}

fn enabled(object: &Object) -> bool {
    object.document.get("enabled").and_then(Value::as_bool).unwrap_or(true)
}

/// Objects of the document were not created here.
fn read_only(object: &Object) -> bool {
    object.created == crate::time::Timestamp(0)
}
