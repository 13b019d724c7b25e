//! A configured filter: the engine, and the requests that wait.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use exchequer::{Answer, Audit, Engine, Filter, FilterMode, Forward, Gateway, Need};
use proxy_wasm::types::LogLevel;

use crate::crypto::Crypto;
use crate::metrics::Metrics;
use crate::outbound::{Arrived, Outbound, Waiter, Wanted};
use crate::work::{Outcome, Turn, Work, drive};
use crate::{proxy, shared};

/// Ticks while nothing has to be done soon, and while something has.
const IDLE: Duration = Duration::from_secs(1);
const BUSY: Duration = Duration::from_millis(2);

pub(crate) struct Plugin {
    /// The context of the filter itself.
    root: u32,
    pub(crate) engine: Engine,
    /// `None`: requests are answered here.
    pub(crate) gateway: Option<Gateway>,
    pub(crate) crypto: Crypto,
    pub(crate) outbound: Outbound,
    pub(crate) metrics: Metrics,
    /// By context: a request, or the root, which fetches keys ahead.
    waiting: RefCell<BTreeMap<u32, (Waiter, Work)>>,
    /// The index of shared documents, as it was seen last.
    seen: RefCell<Vec<u8>>,
    refresh_keys_at: Cell<u64>,
}

impl Plugin {
    pub(crate) fn new(root: u32, mut filter: Filter) -> Self {
        for note in filter.warnings(proxy::now()) {
            proxy::log(LogLevel::Warn, &format!("configuration: {note}"));
        }
        let crypto = Crypto::detect();
        proxy::log(LogLevel::Info, &crypto.described());
        let engine = Engine::new(filter.config.clone(), crypto.host_crypto());
        let gateway = match filter.mode {
            FilterMode::Gateway => Gateway::new(&mut filter, engine.clone()),
            FilterMode::Authority => None,
        };
        let plugin = Self {
            root,
            engine,
            gateway,
            crypto,
            outbound: Outbound::new(filter.clusters),
            metrics: Metrics::default(),
            waiting: RefCell::default(),
            seen: RefCell::default(),
            refresh_keys_at: Cell::default(),
        };
        plugin.seed();
        proxy::tick_in(IDLE);
        plugin
    }

    /// Goes on with the request of the current stream: acts on its outcome, or
    /// lets it wait. Says which.
    pub(crate) fn begin(&self, context: u32, turn: Turn) -> Progress {
        match drive(self, turn) {
            Ok(outcome) => self.act(outcome),
            Err(work) => {
                self.wait(context, work);
                Progress::Waits
            }
        }
    }

    pub(crate) fn is_waiting(&self, context: u32) -> bool {
        self.waiting.borrow().contains_key(&context)
    }

    /// Forgets a request that has gone away.
    pub(crate) fn forget(&self, context: u32) {
        if self.waiting.borrow_mut().remove(&context).is_some() {
            self.metrics.waiting(-1);
            self.metrics.count("abandoned");
        }
    }

    /// What is done between requests: calls that are due, what other workers
    /// brought, and keys that are about to expire.
    pub(crate) fn tick(&self) {
        let now = proxy::now_ms();
        for arrived in self.outbound.tick(now) {
            self.deliver(&arrived);
        }
        if now >= self.refresh_keys_at.get() {
            self.refresh_keys_at.set(now + 1000);
            self.seed();
            self.refresh_keys();
            self.metrics.caches(self.engine.token_caches());
        }
        proxy::tick_in(if self.outbound.is_busy() { BUSY } else { IDLE });
    }

    /// An answer to a call has come.
    pub(crate) fn answered(&self, token: u32, fields: usize, length: usize) {
        let now = proxy::now_ms();
        let Some(arrived) = self.outbound.answered(token, fields, length, now) else {
            return;
        };
        self.deliver(&arrived);
        self.seed();
        if self.outbound.is_busy() {
            proxy::tick_in(BUSY);
        }
    }

