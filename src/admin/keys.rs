//! `/api/server/v1/keys`: the keys of this server, without their private parts.

use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::{Error, NO_SUCH_PATH};
use super::records::signing_keys::{self, FIRST, HAS_SIGNED};
use crate::crypto::SigningKey;
use crate::http::Reply;
use crate::step::Failed;

/// What a key is there for.
#[derive(Clone, Copy)]
enum State {
    /// It is published, and is to sign one day.
    Next,
    /// It signs.
    Current,
    /// It has signed, and is published until its tokens have ended.
    Retiring,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retiring => "retiring",
        }
    }
}

/// Serves a call below the path of keys.
pub(super) async fn serve(call: &Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "GET" | "HEAD") => list(call).await,
        ([], _) => Err(call.method_not_allowed("GET")),
        _ => Err(Error::new(&NO_SUCH_PATH, "there is nothing below the keys of this server")),
    }
}

async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let keys = match call.state.signing_keys(call.host).await {
        Ok(keys) => keys.to_vec(),
        // A host without keys and without a store signs nothing.
        Err(Failed::Unsupported) => Vec::new(),
        Err(failed) => return Err(failed.into()),
    };
    let kids: Vec<&str> = keys.iter().map(|key| key.kid()).collect();
    let seen = match signing_keys::seen(call.host, &kids).await {
        Err(Failed::Unsupported) => Map::new(),
        seen => seen?,
    };
    let source = if call.state.config.keys.is_empty() { "store" } else { "configuration" };
    let shown = |(index, key): (usize, &alloc::sync::Arc<SigningKey>)| {
        view(key, index == 0, seen.get(key.kid()), source)
    };
    let keys: Vec<Value> = keys.iter().enumerate().map(shown).collect();
    Ok(Reply::json(200, &json!({ "keys": keys, "jwksUri": call.url("/oauth2/jwks") })))
}

fn view(key: &SigningKey, signs: bool, seen: Option<&Value>, source: &str) -> Value {
    let state = match seen {
        _ if signs => State::Current,
        Some(seen) if seen.get(HAS_SIGNED) == Some(&Value::Bool(true)) => State::Retiring,
        _ => State::Next,
    };
    let public = key.public().to_jwk();
    let mut members = Map::new();
    for name in ["kty", "crv"] {
        members.extend(public.get(name).map(|value| (name.into(), value.clone())));
    }
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("kid", key.kid().into());
    put("alg", key.algorithm().name().into());
    put("use", "sig".into());
    put("thumbprint", key.public().thumbprint().into());
    put("state", state.name().into());
    put("source", source.into());
    if let Some(first) = seen.and_then(|seen| seen.get(FIRST)) {
        put("firstSeen", first.clone());
    }
    Value::Object(members)
}
