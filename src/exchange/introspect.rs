//! Token introspection (RFC 7662).

use alloc::string::String;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::RequestContext;
use super::binding::Sender;
use super::issued_token::{Form, IssuedToken, recognise};
use super::law::{Standing, Use};
use crate::grant::Subject;
use crate::identity::Client;
use crate::identity::client::confidential;
use crate::refusal::{Denial, OAuthError, Refusal};
use crate::state::State;

/// What is to be said about a token.
#[derive(Clone, Debug, PartialEq)]
pub enum Introspection {
    /// The token is not active, or the application may not know it.
    Inactive,
    /// The members of the reply (RFC 7662 section 2.2), `active` among them.
    Active(Map<String, Value>),
}

impl Serialize for Introspection {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Inactive => json!({ "active": false }).serialize(out),
            Self::Active(members) => members.serialize(out),
        }
    }
}

/// Describes a token to an application that it was issued to, or that is its
/// audience. To any other one no token is active: "the authorization server
/// SHOULD NOT include any additional information about an inactive token,
/// including why" (section 2.2).
///
/// # Errors
/// A [`Refusal`] when the client does not authenticate, or when it cannot be
/// decided.
pub(crate) async fn introspect(
    context: &mut RequestContext<'_>,
    client: Client,
    token: Result<String, Refusal>,
) -> Result<Introspection, Refusal> {
    let application = confidential(context.client(&client).await?)?;
    let token = token?;
    let purpose = Use::Introspection(&application);
    match recognise(context.state, context.host, &token, purpose, &Sender::default()).await {
        Ok((token, standing)) => {
            Ok(Introspection::Active(members(context.state, token, &standing)))
        }
        Err(Denial::Fault(_)) => Ok(Introspection::Inactive),
        Err(unavailable) => {
            Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable))
        }
    }
}

/// The claims of a JWT access token of the same grant, whatever the form. The
/// scope is what still stands of it.
pub(super) fn members(
    state: &State,
    token: IssuedToken,
    standing: &Standing,
) -> Map<String, Value> {
    let IssuedToken { form, grant, issued, .. } = token;
    let (sub, cnf) = (grant.sub().into_owned(), grant.confirmation());
    let mut members: Map<String, Value> = grant.attributes;
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("active", true.into());
    put("iss", state.config.issuer.as_str().into());
    put("sub", sub.into());
    match &grant.subject {
        // `username` is a local user's (RFC 7662 section 2.2), never an
        // attribute that another issuer vouches for.
        Subject::Federated { idp, .. } => {
            put("username", Value::Null);
            put("idp", idp.as_str().into());
        }
        Subject::Local { .. } => {
            let username = standing.user.as_ref().map(|user| user.username.as_str());
            put("username", username.into());
        }
        Subject::Client { .. } => {}
    }
    put("aud", grant.audience.to_vec().into());
    put("client_id", grant.client_id.into());
    put("scope", standing.scope.join(" ").into());
    put("iat", issued.0.into());
    put("exp", standing.expires.0.into());
    for (name, value) in [("act", grant.act), ("may_act", grant.may_act)] {
        if let Some(value) = value {
            put(name, value);
        }
    }
    if let Some(cnf) = cnf {
        put("cnf", cnf);
    }
    match form {
        Form::Jwt { jti } | Form::Opaque { jti } => {
            put("jti", jti.into());
            put("token_type", if grant.jkt.is_some() { "DPoP" } else { "Bearer" }.into());
        }
        Form::Refresh(_) => {
            put("token_type", "refresh_token".into());
        }
    }
    members.retain(|_, value| !value.is_null());
    members
}
