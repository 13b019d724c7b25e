//! The numbers behind a public key, and the checks they pass before there is
//! a key: those of RSA are in `rsa_checks`, those of curve points here.
//!
//! Making a key is cheap: RSA is two integers and some small divisions, an
//! elliptic-curve point one check of the curve equation, an Ed25519 point one
//! square root. Nothing is precomputed that only a verification in the engine
//! would need, since the host may be the one who verifies.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use rsa::BoxedUint;
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use x509_cert::der::asn1::{Any, BitString, Null, ObjectIdentifier};
use x509_cert::der::{self, Decode, Encode};
use x509_cert::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

use super::jwk_fields::RequiredMembers;
use super::{Algorithm, AlgorithmSet, KeyProblem, ranges, rsa_checks};

/// RFC 3279 section 2.3.1.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 4055 section 1.2.
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480 section 2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A curve of RFC 7518 section 6.2.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Octets of a coordinate, and of a scalar.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// RFC 5480 section 2.1.1.1.
    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self, KeyProblem> {
        Self::ALL
            .into_iter()
            .find(|curve| curve.name() == name)
            .ok_or_else(|| "`crv` of an `EC` key is not `P-256`, `P-384` or `P-521`".into())
    }
}

/// A public key as its arithmetic wants it.
#[derive(Clone)]
pub(super) enum Material {
    Rsa(Box<rsa::PublicKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl Material {
    /// From modulus and exponent, big-endian.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyProblem> {
        let (n, e) = rsa_checks::check_rsa(n, e)?;
        rsa::PublicKey::new(BoxedUint::from_be_slice_vartime(n), BoxedUint::from(e))
            .map(|key| Self::Rsa(Box::new(key)))
            .map_err(|error| KeyProblem(format!("not a usable RSA key: {error}")))
    }

    /// "The length of this octet string MUST be the full size of a coordinate"
    /// (RFC 7518 section 6.2.1.2).
    pub(super) fn ec_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyProblem> {
        for (name, coordinate) in [("x", x), ("y", y)] {
            if coordinate.len() != curve.size() {
                return Err(KeyProblem(format!(
                    "`{name}` has {} octets: expected {} on {}",
                    coordinate.len(),
                    curve.size(),
                    curve.name()
                )));
            }
        }
        Self::ec_point(curve, &[&[4], x, y].concat())
    }

    /// From a SEC 1 point, compressed or not (RFC 5480 section 2.2). The tag is
    /// checked here because the point at infinity and the "compact" form are
    /// not for keys.
    fn ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyProblem> {
        let key = match (point.first(), curve) {
            (Some(2..=4), Curve::P256) => p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(|key| Self::P256(Box::new(key))),
            (Some(2..=4), Curve::P384) => p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(|key| Self::P384(Box::new(key))),
            (Some(2..=4), Curve::P521) => p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(|key| Self::P521(Box::new(key))),
            _ => None,
        };
        key.ok_or_else(|| KeyProblem(format!("the point is not on the curve {}", curve.name())))
    }

    /// From the 32 octets of RFC 8032 section 5.1.5. Points of small order are
    /// refused, since nearly any signature is good under them, and so are
    /// second spellings of a point.
    pub(super) fn ed25519(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| {
            KeyProblem(format!("the Ed25519 key has {} octets: expected 32", bytes.len()))
        })?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map_err(|_| KeyProblem::from("the Ed25519 key is not a point of the curve"))?;
        if key.is_weak() {
            return Err("the Ed25519 key is a point of small order".into());
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err("the Ed25519 key is not in canonical form".into());
        }
        Ok(Self::Ed25519(Box::new(key)))
    }

