//! Reading and writing the members of a JWK.
//!
//! A JWK comes from the network, so its members are read here, one by one. No
//! message quotes a member: it may be a secret.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::KeyProblem;
use crate::gather::gathered;

/// Longest member that is decoded, in characters. The longest a good key has
/// is 684; longer ones are read so far that their bits can be counted.
const MAX_CHARS: usize = 4096;

/// A member that must be a string.
pub(super) fn text<'a>(jwk: &'a Value, name: &str) -> Result<&'a str, KeyProblem> {
    match jwk.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(KeyProblem(format!("`{name}` is not a string"))),
        None if jwk.is_object() => Err(KeyProblem(format!("`{name}` is missing"))),
        None => Err("a JWK is a JSON object, and this is none".into()),
    }
}

/// A member that may be missing, and else must be a string.
pub(super) fn optional_text<'a>(jwk: &'a Value, name: &str) -> Result<Option<&'a str>, KeyProblem> {
    match jwk.get(name) {
        None => Ok(None),
        Some(_) => text(jwk, name).map(Some),
    }
}

/// A member that must be base64url without padding, in its one canonical
/// spelling: two spellings of one key would be two keys to a cache.
pub(super) fn bytes(jwk: &Value, name: &str) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
    let text = bounded_text(jwk, name)?;
    Base64UrlUnpadded::decode_vec(text).map(Zeroizing::new).map_err(|_| not_base64url(name))
}

/// The same of a public member, whose decoding may show in time and takes a
/// quarter of it: a proof brings its key with every request.
pub(super) fn public_bytes(jwk: &Value, name: &str) -> Result<Vec<u8>, KeyProblem> {
    URL_SAFE_NO_PAD.decode(bounded_text(jwk, name)?).map_err(|_| not_base64url(name))
}

fn bounded_text<'a>(jwk: &'a Value, name: &str) -> Result<&'a str, KeyProblem> {
    let text = text(jwk, name)?;
    if text.len() > MAX_CHARS {
        return Err(KeyProblem(format!(
            "`{name}` has {} characters: expected at most {MAX_CHARS}",
            text.len()
        )));
    }
    Ok(text)
}

fn not_base64url(name: &str) -> KeyProblem {
    KeyProblem(format!("`{name}` is not base64url without padding"))
}

/// The members of a public key that its thumbprint is made of: "the required
/// members", "ordered lexicographically" (RFC 7638 section 3). Their values are
/// names of curves and base64url, so that JSON needs no escapes for them.
pub(super) struct RequiredMembers(Vec<(&'static str, String)>);

impl RequiredMembers {
    /// Of an RSA key (RFC 7518 section 6.3.1), whose numbers have no zeros in front.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self(alloc::vec![("e", public(e)), ("kty", "RSA".into()), ("n", public(n))])
    }

    /// Of a point on an elliptic curve (RFC 7518 section 6.2.1).
    pub(super) fn ec(crv: &str, x: &[u8], y: &[u8]) -> Self {
        let names = [("crv", crv.into()), ("kty", "EC".into())];
        Self(names.into_iter().chain([("x", public(x)), ("y", public(y))]).collect())
    }

    /// Of an Ed25519 key (RFC 8037 section 2).
    pub(super) fn ed25519(x: &[u8]) -> Self {
        Self(alloc::vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", public(x))])
    }

    /// RFC 7638 SHA-256 thumbprint, base64url.
    pub(super) fn thumbprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut before = "{\"";
        for (name, value) in &self.0 {
            for text in [before, name, "\":\"", value] {
                hash.update(text);
            }
            before = "\",\"";
        }
        hash.update("\"}");
        public(&hash.finalize())
    }

    /// The JWK of these members.
    pub(super) fn into_jwk(self) -> Value {
        let members = self.0.into_iter();
        Value::Object(gathered(members.map(|(name, value)| (name.into(), Value::String(value)))))
    }
}

/// Adds a text member to a JWK.
pub(super) fn set(jwk: &mut Value, name: &str, text: &str) {
    insert(jwk, name, text.to_string());
}

/// Adds a member of octets to a JWK.
pub(super) fn set_bytes(jwk: &mut Value, name: &str, octets: &[u8]) {
    insert(jwk, name, encoded(octets));
}

fn insert(jwk: &mut Value, name: &str, text: String) {
    if let Value::Object(members) = jwk {
        members.insert(name.to_string(), Value::String(text));
    }
}

fn encoded(octets: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(octets)
}

/// Octets that are no secret.
fn public(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}
