//! What needs no engine: validating a token with keys at hand, making a key.

use exchequer::{Algorithm, SigningKey, Validation};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::authority::timestamp;

/// What tokens are measured against.
#[wasm_bindgen]
pub struct Validator(Validation);

#[wasm_bindgen]
impl Validator {
    /// Tokens of this issuer for these audiences, signed by a key of this JWK
    /// set (JSON text). No algorithms: every one that the key is for.
    #[wasm_bindgen(constructor)]
    pub fn new(
        jwks: &str,
        issuer: &str,
        audiences: Vec<String>,
        algorithms: Vec<String>,
        clock_skew: f64,
    ) -> Result<Self, JsError> {
        let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
        let validation = Validation::new(jwks, issuer, &audiences)?.clock_skew(clock_skew as u64);
        if algorithms.is_empty() {
            return Ok(Self(validation));
        }
        let algorithms: Option<Vec<_>> =
            algorithms.iter().map(|name| Algorithm::from_name(name)).collect();
        let algorithms = algorithms.ok_or_else(|| JsError::new("there is no such algorithm"))?;
        Ok(Self(validation.algorithms(&algorithms)))
    }

    /// The verdict on a token, as JSON.
    pub fn validate(&self, token: &str, now: f64) -> Result<String, JsError> {
        let now = timestamp(now).map_err(JsError::new)?;
        let verdict = match self.0.validate(token, now) {
            Ok(claims) => json!({ "ok": true, "claims": Value::Object(claims) }),
            Err(invalid) => json!({
                "ok": false,
                "reason": invalid.reason,
                "claim": invalid.claim,
                "message": invalid.message,
            }),
        };
        Ok(verdict.to_string())
    }
}

/// A fresh private JWK, made of 32 bytes of entropy.
#[wasm_bindgen]
pub fn generate_key(algorithm: &str, entropy: &[u8]) -> Result<String, JsError> {
    let algorithm = Algorithm::from_name(algorithm)
        .ok_or_else(|| JsError::new("there is no such algorithm"))?;
    let entropy = entropy.try_into().map_err(|_| JsError::new("entropy is 32 bytes"))?;
    Ok(SigningKey::generate(algorithm, entropy)?.to_jwk().to_string())
}
