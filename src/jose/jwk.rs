//! JWK sets (RFC 7517): the keys in them that can be used, and why not the others.
//!
//! A set is read with some patience, because sets are written by hand and by
//! many programs. What a key *is* is checked strictly, in `crypto`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde_json::Value;

use crate::audit::printable;
use crate::crypto::thumbprint::Thumbprints;
use crate::crypto::{Algorithm, PublicKey};

/// Longest set that is read, in bytes: servers publish old keys with their
/// certificates.
pub(crate) const MAX_SET_BYTES: u32 = 512 * 1024;
/// Most keys of one set that are looked at.
const MAX_KEYS: usize = 500;
/// The `use` of keys for JWT-SVIDs.
const JWT_SVID: &str = "jwt-svid";
/// Most keys that are named when it is said which are broken.
const MAX_NAMED: usize = 3;

/// A usable public key with what its JWK says of its use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Jwk {
    /// Its name, if it has one.
    pub(crate) kid: Option<Arc<str>>,
    /// The one algorithm it is for, if it says so.
    pub(crate) alg: Option<Algorithm>,
    /// Of its certificate, if it has one.
    pub(crate) thumbprints: Thumbprints,
    pub(crate) key: Arc<PublicKey>,
    /// Its `use` is `jwt-svid`.
    pub(crate) is_svid: bool,
}

impl Jwk {
    /// Whether the key may verify this algorithm: by type, curve and `alg`.
    pub(crate) fn fits(&self, alg: Algorithm) -> bool {
        self.key.fits(alg) && self.alg.is_none_or(|own| own == alg)
    }
}

/// A member of a set that is not used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Skipped {
    /// Its place in the set, from 0.
    index: usize,
    kid: Option<String>,
    why: Why,
}

/// Why a member of a set is not used.
#[derive(Clone, Debug, PartialEq)]
enum Why {
    /// It is a good key, as far as is known, for something else.
    OtherPurpose(String),
    Broken(String),
    /// It comes after the last member that is looked at.
    TooMany,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.index)?;
        if let Some(kid) = &self.kid {
            write!(f, " (`kid` `{}`)", printable(kid))?;
        }
        let link = if self.why == Why::TooMany { "" } else { ":" };
        write!(f, "{link} {}", self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherPurpose(why) | Self::Broken(why) => f.write_str(why),
            Self::TooMany => {
                write!(f, "and those after it: only the first {MAX_KEYS} keys are read")
            }
        }
    }
}

/// The usable keys of a JWK set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JwkSet {
    pub(crate) keys: Vec<Jwk>,
    /// The unusable ones. "Implementations SHOULD ignore JWKs within a JWK Set
    /// that use "kty" (key type) values that are not understood by them, that
    /// are missing required members, or for which values are out of the supported ranges"
    /// (RFC 7517 section 5).
    pub(crate) skipped: Vec<Skipped>,
    /// Those among them that somebody should mend, in words.
    broken: Option<Arc<str>>,
    /// After how many seconds a SPIFFE bundle should be fetched again
    /// (`spiffe_refresh_hint`, SPIFFE Trust Domain and Bundle section 4.1.2).
    pub(crate) refresh_hint: Option<u64>,
}

impl JwkSet {
    /// The set in a JSON document.
    ///
    /// # Errors
    /// A phrase that says why it is no JWK set: "is not JSON".
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() > MAX_SET_BYTES as usize {
            return Err(format!("is longer than {} KiB", MAX_SET_BYTES / 1024));
        }
        Self::from_value(&document_json(json)?)
    }

    /// The set in a JSON value.
    ///
    /// # Errors
    /// A phrase that says why it is no JWK set.
    pub(crate) fn from_value(document: &Value) -> Result<Self, String> {
        let members = document.get("keys").and_then(Value::as_array);
        let members = members.ok_or_else(|| no_set(document).to_string())?;
        let refresh_hint = document.get("spiffe_refresh_hint").and_then(Value::as_u64);
        let mut set = Self { refresh_hint, ..Self::default() };
        for (index, jwk) in members.iter().enumerate().take(MAX_KEYS) {
            match usable(jwk) {
                Ok(key) => set.keys.push(key),
                Err(why) => {
                    let kid = jwk.get("kid").and_then(Value::as_str).map(Into::into);
                    set.skipped.push(Skipped { index, kid, why });
                }
            }
        }
        if members.len() > MAX_KEYS {
            set.skipped.push(Skipped { index: MAX_KEYS, kid: None, why: Why::TooMany });
        }
        let broken = set.skipped.iter().filter(|one| !matches!(one.why, Why::OtherPurpose(_)));
        set.broken = listed(broken).map(Into::into);
        Ok(set)
    }

    /// The keys that somebody should mend, in words; `None` when there are none.
    pub(crate) fn broken(&self) -> Option<Arc<str>> {
        self.broken.clone()
    }

    /// Why the key of this name is not used, if it is in the set.
    pub(crate) fn why_skipped(&self, kid: &str) -> Option<String> {
        let is_it = |one: &&Skipped| one.kid.as_deref() == Some(kid);
        self.skipped.iter().find(is_it).map(|one| one.why.to_string())
    }

    /// Whether there are more keys in it than are read.
    pub(crate) fn is_beyond_limit(&self) -> bool {
        self.skipped.last().is_some_and(|one| one.why == Why::TooMany)
    }

    /// Every key that is not used, in words; `None` when there are none.
    pub(crate) fn unused(&self) -> Option<String> {
        listed(self.skipped.iter())
    }
}

