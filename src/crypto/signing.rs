//! The keys of this server: private keys (RFC 7518 section 6, RFC 8037), and what they
//! publish.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use rsa::BoxedUint;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use serde_json::Value;
use zeroize::Zeroizing;

use super::drbg::Draws;
use super::key_params::{Curve, Material};
use super::{Algorithm, KeyProblem, PublicKey, jwk_fields};

/// A private key with its algorithm and name. Its secret is wiped on drop and
/// never shown by `Debug`.
///
/// ```
/// use exchequer::{Algorithm, SigningKey};
///
/// // The 32 bytes come from a cryptographic random source, and nobody else.
/// let key = SigningKey::generate(Algorithm::ES256, &[7; 32])?;
/// assert_eq!(key.public_jwk()["use"], "sig");
/// assert!(key.public_jwk().get("d").is_none());
/// assert_eq!(SigningKey::from_jwk(&key.to_jwk())?.kid(), key.kid());
/// # Ok::<(), exchequer::KeyProblem>(())
/// ```
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    public: Arc<PublicKey>,
    /// `None`: the host has it, in a device that does not give it out.
    secret: Option<Secret>,
}

/// The secret as its arithmetic wants it. Every variant wipes its numbers on drop;
/// of an RSA key, `qi` and the intermediate values of `rsa` are not wiped.
pub(super) enum Secret {
    Rsa(Box<rsa::PrivateKey>),
    P256(Box<p256::ecdsa::SigningKey>),
    P384(Box<p384::ecdsa::SigningKey>),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    /// The key of a private JWK. `alg` may be left out where the key type
    /// implies it (EC, OKP; RSA means RS256); `kid` defaults to the thumbprint.
    ///
    /// # Errors
    /// [`KeyProblem`] for a JWK that is malformed, weak or without its
    /// private part, or whose `alg` does not fit it.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyProblem> {
        let public = PublicKey::from_jwk(jwk)?;
        let is_with_host = is_with_host(jwk)?;
        if !is_with_host && jwk.get("d").is_none() {
            return Err("`d` is missing: expected a private key, and this is a public one; write \
                 `\"private\": \"host\"` if the host signs with a key that it does not give out"
                .into());
        }
        may_sign(jwk)?;
        let algorithm = algorithm(jwk, &public)?;
        let kid = match jwk_fields::optional_text(jwk, "kid")? {
            Some("") => return Err("`kid` is empty".into()),
            Some(kid) => String::from(kid),
            None => String::from(public.thumbprint()),
        };
        let secret = match is_with_host {
            true => None,
            false => Some(Secret::from_jwk(jwk, public.material())?),
        };
        Ok(Self { kid, algorithm, public: Arc::new(public), secret })
    }

    /// A fresh key for ES256, ES384, ES512 or EdDSA from 32 bytes of entropy;
    /// its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyProblem`] for an algorithm that is not made here (RSA).
    pub fn generate(algorithm: Algorithm, entropy: &[u8; 32]) -> Result<Self, KeyProblem> {
        let mut draws = Draws::new("signing key", &[algorithm.name().as_bytes(), entropy]);
        // A candidate is refused when it is no scalar of the group: about every
        // 2^32nd for P-256. Sixty-four in a row do not happen.
        let secret =
            (0..64).find_map(|_| Secret::draw(algorithm, &mut draws)).ok_or_else(|| {
                KeyProblem(format!(
                    "a key for {algorithm} is not made here: expected ES256, ES384, ES512 or EdDSA"
                ))
            })?;
        let public = PublicKey::of(secret.public());
        let kid = public.thumbprint().into();
        Ok(Self { kid, algorithm, public: Arc::new(public), secret: Some(secret) })
    }

    /// Its name in the `kid` header.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> &Arc<PublicKey> {
        &self.public
    }

    /// Whether the host has its private half, and every signature of it is asked for.
    #[must_use]
    pub fn is_with_host(&self) -> bool {
        self.secret.is_none()
    }

    pub(super) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// The private JWK, with `kid` and `alg`: a secret. Of a key whose private half
    /// the host has, `"private": "host"` stands in its place.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let mut jwk = self.public.to_jwk();
        match &self.secret {
            Some(secret) => secret.add_to(&mut jwk),
            None => jwk_fields::set(&mut jwk, PRIVATE, WITH_HOST),
        }
        self.named(jwk)
    }

    /// The public JWK for publication, with `kid`, `alg` and `use`.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.named(self.public.to_jwk());
        jwk_fields::set(&mut jwk, "use", "sig");
        jwk
    }

    /// A secret for this purpose, which everybody who has the key can derive, and
    /// from which nobody can derive the key; `None` when the host has the key.
    pub(crate) fn derived(&self, purpose: &str) -> Option<[u8; 32]> {
        let mut jwk = Value::Object(serde_json::Map::new());
        self.secret.as_ref()?.add_to(&mut jwk);
        let d = match jwk.get_mut("d").map(Value::take) {
            Some(Value::String(d)) => Zeroizing::new(d),
            _ => Zeroizing::default(),
        };
        let mut octets = [0; 32];
        Draws::new(purpose, &[d.as_bytes()]).fill(&mut octets);
        Some(octets)
    }

    fn named(&self, mut jwk: Value) -> Value {
        jwk_fields::set(&mut jwk, "kid", &self.kid);
        jwk_fields::set(&mut jwk, "alg", self.algorithm.name());
        jwk
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The member of a JWK whose private half the host has, and its value.
const PRIVATE: &str = "private";
const WITH_HOST: &str = "host";

fn is_with_host(jwk: &Value) -> Result<bool, KeyProblem> {
    match jwk_fields::optional_text(jwk, PRIVATE)? {
        None => Ok(false),
        Some(WITH_HOST) if jwk.get("d").is_none() => Ok(true),
        Some(WITH_HOST) => {
            Err("`private` is `host`, and the private key is here: remove one".into())
        }
        Some(_) => Err("`private` is not `host`: there is no other place".into()),
    }
}

/// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3), where they are given.
fn may_sign(jwk: &Value) -> Result<(), KeyProblem> {
    if jwk_fields::optional_text(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return Err("`use` is not `sig`".into());
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(all)) if all.iter().any(|one| one == "sign") => Ok(()),
        Some(_) => Err("`key_ops` does not include `sign`".into()),
    }
}

