//! Proofs that the sender of a request has a private key (RFC 9449): what a
//! proof must be, for which request it counts, and that it counts once.
//!
//! What a proven key means for tokens is decided in `exchange`.

mod nonce;
mod uri;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub(crate) use self::nonce::Nonces;
use crate::crypto::{Algorithm, AlgorithmSet, FAPI, PublicKey};
use crate::host::{Host, Outcome};
use crate::jose::{self, Jws, Object, Parts};
use crate::reason::{self, Fault};
use crate::refusal::{Denial, store_failed};
use crate::step::{Failed, Write};
use crate::storage::replay::{self, Minter};
use crate::time::Timestamp;

/// The algorithms that proofs may be signed with, as they are announced. Every
/// client has one of them; PKCS #1 v1.5 is left out.
pub(crate) const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// Seconds that a proof counts after it was made.
const MAX_AGE: u64 = 60;
/// Leeway for the client's clock, in seconds.
const SKEW: u64 = 30;

/// Members of a JWK that hold a private key or a shared secret.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A DPoP proof as it came, and the request that it came with (RFC 9449 section
/// 4). It is checked when the request is decided.
#[derive(Clone)]
pub struct DpopProof {
    jwt: String,
    method: Cow<'static, str>,
    /// `None`: the token endpoint.
    url: Option<String>,
    /// The access token that it came with, where a gateway exchanges that token.
    token: Option<String>,
}

impl DpopProof {
    /// The value of the `DPoP` header field of a request with this method, to
    /// this URL as the client sees it.
    #[must_use]
    pub fn new(jwt: impl Into<String>, method: &str, url: impl Into<String>) -> Self {
        Self {
            jwt: jwt.into(),
            method: Cow::Owned(method.into()),
            url: Some(url.into()),
            token: None,
        }
    }

    /// The value of the `DPoP` header field of a token request.
    #[must_use]
    pub fn of_token_request(jwt: impl Into<String>) -> Self {
        Self { jwt: jwt.into(), method: Cow::Borrowed("POST"), url: None, token: None }
    }

    /// The proof by the sender of a request with this access token, which came through a
    /// gateway. It is not the gateway's own.
    pub(crate) fn of_presenter(self, token: &str) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// Whether it is the proof of somebody whose request a gateway passes on.
    pub(crate) fn is_of_presenter(&self) -> bool {
        self.token.is_some()
    }
}

impl core::fmt::Debug for DpopProof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DpopProof(…)")
    }
}

/// What the sender of a request proved.
#[derive(Clone, Debug, Default)]
pub(crate) enum Proven {
    /// No key.
    #[default]
    Nothing,
    /// That it has the private half of the key with this thumbprint.
    Key(Arc<str>),
    /// That the sender of a request through a gateway has that key. It is the one
    /// of the token, or of nobody: anybody can make a key.
    Presenter(Arc<str>),
    /// Nobody proves anything in a rehearsal: the sender has whatever key is
    /// needed, which is this one as soon as it is known.
    Assumed(Option<Arc<str>>),
}

impl Proven {
    /// The thumbprint of the key.
    pub(crate) fn key(&self) -> Option<&Arc<str>> {
        match self {
            Self::Nothing => None,
            Self::Key(jkt) | Self::Presenter(jkt) => Some(jkt),
            Self::Assumed(jkt) => jkt.as_ref(),
        }
    }
}

/// A proof that passed every check. It is spent with what it is used for.
pub(crate) struct Checked {
    /// The thumbprint of its key (RFC 7638).
    pub(crate) jkt: Arc<str>,
    /// The nonce that it names.
    pub(crate) nonce: Option<String>,
    /// The write that spends it.
    pub(crate) spend: Write,
}

/// What a proof has to agree with.
pub(crate) struct Expected<'a> {
    /// The URL of the token endpoint.
    pub(crate) token_endpoint: &'a str,
    /// Its URL for clients with a certificate, where that is another.
    pub(crate) alias: Option<&'a str>,
    /// The access token that the proof comes with.
    pub(crate) access_token: Option<&'a str>,
    /// Only what FAPI 2.0 allows may have signed it.
    pub(crate) is_fapi: bool,
    /// The nonces that count, where one is required.
    pub(crate) nonces: Option<&'a Nonces>,
}

