//! An application as the API shows it: the document's members, and WSO2's.
//! Never a secret, nor the hash of one.

use alloc::format;
use alloc::string::String;

use serde_json::{Value, json};

use super::body::is_public;
use super::{PATH, grants};
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::admin::jwks::without_private_members;
use crate::admin::resources;
use crate::config::GrantType;
use crate::storage::resources::{Kind, Object};

/// Everything about it.
pub(in crate::admin) async fn view(call: &Call<'_>, object: &Object) -> Result<Value, Error> {
    let mut members = object.document.clone();
    // The document names issuers, the store has their ids.
    if !read_only(object) && members.contains_key("trustedTokenIssuers") {
        let named = grants::named(call, object).await?;
        members.insert("trustedTokenIssuers".into(), named.into());
    }
    if !read_only(object) && !grants::name_asserting(call, &mut members).await? {
        members.insert("problems".into(), json!([grants::gone()]));
    }
    members.entry("jwks").and_modify(without_private_members);
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    let place = call.url(&format!("{PATH}/{}", object.id));
    put("id", object.id.as_str().into());
    put("name", name(object).into());
    put("clientId", text(object, "clientId").into());
    put("description", about(object, "description"));
    put("imageUrl", about(object, "imageUrl"));
    put("readOnly", read_only(object).into());
    put(
        "claimConfiguration",
        json!({ "subject": {
            "useMappedLocalSubject": says(object, "useMappedLocalSubject"),
            "mappedLocalSubjectMandatory": says(object, "mappedLocalSubjectMandatory"),
        }}),
    );
    let oidc = format!("{place}/inbound-protocols/oidc");
    put("inboundProtocols", json!([{ "type": "oauth2", "self": oidc }]));
    put("self", place.into());
    if let Some(meta) = resources::meta(object) {
        members.insert("meta".into(), meta);
    }
    let mut view = Value::Object(members);
    resources::note_overridden(call, Kind::Application, object, &mut view);
    Ok(view)
}

/// What a list says of it.
pub(super) fn summary(call: &Call<'_>, object: &Object) -> Value {
    let mut summary = json!({
        "id": object.id,
        "name": name(object),
        "description": about(object, "description"),
        "image": about(object, "imageUrl"),
        "clientId": text(object, "clientId"),
        "type": object.document.get("type").cloned().unwrap_or_else(|| "web".into()),
        "access": if read_only(object) { "READ" } else { "WRITE" },
        "readOnly": read_only(object),
        "self": call.url(&format!("{PATH}/{}", object.id)),
    });
    resources::note_overridden(call, Kind::Application, object, &mut summary);
    summary
}

/// WSO2's view of its protocol.
pub(super) fn oidc(object: &Object) -> Value {
    let or = |of: &str, name: &str, default: Value| member(object, of, name).unwrap_or(default);
    let lifetime = or("accessToken", "lifetimeSeconds", 3600.into());
    let is_opaque = or("accessToken", "type", "jwt".into()) == "opaque";
    json!({
        "clientId": text(object, "clientId"),
        "state": "ACTIVE",
        "grantTypes": object.document.get("grantTypes"),
        "publicClient": is_public(object.document.get("type").and_then(Value::as_str)),
        "accessToken": {
            "type": if is_opaque { "Default" } else { "JWT" },
            "userAccessTokenExpiryInSeconds": lifetime,
            "applicationAccessTokenExpiryInSeconds": lifetime,
            "accessTokenAttributes": or("accessToken", "attributes", json!([])),
        },
        "refreshToken": {
            "expiryInSeconds": or("refreshToken", "lifetimeSeconds", 86_400.into()),
            "renewRefreshToken": true,
        },
    })
}

/// What an application's protocol can be, as WSO2 has it.
pub(super) fn oidc_metadata() -> Value {
    let option = |grant: GrantType| {
        let display_name = match grant {
            GrantType::TokenExchange => "Token Exchange",
            GrantType::JwtBearer => "JWT Bearer",
            GrantType::RefreshToken => "Refresh Token",
            GrantType::ClientCredentials => "Client Credential",
        };
        json!({
            "name": grant.name(),
            "displayName": display_name,
            "publicClientAllowed": grant != GrantType::ClientCredentials,
        })
    };
    json!({
        "allowedGrantTypes": { "options": GrantType::ALL.map(option) },
        "accessTokenType": { "defaultValue": "JWT", "options": ["JWT", "Default"] },
        "defaultUserAccessTokenExpiryTime": "3600",
        "defaultRefreshTokenExpiryTime": "86400",
    })
}

/// One of the document without a name is called by its client id.
fn name(object: &Object) -> String {
    let name = object.document.get("name").and_then(Value::as_str);
    name.map_or_else(|| text(object, "clientId"), String::from)
}

/// A member that is text; empty when it is not there.
pub(super) fn text(object: &Object, name: &str) -> String {
    object.document.get(name).and_then(Value::as_str).unwrap_or_default().into()
}

fn about(object: &Object, name: &str) -> Value {
    object.about.get(name).cloned().unwrap_or_else(|| "".into())
}

/// Whether `subject` has this member, and it is true.
pub(super) fn says(object: &Object, name: &str) -> bool {
    member(object, "subject", name) == Some(Value::Bool(true))
}

fn member(object: &Object, of: &str, name: &str) -> Option<Value> {
    object.document.get(of)?.get(name).cloned()
}

/// Objects of the document were not created here.
fn read_only(object: &Object) -> bool {
    object.created == crate::time::Timestamp(0)
}
