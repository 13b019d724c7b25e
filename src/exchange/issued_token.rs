//! Tokens of ours, recognised: JWT and opaque access tokens, and refresh
//! tokens. What introspection reports, revocation ends, and an exchange takes
//! as subject or actor.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::config::Application;
use crate::crypto::Verdict;
use crate::grant::{Grant, Subject};
use crate::host::Host;
use crate::identity::accounts::check_status;
use crate::identity::{Denial, store_failed};
use crate::jose::{Claims, Jws};
use crate::reason::{self, Fault};
use crate::state::State;
use crate::storage::refresh::{self, Found, Held};
use crate::storage::{links, tokens};
use crate::time::Timestamp;

/// A token of ours that counts now.
pub(crate) struct OwnToken {
    pub(crate) form: Form,
    pub(crate) grant: Grant,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

impl From<Held> for OwnToken {
    fn from(held: Held) -> Self {
        Self {
            grant: held.family.grant.clone(),
            issued: held.family.issued,
            expires: held.family.expires,
            form: Form::Refresh(Box::new(held)),
        }
    }
}

/// What form a token of ours has.
pub(crate) enum Form {
    Jwt { jti: String },
    Opaque { jti: String, family: Option<String> },
    Refresh(Box<Held>),
}

/// How far the clocks of replicas may be apart, in seconds.
const CLOCKS_DIFFER: u64 = 5;

/// Claims of our JWTs that are not attributes of the subject.
const OURS: [&str; 11] =
    ["iss", "sub", "idp", "aud", "iat", "exp", "nbf", "jti", "act", "scope", "client_id"];

/// Recognises a token of ours that counts: not expired, not revoked, and about
/// somebody who may still have it.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(crate) async fn recognise(state: &State, host: &Host, token: &str) -> Result<OwnToken, Denial> {
    let own = find(state, host, token).await?;
    check(state, host, &own).await?;
    Ok(own)
}

/// The same, whoever else it depends on: what may be revoked.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(super) async fn find(state: &State, host: &Host, token: &str) -> Result<OwnToken, Denial> {
    match token.bytes().filter(|byte| *byte == b'.').count() {
        2 => jwt(state, host, &Jws::parse(token)?).await,
        1 => refresh_token(host, token).await,
        _ => opaque(host, token).await,
    }
}

/// The same for a JWT that has been taken apart already.
pub(crate) async fn recognise_jwt(
    state: &State,
    host: &Host,
    jws: &Jws<'_>,
) -> Result<OwnToken, Denial> {
    let own = jwt(state, host, jws).await?;
    check(state, host, &own).await?;
    Ok(own)
}

/// Everybody a token depends on must still be there. A JWT does not name its
/// application by its own id, but one that is younger than the token, give or
/// take what replicas' clocks differ, is not the one it was issued to.
async fn check(state: &State, host: &Host, own: &OwnToken) -> Result<(), Denial> {
    check_grant(state, host, &own.grant).await?;
    let Form::Jwt { .. } = own.form else { return Ok(()) };
    let application = state.applications.named(host, &own.grant.client_id).await;
    match application.map_err(store_failed)? {
        Some(application) if application.created <= own.issued.plus(CLOCKS_DIFFER) => Ok(()),
        _ => Err(application_gone().into()),
    }
}

fn application_gone() -> Fault {
    Fault::new(&reason::GONE, "the application that the token was issued to is gone")
}

/// Everybody a grant depends on must still be there: the application, the
/// trusted token issuer it came from, the user it is about, and the link by
/// which a subject of that issuer is this user.
pub(super) async fn check_grant(state: &State, host: &Host, grant: &Grant) -> Result<(), Denial> {
    let application = state.applications.named(host, &grant.client_id).await;
    let granted =
        |one: &Arc<Application>| grant.application.as_ref().is_none_or(|id| *id == one.id);
    if !application.map_err(store_failed)?.as_ref().is_some_and(granted) {
        return Err(application_gone().into());
    }
    if let Some(iss) = &grant.issuer {
        state.trust.issuers.enabled(host, iss).await?;
    }
    let Subject::Local { id } = &grant.subject else { return Ok(()) };
    let user = state.directory.user(host, id).await.map_err(store_failed)?.ok_or_else(|| {
        Fault::new(&reason::ACCOUNT_GONE, "the local account is gone").comparing(id.clone())
    })?;
    check_status(&user)?;
    if let Some(link) = &grant.link
        && !links::stands(host, id, link).await.map_err(store_failed)?
    {
        let message = "the local account is not linked any more to the subject it was linked to";
        return Err(Fault::new(&reason::UNLINKED, message).comparing(id.clone()).into());
    }
    Ok(())
}