/// Checks a proof. Everything that costs no arithmetic comes first.
///
/// # Errors
/// [`Denial`] for the first check of section 4.3 that does not hold.
pub(crate) async fn check(
    host: &Host,
    proof: &DpopProof,
    expected: &Expected<'_>,
) -> Result<Checked, Denial> {
    let told_of = |fault| told(several(&proof.jwt).unwrap_or(fault));
    let parts = Parts::of(&proof.jwt).map_err(told_of)?;
    let known = host.proof_keys.find(parts.header);
    let (jws, key) = read(parts, known.clone()).map_err(told_of)?;
    if expected.is_fapi && !FAPI.contains(&jws.alg) {
        let allowed = FAPI.map(Algorithm::name).join(", ");
        let message = format!("its `alg` must be one of {allowed} for this client");
        return Err(told(Fault::new(&reason::ALG_NOT_ALLOWED, message)).into());
    }
    let claims = Claims::parse(&jws.claims).map_err(told)?;
    claims.check_request(proof, expected).map_err(told)?;
    claims.check_time(host.now).map_err(told)?;
    let access_token = expected.access_token.or(proof.token.as_deref());
    check_access_token(&jws.claims, access_token).map_err(told)?;
    let nonce = jws.claims.text("nonce").map(Cow::into_owned);
    if let Some(nonces) = expected.nonces {
        check_nonce(nonces, nonce.as_deref(), host.now)?;
    }
    let keys = [key];
    if host.verify_once(&jws, &keys).await?.is_none() {
        return Err(told(jose::rejected(&jws)).into());
    }
    let [key] = keys;
    if known.is_none() {
        host.proof_keys.keep(parts.header, jws.alg, &key);
    }
    let jkt = key.shared_thumbprint();
    let until = claims.iat.plus(MAX_AGE + SKEW);
    let spend = replay::write(&host.entropy, Minter::Key(&jkt), &claims.jti, until);
    Ok(Checked { jkt, nonce, spend })
}

/// Checks that a proof names a nonce that was made here lately.
///
/// # Errors
/// A [`Fault`] when it names none, or another one.
pub(crate) fn check_nonce(
    nonces: &Nonces,
    nonce: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    nonces.check(nonce, now).map_err(told)
}

/// Spends a proof by itself. A host without a store cannot tell that a proof
/// comes again: there it counts for as long as it is fresh.
///
/// # Errors
/// [`Denial`] when it was used before, or when the store fails.
pub(crate) async fn spend(host: &Host, spend: Write) -> Result<(), Denial> {
    match host.commit(alloc::vec![spend]).await {
        Ok(Outcome::Committed) | Err(Failed::Unsupported) => Ok(()),
        Ok(Outcome::Conflict) => Err(replayed().into()),
        Err(failed) => Err(store_failed(failed)),
    }
}

/// The fault of a proof that was used before.
pub(crate) fn replayed() -> Fault {
    told(Fault::new(&reason::REPLAYED, "it was used before"))
}

/// The names of the algorithms, as a challenge lists them (section 7.1).
pub(crate) fn algorithm_names() -> String {
    ALGORITHMS.map(Algorithm::name).join(" ")
}

/// Says that the fault is in the proof.
fn told(fault: Fault) -> Fault {
    Fault { message: format!("the DPoP proof: {}", fault.message), ..fault }
}

/// "There is not more than one DPoP HTTP request header field" (section 4.3). A
/// comma is how servers join several; a JWT with one in it cannot be read.
fn several(jwt: &str) -> Option<Fault> {
    let fault = || Fault::new(&reason::PROOF_SEVERAL, "the request has more than one");
    jwt.contains(',').then(fault)
}

/// Reads a proof and its key; the header is read unless it is known what it says.
fn read(
    parts: Parts<'_>,
    known: Option<(Algorithm, Arc<PublicKey>)>,
) -> Result<(Jws<'_>, Arc<PublicKey>), Fault> {
    if let Some((alg, key)) = known {
        return Ok((parts.read_all_but_header(alg)?, key));
    }
    let (jws, header) = parts.read()?;
    let key = key(&jws, &header)?;
    Ok((jws, Arc::new(key)))
}

