//! The law of grants: what an issued token can be turned into is never more
//! than what the configuration of today would give for the evidence it came
//! from.
//!
//! [`check`] decides that, and nothing else does. Whoever presents an issued
//! token, in whatever form and wherever (an exchange, a refresh, introspection,
//! an API), passes through it.

mod delegated;
mod issuer;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::binding::{self, Sender};
use super::bounds::{allowed_scopes, targets};
use super::issued_token::{Form, IssuedToken};
use crate::config::{Application, ClientAuthentication, GrantType, SubjectMode, User};
use crate::grant::{Evidence, Grant, Subject};
use crate::host::Host;
use crate::identity::accounts::{self, check_status};
use crate::reason::{self, Fault, Reason};
use crate::refusal::{Denial, store_failed};
use crate::state::State;
use crate::step::Failed;
use crate::storage::links;
use crate::storage::refresh::{self, Lifetimes};
use crate::time::Timestamp;

/// What an issued token is presented for.
#[derive(Clone, Copy)]
pub(crate) enum Use<'a> {
    /// To call an API.
    Access,
    /// To be described to this application (RFC 7662).
    Introspection(&'a Application),
    /// To be used as a refresh token.
    Refresh,
    /// To be exchanged by this application, as subject token.
    Subject(&'a Application),
    /// To be exchanged by this application, as actor token.
    Actor(&'a Application),
}

/// What still stands of an issued token.
pub(crate) struct Standing {
    /// The local user that it is about, if it is about one.
    pub(crate) user: Option<Arc<User>>,
    /// Its scope, without what may no longer be granted.
    pub(crate) scope: Vec<String>,
    /// When it ends.
    pub(crate) expires: Timestamp,
    /// Proofs of its key need a nonce of this server.
    pub(crate) needs_nonce: bool,
}

/// Checks an issued token against the configuration of today.
///
/// # Errors
/// [`Denial`] for the first thing that no longer stands, or when the store
/// fails.
pub(crate) async fn check(
    state: &State,
    host: &Host,
    token: &IssuedToken,
    purpose: Use<'_>,
    sender: &Sender<'_>,
) -> Result<Standing, Denial> {
    let grant = &token.grant;
    let evidence = grant.evidence.as_ref().ok_or_else(no_evidence)?;
    check_presenter(token, purpose)?;
    let application = issued_to(state, host, token, evidence, purpose).await?;
    check_key(token, &application, purpose, sender)?;
    let expires = end(token, &application);
    if host.now >= expires {
        let message = "the token is older than refresh tokens of its application may become by now";
        return Err(Fault::new(&reason::GONE, message).into());
    }
    match &evidence.issuer {
        Some(issuer) => {
            issuer::check(state, host, issuer, evidence, &application, purpose).await?;
        }
        None => check_client(state, host, token, evidence, &application, purpose).await?,
    }
    check_name(state, host, grant, evidence).await?;
    delegated::check(state, host, grant, evidence, &application).await?;
    let user = standing_user(state, host, &grant.subject, evidence.link.as_deref()).await?;
    check_family(host, evidence).await?;
    check_account_mode(state, host, grant, &application, purpose).await?;
    check_audience(grant, &application)?;
    let allowed = allowed_scopes(&application, &state.config, user.as_deref());
    let scope = grant.scope.iter().filter(|scope| allowed.contains(scope)).cloned().collect();
    Ok(Standing { user, scope, expires, needs_nonce: application.dpop.needs_nonce })
}

/// When a token ends. A refresh token ends under the lifetimes of today: an operator who
/// shortens them shortens those of the families there are. An access token says itself
/// when it ends, to everybody who reads it.
fn end(token: &IssuedToken, application: &Application) -> Timestamp {
    match &token.form {
        Form::Refresh(held) => token.expires.min(held.end(Lifetimes::of(application))),
        Form::Jwt { .. } | Form::Opaque { .. } => token.expires,
    }
}

/// The token was issued by a version of this server that kept no evidence.
pub(super) fn no_evidence() -> Fault {
    let message = "the token does not say what it was issued for; get a new one";
    Fault::new(&reason::NO_EVIDENCE, message)
}

/// Who may present the token. "May ask for" is not "is": an application is the
/// audience of a token when it serves that resource, not when it may ask for
/// tokens for it.
fn check_presenter(token: &IssuedToken, purpose: Use<'_>) -> Result<(), Fault> {
    let (presenter, exchanges) = match purpose {
        Use::Access | Use::Refresh => return Ok(()),
        Use::Introspection(presenter) => (presenter, false),
        Use::Subject(presenter) | Use::Actor(presenter) => (presenter, true),
    };
    let issued_to_it = token.grant.is_of(presenter);
    let serves = |aud: &String| presenter.resources.contains(aud);
    let is_refresh = matches!(token.form, Form::Refresh(_));
    if !issued_to_it && (is_refresh || !token.grant.audience.iter().any(serves)) {
        return Err(Fault::new(
            &reason::NOT_ITS_TOKEN,
            "the token was neither issued to this application nor is this application its audience",
        )
        .comparing(format!("aud {}", token.grant.audience.join(" "))));
    }
    // A public client proves nothing, so that anybody who holds its token could
    // exchange it for another audience.
    if exchanges && matches!(presenter.authentication, ClientAuthentication::None) {
        return Err(Fault::new(
            &reason::OWN_PUBLIC,
            "a public client may not exchange tokens of this server",
        ));
    }
    Ok(())
}

/// The key or certificate that the token is bound to: its sender has it, and an
/// application whose tokens have to be bound has no others.
fn check_key(
    token: &IssuedToken,
    application: &Application,
    purpose: Use<'_>,
    sender: &Sender<'_>,
) -> Result<(), Fault> {
    let (jkt, x5t) = (token.grant.jkt.as_deref(), token.grant.x5t.as_deref());
    if jkt.is_none() && application.dpop.required {
        let message = "the token is not bound to a key, which its application demands by now";
        return Err(Fault::new(&reason::NOT_BOUND, message));
    }
    if x5t.is_none() && application.needs_certificate {
        let message =
            "the token is not bound to a client certificate, which its application demands by now";
        return Err(Fault::new(&reason::NOT_BOUND, message));
    }
    if application.keeps_fapi && jkt.is_none() && x5t.is_none() {
        let message = "the token is bound to nothing, and its application keeps FAPI 2.0 by now";
        return Err(Fault::new(&reason::NOT_BOUND, message));
    }
    let rebind = match purpose {
        Use::Introspection(_) => return Ok(()),
        Use::Access | Use::Actor(_) => false,
        Use::Subject(presenter) => presenter.dpop.rebind,
        // "Refresh tokens issued to confidential clients [...] are not bound to
        // the DPoP proof public key because they are already sender-constrained"
        // (RFC 9449 section 5). The next token is bound to whatever key is proven.
        Use::Refresh => !matches!(application.authentication, ClientAuthentication::None),
    };
    binding::check(jkt, x5t, sender, rebind)
}

/// The application that the token was issued to: it still exists, is the same
/// one, and may still use the grant.
async fn issued_to(
    state: &State,
    host: &Host,
    token: &IssuedToken,
    evidence: &Evidence,
    purpose: Use<'_>,
) -> Result<Arc<Application>, Denial> {
    let application = still_there(state, host, &evidence.application, &token.grant.client_id);
    let application = application.await?.ok_or_else(|| {
        Fault::new(&reason::GONE, "the application that the token was issued to is gone")
    })?;
    let is_refresh = matches!(token.form, Form::Refresh(_)) || matches!(purpose, Use::Refresh);
    let needed = [Some(evidence.grant), is_refresh.then_some(GrantType::RefreshToken)];
    let missing = needed.into_iter().flatten().find(|one| !application.grant_types.contains(one));
    if let Some(grant) = missing {
        let message = "the application that the token was issued to may no longer use its grant";
        return Err(Fault::new(&reason::GRANT_WITHDRAWN, message).comparing(grant.name()).into());
    }
    Ok(application)
}

/// The application with this id, if it still has this client id.
async fn still_there(
    state: &State,
    host: &Host,
    id: &str,
    client_id: &str,
) -> Result<Option<Arc<Application>>, Denial> {
    let named = state.applications.named(host, client_id).await.map_err(store_failed)?;
    Ok(named.filter(|application| application.id == id))
}

/// A token that the application got about itself, with nothing but its own
/// credentials: it can still prove who it is. The token is nobody else's to
/// exchange: the application asks for another one.
async fn check_client(
    state: &State,
    host: &Host,
    token: &IssuedToken,
    evidence: &Evidence,
    application: &Application,
    purpose: Use<'_>,
) -> Result<(), Denial> {
    if !evidence.is_about_client() || !matches!(token.grant.subject, Subject::Client { .. }) {
        return Err(no_evidence().into());
    }
    if let Some(fault) = not_about_itself(state, host, application).await.map_err(store_failed)? {
        return Err(fault.into());
    }
    if matches!(purpose, Use::Subject(_)) {
        let message = "the token is about an application, and may not be exchanged";
        return Err(Fault::new(&reason::OWN_CLIENT, message).into());
    }
    Ok(())
}

/// Why an application may have no token about itself, if it may not.
///
/// # Errors
/// The store failed.
pub(super) async fn not_about_itself(
    state: &State,
    host: &Host,
    application: &Application,
) -> Result<Option<Fault>, Failed> {
    // "The client credentials grant type MUST only be used by confidential
    // clients" (RFC 6749 section 4.4).
    if matches!(application.authentication, ClientAuthentication::None) {
        let message = "a public client may not have a token about itself";
        return Ok(Some(Fault::new(&reason::CLIENT_PUBLIC, message)));
    }
    // The token would look as if it were about that user (RFC 9068 section 5).
    if state.directory.is_user_id(host, &application.client_id).await? {
        let message = "the client id looks like the id of a local account of this server";
        return Ok(Some(Fault::new(&reason::CLIENT_LOCAL_ID, message)));
    }
    Ok(None)
}

/// The `sub` of a federated subject still cannot be taken for a local user's id.
async fn check_name(
    state: &State,
    host: &Host,
    grant: &Grant,
    evidence: &Evidence,
) -> Result<(), Denial> {
    match &grant.subject {
        Subject::Federated { sub, .. } if !evidence.qualified => {
            accounts::check_bare_name(&state.directory, host, sub).await
        }
        Subject::Federated { .. } | Subject::Local { .. } | Subject::Client { .. } => Ok(()),
    }
}

/// The local user that the token is about still exists, may sign in, and is
/// still linked.
async fn standing_user(
    state: &State,
    host: &Host,
    subject: &Subject,
    link: Option<&str>,
) -> Result<Option<Arc<User>>, Denial> {
    let Subject::Local { id } = subject else { return Ok(None) };
    let user = state.directory.user(host, id).await.map_err(store_failed)?.ok_or_else(|| {
        Fault::new(&reason::ACCOUNT_GONE, "the local account is gone").comparing(id.clone())
    })?;
    check_status(&user)?;
    if let Some(link) = link
        && !where_there_is_a_store(links::stands(host, id, link).await)?
    {
        let message = "the subject is no longer linked to the local account";
        return Err(Fault::new(&reason::UNLINKED, message).comparing(id.clone()).into());
    }
    Ok(Some(user))
}

async fn check_family(host: &Host, evidence: &Evidence) -> Result<(), Denial> {
    let Some(family) = &evidence.family else { return Ok(()) };
    if where_there_is_a_store(refresh::stands(host, family).await)? {
        return Ok(());
    }
    let message = "the refresh tokens that the token belongs to were revoked or have expired";
    Err(Fault::new(&reason::GONE, message).into())
}

/// A host without a store cannot see removed links and revoked families. It
/// takes a JWT of a sibling as those do who only check signatures.
fn where_there_is_a_store(stands: Result<bool, Failed>) -> Result<bool, Denial> {
    match stands {
        Err(Failed::Unsupported) => Ok(true),
        stands => stands.map_err(store_failed),
    }
}

/// Today the account mode would still give this subject.
async fn check_account_mode(
    state: &State,
    host: &Host,
    grant: &Grant,
    application: &Application,
    purpose: Use<'_>,
) -> Result<(), Denial> {
    let changed = |reason: &'static Reason, message: &str| Err(Fault::new(reason, message).into());
    match (&grant.subject, application.subject) {
        (Subject::Local { .. }, SubjectMode::Off) => changed(
            &reason::ACCOUNT_MODE,
            "the application that the token was issued to no longer uses local accounts",
        ),
        (Subject::Federated { .. }, SubjectMode::Required) => changed(
            &reason::LINK_REQUIRED,
            "the application that the token was issued to now requires a linked local account",
        ),
        (Subject::Federated { idp, sub }, SubjectMode::Preferred)
            if accounts::is_linked(&state.directory, host, idp, sub).await? =>
        {
            changed(
                &reason::ACCOUNT_MODE,
                "the subject was linked to a local account after the token was issued",
            )
        }
        (Subject::Local { .. }, _) => match purpose {
            Use::Subject(presenter) if presenter.subject == SubjectMode::Off => changed(
                &reason::ACCOUNT_MODE,
                "the token is about a local account, and the application does not use local accounts",
            ),
            _ => Ok(()),
        },
        // No account has a part in it.
        (Subject::Federated { .. } | Subject::Client { .. }, _) => Ok(()),
    }
}

/// Every audience of the token is still one that its application may ask for.
fn check_audience(grant: &Grant, application: &Application) -> Result<(), Fault> {
    let allowed = targets(application);
    match grant.audience.iter().find(|audience| !allowed.contains(audience)) {
        None => Ok(()),
        Some(audience) => Err(Fault::new(
            &reason::TARGET,
            "the application that the token was issued to may no longer ask for its audience",
        )
        .comparing(audience.clone())),
    }
}