async fn jwt(state: &State, host: &Host, jws: &Jws<'_>) -> Result<OwnToken, Denial> {
    let keys = state.signing_keys(host).await.map_err(store_failed)?;
    let key = keys.iter().find(|key| Some(key.kid()) == jws.kid.as_deref());
    let key = key.filter(|key| key.algorithm() == jws.alg).ok_or_else(|| {
        Fault::new(&reason::KEY_NOT_FOUND, "the token is not signed with a key of this server")
    })?;
    // An ID token of ours is no access token, and says so (RFC 9068 section 4).
    if jws.typ.as_deref() != Some("at+jwt") {
        return Err(Fault::new(&reason::TYP_MISMATCH, "the token is not an access token").into());
    }
    let verdict = host.verify(jws.alg, key.public(), jws.signing_input, &jws.signature).await?;
    if verdict != Verdict::Accept {
        return Err(Fault::new(&reason::SIGNATURE, "the token's signature was rejected").into());
    }
    let claims = Claims::parse(jws.claims.clone())?;
    // Only `exp`: replicas' clocks differ, and we do not post-date tokens.
    if host.now >= claims.exp {
        return Err(Fault::new(&reason::EXPIRED, "the token has expired").of_claim("exp").into());
    }
    let jti = claims.jti.clone().unwrap_or_default();
    let revoked = tokens::is_revoked(host, &jti).await.map_err(store_failed)?;
    if revoked || claims.iss != state.config.issuer {
        return Err(gone());
    }
    let (issued, expires) = (claims.iat.unwrap_or_default(), claims.exp);
    Ok(OwnToken { form: Form::Jwt { jti }, grant: grant_of(claims), issued, expires })
}

/// What one of our JWTs says of its grant.
fn grant_of(claims: Claims) -> Grant {
    let text = |name: &str| claims.all.get(name).and_then(Value::as_str).unwrap_or_default();
    let subject = match text("idp") {
        "" => Subject::Local { id: claims.sub.clone() },
        idp => Subject::Federated { idp: idp.into(), sub: claims.sub.clone() },
    };
    let attributes: Map<String, Value> = claims
        .all
        .iter()
        .filter(|(name, _)| !OURS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Grant {
        client_id: text("client_id").to_string(),
        application: None,
        issuer: subject.idp().map(String::from),
        link: None,
        subject,
        audience: claims.aud.clone(),
        scope: text("scope").split(' ').filter(|one| !one.is_empty()).map(String::from).collect(),
        attributes,
        act: claims.all.get("act").cloned(),
    }
}

async fn opaque(host: &Host, token: &str) -> Result<OwnToken, Denial> {
    let found = tokens::find(host, token).await.map_err(store_failed)?;
    let Some(opaque) = found else { return Err(gone()) };
    if let Some(family) = &opaque.family
        && !refresh::stands(host, family).await.map_err(store_failed)?
    {
        return Err(gone());
    }
    Ok(OwnToken {
        form: Form::Opaque { jti: opaque.jti, family: opaque.family },
        grant: opaque.grant,
        issued: opaque.issued,
        expires: opaque.expires,
    })
}

async fn refresh_token(host: &Host, token: &str) -> Result<OwnToken, Denial> {
    match refresh::find(host, token).await.map_err(store_failed)? {
        Found::Unknown => Err(gone()),
        Found::Spent(_) => {
            Err(Fault::new(&reason::REUSED, "the refresh token was used before").into())
        }
        Found::Newest(held) => Ok(held.into()),
    }
}

/// The family whose newest refresh token this is, for the application that it
/// was issued to. A spent one that its application brings back revokes the
/// family: either this is the thief, or the thief was here.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(super) async fn newest(
    host: &Host,
    application: &Application,
    token: &str,
) -> Result<Held, Denial> {
    match refresh::find(host, token).await.map_err(store_failed)? {
        Found::Newest(held) if held.family.grant.client_id == application.client_id => Ok(held),
        Found::Spent(held) if held.family.grant.client_id == application.client_id => {
            if !host.rehearsing {
                refresh::revoke(host, held.id()).await.map_err(store_failed)?;
            }
            Err(Fault::new(
                &reason::REUSED,
                "the refresh token was used before; every token of its family is revoked now",
            )
            .into())
        }
        Found::Newest(_) | Found::Spent(_) | Found::Unknown => Err(Fault::new(
            &reason::GONE,
            "the refresh token is not one of this application, has expired, or was revoked",
        )
        .into()),
    }
}

fn gone() -> Denial {
    Fault::new(&reason::GONE, "the token is not one of this server, has expired, or was revoked")
        .into()
}

/// Whether a token may be dealt with by this application: it was issued to it,
/// or it is meant for it.
pub(crate) fn concerns(grant: &Grant, application: &Application) -> bool {
    let own: Vec<&String> = application.audiences.iter().chain([&application.client_id]).collect();
    grant.client_id == application.client_id || grant.audience.iter().any(|aud| own.contains(&aud))
}
