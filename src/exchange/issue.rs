//! Issuing what was decided: tokens, what the store keeps of them, and the
//! reply of the token endpoint (RFC 6749 section 5.1, RFC 8693 section 2.2.1,
//! RFC 9068).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde_json::{Map, Value};

use super::RequestContext;
use super::refusal::{OAuthError, Refusal};
use super::single_use::Spends;
use crate::config::{AccessTokenType, Application};
use crate::exchange::policy::{Decision, Kind};
use crate::grant::Grant;
use crate::host::{Host, Outcome};
use crate::jose::mint;
use crate::reason;
use crate::state::State;
use crate::step::{Failed, Write};
use crate::storage::refresh::{self, Held, Next};
use crate::storage::tokens::{self, Opaque};

/// The successful reply of the token endpoint.
#[derive(Serialize)]
pub(crate) struct Issued {
    /// "It is called access_token for historical reasons": whatever was issued.
    access_token: String,
    /// Of a token exchange only.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// What stands for a token in a rehearsal.
const NOT_MINTED: &str = "(not minted)";

/// Which refresh token goes with an access token.
pub(super) enum Refresh {
    None,
    /// None of its own, but it ends with this family.
    Of(String),
    /// The first of a new family.
    First,
    /// The next of a family, for the newest that was presented. The family
    /// goes on standing for what was granted at first.
    Next(Box<Held>),
}

/// Issues a token. What the store keeps is written in one batch, after every
/// token is made and before any is given out.
pub(super) async fn issue(
    context: &mut RequestContext<'_>,
    application: &Application,
    decision: Decision,
    refresh: Refresh,
    spends: Spends,
) -> Result<Issued, Refusal> {
    let (kind, host) = (decision.kind, context.host);
    context.parties.subject = Some(crate::audit::printable(decision.grant.subject.sub()));
    if host.rehearsing {
        return rehearse(context, decision, &refresh, &spends).await;
    }
    let scope = decision.grant.scope.join(" ");
    let mut batch = spends.writes();

    let (next, family) = next_refresh_token(host, application, &decision, refresh)?;
    batch.extend(next.iter().map(|next| next.write.clone()));
    let refresh_token = next.as_ref().map(|next| next.token.clone());

    let (access_token, expires_in, refresh_token) = match (kind, refresh_token) {
        // Asked for a refresh token: that is what is issued.
        (Kind::RefreshToken, Some(token)) => {
            (token, application.refresh_token_lifetime_seconds, None)
        }
        (_, refresh_token) => {
            let expires_in = decision.lifetime_seconds;
            let token = make(context, application, decision, family, &mut batch).await?;
            (token, expires_in, refresh_token)
        }
    };
    if !batch.is_empty() {
        commit(host, batch, next.as_ref(), &spends).await?;
    }
    for role in spends.roles() {
        context.pass(role, "replay", None);
    }
    Ok(Issued {
        access_token,
        issued_token_type: Some(kind.token_type_uri()),
        token_type: token_type(kind),
        expires_in,
        scope,
        refresh_token,
    })
}

/// What would be issued: its claims, and no token.
async fn rehearse(
    context: &mut RequestContext<'_>,
    decision: Decision,
    refresh: &Refresh,
    spends: &Spends,
) -> Result<Issued, Refusal> {
    let spent = spends.writes().into_iter().map(|write| write.key).collect();
    let spent = context.host.read_all(spent).await.map_err(Refusal::of_store)?;
    if let Some(refusal) = spends.refusal().filter(|_| spent.iter().any(Option::is_some)) {
        return Err(refusal);
    }
    let Decision { kind, grant, lifetime_seconds } = decision;
    let scope = grant.scope.join(" ");
    let claims =
        claims(context.state, context.host, kind, grant, lifetime_seconds, NOT_MINTED.into());
    context.rehearsed = Some(Value::Object(claims));
    let accompanied = matches!(refresh, Refresh::First | Refresh::Next(_));
    Ok(Issued {
        access_token: NOT_MINTED.into(),
        issued_token_type: Some(kind.token_type_uri()),
        token_type: token_type(kind),
        expires_in: lifetime_seconds,
        scope,
        refresh_token: accompanied.then(|| NOT_MINTED.into()),
    })
}

/// "If the issued token is not an access token or usable as an access token,
/// then the token_type value N_A is used" (RFC 8693 section 2.2.1).
const fn token_type(kind: Kind) -> &'static str {
    match kind {
        Kind::AccessToken | Kind::Jwt => "Bearer",
        Kind::IdToken | Kind::RefreshToken => "N_A",
    }
}