    /// The RSA key in DER of PKCS #1 (RFC 8017 appendix A.1.1).
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, KeyProblem> {
        let key = rsa::pkcs1::RsaPublicKeyRef::from_der(der)
            .map_err(|_| KeyProblem::from("the `RSAPublicKey` cannot be read"))?;
        Self::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    pub(super) fn from_spki(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<Self, KeyProblem> {
        let unreadable = || KeyProblem::from("the `subjectPublicKey` cannot be read");
        let bytes = spki.subject_public_key.as_bytes().ok_or_else(unreadable)?;
        match spki.algorithm.oid {
            RSA_ENCRYPTION => Self::from_pkcs1(bytes),
            RSASSA_PSS => Err("the RSA key is limited to PSS by its own parameters: \
                 expected an `rsaEncryption` key"
                .into()),
            EC_PUBLIC_KEY => {
                let oid = spki.algorithm.parameters_oid().ok();
                let curve = Curve::ALL.into_iter().find(|curve| Some(curve.oid()) == oid);
                let curve = curve.ok_or("the curve is not P-256, P-384 or P-521")?;
                Self::ec_point(curve, bytes)
            }
            ED25519 => Self::ed25519(bytes),
            other => {
                Err(KeyProblem(format!("the key is of type {other}: expected RSA, EC or Ed25519")))
            }
        }
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::P256(_) => "P-256",
            Self::P384(_) => "P-384",
            Self::P521(_) => "P-521",
            Self::Ed25519(_) => "Ed25519",
        }
    }

    /// The algorithms that such a key serves.
    pub(super) const fn algorithms(&self) -> AlgorithmSet {
        use Algorithm::{ES256, ES384, ES512, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        AlgorithmSet::of(match self {
            Self::Rsa(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
            Self::P256(_) => &[ES256],
            Self::P384(_) => &[ES384],
            Self::P521(_) => &[ES512],
            Self::Ed25519(_) => &[EdDSA],
        })
    }

    /// Whether a signature has the right length and its numbers are in range.
    pub(super) fn bounds(&self, signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => ranges::rsa(signature, key.n()),
            Self::P256(_) => ranges::ecdsa(signature, &ranges::P256_ORDER),
            Self::P384(_) => ranges::ecdsa(signature, &ranges::P384_ORDER),
            Self::P521(_) => ranges::ecdsa(signature, &ranges::P521_ORDER),
            Self::Ed25519(_) => ranges::ed25519(signature),
        }
    }

    /// The public members of its JWK.
    pub(super) fn required_members(&self) -> RequiredMembers {
        let ec = |curve: Curve, point: &[u8]| {
            // The tag, then two coordinates of one size.
            let coordinates = point.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at_checked(curve.size()).unwrap_or_default();
            RequiredMembers::ec(curve.name(), x, y)
        };
        match self {
            Self::Rsa(key) => RequiredMembers::rsa(&key.n_bytes(), &key.e_bytes()),
            Self::P256(key) => ec(Curve::P256, key.to_sec1_point(false).as_bytes()),
            Self::P384(key) => ec(Curve::P384, key.to_sec1_point(false).as_bytes()),
            Self::P521(key) => ec(Curve::P521, key.to_sec1_point(false).as_bytes()),
            Self::Ed25519(key) => RequiredMembers::ed25519(key.as_bytes()),
        }
    }

    /// DER `SubjectPublicKeyInfo`. Writing it to memory fails only for lengths
    /// no key has.
    pub(super) fn to_spki_der(&self) -> Vec<u8> {
        self.spki().and_then(|spki| spki.to_der()).unwrap_or_default()
    }

    fn spki(&self) -> der::Result<SubjectPublicKeyInfo<Any, BitString>> {
        let (oid, parameters, key) = match self {
            Self::Rsa(key) => {
                let key = key.to_pkcs1_der().map_err(|_| der::Tag::Sequence.value_error())?;
                (RSA_ENCRYPTION, Some(Any::encode_from(&Null)?), key.into_vec())
            }
            Self::P256(key) => ec_spki(Curve::P256, key.to_sec1_point(false).as_bytes())?,
            Self::P384(key) => ec_spki(Curve::P384, key.to_sec1_point(false).as_bytes())?,
            Self::P521(key) => ec_spki(Curve::P521, key.to_sec1_point(false).as_bytes())?,
            Self::Ed25519(key) => (ED25519, None, key.as_bytes().to_vec()),
        };
        Ok(SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier { oid, parameters },
            subject_public_key: BitString::from_bytes(&key)?,
        })
    }
}

type SpkiParts = (ObjectIdentifier, Option<Any>, Vec<u8>);

fn ec_spki(curve: Curve, point: &[u8]) -> der::Result<SpkiParts> {
    Ok((EC_PUBLIC_KEY, Some(Any::encode_from(&curve.oid())?), point.to_vec()))
}