/// The first few of these, and how many more there are.
fn listed<'a>(all: impl Iterator<Item = &'a Skipped> + Clone) -> Option<String> {
    let named: Vec<String> = all.clone().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = all.count() - named.len();
    match (named.len(), more) {
        (0, _) => None,
        (_, 0) => Some(named.join("; ")),
        (_, more) => Some(format!("{}; and {more} more", named.join("; "))),
    }
}

/// The JSON of a document. "Implementations that parse JSON texts MAY ignore
/// the presence of a byte order mark rather than treating it as an error" (RFC
/// 8259 section 8.1).
///
/// # Errors
/// A phrase that says what the document is instead.
pub(crate) fn document_json(bytes: &[u8]) -> Result<Value, String> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|_| {
        match bytes.trim_ascii_start() {
            [] => "is empty",
            [b'<', ..] => "is not JSON but HTML or XML",
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is UTF-16, and JSON has to be UTF-8",
            [0x1f, 0x8b, ..] => "is compressed with gzip, and no `Content-Encoding` says so",
            [b'e', b'y', b'J', ..] => {
                "is not JSON but a JWT: a key set that is signed or encrypted is not supported"
            }
            text if text.starts_with(b"-----BEGIN ") => {
                "is not JSON but PEM: give it as `certificate.certificates`"
            }
            _ => "is not JSON",
        }
        .into()
    })
}

/// What a document without a list `keys` was most likely taken for.
fn no_set(document: &Value) -> &'static str {
    if document.get("jwks_uri").is_some() {
        "is not a JWK set but a discovery document: its `jwks_uri` is the URL of the set"
    } else if are_certificates(document) {
        "is not a JWK set but certificates by name, as Google has them at `/oauth2/v1/certs`: expected the URL of a JWK set, such as `/oauth2/v3/certs`"
    } else if document.get("kty").is_some() {
        "is not a JWK set but a single key: expected `{\"keys\": [ … ]}` around it"
    } else {
        "is not a JWK set: it has no list `keys`"
    }
}

/// Whether every member is a certificate in PEM.
fn are_certificates(document: &Value) -> bool {
    let is_one =
        |value: &Value| value.as_str().is_some_and(|text| text.contains("BEGIN CERTIFICATE"));
    document.as_object().is_some_and(|all| !all.is_empty() && all.values().all(is_one))
}

/// A member that is there and not `null`, which many writers put for nothing.
fn member<'a>(jwk: &'a Value, name: &str) -> Option<&'a Value> {
    jwk.get(name).filter(|value| !value.is_null())
}

/// A member that must be text, if it is there.
fn text<'a>(jwk: &'a Value, name: &str) -> Result<Option<&'a str>, Why> {
    match member(jwk, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Why::Broken(format!("its `{name}` is not a string"))),
    }
}

fn usable(jwk: &Value) -> Result<Jwk, Why> {
    check_purpose(jwk)?;
    let alg = match text(jwk, "alg")? {
        None => None,
        Some(name) => {
            let unknown = || {
                let name = printable(name);
                Why::OtherPurpose(format!("its `alg` is `{name}`, which signs no token here"))
            };
            Some(Algorithm::from_name(name).ok_or_else(unknown)?)
        }
    };
    let kid = text(jwk, "kid")?.map(Into::into);
    let key = PublicKey::from_jwk(jwk).map_err(|problem| Why::Broken(problem.to_string()))?;
    if alg.is_some_and(|alg| !key.fits(alg)) {
        return Err(Why::Broken("its `alg` does not fit its `kty` or `crv`".into()));
    }
    let is_svid = text(jwk, "use")?.is_some_and(|usage| usage.eq_ignore_ascii_case(JWT_SVID));
    Ok(Jwk { kid, alg, thumbprints: thumbprints(jwk), key: Arc::new(key), is_svid })
}

/// Whether the key is one for signatures (RFC 7517 sections 4.2 and 4.3). A
/// SPIFFE bundle says `jwt-svid` of those for tokens, and `x509-svid` of
/// others (SPIFFE Trust Domain and Bundle section 4.2.2).
fn check_purpose(jwk: &Value) -> Result<(), Why> {
    let is_for_tokens =
        |usage: &str| ["sig", JWT_SVID].iter().any(|wanted| usage.eq_ignore_ascii_case(wanted));
    if let Some(usage) = text(jwk, "use")?.filter(|usage| !is_for_tokens(usage)) {
        return Err(Why::OtherPurpose(format!("its `use` is `{}`, not `sig`", printable(usage))));
    }
    match member(jwk, "key_ops") {
        None => Ok(()),
        Some(Value::Array(all)) if all.is_empty() || all.iter().any(|one| one == "verify") => {
            Ok(())
        }
        Some(Value::Array(_)) => {
            Err(Why::OtherPurpose("its `key_ops` does not include `verify`".into()))
        }
        Some(_) => Err(Why::Broken("its `key_ops` is not a list".into())),
    }
}

/// Those of the certificate that the JWK names or has. One that cannot be read
/// does not spoil the key, which is beside it.
fn thumbprints(jwk: &Value) -> Thumbprints {
    let text = |name| member(jwk, name).and_then(Value::as_str);
    let chain = member(jwk, "x5c").and_then(Value::as_array);
    let own = chain.and_then(|chain| chain.first()).and_then(Value::as_str);
    Thumbprints::named(text("x5t"), text("x5t#S256"))
        .or(own.map(Thumbprints::of_x5c).unwrap_or_default())
}

#[cfg(test)]
mod tests;
