//! An issuer with a discovery document. It moves its keys from place to place, and every
//! place that it left goes on to answer what it had.

use std::collections::BTreeMap;

use exchequer::{Answer, Ask, Engine, Pending, Reply, Step, Timestamp};
use serde_json::json;

use crate::issuer::{INVENTED, ISSUER, Issuer};
use crate::random::Random;
use crate::server::engine;
use crate::story::exchange;
use crate::support::world::{World, entropy};
use crate::{FETCHES, WINDOW};

const BEGIN: u64 = 1_790_000_000;
const DISCOVERY: &str = "https://idp.example/.well-known/openid-configuration";
/// Longest rest between two fetches that tokens cause, and a second.
const REST: u64 = 31;
const WAITS: [u64; 8] = [1, 2, 29, 30, 31, 901, 6 * 3600, 25 * 3600];

/// How often something happened.
#[derive(Default)]
pub(crate) struct Moves {
    moves: usize,
    found: usize,
    joined: usize,
    refused: usize,
}

impl Moves {
    pub(crate) fn add(&mut self, other: &Self) {
        self.moves += other.moves;
        self.found += other.found;
        self.joined += other.joined;
        self.refused += other.refused;
    }

    pub(crate) fn assert_that_everything_happened(&self) {
        let Self { moves, found, joined, refused } = self;
        let all = [moves, found, joined, refused];
        assert!(all.iter().all(|count| **count > 50), "{all:?}");
    }
}

/// A request, and what was known when it came.
struct Asked {
    must_pass: bool,
    fetched: Vec<String>,
}

/// A fetch under way, and the requests that wait for it.
struct Flight {
    answer: Answer,
    waiting: Vec<(Pending, Asked)>,
}

pub(crate) struct MovingStory {
    engine: Engine,
    world: World,
    issuer: Issuer,
    /// What the places answer that the issuer left.
    left: Vec<Answer>,
    seed: u64,
    random: Random,
    serial: u64,
    now: u64,
    begun: Vec<(String, u64)>,
    flights: BTreeMap<String, Flight>,
    moves: Moves,
}

impl MovingStory {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            engine: engine(&json!({ "discovery": true })),
            world: World::at(BEGIN),
            issuer: Issuer::new(true),
            left: Vec::new(),
            seed,
            random: Random::new(seed),
            serial: 0,
            now: BEGIN,
            begun: Vec::new(),
            flights: BTreeMap::new(),
            moves: Moves::default(),
        }
    }

    pub(crate) fn step(&mut self) {
        match self.random.draw(12) {
            0..3 => {
                let seconds = WAITS[self.random.draw(WAITS.len())];
                self.land_all();
                self.now += seconds;
            }
            3 => self.move_keys(),
            4 => self.issuer.add(),
            5 => self.ask(INVENTED),
            6..9 => self.land_one(),
            _ => {
                let newest = *self.issuer.published.last().unwrap();
                self.ask(newest);
            }
        }
    }

    /// Lets everything come to its end.
    pub(crate) fn end(mut self) -> Moves {
        self.land_all();
        self.moves
    }

    fn move_keys(&mut self) {
        self.left.push(self.issuer.answer());
        self.issuer.add();
        self.issuer.retire();
        self.moves.moves += 1;
    }

    fn place(number: usize) -> String {
        format!("https://idp.example/keys/{number}")
    }

    fn answer(&self, url: &str) -> Answer {
        if url == DISCOVERY {
            let jwks_uri = Self::place(self.left.len());
            let body = json!({ "issuer": ISSUER, "jwks_uri": jwks_uri }).to_string().into_bytes();
            return Answer::Fetched { status: 200, cache_control: None, location: None, body };
        }
        let left = self.left.iter().enumerate().find(|(number, _)| Self::place(*number) == url);
        left.map_or_else(|| self.issuer.answer(), |(_, answer)| answer.clone())
    }

    fn ask(&mut self, key: u8) {
        self.serial += 1;
        let token = self.issuer.token(key, self.serial, self.now);
        let last = self.begun.last().map_or(0, |(_, at)| *at);
        let is_at_rest = self.flights.is_empty() && self.now >= last + REST;
        let must_pass = is_at_rest && self.issuer.published.contains(&key);
        let step = self.engine.handle(exchange(&token), Timestamp(self.now), entropy());
        self.drive(step, Asked { must_pass, fetched: Vec::new() });
        if must_pass {
            // Nothing comes between.
            self.land_all();
        }
    }

    fn drive(&mut self, mut step: Step<Reply>, mut asked: Asked) {
        loop {
            let pending = match step {
                Step::Done(reply) => return self.judge(&reply, &asked),
                Step::Ask(pending) => pending,
            };
            let Ask::Fetch { url, .. } = pending.ask() else {
                let answer = self.world.answer(&self.engine, pending.ask());
                step = pending.resume(answer).unwrap();
                continue;
            };
            let url = url.clone();
            asked.fetched.push(url.clone());
            let times = asked.fetched.iter().filter(|one| **one == url).count();
            assert!(times <= 2, "seed {}: a request fetched {url} {times} times", self.seed);
            if self.flights.contains_key(&url) {
                self.moves.joined += 1;
            } else {
                self.begin_flight(&url);
            }
            self.flights.get_mut(&url).unwrap().waiting.push((pending, asked));
            return;
        }
    }

    fn begin_flight(&mut self, url: &str) {
        self.begun.push((url.into(), self.now));
        let recent = self.begun.iter().rev().take_while(|(_, at)| at + WINDOW > self.now);
        let times = recent.filter(|(one, _)| one == url).count();
        assert!(times <= FETCHES, "seed {}: {times} fetches of {url} in {WINDOW} s", self.seed);
        let flight = Flight { answer: self.answer(url), waiting: Vec::new() };
        self.flights.insert(url.into(), flight);
    }

    fn land_one(&mut self) {
        let count = self.flights.len();
        if count == 0 {
            return;
        }
        let place = self.random.draw(count);
        let url = self.flights.keys().nth(place).unwrap().clone();
        let Flight { answer, waiting } = self.flights.remove(&url).unwrap();
        for (pending, asked) in waiting {
            let step = pending.resume(answer.clone()).unwrap();
            self.drive(step, asked);
        }
    }

    fn land_all(&mut self) {
        while !self.flights.is_empty() {
            self.land_one();
        }
    }

    fn judge(&mut self, reply: &Reply, asked: &Asked) {
        let seed = self.seed;
        let code = reply.audit.as_ref().and_then(|audit| audit.reason.clone());
        assert!(matches!(reply.status, 200 | 400), "seed {seed}: {} {code:?}", reply.status);
        if asked.must_pass {
            assert_eq!(reply.status, 200, "seed {seed}: a published key is refused, {code:?}");
            let moved = asked.fetched.iter().any(|url| *url == Self::place(self.left.len()));
            self.moves.found += usize::from(moved && !self.left.is_empty());
        }
        self.moves.refused += usize::from(reply.status == 400);
    }
}
