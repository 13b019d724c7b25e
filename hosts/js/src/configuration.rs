//! The configuration document, with its secrets fetched by JavaScript.

use exchequer::config::SecretSource;
use exchequer::{Algorithm, AlgorithmSet, Config, HostCrypto};
use js_sys::{Function, Reflect};
use wasm_bindgen::JsValue;

use crate::output::object;

/// The configuration, or the problems in it: a list of objects.
///
/// `secrets` is called with the kind of a source (`env`, `file`) and what it
/// names; it returns the secret or throws an error that says why there is none.
///
/// `admin_token` lets its bearer administer; `wrapping_key` encrypts the signing keys in
/// the store.
pub(crate) fn read(
    text: &str,
    secrets: &Function,
    admin_token: Option<&str>,
    wrapping_key: Option<&str>,
) -> Result<Config, JsValue> {
    Config::parse(text)
        .and_then(|document| document.resolve(|source| bring(secrets, source)))
        .and_then(|config| match admin_token {
            Some(token) => Ok(config.administered_by(token)?),
            None => Ok(config),
        })
        .and_then(|config| match wrapping_key {
            Some(text) => Ok(config.keys_wrapped_by(text)?),
            None => Ok(config),
        })
        .map_err(|problems| object(&problems))
}

fn bring(secrets: &Function, source: &SecretSource) -> Result<String, String> {
    let (kind, name) = match source {
        SecretSource::Env(name) => ("env", name),
        SecretSource::File(path) => ("file", path),
    };
    secrets
        .call2(&JsValue::UNDEFINED, &kind.into(), &name.into())
        .map_err(|thrown| message(&thrown))?
        .as_string()
        .ok_or_else(|| "the host answered with something else than text".into())
}

fn message(thrown: &JsValue) -> String {
    Reflect::get(thrown, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| "the host does not say why".into())
}

/// The algorithms JavaScript answers for, named in lists with spaces between.
pub(crate) fn host_crypto(verify: &str, sign: &str) -> HostCrypto {
    HostCrypto { verify: algorithms(verify), sign: algorithms(sign) }
}

fn algorithms(names: &str) -> AlgorithmSet {
    let algorithms: Vec<Algorithm> = names.split(' ').filter_map(Algorithm::from_name).collect();
    AlgorithmSet::of(&algorithms)
}
