//! Client assertions (RFC 7521 section 4.2, RFC 7523 sections 2.2 and 3): which
//! client one is of, and `private_key_jwt`, where the client signed it itself.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use super::client::{Clients, Noted, refused};

use super::platform_token::{self, trust_domain};
use super::purpose::PlatformClient;
use super::{Keyring, check_signature, unregistered};
use crate::audit::Detail;
use crate::config::{Application, ClientAuthentication, KeySource};
use crate::crypto::{Algorithm, FAPI};
use crate::host::Host;
use crate::jose::{Claims, Jws, subject};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, OAuthError, Refusal, store_failed};
use crate::storage::replay::{self, Minter, Spent};

pub(super) const ROLE: &str = "client_assertion";

/// Leeway for the client's clock, in seconds.
const SKEW: u64 = 30;
/// Longest life of an assertion, in seconds: its `jti` is kept that long.
const MAX_LIFETIME: u64 = 3600;
/// Milliseconds to fetch a client's keys in.
const TIMEOUT_MS: u32 = 1000;

/// The type of an assertion, as the client declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssertionType {
    /// A JWT (RFC 7523 section 2.2).
    Jwt,
    /// A JWT-SVID (draft-ietf-oauth-spiffe-client-auth section 3.1).
    JwtSvid,
}

/// The application that this assertion authenticates, and the name of the method.
/// `client_id` is what the request says beside it.
pub(super) async fn authenticate(
    clients: &Clients<'_>,
    host: &Host,
    noted: &mut Noted<'_>,
    client_id: Option<&str>,
    (token, kind): (&str, AssertionType),
) -> Result<(Arc<Application>, &'static str), Refusal> {
    let jws = host.read_token(token).map_err(|fault| refuse(fault.into()))?;
    let sub = subject(&jws.claims).map_err(|fault| refuse(fault.into()))?;
    let trust_domain = match kind {
        AssertionType::Jwt => None,
        AssertionType::JwtSvid => Some(trust_domain(&sub).ok_or_else(|| {
            let message = "the assertion's `sub` is no SPIFFE id";
            refuse(Fault::new(&reason::CLIENT_SUBJECT, message).of_claim("sub").into())
        })?),
    };
    let iss = jws.claims.text("iss").unwrap_or_default();
    let iss = trust_domain.unwrap_or(&iss);
    let id = client_id.or_else(|| clients.platform_clients.named(iss, &sub));
    let application = clients.named(host, noted, id.unwrap_or(&sub)).await?;
    match &application.authentication {
        ClientAuthentication::PrivateKeyJwt(source) if kind == AssertionType::Jwt => {
            self::signed(clients, host, noted, jws, (&application, source)).await?;
            Ok((application, "private_key_jwt"))
        }
        ClientAuthentication::PlatformToken(token) => {
            let client = PlatformClient { token, trust_domain };
            platform_token::authenticate(clients, host, noted, jws, client)
                .await
                .map_err(refuse)?;
            Ok((application, "platform_token"))
        }
        _ => Err(refused(
            &reason::CLIENT_METHOD,
            "the application is not registered with keys for client assertions, nor with an issuer and a subject whose tokens authenticate it",
        )),
    }
}

/// Checks an assertion that the client signed itself.
async fn signed(
    clients: &Clients<'_>,
    host: &Host,
    noted: &mut Noted<'_>,
    jws: Jws<'_>,
    (application, source): (&Application, &KeySource),
) -> Result<(), Refusal> {
    // Cheap checks first: no keys are fetched for what cannot pass.
    let claims = claims(clients, host, &jws, application);
    let claims = claims.map_err(|fault| refuse(fault.into()))?;
    let keyring = keyring(source);
    let fetch = unregistered::fetch(clients, host, &keyring)?;
    let checked = check_signature(host, &clients.trust.keys, &keyring, &jws).await;
    unregistered::fetched(host, fetch, checked.is_ok()).await;
    checked.map_err(|denial| refuse(unregistered::denial(source, denial)))?;
    once(host, &claims).await.map_err(refuse)?;
    if !claims.aud.iter().any(|aud| *aud == clients.issuer) {
        let allowed = Detail::Words(["`allowTokenEndpointAudience` of the client", "", ""]);
        noted.trace.pass(ROLE, "claim.aud.token_endpoint", allowed);
    }
    noted.trace.pass(ROLE, "signature", Detail::Words(["alg ", jws.alg.name(), ""]));
    Ok(())
}

