//! A token that a client presents as subject or actor: a foreign one or one of
//! ours, and what may be believed of it.

use serde_json::Value;

use super::RequestContext;
use super::issued_token::{self, Form, OwnToken};
use crate::Timestamp;
use crate::audit::shown;
use crate::config::{Application, ClientAuthentication};
use crate::exchange::policy::Evidence;
use crate::grant::{Grant, Subject};
use crate::identity::accounts::{self, Identity, Resolved};
use crate::identity::{Denial, Expected, ForeignToken, TokenKind, mapped, store_failed};
use crate::jose::Jws;
use crate::reason::{self, Fault};

/// What a token was declared to be (RFC 8693 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    Jwt,
    IdToken,
    AccessToken,
    RefreshToken,
}

/// How a token is taken: as which parameter, by which policy.
pub(crate) struct Manner<'a> {
    pub(crate) role: &'static str,
    pub(crate) part: Part,
    pub(crate) application: &'a Application,
    /// Oldest `iat` of a foreign token, in seconds, if its issuer does not say.
    pub(crate) max_age: u64,
}

/// Whom a token is taken to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The subject of what is issued: becomes a local user, as the
    /// application has it.
    Subject,
    /// The same, and from a third party only: a token of ours is exchanged, or
    /// not at all.
    Assertion,
    /// Who acts for the subject: stays who they are.
    Actor,
}

/// Accepts a token, noting every check in the trace.
///
/// # Errors
/// [`Denial`] for the first check that does not hold or cannot be made.
pub(crate) async fn accept(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: &str,
    declared: Declared,
) -> Result<Evidence, Denial> {
    let kind = match declared {
        Declared::Jwt if manner.part == Part::Assertion => TokenKind::Assertion,
        Declared::Jwt => TokenKind::Jwt,
        Declared::IdToken => TokenKind::IdToken,
        Declared::AccessToken if looks_like_a_jwt(token) => TokenKind::AccessToken,
        Declared::AccessToken => {
            let own = issued_token::recognise(context.state, context.host, token).await?;
            if matches!(own.form, Form::Refresh(_)) {
                let message = "the token is a refresh token, and not an access token";
                return Err(Fault::new(&reason::TYP_MISMATCH, message).into());
            }
            return ours(context, manner, own).await;
        }
        Declared::RefreshToken => {
            let held = issued_token::newest(context.host, manner.application, token).await?;
            issued_token::check_grant(context.state, context.host, &held.family.grant).await?;
            return ours(context, manner, held.into()).await;
        }
    };
    let jws = Jws::parse(token)?;
    context.pass(manner.role, "shape", alloc::format!("{} bytes", token.len()));
    if jws.claims.get("iss").and_then(Value::as_str) == Some(&context.state.config.issuer) {
        check_own_use(manner, kind)?;
        let own = issued_token::recognise_jwt(context.state, context.host, &jws).await?;
        return ours(context, manner, own).await;
    }
    let expected = Expected {
        role: manner.role,
        kind,
        grants: &manner.application.trusted_token_issuers,
        audiences: [&context.state.config.issuer, &context.state.token_endpoint],
        max_age: manner.max_age,
    };
    let validated =
        context.state.trust.validate(context.host, &mut context.trace, jws, &expected).await;
    if manner.part != Part::Actor {
        // Of a token that is refused, too, as soon as its issuer was found.
        context.parties.trusted_token_issuer =
            context.trace.passed(manner.role, "issuer").map(Into::into);
    }
    foreign(context, manner, validated?).await
}

/// Where a JWT of ours may be brought at all: an access token is no assertion,
/// and no ID token.
fn check_own_use(manner: &Manner<'_>, kind: TokenKind) -> Result<(), Fault> {
    if manner.part == Part::Assertion {
        return Err(Fault::new(
            &reason::ISSUER_SELF,
            "a token of this server is no assertion; it can be exchanged",
        ));
    }
    if kind == TokenKind::IdToken {
        let message = "an ID token of this server cannot be exchanged";
        return Err(Fault::new(&reason::TYP_MISMATCH, message));
    }
    Ok(())
}

fn looks_like_a_jwt(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() > 1
}

