//! Key sets that come and go through the API hold public keys. A private one
//! that somebody took for such must not be kept, nor shown.

use alloc::format;

use serde_json::Value;

use crate::config::Problem;

/// Of RSA, of EC and OKP, and of symmetric keys (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What is wrong with a key set of which a key has private members.
pub(super) fn private_key(at: &str, jwks: Option<&Value>) -> Option<Problem> {
    let keys = jwks?.get("keys")?.as_array()?;
    let has = |key: &Value, name: &str| key.get(name).is_some_and(|value| !value.is_null());
    let index = keys.iter().position(|key| PRIVATE.iter().any(|name| has(key, name)))?;
    Some(Problem::new(
        format!("{at}.keys[{index}]"),
        "the key has private members",
        "send the public key, and replace this one, which is no longer secret",
    ))
}

/// Takes the private members of keys away.
pub(super) fn without_private_members(jwks: &mut Value) {
    let keys = jwks.get_mut("keys").and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten() {
        if let Value::Object(members) = key {
            members.retain(|name, _| !PRIVATE.contains(&name.as_str()));
        }
    }
}
