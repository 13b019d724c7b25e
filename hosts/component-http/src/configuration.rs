//! The configuration, from the environment.
//!
//! `EXCHEQUER_CONFIG` is the document, `EXCHEQUER_ADMIN_TOKEN` lets its bearer
//! administer. Secrets that the document names are other variables, or files in
//! a directory that the host opens for this component.

use std::sync::OnceLock;

use exchequer::config::SecretSource;
use exchequer::{Config, Engine, HostCrypto};

/// The engine of this instance, made with its first request, or what is wrong
/// with its configuration.
pub(crate) fn engine() -> Result<&'static Engine, &'static String> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    ENGINE.get_or_init(make).as_ref()
}

fn make() -> Result<Engine, String> {
    let text = std::env::var("EXCHEQUER_CONFIG").map_err(|_| {
        "the environment variable EXCHEQUER_CONFIG is missing: expected the configuration \
         document; run `wasmtime serve -S cli --env EXCHEQUER_CONFIG=…`"
    })?;
    let admin_token = std::env::var("EXCHEQUER_ADMIN_TOKEN").ok().filter(|token| !token.is_empty());
    let config = Config::parse(&text)
        .and_then(|document| document.resolve(bring))
        .and_then(|config| match admin_token {
            Some(token) => Ok(config.administered_by(&token)?),
            None => Ok(config),
        })
        .map_err(|problems| format!("EXCHEQUER_CONFIG: {problems}"))?;
    Ok(Engine::new(config, HostCrypto::default()))
}

fn bring(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::Env(name) => std::env::var(name).map_err(|error| error.to_string()),
        SecretSource::File(path) => std::fs::read_to_string(path)
            .map_err(|error| format!("{error}; give the component its directory with `--dir`")),
    }
}