/// The refresh token that goes with what is issued, and the family that this
/// ends with.
fn next_refresh_token(
    host: &Host,
    application: &Application,
    decision: &Decision,
    refresh: Refresh,
) -> Result<(Option<Next>, Option<String>), Refusal> {
    let lifetime = application.refresh_token_lifetime_seconds;
    // The record of a family stands as long as the access tokens of it.
    let kept = lifetime.max(decision.lifetime_seconds);
    let next = match refresh {
        Refresh::None => return Ok((None, None)),
        Refresh::Of(family) => return Ok((None, Some(family))),
        Refresh::First => refresh::begin(host, decision.grant.clone(), lifetime, kept),
        Refresh::Next(held) => refresh::rotate(host, *held, lifetime, kept),
    };
    let next = next.map_err(Refusal::of_store)?;
    let family = next.family.clone();
    Ok((Some(next), Some(family)))
}

/// Makes a token in the application's format; what the store keeps of it goes
/// into the batch.
async fn make(
    context: &mut RequestContext<'_>,
    application: &Application,
    decision: Decision,
    family: Option<String>,
    batch: &mut Vec<Write>,
) -> Result<String, Refusal> {
    let Decision { kind, grant, lifetime_seconds } = decision;
    let (state, host) = (context.state, context.host);
    let jti = host.entropy.identifier("jti");
    context.parties.token_id = Some(jti.clone());
    if kind != Kind::AccessToken || application.access_token_type == AccessTokenType::Jwt {
        let claims = claims(state, host, kind, grant, lifetime_seconds, jti);
        return sign(state, host, kind, claims).await;
    }
    let token = Base64UrlUnpadded::encode_string(&host.entropy.draw("opaque token"));
    let expires = host.now.plus(lifetime_seconds);
    let opaque = Opaque { grant, jti, issued: host.now, expires, family };
    batch.push(tokens::keep(&token, &opaque).map_err(Refusal::of_store)?);
    Ok(token)
}

impl Issued {
    /// The reply of a grant other than token exchange.
    pub(super) fn plain(mut self) -> Self {
        self.issued_token_type = None;
        self
    }
}

async fn sign(
    state: &State,
    host: &Host,
    kind: Kind,
    claims: Map<String, Value>,
) -> Result<String, Refusal> {
    let keys = state.signing_keys(host).await.map_err(Refusal::of_signing)?;
    let key = keys.first().ok_or(Failed::Unsupported).map_err(Refusal::of_signing)?;
    let typ = if kind == Kind::IdToken { "JWT" } else { "at+jwt" };
    mint(host, key, typ, claims).await.map_err(Refusal::of_signing)
}

/// Writes everything, or says why not. A conflict is about a token that counts
/// once, or about a refresh token that another request was first to use: no
/// batch has both.
async fn commit(
    host: &Host,
    writes: Vec<Write>,
    next: Option<&Next>,
    spends: &Spends,
) -> Result<(), Refusal> {
    match host.commit(writes).await {
        Ok(Outcome::Committed) => Ok(()),
        Ok(Outcome::Conflict) => Err(spends.refusal().unwrap_or_else(|| {
            Refusal::new(
                OAuthError::InvalidGrant,
                &reason::RACED,
                "the refresh token was just used by another request",
            )
        })),
        // Was it the write that failed, or only its answer that was lost? A
        // client that repeats a refresh which did happen would be taken for a
        // thief, so look.
        Err(failed) => match next {
            Some(next) if refresh::is_newest(host, &next.family, &next.token).await => Ok(()),
            _ => Err(Refusal::of_store(failed)),
        },
    }
}

/// The claims of RFC 9068 section 2.2; of an ID token, those of OpenID Connect
/// Core section 2. Registered claims go in last: no attribute overrides one.
fn claims(
    state: &State,
    host: &Host,
    kind: Kind,
    grant: Grant,
    lifetime: u64,
    jti: String,
) -> Map<String, Value> {
    let mut claims = grant.attributes;
    let mut put = |name: &str, value: Value| claims.insert(name.to_string(), value);
    put("iss", state.config.issuer.as_str().into());
    put("sub", grant.subject.sub().into());
    // Whose name `sub` is: a token without `idp` is about a user of ours.
    if let Some(idp) = grant.subject.idp() {
        put("idp", idp.into());
    }
    put("aud", one_or_several(grant.audience));
    put("iat", host.now.0.into());
    put("exp", host.now.plus(lifetime).0.into());
    put("jti", jti.into());
    if let Some(act) = grant.act {
        put("act", act);
    }
    if kind == Kind::IdToken {
        put("azp", grant.client_id.into());
    } else {
        if !grant.scope.is_empty() {
            put("scope", grant.scope.join(" ").into());
        }
        put("client_id", grant.client_id.into());
    }
    claims
}

fn one_or_several(mut audience: Vec<String>) -> Value {
    match audience.len() {
        1 => audience.swap_remove(0).into(),
        _ => audience.into(),
    }
}