/// The public key in the header, which signed the proof.
fn key(jws: &Jws<'_>, header: &Object) -> Result<PublicKey, Fault> {
    if jws.typ.as_deref() != Some("dpop+jwt") {
        return Err(Fault::new(&reason::TYP_MISMATCH, "its `typ` is not `dpop+jwt`"));
    }
    if !AlgorithmSet::of(&ALGORITHMS).contains(jws.alg) {
        let message = format!("its `alg` must be one of {}", algorithm_names());
        return Err(Fault::new(&reason::ALG_NOT_ALLOWED, message));
    }
    let unusable = |why: &str| Fault::new(&reason::PROOF_KEY, format!("its `jwk` {why}"));
    let jwk = header.get("jwk").ok_or_else(|| unusable("is missing"))?;
    let members = jwk.members().ok_or_else(|| unusable("is not an object"))?;
    if PRIVATE.into_iter().any(|name| members.get(name).is_some()) {
        return Err(unusable("has a private key in it"));
    }
    let key = PublicKey::from_jwk(&jwk.value())
        .map_err(|problem| unusable(&format!("is no usable public key: {problem}")))?;
    if !key.fits(jws.alg) {
        return Err(unusable("does not fit its `alg`"));
    }
    Ok(key)
}

/// The claims that every proof has (section 4.2).
struct Claims<'a> {
    jti: Cow<'a, str>,
    htm: Cow<'a, str>,
    htu: Cow<'a, str>,
    iat: Timestamp,
    nbf: Option<Timestamp>,
    exp: Option<Timestamp>,
}

impl<'a> Claims<'a> {
    fn parse(claims: &'a Object) -> Result<Self, Fault> {
        let required = |name: &'static str| {
            let missing = || {
                Fault::new(&reason::CLAIM_MISSING, format!("its claim `{name}` is missing"))
                    .of_claim(name)
            };
            let value = claims.get(name).ok_or_else(missing)?;
            value.text().filter(|text| !text.is_empty()).ok_or_else(|| {
                let message = format!("its claim `{name}` is not a string, or empty");
                Fault::new(&reason::CLAIM_TYPE, message).of_claim(name)
            })
        };
        let iat = jose::date(claims, "iat")?.ok_or_else(|| {
            Fault::new(&reason::CLAIM_MISSING, "its claim `iat` is missing").of_claim("iat")
        })?;
        Ok(Self {
            jti: required("jti")?,
            htm: required("htm")?,
            htu: required("htu")?,
            iat,
            nbf: jose::date(claims, "nbf")?,
            exp: jose::date(claims, "exp")?,
        })
    }

    /// "The htm claim matches the HTTP method of the current request. The htu
    /// claim matches the HTTP URI value for the HTTP request in which the JWT
    /// was received, ignoring any query and fragment parts" (section 4.3).
    fn check_request(&self, proof: &DpopProof, expected: &Expected<'_>) -> Result<(), Fault> {
        if self.htm != proof.method {
            let message = format!("its `htm` is not the method of the request, `{}`", proof.method);
            return Err(Fault::new(&reason::PROOF_METHOD, message).of_claim("htm"));
        }
        let url = proof.url.as_deref().unwrap_or(expected.token_endpoint);
        let alias = expected.alias.filter(|_| proof.url.is_none());
        if !uri::same(&self.htu, url) && !alias.is_some_and(|url| uri::same(&self.htu, url)) {
            let message = format!("its `htu` is not the URL of the request, `{url}`");
            let fault = Fault::new(&reason::PROOF_URL, message).of_claim("htu");
            return Err(fault.comparing(format!("htu {}", crate::audit::shown(&self.htu))));
        }
        Ok(())
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Fault> {
        let fault = |reason, claim, message: &str| Err(Fault::new(reason, message).of_claim(claim));
        if now.plus(SKEW) < self.iat {
            return fault(&reason::ISSUED_IN_FUTURE, "iat", "it was made in the future");
        }
        if now.since(self.iat) > MAX_AGE + SKEW {
            return fault(&reason::TOO_OLD, "iat", "it was made more than a minute ago");
        }
        if self.nbf.is_some_and(|nbf| now.plus(SKEW) < nbf) {
            return fault(&reason::NOT_YET, "nbf", "it is not valid yet");
        }
        if self.exp.is_some_and(|exp| now >= exp.plus(SKEW)) {
            return fault(&reason::EXPIRED, "exp", "it has expired");
        }
        Ok(())
    }
}

/// "When presented to a protected resource in conjunction with an access token
/// [...] the value of the ath claim equals the hash of that access token"
/// (section 4.3).
fn check_access_token(claims: &Object, access_token: Option<&str>) -> Result<(), Fault> {
    let Some(token) = access_token else { return Ok(()) };
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(token));
    if claims.text("ath").as_deref() == Some(&*hash) {
        return Ok(());
    }
    let message = "its `ath` is not the SHA-256 hash of the access token";
    Err(Fault::new(&reason::PROOF_ATH, message).of_claim("ath"))
}
