//! Token revocation (RFC 7009).

use super::issued_token::{Form as TokenForm, find, newest};
use super::refusal::{OAuthError, Refusal};
use crate::config::Application;
use crate::host::Host;
use crate::http::Form;
use crate::identity::Denial;
use crate::state::State;
use crate::storage::{refresh, tokens};

/// Revokes a token that was issued to this application. A refresh token takes
/// its family with it, and the opaque access tokens of that family.
///
/// "The authorization server responds with HTTP status code 200 if the token
/// has been revoked successfully or if the client submitted an invalid token"
/// (section 2.2). Another application's token is as good as invalid.
///
/// # Errors
/// A [`Refusal`] when the request is malformed or the store fails.
pub(crate) async fn revoke(
    state: &State,
    host: &Host,
    application: &Application,
    form: &Form,
) -> Result<(), Refusal> {
    let token = form.required("token")?;
    // A spent refresh token ends its family here, too.
    if let Err(unavailable @ Denial::Unavailable { .. }) = newest(host, application, token).await {
        return Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable));
    }
    let own = match find(state, host, token).await {
        Ok(own) if own.grant.client_id == application.client_id => own,
        Ok(_) | Err(Denial::Fault(_)) => return Ok(()),
        Err(unavailable) => {
            return Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable));
        }
    };
    match own.form {
        TokenForm::Jwt { jti } => tokens::revoke(host, &jti, own.expires).await,
        TokenForm::Opaque { .. } => tokens::forget(host, token).await,
        TokenForm::Refresh(held) => refresh::revoke(host, held.id()).await,
    }
    .map_err(Refusal::of_store)
}