fn algorithm(jwk: &Value, public: &PublicKey) -> Result<Algorithm, KeyProblem> {
    let Some(name) = jwk_fields::optional_text(jwk, "alg")? else {
        let mut all = Algorithm::ALL.into_iter();
        return all.find(|alg| public.fits(*alg)).ok_or_else(|| "`alg` is missing".into());
    };
    let algorithm = Algorithm::from_name(name)
        .ok_or("`alg` is not one that is supported: expected one such as `ES256`")?;
    if !public.fits(algorithm) {
        return Err(KeyProblem(format!("`alg` is `{algorithm}`, which does not fit the key")));
    }
    Ok(algorithm)
}

impl Secret {
    /// The private half of a JWK whose public half is this.
    fn from_jwk(jwk: &Value, public: &Material) -> Result<Self, KeyProblem> {
        let d = jwk_fields::bytes(jwk, "d")?;
        let secret = match public {
            Material::Rsa(key) => return Self::rsa(jwk, key, &d),
            Material::P256(_) => Self::scalar(Curve::P256, &d),
            Material::P384(_) => Self::scalar(Curve::P384, &d),
            Material::P521(_) => Self::scalar(Curve::P521, &d),
            Material::Ed25519(_) => Self::seed(&d),
        };
        let secret = secret.ok_or("`d` is not a private key: it has the wrong size or value")?;
        if PublicKey::of(secret.public()) != PublicKey::of(public.clone()) {
            return Err(mismatch());
        }
        Ok(secret)
    }

    fn rsa(jwk: &Value, public: &rsa::PublicKey, d: &[u8]) -> Result<Self, KeyProblem> {
        if jwk.get("oth").is_some() {
            return Err("`oth` is given: expected a key of two primes".into());
        }
        let p = secret_number(&jwk_fields::bytes(jwk, "p")?, public)?;
        let q = secret_number(&jwk_fields::bytes(jwk, "q")?, public)?;
        if p == q {
            return Err("`p` and `q` are equal".into());
        }
        // FIPS 186-5 section A.1.1: each prime has half of the bits. The
        // arithmetic takes their size from the modulus, which is public.
        let half = public.n().bit_width().div_ceil(2);
        if p.bit_width() > half || q.bit_width() > half {
            return Err("`p` and `q` are not of one length: expected primes of half of the bits \
                 of the modulus"
                .into());
        }
        // Checks that p · q = n and that d inverts e; computes dp, dq and qi
        // itself.
        let (n, e) = (public.n().as_ref().clone(), public.e().clone());
        rsa::PrivateKey::from_components(n, e, secret_number(d, public)?, alloc::vec![p, q])
            .map(|secret| Self::Rsa(Box::new(secret)))
            .map_err(|_| mismatch())
    }

