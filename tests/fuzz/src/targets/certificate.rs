//! A certificate of an issuer, as PEM, DER or base64, and a key in JWK: taken, or
//! refused with a sentence.

use base64ct::{Base64, Encoding};
use exchequer::{Config, PublicKey, SigningKey};
use serde_json::json;

use crate::service::document;

pub(crate) fn run(bytes: &[u8]) {
    let as_it_is = String::from_utf8_lossy(bytes).into_owned();
    let der = Base64::encode_string(bytes);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    for text in [as_it_is, der, pem] {
        let document = document(&json!({ "certificates": [text] })).to_string();
        if let Err(problems) = Config::parse(&document) {
            for problem in problems.0 {
                assert!(!problem.problem.is_empty() && !problem.remedy.is_empty());
            }
        }
    }
    if let Ok(jwk) = serde_json::from_slice(bytes) {
        let _ = PublicKey::from_jwk(&jwk);
        let _ = SigningKey::from_jwk(&jwk);
    }
}
