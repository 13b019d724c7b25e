//! Client secrets: made here or chosen by the caller, shown once in the reply
//! to the call that set them, kept as a hash.

use alloc::string::String;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;
use zeroize::Zeroizing;

use super::body::is_public;
use crate::crypto::SecretHash;
use crate::host::Host;
use crate::http::Reply;
use crate::storage::resources::Object;

/// Whether the application proves by a secret who it is.
pub(super) fn is_needed(object: &Object) -> bool {
    let kind = object.document.get("type").and_then(Value::as_str);
    let has_keys = ["jwks", "jwksUri"].iter().any(|name| object.document.contains_key(*name));
    let assertion = object.document.get("clientAssertion");
    let has_issuer = assertion.is_some_and(|assertion| assertion.get("issuer").is_some());
    let mtls = object.document.get("mtls").and_then(Value::as_object);
    let has_certificate = mtls.is_some_and(|mtls| mtls.keys().any(|name| name != "required"));
    !is_public(kind) && !has_keys && !has_issuer && !has_certificate
}

/// Says in the view of an application that was changed, for the audit log, that it has
/// another secret. Nothing else would tell that the old one stopped working.
pub(in crate::admin) fn note(was: &Object, is: &Object, view: &mut Value) {
    if let (true, Value::Object(members)) = (is.secret.is_some() && is.secret != was.secret, view) {
        members.insert("secretChanged".into(), true.into());
    }
}

/// Gives the application the secret that was chosen, or a new one if it has
/// none and needs one. The secret that was set.
pub(in crate::admin) fn settle(
    host: &Host,
    object: &mut Object,
    chosen: Option<Zeroizing<String>>,
) -> Option<Zeroizing<String>> {
    if !is_needed(object) {
        object.secret = None;
        return None;
    }
    if chosen.is_none() && object.secret.is_some() {
        return None;
    }
    let secret = chosen.unwrap_or_else(|| made(host));
    let salt = host.entropy.identifier("client secret salt");
    object.secret = Some(SecretHash::new(salt, &secret));
    Some(secret)
}

/// Stands for a secret that is not made yet, where it only matters that there
/// will be one.
pub(super) fn to_come() -> SecretHash {
    SecretHash::new("", "")
}

/// 256 random bits.
fn made(host: &Host) -> Zeroizing<String> {
    let drawn = Zeroizing::new(host.entropy.draw("client secret"));
    Zeroizing::new(Base64UrlUnpadded::encode_string(&*drawn))
}

/// The reply with the secret in it, if one was set. It must not reach the
/// audit log: what is noted there is the view without it.
pub(super) fn reply(status: u16, mut view: Value, secret: Option<Zeroizing<String>>) -> Reply {
    if let (Some(secret), Value::Object(members)) = (secret, &mut view) {
        members.insert("clientSecret".into(), secret.as_str().into());
    }
    Reply::json(status, &view)
}
