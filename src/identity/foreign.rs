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
use super::signature::{self, Keyring};
use super::supplied::{SuppliedKeys, SupplyKeysError};
use super::{conditions, id_jag};
use crate::audit::{Conditioned, Detail, Named, Trace, shown};
use crate::config::{
    Application, Condition, Config, IssuerGrant, PlatformToken, ReplayProtection,
    TrustedTokenIssuer, conditions_digest,
};
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

/// What a foreign token is for. An application lists the issuers whose tokens it may
/// present.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// It is exchanged (RFC 8693).
    Exchange(&'a Arc<Application>),
    /// It is exchanged for a grant for another server, which is about who signed in
    /// at this client and at no other one.
    IdJag(&'a Arc<Application>),
    /// It is an authorization grant (RFC 7523 section 2.1).
    Grant(&'a Arc<Application>),
    /// The same, and an identity assertion grant.
    IdentityGrant(&'a Arc<Application>),
    /// It authenticates a client (RFC 7523 section 2.2).
    Client(PlatformClient<'a>),
}

/// The client that a foreign token is to authenticate.
#[derive(Clone, Copy)]
pub(crate) struct PlatformClient<'a> {
    pub(crate) token: &'a Arc<PlatformToken>,
    /// The trust domain, for a JWT-SVID: its claim `iss` is not looked at.
    pub(crate) trust_domain: Option<&'a str>,
}

/// What comes to an issuer's own rules when its token is for this purpose.
struct Added<'a> {
    conditions: &'a [Condition],
    /// Who says these conditions, and at which place of its issuers.
    of: Arc<dyn Conditioned>,
    place: usize,
    /// The entry of the application's list.
    listed: Option<&'a IssuerGrant>,
}

impl<'a> Purpose<'a> {
    /// The application that presents the token, unless that is what it is to prove.
    fn application(self) -> Option<&'a Arc<Application>> {
        match self {
            Self::Exchange(one)
            | Self::IdJag(one)
            | Self::Grant(one)
            | Self::IdentityGrant(one) => Some(one),
            Self::Client(_) => None,
        }
    }

    /// What is added for the issuer with this id; `None` when its tokens are not for
    /// this purpose.
    fn added(self, issuer: &str) -> Option<Added<'a>> {
        if let Self::Client(PlatformClient { token, .. }) = self {
            let of = Arc::clone(token) as _;
            let added = Added { conditions: &token.conditions, of, place: 0, listed: None };
            return (token.issuer == issuer).then_some(added);
        }
        let application = self.application()?;
        let mut listed = application.trusted_token_issuers.iter().enumerate();
        let (place, listed) = listed.find(|(_, listed)| listed.issuer == issuer)?;
        let of = Arc::clone(application) as _;
        Some(Added { conditions: &listed.conditions, of, place, listed: Some(listed) })
    }
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
    pub(super) fn forget_supplied(&self, issuer: &str) {
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
        self.keys.note(self.supplied.put(issuer, keys));
        if let Some(origin) = keyring(&trusted).origin() {
            self.keys.idle(&origin);
        }
        Ok(())
    }

    /// How the fetched keys of an issuer are doing; `None` when they are not
    /// fetched, but configured or supplied by the host.
    pub(crate) fn key_health(&self, issuer: &TrustedTokenIssuer, now: Timestamp) -> Option<Health> {
        if self.supplied.of(&issuer.issuer).is_some() {
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
        mut jws: Jws<'_>,
        expected: &Expected<'_>,
        named: &mut Option<String>,
    ) -> Result<ForeignToken, Denial> {
        let Expected { role, purpose, .. } = *expected;
        check_typ(&jws, expected)?;
        trace.pass(role, "header", Detail::Header { alg: jws.alg.name(), kid: jws.kid.clone() });

        let all = core::mem::take(&mut jws.claims);
        let mut claims = match purpose {
            Purpose::Client(PlatformClient { trust_domain: Some(issuer), .. }) => {
                Claims::of_issuer(all, issuer)?
            }
            _ => Claims::parse(all)?,
        };
        check_kind(&claims, expected.kind)?;
        trace.pass(role, "claims", Detail::None);

        let issuer = self.issuers.enabled(host, &claims.iss).await?;
        let Added { conditions: added, of, place, listed } =
            purpose.added(&issuer.id).ok_or_else(|| not_allowed(&issuer, purpose))?;
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

        let supplied = self.supplied.of(&issuer.issuer);
        let source = supplied.as_deref().unwrap_or(&issuer.keys);
        let keyring = Keyring { source, ..keyring(&issuer) };
        let signature = signature::check(host, &self.keys, &keyring, &jws).await;
        let signature = signature
            .map_err(|denial| of_other_audience(denial, &claims, &issuer, listed, expected))?;
        trace.pass(role, "signature", signature.detail);

        // A limit that the operator set is not lifted by leaving `iat` out.
        if issuer.max_token_age_seconds.is_some() && claims.iat.is_none() {
            let message = "the token's claim `iat` is missing, and its age is limited";
            return Err(Fault::new(&reason::CLAIM_MISSING, message).of_claim("iat").into());
        }
        let max_age = issuer.max_token_age_seconds.unwrap_or(expected.max_age);
        claims.check_time(host.now, issuer.clock_skew_seconds, Some(max_age))?;
        trace.pass(role, "claim.exp", Detail::seconds(claims.exp.since(host.now), " s left"));

        check_audience(&claims, &issuer, listed, expected)?;
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

/// The fault of a token whose issuer is trusted, and not for this.
fn not_allowed(issuer: &TrustedTokenIssuer, purpose: Purpose<'_>) -> Fault {
    let name = &issuer.name;
    match purpose {
        Purpose::Client(_) => Fault::new(
            &reason::CLIENT_ISSUER,
            format!("tokens of `{name}` do not authenticate this client"),
        ),
        _ => Fault::new(
            &reason::ISSUER_NOT_ALLOWED,
            format!("the application may not exchange tokens of `{name}`"),
        ),
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

/// The `typ` header, if there is one, agrees with the declared kind
/// (RFC 8725 section 3.11, RFC 9068 section 4).
fn check_typ(jws: &Jws<'_>, expected: &Expected<'_>) -> Result<(), Fault> {
    let Some(typ) = &jws.typ else { return Ok(()) };
    let typ = typ.to_ascii_lowercase();
    let agrees = match typ.strip_prefix("application/").unwrap_or(&typ) {
        id_jag::TYP => matches!(expected.purpose, Purpose::IdentityGrant(_)),
        "jwt" | "jose" => true,
        // An access token is for the API that it was issued for, and nobody
        // may sign in with it elsewhere (RFC 8725 section 3.12).
        "client-authentication+jwt" => matches!(expected.purpose, Purpose::Client(_)),
        "at+jwt" if matches!(expected.purpose, Purpose::Client(_)) => {
            let message = "the assertion is an access token, which authenticates no client";
            return Err(
                Fault::new(&reason::TYP_MISMATCH, message).comparing("its `typ` is `at+jwt`")
            );
        }
        "at+jwt" if matches!(expected.purpose, Purpose::Grant(_) | Purpose::IdentityGrant(_)) => {
            let message = "the assertion is an access token; have the issuer issue an assertion, or exchange the access token with the token exchange grant";
            return Err(
                Fault::new(&reason::TYP_MISMATCH, message).comparing("its `typ` is `at+jwt`")
            );
        }
        "at+jwt" => expected.kind != TokenType::IdToken,
        _ => false,
    };
    if agrees {
        Ok(())
    } else {
        Err(of_another_kind(&format!("its `typ` is `{}`", shown(&typ)), expected.kind))
    }
}

/// Claims by which providers that set no `typ` tell their tokens apart: those
/// only an ID token has (OpenID Connect Core section 2), and the payload's own
/// `typ` (Keycloak) and `token_use` (Cognito).
fn check_kind(claims: &Claims, kind: TokenType) -> Result<(), Fault> {
    let claims = &claims.all;
    let own_kind = |name: &'static str| claims.text(name).map(|kind| (name, kind));
    let own = own_kind("typ").or_else(|| own_kind("token_use"));
    let is = |kinds: &[&str]| {
        let (name, own) = own.as_ref()?;
        let is = kinds.iter().any(|kind| own.eq_ignore_ascii_case(kind));
        is.then(|| format!("its claim `{name}` is `{}`", shown(own)))
    };
    let has = |names: &[&str]| {
        let name = names.iter().find(|name| claims.get(name).is_some())?;
        Some(format!("it has the claim `{name}`"))
    };
    // Logout and security event tokens have `events` (RFC 8417 section 2.2).
    let confused =
        has(&["events"]).or_else(|| is(&["refresh", "offline", "logout"])).or_else(|| match kind {
            TokenType::Jwt | TokenType::IdJag => None,
            TokenType::AccessToken => is(&["id"]).or_else(|| has(&["at_hash", "c_hash", "nonce"])),
            TokenType::IdToken => is(&["access", "bearer"]),
            // Foreign refresh tokens are not accepted at all.
            TokenType::RefreshToken => Some("another issuer made it".into()),
        });
    confused.map_or(Ok(()), |seen| Err(of_another_kind(&seen, kind)))
}

fn of_another_kind(seen: &str, kind: TokenType) -> Fault {
    let declared = match kind {
        TokenType::Jwt => "a JWT to be exchanged",
        TokenType::IdToken => "an ID token",
        TokenType::AccessToken => "an access token",
        TokenType::RefreshToken => "a refresh token",
        TokenType::IdJag => "an identity assertion grant",
    };
    let message = format!("the token is declared as {declared}, and is not: {seen}");
    Fault::new(&reason::TYP_MISMATCH, message).comparing(seen)
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

/// The denial of a token whose key or signature is wrong, with the audience where
/// that is another one as well: it may just be the wrong token.
fn of_other_audience(
    denial: Denial,
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
    expected: &Expected<'_>,
) -> Denial {
    let Denial::Fault(fault) = denial else { return denial };
    let Err(audience) = check_audience(claims, issuer, listed, expected) else {
        return fault.into();
    };
    let details = [fault.detail, audience.detail];
    let detail = details.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if fault.reason == &reason::SIGNATURE {
        let message = "the token's signature was rejected, and the token is not meant for this server: its `aud` is another";
        let fault = Fault::new(&reason::SIGNATURE_OTHER_AUDIENCE, message);
        return fault.of_claim("aud").comparing(detail).into();
    }
    Fault { detail: Some(detail), ..fault }.into()
}

/// "The JWT MUST contain an aud claim containing a value that identifies the
/// authorization server as an intended audience" (RFC 7523 section 3).
fn check_audience(
    claims: &Claims,
    issuer: &TrustedTokenIssuer,
    listed: Option<&IssuerGrant>,
    expected: &Expected<'_>,
) -> Result<(), Fault> {
    // That of a client's token was checked before anything was fetched for it.
    if matches!(expected.purpose, Purpose::Client(_)) {
        return Ok(());
    }
    let [own_issuer, _] = expected.audiences;
    if matches!(expected.purpose, Purpose::IdentityGrant(_)) {
        return id_jag::check_audience(claims, own_issuer);
    }
    if expected.kind == TokenType::IdToken {
        let own_name = listed.and_then(|listed| listed.client_id.as_deref());
        match own_name.filter(|name| claims.aud.iter().any(|aud| aud == name)) {
            Some(own_name) => return check_authorized_party(claims, own_name),
            None if matches!(expected.purpose, Purpose::IdJag(_)) => {
                return Err(other_client(claims, own_name));
            }
            None => {}
        }
    }
    let ours = |aud: &String| {
        expected.audiences.contains(&aud.as_str()) || issuer.alias.as_ref() == Some(aud)
    };
    if claims.aud.iter().any(ours) {
        return Ok(());
    }
    let compared = format!(
        "aud {}; expected one of {}{}{}",
        shown(&claims.aud.join(" ")),
        expected.audiences.join(", "),
        if issuer.alias.is_some() { ", " } else { "" },
        issuer.alias.as_deref().unwrap_or_default(),
    );
    Err(match &issuer.alias {
        None => Fault::new(
            &reason::AUD_NO_ALIAS,
            format!(
                "the token's audience does not include the issuer of this server, and no alias has been configured for `{}`",
                issuer.name
            ),
        ),
        Some(alias) => Fault::new(
            &reason::AUD_MISMATCH,
            format!("None of the audience values matched the token endpoint alias {alias}"),
        ),
    }
    .of_claim("aud")
    .comparing(compared))
}

/// "If an azp (authorized party) Claim is present, the Client SHOULD verify that
/// its Client ID is the Claim Value" (OpenID Connect Core section 3.1.3.7).
fn check_authorized_party(claims: &Claims, own_name: &str) -> Result<(), Fault> {
    let party = claims.all.get("azp");
    if party.is_none_or(|party| party.text().as_deref() == Some(own_name)) {
        return Ok(());
    }
    Err(other_client(claims, Some(own_name)))
}

/// The ID token tells of a sign-in at another client.
fn other_client(claims: &Claims, own_name: Option<&str>) -> Fault {
    let message = match own_name {
        Some(_) => "the ID token was not issued to this application, as the issuer calls it",
        None => {
            "the ID token cannot be told to be one of this application, because it has no `clientId` at this issuer"
        }
    };
    Fault::new(&reason::AUD_OTHER_CLIENT, message).of_claim("aud").comparing(format!(
        "aud {}; expected {}",
        shown(&claims.aud.join(" ")),
        own_name.unwrap_or("(none)")
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
