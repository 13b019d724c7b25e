//! The part of the law that is about actors: those who acted, and the one who may.

use alloc::sync::Arc;

use super::issuer::check_conditions;
use super::{standing_user, still_there};
use crate::config::Application;
use crate::grant::{ActorEvidence, Evidence, Grant, Subject};
use crate::host::Host;
use crate::identity::accounts::{self, Identity};
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::state::State;

/// Each actor could still act, and a token that names who may act would still be
/// issued without one.
///
/// # Errors
/// [`Denial`] for the first thing that no longer stands, or when the store fails.
pub(super) async fn check(
    state: &State,
    host: &Host,
    grant: &Grant,
    evidence: &Evidence,
    application: &Application,
) -> Result<(), Denial> {
    if grant.may_act.is_some() && !application.allow_without_actor {
        let message = "the token names who may act and was issued without an actor, which its application may not have any more";
        return Err(Fault::new(&reason::MAY_ACT, message).into());
    }
    for actor in &evidence.actors {
        let presenter = presenter(state, host, actor).await?;
        check_actor(state, host, actor, presenter.as_deref().unwrap_or(application)).await?;
    }
    Ok(())
}

/// The application that presented the token of the actor, where it is another one
/// than the token was issued to.
async fn presenter(
    state: &State,
    host: &Host,
    actor: &ActorEvidence,
) -> Result<Option<Arc<Application>>, Denial> {
    let Some((id, client_id)) = &actor.application else { return Ok(None) };
    let found = still_there(state, host, id, client_id).await?;
    let message = "the application that presented the token of an actor is gone";
    found.ok_or_else(|| Fault::new(&reason::GONE, message).into()).map(Some)
}

/// The issuer of the actor's token, its conditions and the account of the actor
/// still stand.
async fn check_actor(
    state: &State,
    host: &Host,
    actor: &ActorEvidence,
    presenter: &Application,
) -> Result<(), Denial> {
    let issuer = match &actor.issuer {
        Some(id) => Some(state.trust.issuers.enabled_by_id(host, id).await?),
        None => None,
    };
    if let Some(issuer) = &issuer {
        check_conditions(issuer, presenter, &actor.conditions)?;
    }
    match (&actor.subject, issuer, &actor.client) {
        (Subject::Federated { sub, .. }, Some(issuer), None) => {
            let identity = Identity { issuer: &issuer, sub, claims: None };
            accounts::acting(&state.directory, host, &identity).await?;
        }
        (local @ Subject::Local { .. }, Some(_), None) => {
            standing_user(state, host, local, actor.link.as_deref()).await?;
        }
        (Subject::Client { id: client_id }, None, Some(id)) => {
            let client = still_there(state, host, id, client_id).await?;
            let message = "the application that acts is gone";
            client.ok_or_else(|| Fault::new(&reason::GONE, message))?;
        }
        // No actor's token says so.
        _ => return Err(super::no_evidence().into()),
    }
    Ok(())
}
