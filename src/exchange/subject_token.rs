//! A token that a client presents as subject, actor or assertion: a foreign
//! one or an issued one, and what may be believed of it.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::RequestContext;
use super::binding::{self, Binding, Confirmation};
use super::bounds::targets;
use super::issued_token::{Form, IssuedToken, find, find_jwt, newest};
use super::law::{self, Standing, Use};
use super::presented_token::{Limit, Origin, PresentedToken, Said};
use crate::audit::{Detail, shown_name};
use crate::config::Application;
use crate::dpop::Proven;
use crate::grant::{Grant, Subject};
use crate::identity::accounts::{self, Identity, Resolved};
use crate::identity::{Expected, ForeignToken, Purpose, id_jag, mapped};
use crate::jose::{Jws, Raw};
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// How a token is taken: as which parameter, by which policy.
pub(super) struct Manner<'a> {
    pub(super) role: &'static str,
    pub(super) part: Part,
    /// What a foreign token is presented for.
    pub(super) purpose: Purpose<'a>,
    pub(super) application: &'a Arc<Application>,
    /// Oldest `iat` of a foreign token, in seconds, if its issuer does not say.
    pub(super) max_age: u64,
}

/// Whom a token is taken to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The subject of what is issued: becomes a local user where the
    /// application says so.
    Subject,
    /// The same, and from a third party only: an issued token is exchanged, or
    /// not used at all.
    Assertion,
    /// The party that acts for the subject: stays who it is.
    Actor,
}

/// Accepts a token, noting every check in the trace.
///
/// # Errors
/// [`Denial`] for the first check that does not hold or cannot be made.
pub(super) async fn accept(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: &str,
    declared: TokenType,
) -> Result<PresentedToken, Denial> {
    match declared {
        TokenType::RefreshToken => {
            let held = newest(context, manner.application, token).await?;
            return issued(context, manner, held.into()).await;
        }
        TokenType::AccessToken if !looks_like_a_jwt(token) => {
            let token = find(context.state, context.host, token).await?;
            if matches!(token.form, Form::Refresh(_)) {
                let message = "the token is a refresh token, and not an access token";
                return Err(Fault::new(&reason::TYP_MISMATCH, message).into());
            }
            return issued(context, manner, token).await;
        }
        TokenType::IdJag if manner.part != Part::Assertion => {
            let message = "an identity assertion grant is not exchanged; it is sent as `assertion` with the JWT bearer grant";
            return Err(Fault::new(&reason::TYPE, message).into());
        }
        TokenType::AccessToken | TokenType::Jwt | TokenType::IdToken | TokenType::IdJag => {}
    }
    let jws = context.host.read_token(token)?;
    accept_jwt(context, manner, jws, declared).await
}

/// The same for a JWT that has been taken apart.
///
/// # Errors
/// [`Denial`] for the first check that does not hold or cannot be made.
pub(super) async fn accept_jwt(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    jws: Jws<'_>,
    declared: TokenType,
) -> Result<PresentedToken, Denial> {
    context.pass(manner.role, "shape", Detail::Number("", jws.token.len() as u64, " bytes"));
    if jws.claims.text("iss").as_deref() == Some(&*context.state.config.issuer) {
        check_issued_type(manner, declared)?;
        let token = find_jwt(context.state, context.host, jws).await?;
        return issued(context, manner, token).await;
    }
    let expected = Expected {
        role: manner.role,
        kind: declared,
        purpose: manner.purpose,
        audiences: [&context.state.config.issuer, &context.state.token_endpoint],
        max_age: manner.max_age,
    };
    // The audit log names the issuer as soon as it is found, also of a token
    // that is refused; an actor's issuer is not the one that it means.
    let mut found = None;
    let trust = &context.state.trust;
    let validated =
        trust.validate(context.host, &mut context.trace, jws, &expected, &mut found).await;
    if manner.part != Part::Actor {
        context.parties.trusted_token_issuer = found;
    }
    foreign(context, manner, validated?).await
}

