//! The grants, and what else can be done with issued tokens: a typed request
//! comes in, a typed result goes out. HTTP, the gateway and the typed calls of
//! [`Engine`](crate::Engine) all come through here.
//!
//! A token request is decided first (`decide`) and carried out afterwards
//! (`carry_out`). Deciding writes nothing, so that a rehearsal is the first half
//! of the same way.

mod authenticate;
mod binding;
mod bounds;
mod claims;
mod client_credentials;
mod delegation;
mod explain;
mod explanation;
mod id_jag;
mod introspect;
mod issue;
mod issued_token;
mod jwt_bearer;
mod law;
mod mint;
mod nonces;
mod policy;
mod presented_token;
mod refresh_token;
mod request;
mod request_context;
mod revoke;
mod single_use;
mod subject_token;
mod token_exchange;
mod unauthorized;

use alloc::sync::Arc;

pub use self::authenticate::{AccessCredentials, AccessRequirements, AccessToken};
pub(crate) use self::authenticate::{access_token, authenticate};
pub use self::explain::Rehearsal;
pub(crate) use self::explain::rehearse;
pub use self::explanation::{Explanation, RehearsedReply, WouldIssue};
pub use self::introspect::Introspection;
pub(crate) use self::introspect::introspect;
pub use self::issue::Issued;
use self::issue::{Plan, issue};
use self::nonces::Current;
pub(crate) use self::request::AskedGrant;
pub use self::request::{
    ExchangeParameters, GrantRequest, JwtBearer, Refresh, Target, TokenExchange, TokenRequest,
};
pub use self::request_context::Decided;
pub(crate) use self::request_context::RequestContext;
pub(crate) use self::revoke::revoke;
pub use self::unauthorized::Unauthorized;
use crate::audit::Detail;
use crate::config::Application;
use crate::dpop::{self, Expected, Proven};
use crate::identity::client::Credentials;
use crate::identity::{Client, accounts};
use crate::jose::{Jws, Raw};
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::state::State;
use crate::step::cold;
use crate::storage::refresh;
use crate::time::Timestamp;

/// Decides a token request and issues what was decided.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with the request.
pub(crate) async fn token(
    context: &mut RequestContext<'_>,
    client: Client,
    grant: AskedGrant,
) -> Result<Issued, Refusal> {
    let (application, request) = authorize(context, client, grant).await?;
    let issued = with_proof(context, &application, &request).await;
    if issued.as_ref().is_err_and(Refusal::is_of_a_proof) {
        cold(context.note_failure()).await;
    }
    Ok(if matches!(request, GrantRequest::TokenExchange(_)) { issued? } else { issued?.plain() })
}

/// Checks the proof of a request, decides it, and issues what was decided.
async fn with_proof(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &GrantRequest,
) -> Result<Issued, Refusal> {
    prove(context, application, request).await?;
    context.authorized = context.trace.len();
    match carry_out(context, application, request).await {
        // What another request wrote meanwhile may lead to another decision.
        Err(refusal) if may_decide_again(application, &refusal) => {
            context.begin_again();
            carry_out(context, application, request).await
        }
        issued => issued,
    }
}

/// Whether another request was first to write what this one depends on. A
/// refresh token that another request spent is a theft, except in its grace.
fn may_decide_again(application: &Application, refusal: &Refusal) -> bool {
    let reason = refusal.catalogued();
    reason == &reason::LINK_RACED
        || (reason == &reason::RACED && application.refresh_token_reuse_grace_seconds > 0)
}

async fn carry_out(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &GrantRequest,
) -> Result<Issued, Refusal> {
    let mut planned = decide(context, application, request).await;
    if let Some(family) = context.reused_family.take() {
        refresh::revoke(context.host, &family).await.map_err(Refusal::of_store)?;
    }
    if let Some(link) = context.new_link.take() {
        let link = accounts::establish(context.host, link).await;
        let link =
            link.map_err(|denial| Refusal::of_token("", OAuthError::InvalidRequest, denial))?;
        if let Ok(plan) = &mut planned {
            plan.decision.came_by(link);
        }
    }
    issue(context, application, planned?).await
}

/// The application, if it may use the grant, and its request.
async fn authorize(
    context: &mut RequestContext<'_>,
    client: Client,
    grant: AskedGrant,
) -> Result<(Arc<Application>, GrantRequest), Refusal> {
    context.parties.grant_type = grant.grant_type.map(|grant_type| grant_type.name().into());
    let client = named_by_assertion(client, grant.request.as_ref().ok());
    let application = context.client(&client).await?;
    if let Some(grant_type) = grant.grant_type {
        if !application.grant_types.contains(&grant_type) {
            return Err(Refusal::new(
                OAuthError::UnauthorizedClient,
                &reason::GRANT_NOT_ALLOWED,
                "the application may not use this grant type",
            ));
        }
        context.pass("grant_type", "allowed", Detail::None);
    }
    Ok((application, grant.request?))
}

