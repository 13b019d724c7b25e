//! A host without an outside: answers every ask from a script, a store in
//! memory, and a clock that somebody sets.

use std::cell::Cell;

use exchequer::{
    Algorithm, AlgorithmSet, Answer, Ask, Engine, Entropy, Failed, HostCrypto, Reply, Request,
    Step, Timestamp,
};

use super::case::StoreState;
use super::signer;
use super::store::Store;
use super::web::Web;

/// Nobody asks this often for one request.
const MAX_ASKS: usize = 40;

/// Who computes signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crypto {
    Engine,
    Host,
}

impl Crypto {
    pub(crate) fn host_crypto(self) -> HostCrypto {
        match self {
            Self::Engine => HostCrypto::default(),
            Self::Host => {
                let all = AlgorithmSet::of(&Algorithm::ALL);
                HostCrypto { verify: all, sign: all }
            }
        }
    }
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) web: Web,
    pub(crate) store: Store,
    pub(crate) store_state: StoreState,
    /// How many signatures the host was asked to verify.
    pub(crate) verifications: usize,
    upkeep_at: u64,
}

impl World {
    pub(crate) fn at(now: u64) -> Self {
        Self { now: Timestamp(now), ..Self::default() }
    }

    /// Serves a request to its end.
    pub(crate) fn handle(&mut self, engine: &Engine, request: Request) -> Reply {
        let step = engine.handle(request, self.now, entropy());
        self.drive(engine, step)
    }

    /// What every host does after a reply, once a second at most.
    pub(crate) fn upkeep(&mut self, engine: &Engine) {
        if self.now.0 < self.upkeep_at {
            return;
        }
        self.upkeep_at = self.now.0 + 1;
        if let Some(step) = engine.refresh_keys(self.now, entropy()) {
            let _ = self.drive(engine, step);
        }
    }

    pub(crate) fn drive<T>(&mut self, engine: &Engine, mut step: Step<T>) -> T {
        for _ in 0..MAX_ASKS {
            step = match step {
                Step::Done(result) => return *result,
                Step::Ask(pending) => {
                    let answer = self.answer(engine, pending.ask());
                    pending.resume(answer).expect("the answer fits the ask")
                }
            };
        }
        panic!("one request asked more than {MAX_ASKS} times");
    }

    pub(crate) fn answer(&mut self, engine: &Engine, ask: &Ask) -> Answer {
        let store_is_up = self.store_state == StoreState::Ok;
        match ask {
            Ask::Fetch { url, max_bytes, .. } => match self.web.fetch(url) {
                Answer::Fetched { body, .. } if body.len() > *max_bytes as usize => {
                    Answer::Failed { failed: Failed::TooLarge }
                }
                answer => answer,
            },
            Ask::Submit { url, body, .. } => {
                self.web.submitted.push(body.clone());
                self.web.fetch(url)
            }
            Ask::Verify { alg, key, message, signature } => {
                self.verifications += 1;
                Answer::Verdict { verdict: key.verify(*alg, message, signature) }
            }
            Ask::Sign { key_id, message, .. } => engine
                .signing_key(key_id)
                .and_then(|key| signer::sign(&key, message))
                .map_or(Answer::Failed { failed: Failed::Unsupported }, |signature| {
                    Answer::Signature { signature }
                }),
            Ask::Read { keys } if store_is_up => self.store.read(keys, self.now),
            Ask::List { prefix, cursor, limit } if store_is_up => {
                self.store.list(prefix, cursor.as_deref(), *limit, self.now)
            }
            Ask::Commit { batch } if store_is_up => self.store.commit(batch, self.now),
            _ => Answer::Failed { failed: Failed::Unreachable },
        }
    }
}

/// Other bytes each time, the same in every run.
pub(crate) fn entropy() -> Entropy {
    thread_local! {
        static DRAWN: Cell<u64> = const { Cell::new(0) };
    }
    DRAWN.set(DRAWN.get() + 1);
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&DRAWN.get().to_be_bytes());
    Entropy::new(bytes)
}
