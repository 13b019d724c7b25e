//! `POST /oauth2/token`: the order of things at the token endpoint.

use crate::config::{ApplicationType, GrantType};
use crate::http::{Form, Reply, Request};
use crate::oauth::{self, Issued, OAuthError, Refusal};
use crate::reason;
use crate::state::State;
use crate::trace::{Audit, Parties, Trace, shown};
use crate::world::World;

/// Decides a token request and says so in the audit log.
pub(super) async fn post(state: &State, world: &World, request: &Request) -> Reply {
    let mut trace = Trace::default();
    let mut parties = Parties::default();
    let decided = decided(state, world, &mut trace, &mut parties, request).await;
    let mut reply = match &decided {
        Ok(issued) => Reply::json(200, issued),
        Err(refusal) => {
            refusal.note(&mut trace);
            refusal.reply()
        }
    };
    let mut audit = Audit {
        time: world.now,
        event: "token".into(),
        status: reply.status,
        error: None,
        reason: None,
        message: None,
        parties,
        checks: trace,
    };
    if let Err(refusal) = decided {
        refusal.record(&mut audit);
    }
    reply.audit = Some(audit);
    // "The authorization server MUST include the HTTP Cache-Control response
    // header field with a value of no-store [...] as well as the Pragma
    // response header field with a value of no-cache" (RFC 6749 section 5.1).
    reply.with("cache-control", "no-store").with("pragma", "no-cache")
}

async fn decided(
    state: &State,
    world: &World,
    trace: &mut Trace,
    parties: &mut Parties,
    request: &Request,
) -> Result<Issued, Refusal> {
    let form = Form::parse(request)?;
    parties.grant_type = form.value("grant_type").map(shown);
    let application =
        oauth::authenticate(state, world, trace, parties, request, &form).await?;

    let grant = grant_type(form.required("grant_type")?)?;
    if !application.grant_types.contains(&grant) {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::GRANT_NOT_ALLOWED,
            "the application may not use this grant type",
        ));
    }
    if application.kind == ApplicationType::Spa {
        return Err(Refusal::new(
            OAuthError::UnauthorizedClient,
            &reason::GRANT_SPA,
            "a single-page application may not exchange tokens",
        ));
    }
    trace.pass("grant_type", "allowed", None);

    oauth::exchange(state, world, trace, parties, &application, &form).await
}

/// The grant types that are implemented.
fn grant_type(uri: &str) -> Result<GrantType, Refusal> {
    match uri {
        oauth::TOKEN_EXCHANGE => Ok(GrantType::TokenExchange),
        _ => Err(Refusal::new(
            OAuthError::UnsupportedGrantType,
            &reason::GRANT_UNKNOWN,
            "the grant type is not supported; this server has urn:ietf:params:oauth:grant-type:token-exchange",
        )
        .comparing(shown(uri))),
    }
}
