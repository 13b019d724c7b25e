//! Several engines on one store, and what they ask of it.

use exchequer::{Answer, Ask, Engine, HostCrypto, Pending, Reply, Request, Sender, Step};
use serde_json::Value;

use crate::support::administered::ADMIN;
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::support::world::{World, entropy};
use crate::{SECRET, credentials, document};

/// An answer in the place of the store's, or `None`.
pub(crate) type Script<'a> = &'a mut dyn FnMut(&Ask, &mut World) -> Option<Answer>;

pub(crate) struct Processes {
    pub(crate) engines: Vec<Engine>,
    pub(crate) world: World,
    /// What was asked of the store.
    pub(crate) asked: Vec<Ask>,
}

impl Processes {
    pub(crate) fn new(count: usize, limits: &Value) -> Self {
        let config = || fixtures::config(&fixtures::document(&document(limits)));
        let engine =
            || Engine::new(config().administered_by(ADMIN).unwrap(), HostCrypto::default());
        let engines = (0..count).map(|_| engine()).collect();
        Self { engines, world: World::at(NOW), asked: Vec::new() }
    }

    pub(crate) fn begin(&self, process: usize, from: &str, request: Request) -> Step {
        let request = request.sent_by(Sender::Peer(from.parse().unwrap()));
        self.engines[process].handle(request, self.world.now, entropy())
    }

    /// Drives a request to its end, with these answers before those of the store.
    pub(crate) fn finish(&mut self, process: usize, mut step: Step, script: Script<'_>) -> Reply {
        loop {
            match step {
                Step::Done(reply) => return *reply,
                Step::Ask(pending) => step = self.go_on(process, pending, script),
            }
        }
    }

    /// One answer.
    pub(crate) fn go_on(&mut self, process: usize, pending: Pending, script: Script<'_>) -> Step {
        let ask = pending.ask().clone();
        if matches!(ask, Ask::Read { .. } | Ask::List { .. } | Ask::Commit { .. }) {
            self.asked.push(ask.clone());
        }
        let answer = script(&ask, &mut self.world)
            .unwrap_or_else(|| self.world.answer(&self.engines[process], &ask));
        pending.resume(answer).unwrap()
    }

    /// The status of a token request.
    pub(crate) fn token(&mut self, process: usize, from: &str, secret: &str) -> u16 {
        self.scripted(process, from, secret, &mut |_, _| None)
    }

    pub(crate) fn scripted(
        &mut self,
        process: usize,
        from: &str,
        secret: &str,
        script: Script<'_>,
    ) -> u16 {
        let step = self.begin(process, from, credentials(("job", secret)));
        self.finish(process, step, script).status
    }

    /// How many of these failing attempts are let through.
    pub(crate) fn failing(&mut self, process: usize, from: &str, attempts: usize) -> usize {
        (0..attempts).filter(|_| self.token(process, from, "wrong") == 401).count()
    }

    /// How many of these requests are served.
    pub(crate) fn served(&mut self, process: usize, requests: usize) -> usize {
        (0..requests).filter(|_| self.token(process, crate::OWN, SECRET) == 200).count()
    }

    /// How often the store was asked since this was asked.
    pub(crate) fn asks(&mut self) -> usize {
        std::mem::take(&mut self.asked).len()
    }

    pub(crate) fn later(&mut self, seconds: u64) {
        self.world.now.0 += seconds;
    }
}
