//! `private_key_jwt`: a client that authenticates with a token it signed
//! (RFC 7521 section 4.2, RFC 7523 sections 2.2 and 3).

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use super::client::{Clients, Noted, refused};
use super::{Keyring, check_signature};
use crate::audit::Detail;
use crate::config::{Application, ClientAuthentication, KeySource};
use crate::host::Host;
use crate::jose::{Claims, Jws};
use crate::reason::{self, Fault, Reason};
use crate::refusal::{Denial, OAuthError, Refusal, store_failed};
use crate::storage::replay::{self, Minter, Spent};

const ROLE: &str = "client_assertion";

/// Leeway for the client's clock, in seconds.
const SKEW: u64 = 30;
/// Longest life of an assertion, in seconds: its `jti` is kept that long.
const MAX_LIFETIME: u64 = 3600;
/// Milliseconds to fetch a client's keys in.
const TIMEOUT_MS: u32 = 1000;

/// Reasons that are about a document, and not about an outage.
const OF_DOCUMENT: [&Reason; 4] =
    [&reason::KEYS_UNUSABLE, &reason::KEYS_TOO_LONG, &reason::KEYS_ELSEWHERE, &reason::KEYS_STATUS];

/// The application that signed this assertion.
pub(super) async fn authenticate(
    clients: &Clients<'_>,
    host: &Host,
    noted: &mut Noted<'_>,
    token: &str,
) -> Result<Arc<Application>, Refusal> {
    let refuse = |denial| Refusal::of_token(ROLE, OAuthError::InvalidClient, denial);
    let mut jws = Jws::parse(token).map_err(|fault| refuse(fault.into()))?;
    check_typ(&jws).map_err(|fault| refuse(fault.into()))?;
    let claims =
        Claims::parse(core::mem::take(&mut jws.claims)).map_err(|fault| refuse(fault.into()))?;
    let application = clients.named(host, noted, &claims.sub).await?;
    let ClientAuthentication::PrivateKeyJwt(source) = &application.authentication else {
        return Err(refused(
            &reason::CLIENT_METHOD,
            "the application is not registered with keys for client assertions",
        ));
    };
    let keyring = keyring(source);
    // Cheap checks first: no keys are fetched for what cannot pass.
    check_audience(clients, &application, &claims).map_err(|fault| refuse(fault.into()))?;
    check_claims(host, &claims).map_err(|fault| refuse(fault.into()))?;
    let checked = check_signature(host, clients.keys, &keyring, &jws).await;
    checked.map_err(|denial| refuse(of_client(source, denial)))?;
    once(host, &claims).await.map_err(refuse)?;
    noted.trace.pass(ROLE, "signature", Detail::Words(["alg ", jws.alg.name(), ""]));
    Ok(application)
}

/// A document of a client that is there and cannot be used is the client's fault, and
/// no outage.
fn of_client(source: &KeySource, denial: Denial) -> Denial {
    match (source, denial) {
        (KeySource::ClientMetadata(_), Denial::Unavailable { fault, .. })
            if OF_DOCUMENT.contains(&fault.reason) =>
        {
            let message = "the metadata document of the client, at its `client_id`, cannot be used";
            let detail = fault.detail.unwrap_or_default();
            Fault::new(&reason::CLIENT_METADATA, message).comparing(detail).into()
        }
        (_, denial) => denial,
    }
}

/// Where the keys of an application are. An assertion counts once, so its signature
/// is not remembered.
pub(super) fn keyring(source: &KeySource) -> Keyring<'_> {
    Keyring { source, timeout_ms: TIMEOUT_MS, danger_allow_http: false, repeating: None }
}

/// No token made for another purpose authenticates a client (RFC 8725 section
/// 3.11).
fn check_typ(jws: &Jws<'_>) -> Result<(), Fault> {
    let typ = jws.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" | "client-authentication+jwt" => Ok(()),
        _ => Err(Fault::new(&reason::TYP_MISMATCH, "the assertion's `typ` is not `JWT`")),
    }
}

/// The issuer of this server is the sole audience
/// (draft-ietf-oauth-rfc7523bis). Any server may tell a client the token
/// endpoint of this one as its own, and would get an assertion that counts
/// here; each of several audiences could use the assertion at the others.
fn check_audience(
    clients: &Clients<'_>,
    application: &Application,
    claims: &Claims,
) -> Result<(), Fault> {
    let is_endpoint = |aud: &String| *aud == clients.token_endpoint;
    match &*claims.aud {
        [only] if *only == clients.issuer => Ok(()),
        [only] if is_endpoint(only) && application.allow_token_endpoint_audience => Ok(()),
        all if all.iter().any(|aud| *aud == clients.issuer || is_endpoint(aud)) => {
            Err(Fault::new(
                &reason::AUD_NOT_ISSUER_ALONE,
                format!(
                    "the assertion's audience must be the issuer of this server, `{}`, and nothing else",
                    clients.issuer
                ),
            )
            .of_claim("aud"))
        }
        _ => Err(Fault::new(
            &reason::AUD_MISMATCH,
            "the assertion's audience is not the issuer of this server",
        )
        .of_claim("aud")),
    }
}

fn check_claims(host: &Host, claims: &Claims) -> Result<(), Fault> {
    // "iss" and "sub" are both the client (RFC 7523 section 3).
    if claims.iss != claims.sub {
        return Err(Fault::new(
            &reason::ISSUER_UNKNOWN,
            "the assertion's `iss` is not the client that is its `sub`",
        ));
    }
    claims.check_time(host.now, SKEW, Some(MAX_LIFETIME))?;
    if claims.exp > host.now.plus(MAX_LIFETIME + SKEW) {
        return Err(Fault::new(&reason::TOO_OLD, "the assertion is valid for longer than an hour"));
    }
    Ok(())
}

async fn once(host: &Host, claims: &Claims) -> Result<(), Denial> {
    let Some(jti) = &claims.jti else {
        return Err(Fault::new(&reason::NO_JTI, "the assertion has no `jti`").into());
    };
    let minter = Minter::Client(&claims.sub);
    match replay::spend(host, minter, jti, claims.exp.plus(SKEW)).await {
        Ok(Spent::Now) => Ok(()),
        Ok(Spent::Before) => {
            Err(Fault::new(&reason::REPLAYED, "the assertion was used before").into())
        }
        Err(failed) => Err(store_failed(failed)),
    }
}
