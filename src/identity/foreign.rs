//! A foreign token, from its bytes to claims that may be believed: every
//! check on it, in order (RFC 8693 section 2.1, RFC 7523 section 3, RFC 8725).

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::issuers::Issuers;
use super::jwks::Health;
use super::key_states::LastCount;
use super::keys::KeyDirectory;
use super::platform_token::{self, SPIFFE};
use super::purpose::{Added, PlatformClient, Purpose};
use super::signature::{self, Keyring};
use super::supplied::{SuppliedKeys, SupplyKeysError};
use super::{audience, conditions, id_jag, kind};
use crate::audit::{Detail, Named, Trace};
use crate::config::{Config, ReplayProtection, TrustedTokenIssuer, conditions_digest};
use crate::host::{Fetched, Host};
use crate::jose::{Claims, JwkSet, Jws};
use crate::reason::{self, Fault};
use crate::refusal::Denial;
use crate::step::{Answer, Write};
use crate::storage::replay::{self, Minter};
use crate::time::Timestamp;
use crate::token_type::TokenType;

/// What a foreign token is measured against.
pub(crate) struct Expected<'a> {
    /// The parameter that carried it: `subject_token`.
    pub(crate) role: &'static str,
    pub(crate) kind: TokenType,
    pub(crate) purpose: Purpose<'a>,
    /// The names of this server that count as its audience: its issuer identifier
    /// and its token endpoint.
    pub(crate) audiences: [&'a str; 2],
    /// Oldest `iat`, in seconds, for issuers that do not say.
    pub(crate) max_age: u64,
}

/// A foreign token that passed every check.
pub(crate) struct ForeignToken {
    pub(crate) issuer: Arc<TrustedTokenIssuer>,
    pub(crate) claims: Claims,
    /// The digest of the conditions that it fulfilled.
    pub(crate) conditions: String,
    /// Until when its age and its keys are known to count, whatever its `exp`.
    pub(crate) settled_until: Timestamp,
    /// The write that spends it, for an issuer whose tokens count once: goes
    /// into the batch that keeps what is issued for it.
    pub(crate) spend: Option<Write>,
}

/// The trusted token issuers, and what is known of their keys.
pub(crate) struct Trust {
    pub(crate) issuers: Issuers,
    pub(crate) keys: Arc<KeyDirectory>,
    supplied: Arc<SuppliedKeys>,
    pub(super) counted: LastCount,
}

impl Trust {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            issuers: Issuers::of(config),
            keys: Arc::default(),
            supplied: Arc::default(),
            counted: LastCount::default(),
        }
    }

    /// Other issuers, with the keys that are known already.
    pub(super) fn with_issuers(&self, issuers: Issuers) -> Self {
        Self {
            issuers,
            keys: Arc::clone(&self.keys),
            supplied: Arc::clone(&self.supplied),
            counted: LastCount::default(),
        }
    }

    /// Forgets the keys that were supplied for an issuer.
    pub(super) fn forget_supplied(&self, issuer: &TrustedTokenIssuer) {
        self.keys.note(self.supplied.forget(issuer));
    }

    /// Takes over what somebody else fetched from this URL at that time.
    pub(crate) fn seed_cache(&self, url: &str, answer: Answer, at: Timestamp) {
        let Answer::Fetched { status: 200, cache_control, body, .. } = answer else { return };
        let fetched = Fetched { status: 200, cache_control, location: None, body };
        for issuer in self.issuers.of_document() {
            if let Some(origin) = keyring(issuer).origin() {
                self.keys.seed(&origin, url, &fetched, at);
            }
        }
    }

    /// Takes over the keys of an issuer from the host.
    pub(crate) fn supply_keys(
        &self,
        issuer: &str,
        jwks: &[u8],
        now: Timestamp,
    ) -> Result<(), SupplyKeysError> {
        let unknown = || SupplyKeysError::UnknownIssuer { issuer: issuer.into() };
        let trusted = self.issuers.known(issuer, now).ok_or_else(unknown)?;
        let keys = JwkSet::parse(jwks).map_err(|why| SupplyKeysError::NotAKeySet { why })?;
        self.keys.note(self.supplied.put(&trusted, keys));
        if let Some(origin) = keyring(&trusted).origin() {
            self.keys.idle(&origin);
        }
        Ok(())
    }

    /// How the fetched keys of an issuer are doing; `None` when they are not
    /// fetched, but configured or supplied by the host.
    pub(crate) fn key_health(&self, issuer: &TrustedTokenIssuer, now: Timestamp) -> Option<Health> {
        if self.supplied.of(issuer).is_some() {
            return None;
        }
        keyring(issuer).origin().map(|origin| self.keys.health(&origin, now))
    }

    /// Makes every check on a foreign token, noting each in the trace. `named`
    /// becomes the name of the issuer as soon as that is found.
    ///
    /// # Errors
    /// [`Denial`] for the first check that does not hold or cannot be made.
    pub(crate) async fn validate(
        &self,
        host: &Host,
        trace: &mut Trace,
        jws: Jws<'_>,
        expected: &Expected<'_>,
        named: &mut Option<String>,
    ) -> Result<ForeignToken, Denial> {
        let Expected { role, purpose, .. } = *expected;
        kind::check_typ(&jws, expected)?;
        trace.pass(role, "header", Detail::Header { alg: jws.alg.name(), kid: jws.kid.clone() });

        let all = jws.claims.clone();
        let mut claims = match purpose {
            Purpose::Client(PlatformClient { trust_domain: Some(issuer), .. }) => {
                Claims::of_issuer(all, issuer)?
            }
            _ => Claims::parse(all)?,
        };
        kind::check_claims(&claims, expected.kind)?;
        trace.pass(role, "claims", Detail::None);

        let issuer = self.issuers.enabled(host, &claims.iss).await?;
        let Added { conditions: added, of, place, listed } =
            purpose.added(&issuer.id).ok_or_else(|| purpose.not_allowed(&issuer))?;
        if let Purpose::Client(client) = purpose {
            platform_token::check(&claims, &issuer, client, expected, host.now)?;
        }
        *named = Some(issuer.name.clone());
        trace.pass(role, "issuer", Detail::Name("", issuer.clone(), ""));

        // The algorithm comes from the policy; the token only has to agree,
        // and before anything is fetched for it.
        if !issuer.algorithms.contains(&jws.alg) {
            return Err(algorithm_not_allowed(&jws, &issuer).into());
        }
        trace.pass(role, "algorithm", Detail::Words([jws.alg.name(), "", ""]));

        let supplied = self.supplied.of(&issuer);
        let source = supplied.as_deref().unwrap_or(&issuer.keys);
        let keyring = Keyring { source, ..keyring(&issuer) };
        let signature = signature::check(host, &self.keys, &keyring, &jws).await;
        let signature = signature
            .map_err(|denial| audience::beside(denial, &claims, &issuer, listed, expected))?;
        trace.pass(role, "signature", signature.detail);

        // A limit that the operator set is not lifted by leaving `iat` out.
        if issuer.max_token_age_seconds.is_some() && claims.iat.is_none() {
            let message = "the token's claim `iat` is missing, and its age is limited";
            return Err(Fault::new(&reason::CLAIM_MISSING, message).of_claim("iat").into());
        }
        let max_age = issuer.max_token_age_seconds.unwrap_or(expected.max_age);
        claims.check_time(host.now, issuer.clock_skew_seconds, Some(max_age))?;
        trace.pass(role, "claim.exp", Detail::seconds(claims.exp.since(host.now), " s left"));

        audience::check(&claims, &issuer, listed, expected)?;
        if let Purpose::IdentityGrant(application) = purpose {
            id_jag::check(&claims, &application.client_id, &issuer, listed)?;
        }
        trace.pass(role, "claim.aud", Detail::Audience(core::mem::take(&mut claims.aud)));

        let own = |index| Detail::Condition(issuer.clone(), 0, index);
        conditions::check(&issuer.conditions, &claims.all, role, trace, own)?;
        let of_application = |index| Detail::Condition(Arc::clone(&of), place, index);
        conditions::check(added, &claims.all, role, trace, of_application)?;

        let spend = once(host, &issuer, &claims, expected.purpose)?;
        let conditions = conditions_digest(&issuer, added);
        let settled_until = signature.until.min(too_old_at(&issuer, &claims, max_age));
        Ok(ForeignToken { issuer, claims, conditions, settled_until, spend })
    }
}