fn refuse(denial: Denial) -> Refusal {
    Refusal::of_token(ROLE, OAuthError::InvalidClient, denial)
}

/// The claims of an assertion that the client signed itself, as far as they count.
fn claims(
    clients: &Clients<'_>,
    host: &Host,
    jws: &Jws<'_>,
    application: &Application,
) -> Result<Claims, Fault> {
    check_typ(jws)?;
    let claims = Claims::parse(jws.claims.clone())?;
    let Clients { issuer, token_endpoint, .. } = *clients;
    let allowed = application.allow_token_endpoint_audience;
    check_audience(&claims, issuer, token_endpoint, allowed)?;
    check_claims(host, application, &claims)?;
    if application.keeps_fapi {
        check_fapi(jws, &claims)?;
    }
    Ok(claims)
}

/// Where the keys of an application are. An assertion counts once, so its signature
/// is not remembered.
pub(super) fn keyring(source: &KeySource) -> Keyring<'_> {
    Keyring {
        source,
        timeout_ms: TIMEOUT_MS,
        danger_allow_http: false,
        repeating: None,
        svids_only: false,
    }
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
///
/// # Errors
/// A [`Fault`] when it has another audience, or several.
pub(super) fn check_audience(
    claims: &Claims,
    issuer: &str,
    token_endpoint: &str,
    allow_token_endpoint: bool,
) -> Result<(), Fault> {
    let is_endpoint = |aud: &String| *aud == token_endpoint;
    match &*claims.aud {
        [only] if *only == issuer => Ok(()),
        [only] if is_endpoint(only) && allow_token_endpoint => Ok(()),
        all if all.iter().any(|aud| *aud == issuer || is_endpoint(aud)) => {
            Err(Fault::new(
                &reason::AUD_NOT_ISSUER_ALONE,
                format!(
                    "the assertion's audience must be the issuer of this server, `{issuer}`, and nothing else"
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

fn check_claims(host: &Host, application: &Application, claims: &Claims) -> Result<(), Fault> {
    if claims.sub != application.client_id {
        return Err(Fault::new(
            &reason::CLIENT_SUBJECT,
            "the assertion's `sub` is another client than the one that `client_id` names",
        )
        .of_claim("sub"));
    }
    // "iss" and "sub" are both the client (RFC 7523 section 3).
    if claims.iss != claims.sub {
        return Err(Fault::new(
            &reason::ISSUER_UNKNOWN,
            "the assertion's `iss` is not the client that is its `sub`",
        ));
    }
    claims.check_time(host.now, SKEW, Some(MAX_LIFETIME))?;
    if claims.exp > host.now.plus(MAX_LIFETIME + SKEW) {
        let message = "the assertion is valid for longer than an hour";
        return Err(Fault::new(&reason::TOO_LONG, message).of_claim("exp"));
    }
    Ok(())
}

/// "The aud value [...] shall be a string" (FAPI 2.0 Security Profile section
/// 5.3.2.1), and the algorithms of section 5.4.
fn check_fapi(jws: &Jws<'_>, claims: &Claims) -> Result<(), Fault> {
    if !FAPI.contains(&jws.alg) {
        let allowed = FAPI.map(Algorithm::name).join(", ");
        let message = format!("the assertion of this client must be signed with one of {allowed}");
        return Err(Fault::new(&reason::ALG_NOT_ALLOWED, message));
    }
    if claims.all.text("aud").is_none() {
        let message = "the assertion's `aud` must be a text for this client, and not a list";
        return Err(Fault::new(&reason::AUD_NOT_ISSUER_ALONE, message).of_claim("aud"));
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
