//! Issuing what was decided: tokens, what the store keeps of them, and the
//! reply of the token endpoint (RFC 6749 section 5.1, RFC 8693 section 2.2.1,
//! RFC 9068).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;

use super::RequestContext;
use super::claims::{Claims, Terms};
use super::mint::mint;
use super::policy::Decision;
use super::single_use::SingleUse;
use crate::audit::Detail;
use crate::config::{AccessTokenType, Application, ClientAuthentication};
use crate::dpop;
use crate::host::{Host, Outcome};
use crate::identity::id_jag;
use crate::json_writer::Writer;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::state::State;
use crate::step::{Failed, Write};
use crate::storage::refresh::{self, Held, Lifetimes, Next};
use crate::storage::tokens::{self, Opaque};
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// Room for the members of a reply that are no tokens.
const OTHERS: usize = 256;

/// A token that was issued: the successful reply of the token endpoint.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issued {
    /// "It is called access_token for historical reasons": whatever was issued.
    pub access_token: String,
    /// What was issued; only for a token exchange.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "uri")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub issued_token_type: Option<TokenType>,
    /// `Bearer`, `DPoP` for a token that is bound to a key (RFC 9449 section 5), or
    /// `N_A` for what is no access token.
    pub token_type: &'static str,
    /// Seconds until the token expires.
    pub expires_in: u64,
    /// The scopes that were granted, with spaces between them; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The refresh token that goes with it, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Until when the same request may be answered with it again without a
    /// check. `None`: something has to be checked each time.
    #[serde(skip)]
    pub(crate) settled_until: Option<Timestamp>,
}

impl core::fmt::Debug for Issued {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Issued")
            .field("issued_token_type", &self.issued_token_type)
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[allow(clippy::ref_option, reason = "the signature serde asks for")]
fn uri<S: serde::Serializer>(kind: &Option<TokenType>, out: S) -> Result<S::Ok, S::Error> {
    kind.map(TokenType::uri).serialize(out)
}

impl Issued {
    /// The JSON object of the token endpoint (RFC 6749 section 5.1, RFC 8693 section
    /// 2.2.1). It is what `serde_json` writes, and costs less.
    pub fn to_json(&self) -> String {
        // No member can be forgotten: all are named.
        let Self {
            access_token,
            issued_token_type,
            token_type,
            expires_in,
            scope,
            refresh_token,
            settled_until: _,
        } = self;
        let room = access_token.len() + refresh_token.as_ref().map_or(0, String::len) + OTHERS;
        let mut out = Writer::new(room);
        out.text("access_token", access_token);
        if let Some(kind) = issued_token_type {
            out.text("issued_token_type", kind.uri());
        }
        out.text("token_type", token_type);
        out.number("expires_in", *expires_in);
        if !scope.is_empty() {
            out.text("scope", scope);
        }
        if let Some(token) = refresh_token {
            out.text("refresh_token", token);
        }
        out.end()
    }

    /// The reply of a grant other than token exchange.
    pub(super) fn plain(mut self) -> Self {
        self.issued_token_type = None;
        self
    }
}

/// Everything that was decided about a request. Nothing has been written yet:
/// a rehearsal ends here.
pub(crate) struct Plan {
    pub(crate) decision: Decision,
    pub(super) refresh: Refresh,
    pub(super) single_use: SingleUse,
    /// Until when the same request would be decided alike, if the store has no
    /// part in it. `None`: something has to be checked each time.
    pub(super) settled_until: Option<Timestamp>,
}

impl Plan {
    /// Binds what is issued to the key that was proven, and spends the proof with
    /// it; and to the client certificate, where that is due. Both have to be looked at
    /// each time.
    pub(super) fn bind(&mut self, context: &mut RequestContext<'_>, application: &Application) {
        let grant = &mut self.decision.grant;
        grant.jkt = context.proven.key().cloned();
        let by_certificate =
            matches!(application.authentication, ClientAuthentication::Certificate(_));
        let binds_certificate = match self.decision.kind {
            // A grant is used elsewhere, with the certificate that is the client's. It never
            // names both: a receiver might ask for one of them alone.
            TokenType::IdJag => {
                grant.jkt.is_none() && (context.binds_certificate || by_certificate)
            }
            _ => context.binds_certificate,
        };
        let certificate = context.certificate.as_ref().filter(|_| binds_certificate);
        grant.x5t = certificate.map(|certificate| Arc::clone(&certificate.thumbprint));
        // Not taken: a request that is decided again spends it with the second decision.
        self.single_use.add_proof(context.spend_proof.clone(), context.proof_error);
        if grant.jkt.is_some() || grant.x5t.is_some() {
            self.settled_until = None;
        }
    }
}

/// Which refresh token goes with an access token.
pub(super) enum Refresh {
    None,
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
    plan: Plan,
) -> Result<Issued, Refusal> {
    let Plan { mut decision, refresh, mut single_use, settled_until } = plan;
    let (kind, host) = (decision.kind, context.host);
    let is_bound = decision.grant.jkt.is_some();
    let scope = decision.grant.scope.join(" ");
    let mut batch = single_use.take_writes();

    let mut next = next_refresh_token(host, application, &mut decision, refresh)?;
    batch.extend(next.iter_mut().flat_map(|next| core::mem::take(&mut next.writes)));

    let (access_token, expires_in, refresh_token) = match (kind, next) {
        // Asked for a refresh token: that is what is issued.
        (TokenType::RefreshToken, Some(next)) => (next.token, next.expires.since(host.now), None),
        (_, next) => {
            let expires_in = decision.lifetime_seconds;
            let token = make(context, application, decision, &mut batch).await?;
            (token, expires_in, next.map(|next| next.token))
        }
    };
    if !batch.is_empty() {
        commit(host, batch, &single_use).await?;
    }
    for role in single_use.roles() {
        context.pass(role, "replay", Detail::None);
    }
    Ok(Issued {
        access_token,
        issued_token_type: Some(kind),
        token_type: token_type(kind, is_bound),
        expires_in,
        scope,
        refresh_token,
        settled_until: settled_until.filter(|_| !host.used_the_store()),
    })
}

/// "If the issued token is not an access token or usable as an access token,
/// then the token_type value N_A is used" (RFC 8693 section 2.2.1).
/// A bound one is no bearer token (RFC 9449 section 5).
pub(super) const fn token_type(kind: TokenType, is_bound: bool) -> &'static str {
    match kind {
        TokenType::AccessToken | TokenType::Jwt if is_bound => "DPoP",
        TokenType::AccessToken | TokenType::Jwt => "Bearer",
        TokenType::IdToken | TokenType::RefreshToken | TokenType::IdJag => "N_A",
    }
}

