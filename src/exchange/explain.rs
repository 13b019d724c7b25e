//! A rehearsal: how a token request would be decided, and why. Nothing is
//! issued and nothing is stored.

use alloc::string::String;

use serde_json::{Map, Value};

use super::claims::{Claims, Terms};
use super::issue::{Plan, Refresh, token_type};
use super::{AskedGrant, GrantRequest, RequestContext, authorize, decide, prove};
use crate::dpop::Proven;
use crate::identity::Client;
use crate::refusal::Refusal;
use crate::storage::refresh::Lifetimes;
use crate::token_type::TokenType;

/// Stands for the `jti` of a token that is not issued.
const NOT_ISSUED: &str = "(not minted)";

/// What would be issued.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// What would be issued; `None` for a grant other than token exchange.
    pub issued_token_type: Option<TokenType>,
    /// `Bearer`, or `N_A` for what is no access token.
    pub token_type: &'static str,
    /// Seconds until the token would expire.
    pub expires_in: u64,
    /// The scopes, with spaces between them; may be empty.
    pub scope: String,
    /// Whether a refresh token would go with it.
    pub has_refresh_token: bool,
    /// The claims of the token, or what introspection would say about it.
    pub claims: Map<String, Value>,
}

/// Decides a token request of a client that proves nothing.
///
/// # Errors
/// The [`Refusal`] that the request would get.
pub(crate) async fn rehearse(
    context: &mut RequestContext<'_>,
    client: Client,
    grant: AskedGrant,
) -> Result<Rehearsal, Refusal> {
    context.trace.tell_values();
    let (application, request) = authorize(context, client.assumed(), grant).await?;
    context.proven = Proven::Assumed(None);
    prove(context, &application, &request).await?;
    let plan = decide(context, &application, &request).await?;
    let is_exchange = matches!(request, GrantRequest::TokenExchange(_));
    let Plan { decision, refresh, single_use, .. } = plan;
    single_use.check_unspent(context.host).await?;
    let kind = decision.kind;
    let terms = Terms {
        kind,
        elsewhere: decision.elsewhere.as_ref(),
        lifetime: decision.lifetime_seconds,
        jti: NOT_ISSUED,
    };
    let claims = Claims::of(context.state, context.host, &decision.grant, &terms);
    let expires_in = match kind {
        TokenType::RefreshToken => {
            let now = context.host.now;
            Lifetimes::of(&application).end(now, now).since(now)
        }
        _ => decision.lifetime_seconds,
    };
    Ok(Rehearsal {
        issued_token_type: is_exchange.then_some(kind),
        token_type: token_type(kind, decision.grant.jkt.is_some()),
        expires_in,
        scope: decision.grant.scope.join(" "),
        has_refresh_token: matches!(refresh, Refresh::First | Refresh::Next(_)),
        claims: claims.to_map(),
    })
}
