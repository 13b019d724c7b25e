//! The token exchange grant (RFC 8693).

use alloc::string::String;
use alloc::vec::Vec;

use super::RequestContext;
use super::issue::{Issued, Refresh, issue};
use super::refusal::{OAuthError, Refusal};
use super::requested_scope;
use super::single_use::Spends;
use super::subject_token::{Declared, Manner, Part, accept};
use crate::audit::shown_urn;
use crate::config::{Application, GrantType};
use crate::exchange::policy::{Kind, Wanted, decide};
use crate::http::Form;
use crate::reason;

const SUBJECT: &str = "subject_token";
const ACTOR: &str = "actor_token";

/// Oldest `iat` of a token whose issuer does not say, in seconds.
const MAX_AGE: u64 = 3600;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// A token exchange request that is well formed (section 2.1).
struct TokenExchangeRequest<'a> {
    subject: (&'a str, Declared),
    actor: Option<(&'a str, Declared)>,
    wanted: Wanted,
}

/// Exchanges a token.
///
/// # Errors
/// A [`Refusal`]; "if the request itself is not valid or if either the
/// subject_token or actor_token are invalid for any reason [...] the value of
/// the error parameter MUST be the invalid_request error code" (section 2.2.2).
pub(super) async fn exchange(
    context: &mut RequestContext<'_>,
    application: &Application,
    form: &Form,
) -> Result<Issued, Refusal> {
    let request = TokenExchangeRequest::parse(application, form)?;
    let refuse = |role| move |denial| Refusal::of_token(role, OAuthError::InvalidRequest, denial);

    let manner = Manner { role: SUBJECT, part: Part::Subject, application, max_age: MAX_AGE };
    let (token, declared) = request.subject;
    let subject = accept(context, &manner, token, declared).await.map_err(refuse(SUBJECT))?;
    let actor = match request.actor {
        Some((token, declared)) => {
            let manner = Manner { role: ACTOR, part: Part::Actor, ..manner };
            let actor = accept(context, &manner, token, declared).await;
            Some(actor.map_err(refuse(ACTOR))?)
        }
        None => None,
    };
    let kind = request.wanted.kind;
    // A token of ours begins no family of refresh tokens: what was derived
    // from a token would outlive its revocation.
    let is_ours = subject.scope.is_some();
    if is_ours && kind == Kind::RefreshToken {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::REQUESTED_TYPE,
            "a refresh token is not issued for a token of this server",
        ));
    }
    let config = &context.state.config;
    let decision =
        decide(application, config, &subject, actor.as_ref(), &request.wanted, context.host.now)
            .map_err(|fault| Refusal::of_fault(SUBJECT, OAuthError::InvalidRequest, fault))?;
    decision.note(&mut context.trace);

    let refreshable = application.grant_types.contains(&GrantType::RefreshToken);
    let brought: Vec<_> =
        [(SUBJECT, &subject)].into_iter().chain(actor.iter().map(|actor| (ACTOR, actor))).collect();
    let spends = Spends::of(OAuthError::InvalidRequest, &brought)?;
    let refresh = match subject.family {
        Some(family) => Refresh::Of(family),
        None if refreshable && !is_ours && kind != Kind::IdToken => Refresh::First,
        None => Refresh::None,
    };
    issue(context, application, decision, refresh, spends).await
}

/// Makes every check on the subject token of an exchange that happens
/// elsewhere.
///
/// # Errors
/// The [`Refusal`] that [`exchange`] would have for it.
pub(crate) async fn examine(
    context: &mut RequestContext<'_>,
    application: &Application,
    form: &Form,
) -> Result<(), Refusal> {
    let (token, declared) =
        (form.required(SUBJECT)?, declared(form.required("subject_token_type")?)?);
    let manner = Manner { role: SUBJECT, part: Part::Subject, application, max_age: MAX_AGE };
    let refuse = |denial| Refusal::of_token(SUBJECT, OAuthError::InvalidRequest, denial);
    let subject = accept(context, &manner, token, declared).await.map_err(refuse)?;
    // A token that counts once is spent where something is issued for it.
    context.parties.subject = Some(crate::audit::printable(subject.subject.sub()));
    Ok(())
}

impl<'a> TokenExchangeRequest<'a> {
    fn parse(application: &Application, form: &'a Form) -> Result<Self, Refusal> {
        let subject = (form.required(SUBJECT)?, declared(form.required("subject_token_type")?)?);
        let actor = match (form.value(ACTOR), form.value("actor_token_type")) {
            (None, None) => None,
            (Some(token), Some(kind)) => Some((token, declared(kind)?)),
            _ => {
                return Err(Refusal::new(
                    OAuthError::InvalidRequest,
                    &reason::ACTOR,
                    "`actor_token` and `actor_token_type` come together or not at all",
                ));
            }
        };
        let targets = form.values("audience").chain(form.values("resource"));
        let wanted = Wanted {
            kind: wanted_kind(application, form.value("requested_token_type"))?,
            targets: targets.map(String::from).collect(),
            scope: requested_scope(form),
        };
        Ok(Self { subject, actor, wanted })
    }
}

fn declared(uri: &str) -> Result<Declared, Refusal> {
    match uri {
        JWT => Ok(Declared::Jwt),
        ID_TOKEN => Ok(Declared::IdToken),
        ACCESS_TOKEN => Ok(Declared::AccessToken),
        REFRESH_TOKEN => Ok(Declared::RefreshToken),
        other => Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::TYPE,
            "the declared token type is not supported; it must be one of the token types `jwt`, `id_token`, `access_token` and `refresh_token`",
        )
        .comparing(shown_urn(other))),
    }
}

fn wanted_kind(application: &Application, uri: Option<&str>) -> Result<Kind, Refusal> {
    match uri {
        None | Some(ACCESS_TOKEN) => Ok(Kind::AccessToken),
        Some(JWT) => Ok(Kind::Jwt),
        Some(ID_TOKEN) => Ok(Kind::IdToken),
        Some(REFRESH_TOKEN) if application.grant_types.contains(&GrantType::RefreshToken) => {
            Ok(Kind::RefreshToken)
        }
        Some(other) => Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::REQUESTED_TYPE,
            "`requested_token_type` is not one that the application may ask for: `access_token`, `jwt`, `id_token`, or, with the grant type refresh_token, `refresh_token`",
        )
        .comparing(shown_urn(other))),
    }
}

impl Kind {
    /// The `issued_token_type` of the reply (RFC 8693 section 2.2.1).
    pub(super) const fn token_type_uri(self) -> &'static str {
        match self {
            Self::AccessToken => ACCESS_TOKEN,
            Self::Jwt => JWT,
            Self::IdToken => ID_TOKEN,
            Self::RefreshToken => REFRESH_TOKEN,
        }
    }
}
