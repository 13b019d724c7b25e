//! Issued tokens, recognised: JWT and opaque access tokens, and refresh
//! tokens. Whether one still counts is decided by `law`.

use alloc::boxed::Box;
use alloc::string::String;

use serde_json::{Map, Value};

use super::RequestContext;
use super::binding::{self, Confirmation, Sender};
use super::law::{self, Standing, Use};
use crate::config::Application;
use crate::gather::gathered;
use crate::grant::{Evidence, Grant, Subject};
use crate::host::Host;
use crate::jose::{Claims, Jws, Raw, rejected, surroundings};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::state::State;
use crate::storage::refresh::{self, Found, Held};
use crate::storage::tokens;
use crate::time::Timestamp;
use crate::verified_tokens::Signer;

/// A token that this server issued, not expired and not revoked by itself.
pub(crate) struct IssuedToken {
    pub(crate) form: Form,
    pub(crate) grant: Grant,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// The form of an issued token.
pub(crate) enum Form {
    Jwt { jti: String },
    Opaque { jti: String },
    Refresh(Box<Held>),
}

impl From<Held> for IssuedToken {
    fn from(held: Held) -> Self {
        Self {
            grant: held.family.grant.clone().of_family(Some(held.id().into())),
            issued: held.family.issued,
            expires: held.family.expires,
            form: Form::Refresh(Box::new(held)),
        }
    }
}

/// The claim of a JWT that holds its evidence.
pub(super) const EVIDENCE: &str = "exq";

/// Claims of issued JWTs that are not attributes of the subject.
const REGISTERED: [&str; 14] = [
    "iss",
    "sub",
    "idp",
    "aud",
    "iat",
    "exp",
    "nbf",
    "jti",
    "act",
    "may_act",
    "scope",
    "client_id",
    "cnf",
    EVIDENCE,
];

/// Finds an issued token and checks that it still counts for this purpose.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(crate) async fn recognise(
    state: &State,
    host: &Host,
    token: &str,
    purpose: Use<'_>,
    sender: &Sender<'_>,
) -> Result<(IssuedToken, Standing), Denial> {
    let token = find(state, host, token).await?;
    let standing = law::check(state, host, &token, purpose, sender).await?;
    Ok((token, standing))
}

/// Finds an issued token, whether or not the law still lets it count: what may
/// be revoked.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(super) async fn find(state: &State, host: &Host, token: &str) -> Result<IssuedToken, Denial> {
    match token.bytes().filter(|byte| *byte == b'.').count() {
        2 => find_jwt(state, host, host.read_token(token)?).await,
        1 => refresh_token(host, token).await,
        _ => opaque(host, token).await,
    }
}

/// The same for a JWT that has been taken apart already.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(super) async fn find_jwt(
    state: &State,
    host: &Host,
    jws: Jws<'_>,
) -> Result<IssuedToken, Denial> {
    let key = match &jws.kid {
        Some(kid) => state.own_keys.named(host, kid).await,
        None => state.own_keys.published(host).await.map(|_| None),
    };
    let key = key.map_err(|why| store_failed(why.into()))?;
    let key = key.filter(|key| key.algorithm() == jws.alg).ok_or_else(|| {
        Fault::new(&reason::KEY_NOT_FOUND, "the token is not signed with a key of this server")
    })?;
    // An issued ID token is no access token, and says so (RFC 9068 section 4).
    if jws.typ.as_deref() != Some("at+jwt") {
        return Err(Fault::new(&reason::TYP_MISMATCH, "the token is not an access token").into());
    }
    let key = core::slice::from_ref(key.public());
    if host.verify_token(Signer::Own, &jws, key).await?.is_none() {
        return Err(rejected(&jws).into());
    }
    let claims = Claims::parse(jws.claims.clone())?;
    // Only `exp`: replicas' clocks differ, and this server does not post-date.
    if host.now >= claims.exp {
        return Err(Fault::new(&reason::EXPIRED, "the token has expired").of_claim("exp").into());
    }
    let jti = claims.jti.clone().unwrap_or_default();
    let revoked = tokens::is_revoked(host, &jti).await.map_err(store_failed)?;
    if revoked || claims.iss != state.config.issuer {
        return Err(gone());
    }
    let (issued, expires) = (claims.iat.unwrap_or_default(), claims.exp);
    let Confirmation { jkt, x5t } = binding::confirmation(&claims.all)?;
    let grant = Grant { jkt, x5t, ..grant_of(claims) };
    Ok(IssuedToken { form: Form::Jwt { jti }, grant, issued, expires })
}

