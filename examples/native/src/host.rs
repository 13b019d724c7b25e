//! The driver: asks are answered until the result is there.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use exchequer::{
    Answer, Ask, Config, Decided, Engine, Entropy, Failed, HostCrypto, Issued, Reply, Request,
    Step, Timestamp, TokenRequest,
};
use ureq::{Agent, Error, http::header};

use crate::{MemoryStore, Store};

/// A security token service in this process; shared by threads by reference.
pub struct Host {
    engine: Engine,
    store: Mutex<Box<dyn Store>>,
    client: Agent,
}

impl Host {
    /// A service of this configuration, with nothing stored yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::with_store(config, MemoryStore::default())
    }

    /// A service of this configuration over a store.
    #[must_use]
    pub fn with_store(config: Config, store: impl Store + 'static) -> Self {
        let client = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self {
            engine: Engine::new(config, HostCrypto::default()),
            store: Mutex::new(Box::new(store)),
            client: client.into(),
        }
    }

    /// Decides a token request.
    ///
    /// # Errors
    /// When the clock or the random source of this machine fails. A refusal is
    /// a result.
    pub fn exchange(&self, request: TokenRequest) -> Result<Decided<Issued>> {
        self.drive(self.engine.exchange(request, now()?, entropy()?))
    }

    /// Serves an HTTP request.
    ///
    /// # Errors
    /// When the clock or the random source of this machine fails.
    pub fn handle(&self, request: Request) -> Result<Reply> {
        self.drive(self.engine.handle(request, now()?, entropy()?))
    }

    /// The loop: one answer per ask, until done.
    fn drive<T>(&self, mut step: Step<T>) -> Result<T> {
        loop {
            step = match step {
                Step::Done(result) => return Ok(*result),
                Step::Ask(pending) => {
                    let answer = self.answer(pending.ask(), now()?);
                    pending.resume(answer)?
                }
            };
        }
    }

    fn answer(&self, ask: &Ask, now: Timestamp) -> Answer {
        // Nothing panics while it is held.
        let store = || self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match ask {
            Ask::Fetch { url, timeout_ms, max_bytes, .. } => {
                let timeout = Duration::from_millis((*timeout_ms).into());
                self.fetch(url, timeout, (*max_bytes).into())
                    .unwrap_or_else(|error| Answer::Failed { failed: failed(&error) })
            }
            Ask::Read { keys } => store().read(keys, now),
            Ask::List { prefix, cursor, limit } => {
                store().list(prefix, cursor.as_deref(), *limit, now)
            }
            Ask::Commit { batch } => store().commit(batch, now),
            // This host said that it answers no algorithm.
            _ => Answer::Failed { failed: Failed::Unsupported },
        }
    }

    fn fetch(&self, url: &str, timeout: Duration, max_bytes: u64) -> Result<Answer, Error> {
        let request = self.client.get(url).config().timeout_global(Some(timeout)).build();
        let mut response = request.call()?;
        let header = |name| response.headers().get(name)?.to_str().ok().map(String::from);
        let (cache_control, location) = (header(header::CACHE_CONTROL), header(header::LOCATION));
        let body = response.body_mut().with_config().limit(max_bytes).read_to_vec()?;
        Ok(Answer::Fetched { status: response.status().as_u16(), cache_control, location, body })
    }
}

fn failed(error: &Error) -> Failed {
    match error {
        Error::Timeout(_) => Failed::TimedOut,
        Error::BodyExceedsLimit(_) => Failed::TooLarge,
        Error::HostNotFound => Failed::Unresolved,
        Error::Rustls(_) | Error::Tls(_) => Failed::Untrusted,
        Error::ConnectProxyFailed(_) => Failed::Proxy,
        _ => Failed::Unreachable,
    }
}

fn now() -> Result<Timestamp> {
    Ok(Timestamp(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()))
}

fn entropy() -> Result<Entropy> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Entropy::new(bytes))
}