    fn wait(&self, context: u32, work: Work) {
        let waiter = match work.need() {
            Need::Ask(ask) => Wanted::of(ask).map_or(Waiter::Context(context), Waiter::Fetch),
            Need::Call(call) => {
                self.outbound.call(context, call);
                Waiter::Context(context)
            }
        };
        self.waiting.borrow_mut().insert(context, (waiter, work));
        self.metrics.waiting(1);
        proxy::tick_in(BUSY);
    }

    /// Gives an answer to everybody who waits for it.
    fn deliver(&self, Arrived { waiter, answer, is_of_our_fetch }: &Arrived) {
        if *is_of_our_fetch {
            let good = matches!(answer, Answer::Fetched { status: 200, .. });
            self.metrics.count(if good { "fetched" } else { "fetch_failed" });
        }
        let waits =
            |(context, (one, _)): (&u32, &(Waiter, Work))| (one == waiter).then_some(*context);
        let contexts: Vec<u32> = self.waiting.borrow().iter().filter_map(waits).collect();
        for context in contexts {
            let Some((_, work)) = self.waiting.borrow_mut().remove(&context) else { continue };
            self.metrics.waiting(-1);
            // Were it not there any more, it would have been forgotten.
            if !proxy::turn_to(context) {
                continue;
            }
            if self.begin(context, work.answered(answer.clone())) == Progress::Passes {
                proxy::resume_request();
            }
        }
        proxy::turn_to(self.root);
    }

    /// Fetches keys that are about to expire.
    fn refresh_keys(&self) {
        if self.is_waiting(self.root) {
            return;
        }
        let Some(entropy) = proxy::entropy() else { return };
        if let Some(step) = self.engine.refresh_keys(proxy::now(), entropy) {
            self.begin(self.root, Turn::key_refresh(step));
        }
    }

    /// Takes over what other workers fetched, and what this one fetched for
    /// requests that have gone away.
    fn seed(&self) {
        let index = shared::index();
        if index == *self.seen.borrow() {
            return;
        }
        for (cluster, url) in shared::news(&index, &self.seen.borrow()) {
            // Through another cluster it might be another document.
            if self.outbound.cluster(&url) == Some(cluster.as_str())
                && let Some((at, answer)) = shared::document(&(cluster, url.clone()))
            {
                self.engine.seed_cache(&url, answer, exchequer::Timestamp(at / 1000));
            }
        }
        *self.seen.borrow_mut() = index;
    }

    /// Does what was decided about the current stream.
    fn act(&self, outcome: Outcome) -> Progress {
        match outcome {
            Outcome::Forward(forward) => return self.forward(&forward),
            Outcome::Refuse(refused) => {
                self.metrics.count(&format!("refused.{}", refused.reason));
                audit(refused.reply.audit.as_ref());
                proxy::answer(&refused.reply);
            }
            Outcome::Reply(reply) => {
                self.metrics.count(&format!("answered.{}", reply.status));
                audit(reply.audit.as_ref());
                proxy::answer(&reply);
            }
            Outcome::Broken => {
                self.metrics.count("broken");
                proxy::answer_broken();
            }
            Outcome::Nothing => {}
        }
        Progress::Answered
    }

    fn forward(&self, forward: &Forward) -> Progress {
        let removed = forward.remove.iter().all(|name| proxy::remove_header(name));
        let set = forward.set.iter().all(|(name, value)| proxy::set_header(name, value));
        // Half changed it must not pass.
        if !(removed && set) {
            return self.act(Outcome::Broken);
        }
        audit(forward.audit.as_ref());
        self.metrics.count(match (&forward.audit, forward.set.is_empty()) {
            (_, true) => "passed",
            (Some(_), false) => "exchanged",
            (None, false) => "exchanged_before",
        });
        Progress::Passes
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Passes,
    Answered,
    Waits,
}

/// One line for each decision.
fn audit(audit: Option<&Audit>) {
    if let Some(audit) = audit {
        proxy::log(LogLevel::Info, &audit.to_json());
    }
}
