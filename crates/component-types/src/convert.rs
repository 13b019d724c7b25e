//! The types of `wit/types.wit` and those of the engine, each way.

use exchequer::config::{Problem, Problems, SecretSource};
use exchequer::{
    Caller, Config, Entropy, Expect, Failed, Record, Reply, Request, Sender, SupplyKeysError,
    Timestamp, Write,
};

use crate::types;

/// Bytes of entropy for one request.
const ENTROPY: usize = 32;

/// The configuration, with the secrets that the host brought for it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn config(
    text: &str,
    secrets: &[types::Secret],
    admin_token: Option<&str>,
) -> Result<Config, Vec<types::Problem>> {
    let bring = |source: &SecretSource| {
        let wanted = self::source(source);
        let found = secrets.iter().find(|secret| same(&secret.source, &wanted));
        found.map(|secret| secret.value.clone()).ok_or("the host brought no value for it".into())
    };
    Config::parse(text)
        .and_then(|document| document.resolve(bring))
        .and_then(|config| match admin_token {
            Some(token) => Ok(config.administered_by(token)?),
            None => Ok(config),
        })
        .map_err(problems)
}

/// The secrets that a configuration document names.
///
/// # Errors
/// The document is malformed.
pub fn secrets(text: &str) -> Result<Vec<types::SecretSource>, Vec<types::Problem>> {
    let document = Config::parse(text).map_err(problems)?;
    Ok(document.secrets().iter().map(|reference| source(&reference.source)).collect())
}

fn source(source: &SecretSource) -> types::SecretSource {
    match source {
        SecretSource::Env(name) => types::SecretSource::Env(name.clone()),
        SecretSource::File(path) => types::SecretSource::File(path.clone()),
    }
}

fn same(one: &types::SecretSource, other: &types::SecretSource) -> bool {
    use types::SecretSource::{Env, File};
    match (one, other) {
        (Env(one), Env(other)) | (File(one), File(other)) => one == other,
        _ => false,
    }
}

fn problems(problems: Problems) -> Vec<types::Problem> {
    problems.0.into_iter().map(problem).collect()
}

/// A problem with a configuration.
#[must_use]
pub fn problem(Problem { path, problem, remedy }: Problem) -> types::Problem {
    types::Problem { path, problem, remedy }
}

/// Why keys were not taken over.
#[must_use]
pub fn not_supplied(error: &SupplyKeysError) -> types::SupplyKeysError {
    let said = error.to_string();
    match error {
        SupplyKeysError::UnknownIssuer { .. } => types::SupplyKeysError::UnknownIssuer(said),
        _ => types::SupplyKeysError::NotAKeySet(said),
    }
}

/// The time of a request. A clock that is not set must not make every token
/// current.
///
/// # Errors
/// The clock is not set.
pub fn timestamp(now: u64) -> Result<Timestamp, String> {
    if now == 0 { Err("the clock does not say the time".into()) } else { Ok(Timestamp(now)) }
}

/// The entropy of a request.
///
/// # Errors
/// The bytes are not 32 random ones.
pub fn entropy(bytes: &[u8]) -> Result<Entropy, String> {
    match <[u8; ENTROPY]>::try_from(bytes) {
        Ok(bytes) if bytes != [0; ENTROPY] => Ok(Entropy::new(bytes)),
        _ => Err("entropy is 32 random bytes".into()),
    }
}

/// A request.
#[must_use]
pub fn request(request: types::Request) -> Request {
    let types::Request { method, target, headers, body, caller, peer } = request;
    let caller = match caller {
        types::Caller::Network => Caller::Network,
        types::Caller::Embedder => Caller::Embedder,
    };
    let peer = peer.and_then(|peer| peer.parse().ok());
    let sender = peer.map_or(Sender::Unknown, Sender::Peer);
    Request { method, target, headers, body, caller, sender, certificate: None }
}

/// A reply.
#[must_use]
pub fn reply(reply: Reply) -> types::Reply {
    let Reply { status, headers, body, audit } = reply;
    let headers = headers.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let audit = audit.map(|audit| audit.to_json());
    types::Reply { status, headers, body, audit }
}

/// A record of the store.
#[must_use]
pub fn record(stored: types::Stored) -> Record {
    let types::Stored { key, value, version } = stored;
    Record { key, value, version }
}

/// A batch of writes.
#[must_use]
pub fn writes(batch: &[Write]) -> Vec<types::Write> {
    batch.iter().map(write).collect()
}

fn write(Write { key, value, expect, expires_at }: &Write) -> types::Write {
    let expect = match expect {
        Expect::Absent => types::Expect::Absent,
        Expect::Version(version) => types::Expect::Version(*version),
        Expect::Any => types::Expect::Any,
    };
    types::Write { key: key.clone(), value: value.clone(), expect, expires_at: *expires_at }
}

/// Why the host could not do something.
#[must_use]
pub fn failed(failed: types::Failed) -> Failed {
    match failed {
        types::Failed::Unreachable => Failed::Unreachable,
        types::Failed::Unresolved => Failed::Unresolved,
        types::Failed::Untrusted => Failed::Untrusted,
        types::Failed::Proxy => Failed::Proxy,
        types::Failed::TimedOut => Failed::TimedOut,
        types::Failed::TooLarge => Failed::TooLarge,
        types::Failed::Unsupported => Failed::Unsupported,
        types::Failed::Broken => Failed::Broken,
    }
}

/// The same of the engine, as the interface says it.
#[must_use]
pub fn failure(failed: Failed) -> types::Failed {
    match failed {
        Failed::Unreachable => types::Failed::Unreachable,
        Failed::Unresolved => types::Failed::Unresolved,
        Failed::Untrusted => types::Failed::Untrusted,
        Failed::Proxy => types::Failed::Proxy,
        Failed::TimedOut => types::Failed::TimedOut,
        Failed::TooLarge => types::Failed::TooLarge,
        Failed::Unsupported => types::Failed::Unsupported,
        // Younger than the interface, as well.
        _ => types::Failed::Broken,
    }
}
