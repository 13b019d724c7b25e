//! JWK sets (RFC 7517): the keys in them that can be used, and why not the others.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::Value;

use crate::crypto::{Algorithm, PublicKey};

/// Most keys of one set that are looked at.
const MAX_KEYS: usize = 100;

/// A usable public key with what its JWK says of its use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Jwk {
    /// Its name, if it has one.
    pub(crate) kid: Option<String>,
    /// The one algorithm it is for, if it says so.
    pub(crate) alg: Option<Algorithm>,
    pub(crate) key: Arc<PublicKey>,
}

impl Jwk {
    /// Whether the key may verify this algorithm: by type, curve and `alg`.
    pub(crate) fn fits(&self, alg: Algorithm) -> bool {
        self.key.fits(alg) && self.alg.is_none_or(|own| own == alg)
    }
}

/// The usable keys of a JWK set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JwkSet {
    pub(crate) keys: Vec<Jwk>,
    /// Why each unusable key is unusable. "A broken key in the set does not
    /// spoil the others" (RFC 7517 section 5: implementations SHOULD ignore
    /// JWKs they do not understand).
    pub(crate) skipped: Vec<String>,
}

impl JwkSet {
    /// The set in a JSON document.
    ///
    /// # Errors
    /// A sentence that says why it is no JWK set.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let document: Value =
            serde_json::from_slice(json).map_err(|_| "the document is not JSON".to_string())?;
        Self::from_value(&document)
    }

    /// The set in a JSON value.
    ///
    /// # Errors
    /// A sentence that says why it is no JWK set.
    pub(crate) fn from_value(document: &Value) -> Result<Self, String> {
        let members = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("the document has no array `keys`")?;
        let mut set = Self::default();
        for (index, jwk) in members.iter().take(MAX_KEYS).enumerate() {
            match usable(jwk) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.skipped.push(alloc::format!("key {index}: {why}")),
            }
        }
        Ok(set)
    }
}

fn usable(jwk: &Value) -> Result<Jwk, String> {
    match jwk.get("use") {
        None => {}
        Some(Value::String(usage)) if usage == "sig" => {}
        Some(_) => return Err("its `use` is not `sig`".into()),
    }
    if let Some(operations) = jwk.get("key_ops") {
        let verifies =
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"));
        if !verifies {
            return Err("its `key_ops` does not include `verify`".into());
        }
    }
    let alg = match jwk.get("alg") {
        None => None,
        Some(Value::String(name)) => {
            Some(Algorithm::from_name(name).ok_or("its `alg` is not one that is supported")?)
        }
        Some(_) => return Err("its `alg` is not a string".into()),
    };
    let kid = match jwk.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.clone()),
        Some(_) => return Err("its `kid` is not a string".into()),
    };
    let key = PublicKey::from_jwk(jwk).map_err(|problem| problem.to_string())?;
    if let Some(alg) = alg
        && !key.fits(alg)
    {
        return Err("its `alg` does not fit its type".into());
    }
    Ok(Jwk { kid, alg, key: Arc::new(key) })
}
