//! Token revocation (RFC 7009).

use super::own::{Form as TokenForm, find, newest};
use super::refusal::{OAuthError, Refusal};
use crate::config::Application;
use crate::http::Form;
use crate::state::State;
use crate::store::{refresh, tokens};
use crate::trust::Denial;
use crate::world::World;

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
    world: &World,
    application: &Application,
    form: &Form,
) -> Result<(), Refusal> {
    let token = form.required("token")?;
    // A spent refresh token ends its family here, too.
    if let Err(unavailable @ Denial::Unavailable { .. }) = newest(world, application, token).await {
        return Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable));
    }
    let own = match find(state, world, token).await {
        Ok(own) if own.grant.client_id == application.client_id => own,
        Ok(_) | Err(Denial::Fault(_)) => return Ok(()),
        Err(unavailable) => {
            return Err(Refusal::of_token("token", OAuthError::InvalidRequest, unavailable));
        }
    };
    match own.form {
        TokenForm::Jwt { jti } => tokens::revoke(world, &jti, own.expires).await,
        TokenForm::Opaque { .. } => tokens::forget(world, token).await,
        TokenForm::Refresh(held) => refresh::revoke(world, held.id()).await,
    }
    .map_err(Refusal::of_store)
}