/// The refresh token that goes with what is issued. What is issued then belongs
/// to its family.
fn next_refresh_token(
    host: &Host,
    application: &Application,
    decision: &mut Decision,
    refresh: Refresh,
) -> Result<Option<Next>, Refusal> {
    // The record of a family stands as long as the access tokens of it.
    let lifetimes = Lifetimes::of(application).standing_for(decision.lifetime_seconds);
    let next = match refresh {
        Refresh::None => return Ok(None),
        Refresh::First => refresh::begin(host, decision.grant.clone(), lifetimes),
        Refresh::Next(held) => refresh::rotate(host, *held, lifetimes),
    };
    let next = next.map_err(Refusal::of_store)?;
    if let Some(evidence) = &mut decision.grant.evidence {
        evidence.family = Some(next.family.clone());
    }
    Ok(Some(next))
}

/// Makes a token in the application's format; what the store keeps of it goes
/// into the batch.
async fn make(
    context: &mut RequestContext<'_>,
    application: &Application,
    decision: Decision,
    batch: &mut Vec<Write>,
) -> Result<String, Refusal> {
    let Decision { kind, grant, lifetime_seconds, elsewhere, .. } = decision;
    let (state, host) = (context.state, context.host);
    let jti = host.entropy.jti();
    context.parties.token_id = Some(jti.clone());
    if kind != TokenType::AccessToken || application.access_token_type == AccessTokenType::Jwt {
        let elsewhere = elsewhere.as_ref();
        let terms = Terms { kind, elsewhere, lifetime: lifetime_seconds, jti: &jti };
        let claims = Claims::of(state, host, &grant, &terms).to_json();
        return sign(state, host, kind, &claims, host.now.plus(lifetime_seconds)).await;
    }
    let token = Base64UrlUnpadded::encode_string(&host.entropy.draw("opaque token"));
    let expires = host.now.plus(lifetime_seconds);
    let opaque = Opaque { grant, jti, issued: host.now, expires };
    batch.extend(tokens::keep(&token, &opaque).map_err(Refusal::of_store)?);
    Ok(token)
}

async fn sign(
    state: &State,
    host: &Host,
    kind: TokenType,
    claims: &str,
    end: Timestamp,
) -> Result<String, Refusal> {
    let key = state.own_keys.to_sign(host, end).await;
    let key = key.map_err(|why| Refusal::of_signing(why.into()))?;
    let typ = match kind {
        TokenType::IdToken => "JWT",
        TokenType::IdJag => id_jag::TYP,
        TokenType::AccessToken | TokenType::Jwt | TokenType::RefreshToken => "at+jwt",
    };
    mint(host, &key, typ, claims).await.map_err(Refusal::of_signing)
}

/// Writes everything, or says why not. A conflict is about a proof, about a
/// token that counts once, or about a refresh token that another request was
/// first to use: no batch has both of the latter.
async fn commit(host: &Host, writes: Vec<Write>, single_use: &SingleUse) -> Result<(), Refusal> {
    let (outcome, writes) = host.commit_and_return(writes).await;
    match outcome {
        Ok(Outcome::Committed) => Ok(()),
        Ok(Outcome::Conflict) if single_use.is_proof_spent(host, &writes).await? => {
            Err(Refusal::of_fault("dpop", single_use.proof_error(), dpop::replayed()))
        }
        Ok(Outcome::Conflict) => Err(single_use.refusal().unwrap_or_else(|| {
            Refusal::new(
                OAuthError::InvalidGrant,
                &reason::RACED,
                "the refresh token was just used by another request",
            )
        })),
        // A host without a store cannot tell that a proof comes again.
        Err(Failed::Unsupported) if single_use.is_proof_alone(writes.len()) => Ok(()),
        Err(failed) => Err(Refusal::of_store(failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::Issued;
    use crate::token_type::TokenType;

    #[test]
    fn the_reply_is_what_serde_writes() {
        let mut issued = Issued {
            access_token: "a.b.c".into(),
            issued_token_type: None,
            token_type: "Bearer",
            expires_in: 3600,
            scope: "".into(),
            refresh_token: None,
            settled_until: None,
        };
        assert_eq!(issued.to_json(), serde_json::to_string(&issued).unwrap());
        issued.issued_token_type = Some(TokenType::AccessToken);
        issued.scope = "a \"b\\\u{7}é".into();
        issued.refresh_token = Some("r".into());
        assert_eq!(issued.to_json(), serde_json::to_string(&issued).unwrap());
    }
}