/// Where an issued JWT may be presented at all: an access token is no
/// assertion, and no ID token.
fn check_issued_type(manner: &Manner<'_>, declared: TokenType) -> Result<(), Fault> {
    if manner.part == Part::Assertion {
        return Err(Fault::new(
            &reason::ISSUER_SELF,
            "a token of this server is no assertion; it can be exchanged",
        ));
    }
    if declared == TokenType::IdToken {
        let message = "an ID token of this server cannot be exchanged";
        return Err(Fault::new(&reason::TYP_MISMATCH, message));
    }
    Ok(())
}

fn looks_like_a_jwt(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() > 1
}

/// An issued token, as far as the law of grants lets it count.
async fn issued(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: IssuedToken,
) -> Result<PresentedToken, Denial> {
    let application = manner.application;
    let purpose = match manner.part {
        Part::Subject | Part::Assertion => Use::Subject(application),
        Part::Actor => Use::Actor(application),
    };
    let sender = context.sender();
    let standing = law::check(context.state, context.host, &token, purpose, &sender).await?;
    context.binds_certificate |= token.grant.x5t.is_some();
    assume(context, token.grant.jkt.as_ref());
    context.pass(manner.role, "own", Detail::IssuedTo(token.grant.client_id.clone()));
    let is_refresh = matches!(token.form, Form::Refresh(_));
    let grant = token.grant;
    // How the token names its subject, before that becomes a local user.
    let issuer = grant.subject.idp().unwrap_or(&context.state.config.issuer);
    let mut claims = grant.attributes.clone();
    claims.insert("iss".into(), issuer.into());
    claims.insert("sub".into(), grant.subject.name().into());
    claims.insert("client_id".into(), grant.client_id.as_str().into());
    let Resolved { subject, user, link } =
        issued_subject(context, manner, &grant, standing.user.clone()).await?;
    let Standing { scope, expires, .. } = standing;
    let evidence = grant.evidence.ok_or_else(law::no_evidence)?;
    let client = evidence.is_about_client().then(|| evidence.application.clone());
    let mut actors = evidence.actors;
    for actor in &mut actors {
        let presenter = || (evidence.application.clone(), grant.client_id.clone());
        actor.application.get_or_insert_with(presenter);
    }
    Ok(PresentedToken {
        subject,
        user,
        origin: Origin::Issued,
        limit: Limit { scope: Some(scope), audience: is_refresh.then_some(grant.audience) },
        is_bound: grant.jkt.is_some(),
        is_id_jag: false,
        client,
        // Only an actor has none: the law lets no such token be a subject.
        issuer: evidence.issuer.unwrap_or_default(),
        conditions: evidence.conditions,
        link,
        expires,
        // The law and its revocation are looked at each time.
        settled_until: None,
        attributes: grant.attributes,
        act: grant.act,
        actors,
        may_act: grant.may_act,
        claims: Said::Issued(claims),
        spend: None,
        family: evidence.family,
    })
}

/// The subject of an issued token: the local user it is about, or a federated
/// subject as the application that presents it takes it.
async fn issued_subject(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    grant: &Grant,
    user: Option<alloc::sync::Arc<crate::config::User>>,
) -> Result<Resolved, Denial> {
    match &grant.subject {
        Subject::Local { .. } => Ok(Resolved {
            subject: grant.subject.clone(),
            user,
            link: grant.evidence.as_ref().and_then(|evidence| evidence.link.clone()),
        }),
        Subject::Client { .. } => {
            Ok(Resolved { subject: grant.subject.clone(), user: None, link: None })
        }
        Subject::Federated { idp, sub } => {
            let issuer = context.state.trust.issuers.enabled(context.host, idp).await?;
            let identity = Identity { issuer: &issuer, sub, claims: None };
            become_local(context, manner, &identity).await
        }
    }
}

