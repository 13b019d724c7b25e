//! Validating a token without asking anybody: the caller brings the keys.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value};

use crate::crypto::{Algorithm, KeyProblem, Verdict};
use crate::jose::{Claims, Jwk, JwkSet, Jws, candidates, rejected};
use crate::reason::{self, Fault};
use crate::time::Timestamp;

/// What a token is measured against.
#[derive(Clone, Debug)]
pub struct Validation {
    keys: JwkSet,
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    clock_skew_seconds: u64,
}

/// Why a token is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The reason code: `claim.exp.expired`. See [`reason::ALL`](crate::reason::ALL).
    pub reason: &'static str,
    /// The claim at fault, if it is one.
    pub claim: Option<&'static str>,
    /// One sentence for a person; never holds the token.
    pub message: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.reason)
    }
}

impl core::error::Error for Invalid {}

impl From<Fault> for Invalid {
    fn from(fault: Fault) -> Self {
        Self { reason: fault.reason.code, claim: fault.claim, message: fault.message }
    }
}

impl Validation {
    /// Tokens of `issuer` for any of `audiences`, signed by a key of this JWK
    /// set (JSON text) with any asymmetric algorithm that the key is for, with
    /// 30 seconds of leeway for clocks.
    ///
    /// # Errors
    /// [`KeyProblem`] when the text is no JWK set or no key in it is usable.
    pub fn new(jwks: &str, issuer: &str, audiences: &[&str]) -> Result<Self, KeyProblem> {
        let keys = JwkSet::parse(jwks.as_bytes())
            .map_err(|why| KeyProblem(alloc::format!("the document {why}")))?;
        if keys.keys.is_empty() {
            let why = keys.unused().unwrap_or_else(|| "it is empty".into());
            return Err(KeyProblem(alloc::format!("no key in the JWK set is usable: {why}")));
        }
        Ok(Self {
            keys,
            issuer: issuer.into(),
            audiences: audiences.iter().map(|audience| (*audience).into()).collect(),
            algorithms: Algorithm::ALL.to_vec(),
            clock_skew_seconds: 30,
        })
    }

    /// The same, for these algorithms only.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// The same with this leeway for clocks, in seconds.
    #[must_use]
    pub fn clock_skew(mut self, seconds: u64) -> Self {
        self.clock_skew_seconds = seconds;
        self
    }

    /// The claims of a token, if it is valid at `now`: signed by one of the
    /// keys, of this issuer, for one of these audiences, and in its time.
    ///
    /// # Errors
    /// [`Invalid`] for the first check that does not hold.
    pub fn validate(&self, token: &str, now: Timestamp) -> Result<Map<String, Value>, Invalid> {
        let jws = Jws::parse(token)?;
        let claims = Claims::parse(jws.claims.clone())?;
        if claims.iss != self.issuer {
            let message = alloc::format!("the token is not one of `{}`", self.issuer);
            return Err(Fault::new(&reason::ISSUER_UNKNOWN, message).of_claim("iss").into());
        }
        if !self.algorithms.contains(&jws.alg) {
            let message = "the token is signed with an algorithm that is not allowed";
            return Err(Fault::new(&reason::ALG_NOT_ALLOWED, message).into());
        }
        let accepts = |jwk: &Jwk| {
            jwk.key.verify(jws.alg, jws.signing_input(), &jws.signature) == Verdict::Accept
        };
        if !candidates(&self.keys, &jws)?.into_iter().any(accepts) {
            return Err(rejected(&jws).into());
        }
        claims.check_time(now, self.clock_skew_seconds, None)?;
        if !claims.aud.iter().any(|aud| self.audiences.contains(aud)) {
            let message = "the token is not for this audience";
            return Err(Fault::new(&reason::AUD_MISMATCH, message).of_claim("aud").into());
        }
        Ok(claims.all.to_map())
    }
}