/// Checks the DPoP proof of a request, if it has one, before anything is decided
/// or spent. What is issued is bound to its key.
async fn prove(
    context: &mut RequestContext<'_>,
    application: &Application,
    request: &GrantRequest,
) -> Result<(), Refusal> {
    context.proof_error = request.proof_error();
    bind_certificate(context, application, request)?;
    let Some(proof) = context.proof.take() else {
        if application.dpop.required && !matches!(context.proven, Proven::Assumed(_)) {
            return Err(Refusal::new(
                request.unbound_error(context.proof_error),
                &reason::PROOF_MISSING,
                "the application has to send a DPoP proof with every token request",
            ));
        }
        return Ok(());
    };
    let is_of_presenter = proof.is_of_presenter();
    let nonces = if application.dpop.needs_nonce {
        let current = nonces::current(context.state, context.host).await;
        let Current { nonces, next } = current.map_err(Refusal::of_signing)?;
        context.next_nonce = Some(next);
        Some(nonces)
    } else {
        None
    };
    let State { token_endpoint, mtls_token_endpoint, .. } = context.state;
    let alias = mtls_token_endpoint.as_deref();
    let is_fapi = application.keeps_fapi;
    let nonces = nonces.as_ref();
    let expected = Expected { token_endpoint, alias, access_token: None, is_fapi, nonces };
    let checked = dpop::check(context.host, &proof, &expected).await;
    let checked =
        checked.map_err(|denial| Refusal::of_token("dpop", context.proof_error, denial))?;
    context.pass("dpop", "proof", Detail::None);
    context.proven = match is_of_presenter {
        true => Proven::Presenter(checked.jkt),
        false => Proven::Key(checked.jkt),
    };
    context.spend_proof = Some(checked.spend);
    Ok(())
}

/// Has what is issued bound to the client certificate of the request, where the
/// application's tokens have to be bound to one.
fn bind_certificate(
    context: &mut RequestContext<'_>,
    application: &Application,
    request: &GrantRequest,
) -> Result<(), Refusal> {
    // "shall only issue sender-constrained access tokens" (FAPI 2.0 Security Profile
    // section 5.3.2.1).
    let is_unbound =
        application.keeps_fapi && !application.dpop.required && context.proof.is_none();
    let (reason, message): (_, &str) = if application.needs_certificate {
        (
            &reason::CERTIFICATE_OF_CLIENT_MISSING,
            "the application has to send every token request with a client certificate",
        )
    } else if is_unbound {
        (
            &reason::BOUND_TO_NOTHING,
            "the application has to send every token request with a DPoP proof or a client certificate",
        )
    } else {
        return Ok(());
    };
    if context.certificate.is_none() && !matches!(context.proven, Proven::Assumed(_)) {
        let error = request.unbound_error(OAuthError::InvalidRequest);
        return Err(Refusal::new(error, reason, message));
    }
    context.binds_certificate = true;
    Ok(())
}

/// Decides a request. Nothing is written.
async fn decide(
    context: &mut RequestContext<'_>,
    application: &Arc<Application>,
    request: &GrantRequest,
) -> Result<Plan, Refusal> {
    let mut plan = match request {
        GrantRequest::TokenExchange(request) => {
            token_exchange::plan(context, application, request).await?
        }
        GrantRequest::JwtBearer(request) => jwt_bearer::plan(context, application, request).await?,
        GrantRequest::RefreshToken(request) => {
            refresh_token::plan(context, application, request).await?
        }
        GrantRequest::ClientCredentials(target) => {
            client_credentials::plan(context, application, target).await?
        }
    };
    context.parties.subject = Some(crate::audit::printable(plan.decision.grant.subject.name()));
    plan.bind(context, application);
    Ok(plan)
}

/// Makes every check on the subject token of an exchange that happens
/// elsewhere, and tells until when they need not be made again (see `Issued`). A
/// token that counts once is spent there.
///
/// # Errors
/// The [`Refusal`] that the exchange would have got here.
pub(crate) async fn examine(
    context: &mut RequestContext<'_>,
    client: Client,
    request: &TokenExchange,
) -> Result<Option<Timestamp>, Refusal> {
    let application = context.client(&client).await?;
    let error = OAuthError::InvalidRequest;
    let subject = token_exchange::subject(context, &application, request, error).await?;
    context.parties.subject = Some(crate::audit::printable(subject.subject.name()));
    Ok(subject.settled_until.filter(|_| !context.host.used_the_store()))
}

/// The JWT bearer grant needs no client authentication (RFC 7521 section 4.1):
/// the assertion may name a public client, by `client_id` or `azp`. It is only
/// believed when the assertion itself is.
fn named_by_assertion(mut client: Client, grant: Option<&GrantRequest>) -> Client {
    if let (None, Credentials::None, Some(GrantRequest::JwtBearer(request))) =
        (&client.client_id, &client.credentials, grant)
        && let Ok(jws) = Jws::parse(&request.assertion)
    {
        let named = jws.claims.get("client_id").or_else(|| jws.claims.get("azp"));
        client.client_id = named.and_then(Raw::text).map(Into::into);
    }
    client
}