/// When the token is older than its issuer allows.
fn too_old_at(issuer: &TrustedTokenIssuer, claims: &Claims, max_age: u64) -> Timestamp {
    let age = max_age.saturating_add(issuer.clock_skew_seconds).saturating_add(1);
    claims.iat.map_or(Timestamp(u64::MAX), |iat| iat.plus(age))
}

impl Named for TrustedTokenIssuer {
    fn name(&self) -> &str {
        &self.name
    }
}

/// Where the keys of an issuer are.
pub(crate) fn keyring(issuer: &TrustedTokenIssuer) -> Keyring<'_> {
    Keyring {
        source: &issuer.keys,
        timeout_ms: issuer.read_timeout_ms,
        danger_allow_http: issuer.danger_allow_http,
        // A token that counts once does not come again.
        repeating: (issuer.replay_protection == ReplayProtection::Off).then_some(&*issuer.id),
        svids_only: issuer.issuer.starts_with(SPIFFE),
    }
}

fn algorithm_not_allowed(jws: &Jws<'_>, issuer: &TrustedTokenIssuer) -> Fault {
    let allowed: Vec<_> = issuer.algorithms.iter().map(|alg| alg.name()).collect();
    let message =
        format!("tokens of `{}` may not be signed with `{}`", issuer.name, jws.alg.name());
    Fault::new(&reason::ALG_NOT_ALLOWED, message).comparing(format!(
        "{}; allowed: {}",
        jws.alg,
        allowed.join(", ")
    ))
}

/// Each (issuer, `jti`) counts once, until the token has expired. Whether it
/// does is decided when something is issued for it, so that a request that
/// fails for another reason has not spent its token.
fn once(
    host: &Host,
    issuer: &TrustedTokenIssuer,
    claims: &Claims,
    purpose: Purpose<'_>,
) -> Result<Option<Write>, Fault> {
    let counts_once = match purpose {
        Purpose::IdentityGrant(_) => issuer.id_jags_count_once,
        _ => issuer.replay_protection == ReplayProtection::Jti,
    };
    if !counts_once {
        return Ok(None);
    }
    let Some(jti) = &claims.jti else {
        let message = "tokens of this issuer count once, and this one has no `jti`";
        return Err(Fault::new(&reason::NO_JTI, message));
    };
    let until = claims.exp.plus(issuer.clock_skew_seconds);
    Ok(Some(replay::write(&host.entropy, Minter::Issuer(&issuer.issuer), jti, until)))
}
