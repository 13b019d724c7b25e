//! `POST /api/server/v1/trusted-token-issuers/check`: what would become of an
//! issuer that is not saved yet. It is parsed as if it were, its keys are
//! fetched, and each is said to be used or not. Nothing is written, and what
//! was fetched is not kept.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::{body, parse};
use crate::admin::call::Call;
use crate::admin::error::Error;
use crate::config::{KeySource, TrustedTokenIssuer};
use crate::crypto::PublicKey;
use crate::crypto::certificate::Certificate;
use crate::http::Reply;
use crate::identity::keyring;
use crate::identity::keys::{KeyDirectory, KeyDocument};
use crate::jose::JwkSet;
use crate::storage::resources::Object;

/// Serves the call.
pub(super) async fn serve(call: &Call<'_>) -> Result<Reply, Error> {
    let mut sent = call.object(&body::INVALID)?;
    // Keys do not depend on what the issuer will be called.
    let unnamed = sent.get("name").is_none_or(|name| name == "");
    if unnamed {
        sent.insert("name".into(), "unnamed".into());
    }
    let body::Parts { document, about } = body::read(sent)?;
    let object = Object {
        id: String::new(),
        document,
        about,
        secret: None,
        created: call.host.now,
        modified: call.host.now,
    };
    let issuer = parse(call, &object)?;
    Ok(Reply::json(200, &keys(call, &issuer).await))
}

async fn keys(call: &Call<'_>, issuer: &TrustedTokenIssuer) -> Value {
    match &issuer.keys {
        KeySource::Jwks(set) => said(issuer, None, set),
        KeySource::Certificates(all) => {
            let keys: Vec<Value> = all.iter().map(|one| certificate(call, issuer, one)).collect();
            json!({ "url": null, "keys": keys, "skipped": [] })
        }
        KeySource::JwksUri(_) | KeySource::Discovery(_) | KeySource::ClientMetadata(_) => {
            fetched(call, issuer).await
        }
    }
}

/// Fetched anew, whatever the server has in its memory.
async fn fetched(call: &Call<'_>, issuer: &TrustedTokenIssuer) -> Value {
    let Some(origin) = keyring(issuer).origin() else { return Value::Null };
    let directory = KeyDirectory::default();
    let keys = directory.keys(call.host, &origin).await;
    let url = directory.place(&origin);
    match keys {
        Ok(keys) => said(issuer, url, &keys.snapshot.keys),
        Err(unavailable) => {
            let why = unavailable.why;
            let path = match origin.document {
                KeyDocument::Discovery => "certificate.discovery",
                KeyDocument::KeySet | KeyDocument::ClientMetadata => "certificate.jwksUri",
            };
            json!({
                "url": url,
                "keys": [],
                "skipped": [],
                "path": path,
                "problem": why.detail(),
                "remedy": why.reason().remedy,
                "reason": why.reason().code,
            })
        }
    }
}

fn said(issuer: &TrustedTokenIssuer, url: Option<String>, set: &JwkSet) -> Value {
    let keys: Vec<Value> = set
        .keys
        .iter()
        .map(|jwk| {
            let fits = |alg| jwk.fits(alg);
            let mut key = described(issuer, &jwk.key, &fits);
            key.insert("kid".into(), jwk.kid.as_deref().into());
            Value::Object(key)
        })
        .collect();
    let skipped: Vec<String> = set.skipped.iter().map(ToString::to_string).collect();
    json!({ "url": url, "keys": keys, "skipped": skipped })
}

fn certificate(call: &Call<'_>, issuer: &TrustedTokenIssuer, certificate: &Certificate) -> Value {
    let valid = certificate.valid_at(call.host.now);
    let fits = |alg| valid && certificate.key.fits(alg);
    let mut key = described(issuer, &certificate.key, &fits);
    if !certificate.is_bare() {
        key.insert("notBefore".into(), certificate.not_before.0.into());
        key.insert("notAfter".into(), certificate.not_after.0.into());
    }
    Value::Object(key)
}

/// `algorithms`: those of the issuer that the key is used for.
fn described(
    issuer: &TrustedTokenIssuer,
    key: &Arc<PublicKey>,
    fits: &dyn Fn(crate::crypto::Algorithm) -> bool,
) -> Map<String, Value> {
    let jwk = key.to_jwk();
    let algorithms: Vec<&str> =
        issuer.algorithms.iter().filter(|alg| fits(**alg)).map(|alg| alg.name()).collect();
    let mut members = Map::new();
    for name in ["kty", "crv"] {
        members.extend(jwk.get(name).map(|value| (name.into(), value.clone())));
    }
    members.insert("thumbprint".into(), key.thumbprint().into());
    members.insert("algorithms".into(), json!(algorithms));
    members
}