/// What an issued JWT says about its grant.
fn grant_of(claims: Claims) -> Grant {
    let Claims { all, sub, aud, .. } = claims;
    let text = |name: &str| all.text(name).unwrap_or_default();
    let evidence: Option<Evidence> =
        all.get(EVIDENCE).and_then(|exq| serde_json::from_str(exq.json()).ok());
    let about_client = evidence.as_ref().is_some_and(Evidence::is_about_client);
    let subject = match &*text("idp") {
        "" if about_client => Subject::Client { id: sub },
        "" => Subject::Local { id: sub },
        idp => Subject::Federated { idp: idp.into(), sub: unqualified(sub, evidence.as_ref()) },
    };
    let members = all.members();
    let others = members.iter().filter(|(name, _)| !REGISTERED.contains(&&**name));
    let attributes: Map<String, Value> =
        gathered(others.map(|(name, value)| (name.into_owned(), value.value())));
    Grant {
        client_id: text("client_id").into_owned(),
        subject,
        evidence,
        audience: aud.into(),
        scope: text("scope").split(' ').filter(|one| !one.is_empty()).map(String::from).collect(),
        attributes,
        act: all.get("act").map(Raw::value),
        jkt: None,
        x5t: None,
        may_act: all.get("may_act").map(Raw::value),
    }
}

/// The foreign `sub`, without the issuer's id that this server put in front.
fn unqualified(sub: String, evidence: Option<&Evidence>) -> String {
    let Some(evidence) = evidence.filter(|evidence| evidence.qualified) else { return sub };
    let issuer = evidence.issuer.as_deref().unwrap_or_default();
    let bare = sub.strip_prefix(issuer).and_then(|rest| rest.strip_prefix('|'));
    bare.map(String::from).unwrap_or(sub)
}

async fn opaque(host: &Host, token: &str) -> Result<IssuedToken, Denial> {
    let found = tokens::find(host, token).await.map_err(store_failed)?;
    let Some(opaque) = found else { return Err(unknown(token)) };
    Ok(IssuedToken {
        form: Form::Opaque { jti: opaque.jti },
        grant: opaque.grant,
        issued: opaque.issued,
        expires: opaque.expires,
    })
}

async fn refresh_token(host: &Host, token: &str) -> Result<IssuedToken, Denial> {
    match refresh::find(host, token).await.map_err(store_failed)? {
        Found::Unknown => Err(unknown(token)),
        Found::Spent(_) | Found::Repeated(..) => {
            Err(Fault::new(&reason::REUSED, "the refresh token was used before").into())
        }
        Found::Newest(held) => Ok(held.into()),
    }
}

/// The family whose newest refresh token this is, for the application that it
/// was issued to. A spent one that its application brings back ends the family:
/// either this is the thief, or the thief was here.
///
/// # Errors
/// [`Denial`] for any other token, or when the store fails.
pub(super) async fn newest(
    context: &mut RequestContext<'_>,
    application: &Application,
    token: &str,
) -> Result<Held, Denial> {
    let now = context.host.now;
    let grace = application.refresh_token_reuse_grace_seconds;
    let within_grace = |spent: Timestamp| now < spent.plus(grace);
    match refresh::find(context.host, token).await.map_err(store_failed)? {
        Found::Newest(held) if held.family.grant.is_of(application) => Ok(held),
        Found::Repeated(held, spent)
            if held.family.grant.is_of(application) && within_grace(spent) =>
        {
            Ok(held)
        }
        Found::Repeated(held, _) | Found::Spent(held) if held.family.grant.is_of(application) => {
            context.reused_family = Some(held.id().into());
            Err(Fault::new(
                &reason::REUSED,
                "the refresh token was used before; every token of its family is revoked now",
            )
            .into())
        }
        Found::Newest(_) | Found::Repeated(..) | Found::Spent(_) | Found::Unknown => {
            let gone = || {
                Fault::new(
                    &reason::GONE,
                    "the refresh token was not issued to this application, has expired, or was revoked",
                )
            };
            Err(surroundings(token).unwrap_or_else(gone).into())
        }
    }
}

/// The fault of a text that is no token of this server: what is around it, or
/// that it is none.
fn unknown(token: &str) -> Denial {
    surroundings(token).map_or_else(gone, Denial::from)
}

fn gone() -> Denial {
    Fault::new(
        &reason::GONE,
        "this server did not issue the token, or it has expired or was revoked",
    )
    .into()
}
