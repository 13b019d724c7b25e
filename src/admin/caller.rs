//! Whose own links a caller may see: those of the user whom its access token is
//! about.

use alloc::string::String;

use super::error::Error;
use crate::administrator::error::FORBIDDEN;
use crate::administrator::{
    Caller, Denied, bearer_of, check_audience, check_scope, credentials, is_admin_token, missing,
    note_failure,
};
use crate::config::{Application, LINKS_SCOPE};
use crate::exchange::access_token;
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::http::Request;
use crate::limits::Attempt;
use crate::state::State;

/// The user who sent the request, by id.
///
/// # Errors
/// 401 without an access token of this server, 403 when it is not about a local
/// user or lacks the scope for what is asked, and for the admin token, which
/// belongs to no user.
pub(super) async fn user(
    state: &State,
    host: &Host,
    request: &Request,
) -> Result<(Caller, String), Denied> {
    let credentials = credentials(state, request)?;
    let credentials = credentials.ok_or_else(|| missing("send an access token of this server"))?;
    if is_admin_token(state, &credentials) {
        let description = "the admin token is no user's; name the user by id in the place of `me`, \
             or send an access token of this server";
        return Err(Error::new(&FORBIDDEN, description).into());
    }
    let gate = state.gate(host);
    gate.check_address().and_then(|()| gate.check(Attempt::Bearer)).map_err(Error::from)?;
    let own = access_token(state, host, &credentials).await;
    note_failure(host, &gate, own.as_ref().err()).await;
    let own = own?;
    let checked = match check_user(state, &own.grant) {
        Ok(id) if request.method == "DELETE" => {
            check_may_unlink(state, host, &own.grant).await.map(|()| id)
        }
        checked => checked,
    };
    match checked {
        Ok(id) => Ok((bearer_of(own.grant), id)),
        Err(error) => Err(Denied { error, caller: Some(bearer_of(own.grant)) }),
    }
}

/// An API that a token is sent to must not be able to unlink the user with it.
/// Where neither the application nor the token has any scope, there is nothing
/// to tell such a token from another one.
async fn check_may_unlink(state: &State, host: &Host, grant: &Grant) -> Result<(), Error> {
    let application = state.applications.named(host, &grant.client_id).await?;
    let has_scopes = |application: &Application| !application.scopes.is_empty();
    if grant.scope.is_empty() && !application.as_deref().is_some_and(has_scopes) {
        return Ok(());
    }
    check_scope(grant, LINKS_SCOPE)
}

fn check_user(state: &State, grant: &Grant) -> Result<String, Error> {
    check_audience(state, grant, LINKS_SCOPE)?;
    if grant.act.is_some() {
        let description = "delegated access tokens (with `act`) are not accepted here; \
             use the user's own token";
        return Err(Error::new(&FORBIDDEN, description));
    }
    match &grant.subject {
        Subject::Local { id } => Ok(id.clone()),
        Subject::Federated { .. } => {
            let description = "the access token is about a federated subject, who has no local \
                 account; get one from an application with `useMappedLocalSubject`";
            Err(Error::new(&FORBIDDEN, description))
        }
        Subject::Client { .. } => {
            let description =
                "the access token is about an application, which has no local account";
            Err(Error::new(&FORBIDDEN, description))
        }
    }
}