    fn scalar(curve: Curve, d: &[u8]) -> Option<Self> {
        if d.len() != curve.size() {
            return None;
        }
        Some(match curve {
            Curve::P256 => Self::P256(Box::new(p256::ecdsa::SigningKey::from_slice(d).ok()?)),
            Curve::P384 => Self::P384(Box::new(p384::ecdsa::SigningKey::from_slice(d).ok()?)),
            Curve::P521 => Self::P521(Box::new(p521::ecdsa::SigningKey::from_slice(d).ok()?)),
        })
    }

    fn seed(d: &[u8]) -> Option<Self> {
        let seed = d.try_into().ok()?;
        Some(Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed))))
    }

    fn draw(algorithm: Algorithm, draws: &mut Draws) -> Option<Self> {
        let mut octets = |count: usize| {
            let mut octets = Zeroizing::new(alloc::vec![0_u8; count]);
            draws.fill(&mut octets);
            octets
        };
        let curve = match algorithm {
            Algorithm::ES256 => Curve::P256,
            Algorithm::ES384 => Curve::P384,
            Algorithm::ES512 => Curve::P521,
            Algorithm::EdDSA => return Self::seed(&octets(32)),
            _ => return None,
        };
        let mut candidate = octets(curve.size());
        // 521 bits are 66 octets with seven bits to spare.
        if let (Curve::P521, Some(first)) = (curve, candidate.first_mut()) {
            *first &= 1;
        }
        Self::scalar(curve, &candidate)
    }

    pub(super) fn public(&self) -> Material {
        match self {
            Self::Rsa(key) => Material::Rsa(Box::new(key.to_public_key())),
            Self::P256(key) => Material::P256(Box::new(*key.verifying_key())),
            Self::P384(key) => Material::P384(Box::new(*key.verifying_key())),
            Self::P521(key) => Material::P521(Box::new(*key.verifying_key())),
            Self::Ed25519(key) => Material::Ed25519(Box::new(key.verifying_key())),
        }
    }

    /// Adds the private members to a JWK of the public ones.
    fn add_to(&self, jwk: &mut Value) {
        match self {
            Self::Rsa(key) => add_rsa_parts(key, jwk),
            Self::P256(key) => add_scalar(Zeroizing::new(key.to_bytes()).as_ref(), jwk),
            Self::P384(key) => add_scalar(Zeroizing::new(key.to_bytes()).as_ref(), jwk),
            Self::P521(key) => add_scalar(Zeroizing::new(key.to_bytes()).as_ref(), jwk),
            Self::Ed25519(key) => add_scalar(key.as_bytes(), jwk),
        }
    }
}

fn mismatch() -> KeyProblem {
    "the private half of the key does not belong to its public half".into()
}

/// A part of an RSA key, in as many words as the modulus has: how long a
/// computation takes must not depend on the part.
fn secret_number(octets: &[u8], public: &rsa::PublicKey) -> Result<BoxedUint, KeyProblem> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let octets = octets.get(zeros..).unwrap_or_default();
    BoxedUint::from_be_slice(octets, public.n_bits_precision()).map_err(|_| mismatch())
}

fn add_scalar(d: &[u8], jwk: &mut Value) {
    jwk_fields::set_bytes(jwk, "d", d);
}

/// With `dp`, `dq` and `qi`: "if the producer includes any of the other private
/// key parameters, then all of the others MUST be present" (RFC 7518 section
/// 6.3.2), and WebCrypto wants them.
fn add_rsa_parts(key: &rsa::PrivateKey, jwk: &mut Value) {
    let mut add = |name, number: &BoxedUint| {
        let octets = Zeroizing::new(number.to_be_bytes_trimmed_vartime());
        jwk_fields::set_bytes(jwk, name, &octets);
    };
    add("d", key.d());
    for (name, prime) in ["p", "q"].into_iter().zip(key.primes()) {
        add(name, prime);
    }
    let parts =
        [("dp", key.dp().cloned()), ("dq", key.dq().cloned()), ("qi", key.crt_coefficient())];
    for (name, number) in parts {
        if let Some(number) = number.map(Zeroizing::new) {
            add(name, &number);
        }
    }
}
