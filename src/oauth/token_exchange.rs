//! The token exchange grant (RFC 8693).

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::issue::{Issued, issue};
use super::refusal::{OAuthError, Refusal};
use crate::config::Application;
use crate::decide::{Kind, Wanted, decide};
use crate::http::Form;
use crate::reason;
use crate::state::State;
use crate::trace::{Parties, Trace};
use crate::trust::{Expected, TokenKind};
use crate::world::World;

/// The parameter that carries the token to be exchanged.
const ROLE: &str = "subject_token";

/// Oldest `iat` of a subject token whose issuer does not say, in seconds.
const MAX_AGE: u64 = 3600;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// Parameters that would change what is asked for.
const UNSUPPORTED: [&str; 2] = ["authorization_details", "claims"];

/// A token exchange request that is well formed (section 2.1).
struct TokenExchangeRequest<'a> {
    subject_token: &'a str,
    subject_token_kind: TokenKind,
    wanted: Wanted,
}

/// Exchanges a token.
///
/// # Errors
/// A [`Refusal`]; "if the request itself is not valid or if either the
/// subject_token or actor_token are invalid for any reason [...] the value of
/// the error parameter MUST be the invalid_request error code" (section 2.2.2).
pub(crate) async fn exchange(
    state: &State,
    world: &World,
    trace: &mut Trace,
    parties: &mut Parties,
    application: &Arc<Application>,
    form: &Form,
) -> Result<Issued, Refusal> {
    let request = TokenExchangeRequest::parse(form)?;
    let expected = Expected {
        role: ROLE,
        kind: request.subject_token_kind,
        grants: &application.trusted_token_issuers,
        audiences: [&state.config.issuer, &state.token_endpoint],
        max_age: MAX_AGE,
    };
    let token = state
        .trust
        .validate(world, trace, request.subject_token, &expected)
        .await
        .map_err(|denial| Refusal::of_token(ROLE, OAuthError::InvalidRequest, denial))?;
    parties.trusted_token_issuer = Some(token.issuer.name.clone());
    parties.subject = Some(crate::trace::shown(&token.claims.sub));

    let decision = decide(application, &token, &request.wanted, world.now)
        .map_err(Refusal::of_decision)?;
    trace.pass("target", "audience", decision.audience.join(" "));
    trace.pass("target", "scope", decision.scope.join(" "));
    trace.pass("target", "lifetime", alloc::format!("{} s", decision.lifetime_seconds));

    issue(state, world, parties, decision).await
}

impl<'a> TokenExchangeRequest<'a> {
    fn parse(form: &'a Form) -> Result<Self, Refusal> {
        if let Some(name) = UNSUPPORTED.into_iter().find(|name| form.value(name).is_some()) {
            return Err(invalid(
                &reason::UNSUPPORTED,
                alloc::format!("the parameter `{name}` is not supported"),
            ));
        }
        let subject_token = form.required(ROLE)?;
        let subject_token_kind = match form.required("subject_token_type")? {
            JWT => TokenKind::Jwt,
            ID_TOKEN => TokenKind::IdToken,
            ACCESS_TOKEN => TokenKind::AccessToken,
            other => {
                let refusal = invalid(
                    &reason::TYPE,
                    "`subject_token_type` is not supported; it must be one of the token types `jwt`, `id_token` and `access_token`",
                );
                return Err(refusal.comparing(crate::trace::shown(other)));
            }
        };
        if form.value("actor_token").is_some() || form.value("actor_token_type").is_some() {
            return Err(invalid(&reason::ACTOR, "`actor_token` is not supported yet"));
        }
        let kind = match form.value("requested_token_type") {
            None | Some(ACCESS_TOKEN) => Kind::AccessToken,
            Some(JWT) => Kind::Jwt,
            Some(ID_TOKEN) => Kind::IdToken,
            Some(other) => {
                let refusal = invalid(
                    &reason::REQUESTED_TYPE,
                    "`requested_token_type` is not supported; it must be one of the token types `access_token`, `jwt` and `id_token`",
                );
                return Err(refusal.comparing(crate::trace::shown(other)));
            }
        };
        let targets = form.values("audience").chain(form.values("resource"));
        let wanted = Wanted {
            kind,
            targets: targets.map(String::from).collect(),
            scope: form.value("scope").map(scope).filter(|scope| !scope.is_empty()),
        };
        Ok(Self { subject_token, subject_token_kind, wanted })
    }
}

/// Space-delimited values (RFC 6749 section 3.3).
fn scope(text: &str) -> Vec<String> {
    text.split(' ').filter(|value| !value.is_empty()).map(String::from).collect()
}

fn invalid(reason: &'static reason::Reason, message: impl Into<String>) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, reason, message)
}

impl Kind {
    /// The `issued_token_type` of the reply (RFC 8693 section 2.2.1).
    pub(super) const fn token_type_uri(self) -> &'static str {
        match self {
            Self::AccessToken => ACCESS_TOKEN,
            Self::Jwt => JWT,
            Self::IdToken => ID_TOKEN,
        }
    }
}