/// A token of ours: only for whom it was issued to or is meant for.
async fn ours(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    own: OwnToken,
) -> Result<Evidence, Denial> {
    let OwnToken { grant, expires, form, .. } = own;
    let family = match form {
        Form::Refresh(held) => Some(held.id().into()),
        Form::Opaque { family, .. } => family,
        Form::Jwt { .. } => None,
    };
    if !issued_token::concerns(&grant, manner.application) {
        return Err(Fault::new(
            &reason::AUD_MISMATCH,
            "the token was neither issued to this application nor is it meant for it",
        )
        .comparing(grant.audience.join(" "))
        .into());
    }
    check_own_policy(context, manner.application, &grant).await?;
    context.pass(manner.role, "own", alloc::format!("issued to `{}`", shown(&grant.client_id)));
    // How the token names its subject, before that becomes a local user.
    let issuer = grant.subject.idp().unwrap_or(&context.state.config.issuer);
    let mut claims = grant.attributes.clone();
    claims.insert("iss".into(), issuer.into());
    claims.insert("sub".into(), grant.subject.sub().into());
    claims.insert("client_id".into(), grant.client_id.into());
    let Resolved { subject, user, link } = match &grant.subject {
        Subject::Local { id } => {
            let user =
                context.state.directory.user(context.host, id).await.map_err(store_failed)?;
            Resolved { subject: grant.subject.clone(), user, link: grant.link }
        }
        Subject::Federated { idp, sub } => {
            let issuer = context.state.trust.issuers.enabled(context.host, idp).await?;
            become_local(context, manner, &Identity { issuer: &issuer, sub, claims: None }).await?
        }
    };
    Ok(Evidence {
        subject,
        user,
        issuer: grant.issuer,
        link,
        expires,
        scope: Some(grant.scope),
        attributes: grant.attributes,
        act: grant.act,
        may_act: None,
        claims,
        spend: None,
        family,
    })
}

async fn foreign(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: ForeignToken,
) -> Result<Evidence, Denial> {
    let identity =
        Identity { issuer: &token.issuer, sub: &token.claims.sub, claims: Some(&token.claims) };
    let Resolved { subject, user, link } = become_local(context, manner, &identity).await?;
    let attributes = mapped(&token.issuer.claims, &token.claims.all);
    Ok(Evidence {
        subject,
        user,
        issuer: Some(token.issuer.issuer.clone()),
        link,
        expires: ends(&token, context.host.now),
        scope: None,
        attributes,
        act: token.claims.all.get("act").cloned(),
        may_act: token.claims.all.get("may_act").cloned(),
        claims: token.claims.all,
        spend: token.spend,
        family: None,
    })
}

/// When what is issued for a token ends at the latest: with the token; with
/// the leeway when only that still lets it pass.
fn ends(token: &ForeignToken, now: Timestamp) -> Timestamp {
    let exp = token.claims.exp;
    if exp > now { exp } else { exp.plus(token.issuer.clock_skew_seconds) }
}

/// What an application asks of a third party's token cannot be asked of ours
/// any more, so that a token issued to another application is taken only where
/// nothing would have been asked. And a public client proves nothing: whoever
/// holds its token could exchange it for another audience.
async fn check_own_policy(
    context: &RequestContext<'_>,
    application: &Application,
    grant: &Grant,
) -> Result<(), Denial> {
    if matches!(application.authentication, ClientAuthentication::None) {
        return Err(Fault::new(
            &reason::OWN_PUBLIC,
            "a public client may not exchange tokens of this server",
        )
        .into());
    }
    let Some(iss) = grant.issuer.as_ref().filter(|_| grant.client_id != application.client_id)
    else {
        return Ok(());
    };
    let issuer = context.state.trust.issuers.enabled(context.host, iss).await?;
    let listed = application.trusted_token_issuers.iter().find(|one| one.issuer == issuer.id);
    match listed {
        None => Err(Fault::new(
            &reason::ISSUER_NOT_ALLOWED,
            "the application may not use tokens of the issuer that the token came from",
        )
        .into()),
        Some(one) if !one.conditions.is_empty() => Err(Fault::new(
            &reason::CONDITION,
            "the application's conditions on the issuer's tokens cannot be decided for a token of this server",
        )
        .into()),
        Some(_) => Ok(()),
    }
}

/// A federated subject as the application has it: itself, or a local user.
async fn become_local(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    let RequestContext { state, host, trace, .. } = context;
    match manner.part {
        Part::Subject | Part::Assertion => {
            accounts::resolve(&state.directory, host, trace, manner.application, identity).await
        }
        Part::Actor => accounts::acting(&state.directory, host, identity).await,
    }
}
