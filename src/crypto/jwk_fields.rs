//! Reading and writing the members of a JWK.
//!
//! A JWK comes from the network, so its members are read here, one by one:
//! `jwt_compact::jwk::JsonWebKey` would accept a broken private half by
//! forgetting it, and would quote a broken member, secret or not, in its error.
//! Its model and its thumbprint are used the other way round, for keys that
//! passed.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::jwk::JsonWebKey;
use serde_json::Value;
use zeroize::Zeroizing;

use super::KeyProblem;

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
    let text = text(jwk, name)?;
    if text.len() > MAX_CHARS {
        return Err(KeyProblem(format!(
            "`{name}` has {} characters: expected at most {MAX_CHARS}",
            text.len()
        )));
    }
    Base64UrlUnpadded::decode_vec(text)
        .map(Zeroizing::new)
        .map_err(|_| KeyProblem(format!("`{name}` is not base64url without padding")))
}

/// The JSON of a model. Its members are strings, which `serde_json` cannot
/// refuse.
pub(super) fn to_value(model: &JsonWebKey<'_>) -> Value {
    serde_json::to_value(model).unwrap_or_default()
}

/// Adds a text member to a JWK.
pub(super) fn set(jwk: &mut Value, name: &str, text: &str) {
    if let Value::Object(members) = jwk {
        members.insert(name.to_string(), Value::String(text.to_string()));
    }
}
