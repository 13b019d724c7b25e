//! Clients that authenticate with a token of a trusted token issuer: the one that
//! their platform gives them (RFC 7521 section 4.2, RFC 7523 sections 2.2 and 3).
//!
//! The token passes the same checks as one that is exchanged. What is different
//! is here: whose tokens count, for which audience and for how long. A JWT-SVID
//! (draft-ietf-oauth-spiffe-client-auth) is named by its trust domain.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::client::{Clients, Noted};
use super::client_assertion::{ROLE, check_audience};
use super::foreign::Expected;
use super::purpose::{PlatformClient, Purpose};
use crate::audit::{Conditioned, shown};
use crate::config::{BoundTokens, ClientAuthentication, Config, PlatformToken, TrustedTokenIssuer};
use crate::gather::gathered;
use crate::host::{Host, Outcome};
use crate::jose::{Claims, Jws};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// How SPIFFE ids and trust domains begin (SPIFFE-ID section 2).
pub(super) const SPIFFE: &str = "spiffe://";

/// Longest life of a token, in seconds, where its issuer has no `maxTokenAgeSeconds`:
/// tokens of platforms are used again and again, so that nothing but their end
/// limits what a thief can do.
const MAX_LIFETIME: u64 = 3600;

/// The clients of the configuration document by the `iss` and the `sub` of the
/// tokens that authenticate them. One that the store keeps has to name itself.
#[derive(Default)]
pub(crate) struct PlatformClients(BTreeMap<String, BTreeMap<String, String>>);

impl PlatformClients {
    /// Those of a configuration.
    pub(crate) fn of(config: &Config) -> Self {
        let issuers = config.trusted_token_issuers.iter();
        let issuers: BTreeMap<&str, &str> =
            gathered(issuers.map(|one| (one.id.as_str(), one.issuer.as_str())));
        let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for application in config.applications.values() {
            if let ClientAuthentication::PlatformToken(token) = &application.authentication
                && let Some(iss) = issuers.get(token.issuer.as_str())
            {
                let of_issuer = all.entry((*iss).into()).or_default();
                of_issuer.insert(token.subject.clone(), application.client_id.clone());
            }
        }
        Self(all)
    }

    /// The client id of the client that this subject of this issuer is.
    pub(super) fn named(&self, iss: &str, sub: &str) -> Option<&str> {
        self.0.get(iss)?.get(sub).map(String::as_str)
    }
}

/// The trust domain in a SPIFFE id, as the `issuer` that it is configured as.
pub(super) fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix(SPIFFE)?;
    let end = rest.find('/').filter(|end| *end > 0)?;
    id.get(..SPIFFE.len() + end)
}

/// Makes every check on the token of a client.
///
/// # Errors
/// [`Denial`] for the first check that does not hold or cannot be made.
pub(super) async fn authenticate(
    clients: &Clients<'_>,
    host: &Host,
    noted: &mut Noted<'_>,
    jws: Jws<'_>,
    client: PlatformClient<'_>,
) -> Result<(), Denial> {
    let expected = Expected {
        role: ROLE,
        kind: TokenType::Jwt,
        purpose: Purpose::Client(client),
        audiences: [clients.issuer, clients.token_endpoint],
        max_age: MAX_LIFETIME,
    };
    let mut issuer = None;
    let token = clients.trust.validate(host, noted.trace, jws, &expected, &mut issuer).await?;
    let Some(spend) = token.spend else { return Ok(()) };
    match host.commit(Vec::from([spend])).await {
        Ok(Outcome::Committed) => Ok(()),
        Ok(Outcome::Conflict) => {
            Err(Fault::new(&reason::REPLAYED, "the assertion was used before").into())
        }
        Err(failed) => Err(store_failed(failed)),
    }
}

/// What a token has to be to authenticate a client, besides what every foreign
/// token has to be. It costs no arithmetic, and comes before any.
///
/// # Errors
/// A [`Fault`] for the first check that does not hold.
pub(super) fn check(
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    client: PlatformClient<'_>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    if claims.sub != client.token.subject {
        let fault = Fault::new(
            &reason::CLIENT_SUBJECT,
            "the assertion's `sub` is not the one that authenticates this client",
        );
        let compared = format!("sub {}; expected {}", shown(&claims.sub), client.token.subject);
        return Err(fault.of_claim("sub").comparing(compared));
    }
    let [own, endpoint] = expected.audiences;
    check_audience(claims, own, endpoint, false)?;
    // No key is proven before the client is known, so a bound token would be anybody's.
    if claims.all.get("cnf").is_some() && issuer.bound_tokens != BoundTokens::Ignore {
        let message = "the assertion is bound to a key or a certificate (`cnf`), and such a token authenticates no client";
        return Err(Fault::new(&reason::BOUND_REFUSED, message).of_claim("cnf"));
    }
    let lifetime = issuer.max_token_age_seconds.unwrap_or(MAX_LIFETIME);
    if claims.exp > now.plus(lifetime.saturating_add(issuer.clock_skew_seconds)) {
        let message = format!("the assertion is valid for longer than {lifetime} seconds from now");
        let compared = format!("exp {}, now {}", claims.exp.0, now.0);
        return Err(Fault::new(&reason::TOO_LONG, message).of_claim("exp").comparing(compared));
    }
    Ok(())
}

impl Conditioned for PlatformToken {
    fn condition(&self, _list: usize, index: usize) -> String {
        self.conditions.get(index).map(super::conditions::said).unwrap_or_default()
    }
}
