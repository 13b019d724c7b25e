//! An issued token, verified with the keys that the engine publishes.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::{Algorithm, PublicKey, Verdict};
use serde_json::Value;

pub(crate) struct Issued {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// Header and claims, if one of these keys signed them.
pub(crate) fn verified(token: &str, jwks: &Value) -> Result<Issued, String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err("the issued token is no compact JWS".into());
    };
    let (signed, _) = token.rsplit_once('.').unwrap_or_default();
    let header: Value = serde_json::from_slice(&decoded(header)?).map_err(|e| e.to_string())?;
    let claims: Value = serde_json::from_slice(&decoded(claims)?).map_err(|e| e.to_string())?;

    let keys = jwks["keys"].as_array().ok_or("the published key set has no `keys`")?;
    let jwk = keys.iter().find(|jwk| jwk["kid"] == header["kid"]);
    let jwk = jwk.ok_or("the issued token's `kid` is not published")?;
    if jwk.get("d").is_some() {
        return Err("a private key is published".into());
    }
    let algorithm = header["alg"].as_str().and_then(Algorithm::from_name).ok_or("no `alg`")?;
    let key = PublicKey::from_jwk(jwk).map_err(|problem| problem.to_string())?;
    match key.verify(algorithm, signed.as_bytes(), &decoded(signature)?) {
        Verdict::Accept => Ok(Issued { header, claims }),
        Verdict::Reject => Err("the issued token's signature is bad".into()),
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, String> {
    Base64UrlUnpadded::decode_vec(part).map_err(|error| error.to_string())
}