async fn foreign(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: ForeignToken,
) -> Result<PresentedToken, Denial> {
    let is_id_jag = matches!(manner.purpose, Purpose::IdentityGrant(_));
    let limit = if is_id_jag { granted(manner, &token)? } else { Limit::default() };
    let Confirmation { jkt, x5t } = keep_binding(context, manner, &token, is_id_jag)?;
    context.binds_certificate |= x5t.is_some();
    assume(context, jkt.as_ref());
    let identity =
        Identity { issuer: &token.issuer, sub: &token.claims.sub, claims: Some(&token.claims) };
    let Resolved { subject, user, link } = become_local(context, manner, &identity).await?;
    let attributes = mapped(&token.issuer.claims, &token.claims.all);
    Ok(PresentedToken {
        subject,
        user,
        origin: Origin::External,
        limit,
        is_bound: jkt.is_some(),
        is_id_jag,
        client: None,
        issuer: token.issuer.id.clone(),
        conditions: token.conditions.clone(),
        link,
        expires: ends(&token, context.host.now),
        settled_until: settled_until(&token, context.host.now),
        attributes,
        act: token.claims.all.get("act").map(Raw::value),
        actors: Vec::new(),
        may_act: token.claims.all.get("may_act").map(Raw::value),
        claims: Said::Foreign(token.claims.all),
        spend: token.spend,
        family: None,
    })
}

/// What a foreign token is bound to, if that was asked for: its sender has it.
fn keep_binding(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    token: &ForeignToken,
    is_id_jag: bool,
) -> Result<Confirmation, Fault> {
    let rebind = manner.part != Part::Actor && manner.application.dpop.rebind;
    let terms = binding::Terms { bound_tokens: token.issuer.bound_tokens, is_id_jag, rebind };
    match binding::of_foreign(&token.claims.all, terms, &context.sender())? {
        Binding::Kept(confirmation) => Ok(confirmation),
        Binding::Ignored => {
            let issuer = Detail::Name("`boundTokens` of ", token.issuer.clone(), "");
            context.pass(manner.role, "binding.ignored", issuer);
            Ok(Confirmation::default())
        }
    }
}

/// What an identity assertion grant is for. All of it has to be what this server
/// issues tokens for: "the resource claim [...] is used to determine the audience of
/// the access token" (section 4.4.1 of the draft).
fn granted(manner: &Manner<'_>, token: &ForeignToken) -> Result<Limit, Fault> {
    let claims = &token.claims.all;
    let audience = id_jag::resources(claims)?;
    let allowed = targets(manner.application);
    if let Some(foreign) = audience.iter().flatten().find(|one| !allowed.contains(one)) {
        let message = "the grant is for a resource that the application may not ask for";
        return Err(Fault::new(&reason::RESOURCE_NOT_ALLOWED, message)
            .of_claim("resource")
            .comparing(format!("{}; allowed: {}", shown_name(foreign), allowed.join(", "))));
    }
    Ok(Limit { scope: id_jag::scopes(claims)?, audience: audience.map(Into::into) })
}

/// In a rehearsal the sender has the key of the token.
fn assume(context: &mut RequestContext<'_>, jkt: Option<&Arc<str>>) {
    if let (Proven::Assumed(assumed), Some(jkt)) = (&mut context.proven, jkt) {
        *assumed = Some(Arc::clone(jkt));
    }
}

/// When what is issued for a token ends at the latest: with the token; with
/// the leeway when only that still lets it pass.
fn ends(token: &ForeignToken, now: Timestamp) -> Timestamp {
    let exp = token.claims.exp;
    if exp > now { exp } else { exp.plus(token.issuer.clock_skew_seconds) }
}

/// Until when the token means the same without being looked at again, if the
/// store has no part in it.
fn settled_until(token: &ForeignToken, now: Timestamp) -> Option<Timestamp> {
    token.spend.is_none().then(|| ends(token, now).min(token.settled_until))
}

/// A federated subject as the application takes it: itself, or a local user.
async fn become_local(
    context: &mut RequestContext<'_>,
    manner: &Manner<'_>,
    identity: &Identity<'_>,
) -> Result<Resolved, Denial> {
    let RequestContext { state, host, trace, new_link, .. } = context;
    match manner.part {
        Part::Subject | Part::Assertion => {
            let application = manner.application;
            accounts::resolve(&state.directory, host, trace, application, identity, new_link).await
        }
        Part::Actor => accounts::acting(&state.directory, host, identity).await,
    }
}
