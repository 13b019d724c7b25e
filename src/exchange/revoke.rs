//! Token revocation (RFC 7009).

use alloc::string::String;

use super::RequestContext;
use super::issued_token::{Form, find, newest};
use crate::identity::Client;
use crate::refusal::{Denial, OAuthError, Refusal};
use crate::storage::{refresh, tokens};

/// Revokes a token that was issued to this application. A refresh token takes
/// its family with it, and the access tokens of that family.
///
/// "The authorization server responds with HTTP status code 200 if the token
/// has been revoked successfully or if the client submitted an invalid token"
/// (section 2.2). Another application's token is as good as invalid.
///
/// # Errors
/// A [`Refusal`] when the client does not authenticate or the store fails.
pub(crate) async fn revoke(
    context: &mut RequestContext<'_>,
    client: Client,
    token: Result<String, Refusal>,
) -> Result<(), Refusal> {
    let application = context.client(&client).await?;
    let token = token?;
    let (state, host) = (context.state, context.host);
    let unavailable = |denial| Refusal::of_token("token", OAuthError::InvalidRequest, denial);
    // A spent refresh token ends its family here, too, also within its grace.
    let family = match newest(context, &application, &token).await {
        Ok(held) => Some(held.id().into()),
        Err(Denial::Fault(_)) => context.reused_family.take(),
        Err(denial) => return Err(unavailable(denial)),
    };
    if let Some(family) = family {
        return refresh::revoke(host, &family).await.map_err(Refusal::of_store);
    }
    let found = match find(state, host, &token).await {
        Ok(found) if found.grant.is_of(&application) => found,
        Ok(_) | Err(Denial::Fault(_)) => return Ok(()),
        Err(denial) => return Err(unavailable(denial)),
    };
    match found.form {
        Form::Jwt { jti } => tokens::revoke(host, &jti, found.expires).await,
        Form::Opaque { .. } => tokens::forget(host, &token).await,
        Form::Refresh(held) => refresh::revoke(host, held.id()).await,
    }
    .map_err(Refusal::of_store)
}
