//! Token introspection (RFC 7662).

use alloc::string::String;

use serde_json::{Map, Value, json};

use super::issued_token::{Form as TokenForm, OwnToken, concerns, recognise};
use super::refusal::{OAuthError, Refusal};
use crate::config::Application;
use crate::grant::Subject;
use crate::host::Host;
use crate::http::Form;
use crate::identity::Denial;
use crate::state::State;
use crate::step::Failed;

/// What is to be said about a token: that it is not active, or everything. To
/// an application that the token neither was issued to nor is meant for, no
/// token is active: "the authorization server SHOULD NOT include any
/// additional information about an inactive token, including why" (section 2.2).
///
/// # Errors
/// A [`Refusal`] when the request is malformed or it cannot be decided.
pub(crate) async fn introspect(
    state: &State,
    host: &Host,
    application: &Application,
    form: &Form,
) -> Result<Value, Refusal> {
    let token = form.required("token")?;
    let own = match recognise(state, host, token).await {
        Ok(own) => own,
        Err(Denial::Fault(_)) => return Ok(inactive()),
        Err(unavailable) => {
            return Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable));
        }
    };
    let issued_to_it = own.grant.client_id == application.client_id;
    let is_refresh = matches!(own.form, TokenForm::Refresh(_));
    if !issued_to_it && (is_refresh || !concerns(&own.grant, application)) {
        return Ok(inactive());
    }
    active(state, host, own).await.map_err(Refusal::of_store)
}

fn inactive() -> Value {
    json!({ "active": false })
}

/// The claims of a JWT access token of the same grant, whatever the form.
pub(super) async fn active(state: &State, host: &Host, own: OwnToken) -> Result<Value, Failed> {
    let OwnToken { form, grant, issued, expires } = own;
    let user = match &grant.subject {
        Subject::Local { id } => state.directory.user(host, id).await?,
        Subject::Federated { .. } => None,
    };
    let mut members: Map<String, Value> = grant.attributes;
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("active", true.into());
    put("iss", state.config.issuer.as_str().into());
    put("sub", grant.subject.sub().into());
    match &grant.subject {
        // `username` is a user's of ours (RFC 7662 section 2.2), never an
        // attribute that somebody else vouches for.
        Subject::Federated { idp, .. } => {
            put("username", Value::Null);
            put("idp", idp.as_str().into())
        }
        Subject::Local { .. } => {
            put("username", user.map_or(Value::Null, |user| user.username.as_str().into()))
        }
    };
    put("aud", grant.audience.into());
    put("client_id", grant.client_id.into());
    put("scope", grant.scope.join(" ").into());
    put("iat", issued.0.into());
    put("exp", expires.0.into());
    if let Some(act) = grant.act {
        put("act", act);
    }
    match form {
        TokenForm::Jwt { jti } | TokenForm::Opaque { jti, .. } => {
            put("jti", jti.into());
            put("token_type", "Bearer".into());
        }
        TokenForm::Refresh(_) => {
            put("token_type", "refresh_token".into());
        }
    }
    members.retain(|_, value| !value.is_null());
    Ok(Value::Object(members))
}
