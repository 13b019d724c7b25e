//! An issuer that signs whatever a test wants it to say.

use base64ct::{Base64UrlUnpadded, Encoding};
use exchequer::SigningKey;
use serde_json::{Value, json};

use super::fixtures;
use super::start::NOW;

pub(crate) const IDP: &str = "https://idp.example";

/// A token of the issuer about its subject `x-1`, which says this as well, and
/// that the issuer verified its addresses. Its key is `idp-es256`.
pub(crate) fn foreign(more: &Value) -> String {
    let mut claims = json!({ "email_verified": true, "phone_number_verified": true });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    unvouched(&claims)
}

/// The same of an issuer that does not say whether it verified an address.
pub(crate) fn unvouched(more: &Value) -> String {
    let mut claims = json!({
        "iss": IDP, "sub": "x-1", "aud": "https://sts.example",
        "iat": NOW - 10, "exp": NOW + 600,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let header = json!({ "alg": "ES256", "kid": "idp-es256", "typ": "JWT" });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let key = SigningKey::from_jwk(&fixtures::key("idp-es256")).unwrap();
    let signature = key.sign(signed.as_bytes(), &[7; 32]).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}
