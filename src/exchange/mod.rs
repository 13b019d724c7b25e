//! The grants, and what else can be done with issued tokens: a typed request
//! comes in, a typed result goes out. HTTP, the gateway and the typed calls of
//! [`Engine`](crate::Engine) all come through here.
//!
//! A token request is decided first ([`decide`]) and carried out afterwards
//! ([`token`]). Nothing is written in between, so that a rehearsal is the first
//! half of the same way.

mod authenticate;
mod delegation;
mod explain;
mod explanation;
mod introspect;
mod issue;
mod issued_token;
mod jwt_bearer;
mod law;
mod policy;
mod refresh_token;
mod request;
mod request_context;
mod revoke;
mod single_use;
mod subject_token;
mod token_exchange;

use alloc::sync::Arc;

pub use self::authenticate::{AccessRequirements, AccessToken, Unauthorized};
pub(crate) use self::authenticate::{access_token, authenticate};
pub use self::explain::Rehearsal;
pub(crate) use self::explain::rehearse;
pub use self::explanation::{Explanation, RehearsedReply, WouldIssue};
pub use self::introspect::Introspection;
pub(crate) use self::introspect::introspect;
pub use self::issue::Issued;
use self::issue::{Plan, issue};
pub use self::request::{
    ExchangeParameters, GrantRequest, JwtBearer, Refresh, Target, TokenExchange, TokenRequest,
};
pub use self::request_context::Decided;
pub(crate) use self::request_context::RequestContext;
pub(crate) use self::revoke::revoke;
use crate::config::Application;
use crate::identity::Client;
use crate::identity::client::Credentials;
use crate::jose::Jws;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::storage::refresh;
use crate::time::Timestamp;

/// Decides a token request and issues what was decided. A request whose
/// parameters are malformed comes with their refusal in the place of the grant:
/// the client is authenticated all the same, before it learns more.
///
/// # Errors
/// A [`Refusal`] that says what is wrong with the request.
pub(crate) async fn token(
    context: &mut RequestContext<'_>,
    client: Client,
    grant: Result<GrantRequest, Refusal>,
) -> Result<Issued, Refusal> {
    match decide(context, client, grant).await {
        Ok((application, is_exchange, plan)) => {
            let issued = issue(context, &application, plan).await?;
            Ok(if is_exchange { issued } else { issued.plain() })
        }
        Err(refusal) => {
            if let Some(family) = context.reused_family.take() {
                refresh::revoke(context.host, &family).await.map_err(Refusal::of_store)?;
            }
            Err(refusal)
        }
    }
}

/// Decides a token request. Nothing is written.
async fn decide(
    context: &mut RequestContext<'_>,
    client: Client,
    grant: Result<GrantRequest, Refusal>,
) -> Result<(Arc<Application>, bool, Plan), Refusal> {
    let client = named_by_assertion(client, grant.as_ref().ok());
    let application = context.client(&client).await?;
    let grant = grant?;
    let grant_type = grant.grant_type();
    context.parties.grant_type = Some(grant_type.name().into());
    if !application.grant_types.contains(&grant_type) {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::GRANT_NOT_ALLOWED,
            "the application may not use this grant type",
        ));
    }
    context.pass("grant_type", "allowed", None);
    let plan = match &grant {
        GrantRequest::TokenExchange(request) => {
            token_exchange::plan(context, &application, request).await?
        }
        GrantRequest::JwtBearer(request) => {
            jwt_bearer::plan(context, &application, request).await?
        }
        GrantRequest::RefreshToken(request) => {
            refresh_token::plan(context, &application, request).await?
        }
    };
    plan.decision.note(&mut context.trace);
    context.parties.subject = Some(crate::audit::printable(plan.decision.grant.subject.name()));
    Ok((application, matches!(grant, GrantRequest::TokenExchange(_)), plan))
}

/// Makes every check on the subject token of an exchange that happens
/// elsewhere, and tells when that token ends. A token that counts once is spent
/// there.
///
/// # Errors
/// The [`Refusal`] that the exchange would have got here.
pub(crate) async fn examine(
    context: &mut RequestContext<'_>,
    client: Client,
    request: &TokenExchange,
) -> Result<Timestamp, Refusal> {
    let application = context.client(&client).await?;
    let subject = token_exchange::subject(context, &application, request).await?;
    context.parties.subject = Some(crate::audit::printable(subject.subject.name()));
    Ok(subject.expires)
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
        client.client_id = named.and_then(|id| id.as_str()).map(Into::into);
    }
    client
}
