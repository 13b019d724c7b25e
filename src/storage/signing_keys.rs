//! The signing keys that are made at first start and kept.

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::crypto::{Algorithm, SigningKey};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Write};

const KEY: &str = "signing-keys";

/// The keys in the store; a fresh ES256 key if there are none yet. Of several
/// replicas that start at once, one makes the key and the others read it.
pub(crate) async fn load_or_make(host: &Host) -> Result<Vec<Arc<SigningKey>>, Failed> {
    if let Some(record) = host.read(KEY.into()).await? {
        return parse(&record.value);
    }
    let made = SigningKey::generate(Algorithm::ES256, &host.entropy.draw("signing key"))
        .map_err(|_| Failed::Broken)?;
    let value = serde_json::to_vec(&json!({ "keys": [made.to_jwk()] }));
    let write = Write {
        key: KEY.into(),
        value: Some(value.map_err(|_| Failed::Broken)?),
        expect: Expect::Absent,
        expires_at: None,
    };
    match host.commit(alloc::vec![write]).await? {
        Outcome::Committed => Ok(alloc::vec![Arc::new(made)]),
        Outcome::Conflict => match host.read(KEY.into()).await? {
            Some(record) => parse(&record.value),
            None => Err(Failed::Broken),
        },
    }
}

/// A record that cannot be read is an error, never a reason to make a new key:
/// that would invalidate every token issued.
fn parse(value: &[u8]) -> Result<Vec<Arc<SigningKey>>, Failed> {
    let document: Value = serde_json::from_slice(value).map_err(|_| Failed::Broken)?;
    let keys = document.get("keys").and_then(Value::as_array).ok_or(Failed::Broken)?;
    let keys: Result<Vec<_>, _> =
        keys.iter().map(|jwk| SigningKey::from_jwk(jwk).map(Arc::new)).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(Failed::Broken),
    }
}
