//! One story: an engine, its issuer, and what is known of both. The expectations are
//! worked out from what was published and fetched, and never from the engine.

use exchequer::{Answer, Ask, Engine, Reply, Request, Step, Timestamp};
use serde_json::json;

use crate::flight::{Asked, Fetched, Flight, Open};
use crate::issuer::{INVENTED, Issuer, JWKS, Mood};
use crate::random::Random;
use crate::server::engine;
use crate::support::world::{World, entropy};
use crate::tally::Tally;
use crate::{FETCHES, WINDOW};

const BEGIN: u64 = 1_790_000_000;
const DAY: u64 = 24 * 3600;
/// How long a fetch takes that does not end at once, in seconds: the host's time limit.
const SLOW: u64 = 1;
/// Longest rest between two fetches that tokens cause, and a second.
const REST: u64 = 31;
/// Waits that end on either side of a time that counts.
const WAITS: [u64; 20] = [
    1,
    1,
    1,
    2,
    5,
    29,
    30,
    31,
    59,
    61,
    120,
    299,
    301,
    880,
    901,
    3600,
    6 * 3600,
    DAY - 1,
    DAY + 901,
    2 * DAY,
];

pub(crate) struct Story {
    engine: Engine,
    world: World,
    issuer: Issuer,
    seed: u64,
    random: Random,
    serial: u64,
    now: u64,
    fetched: Option<Fetched>,
    failed: Option<u64>,
    /// When each fetch began, and whether there were keys to go on with.
    begun: Vec<(u64, bool)>,
    flight: Option<Flight>,
    open: Vec<Open>,
    tally: Tally,
    told: Vec<String>,
}

impl Story {
    pub(crate) fn new(seed: u64) -> Self {
        let engine = engine(&json!({ "jwksUri": JWKS }));
        Self {
            engine,
            world: World::at(BEGIN),
            issuer: Issuer::new(!seed.is_multiple_of(3)),
            seed,
            random: Random::new(seed),
            serial: 0,
            now: BEGIN,
            fetched: None,
            failed: None,
            begun: Vec::new(),
            flight: None,
            open: Vec::new(),
            tally: Tally::default(),
            told: Vec::new(),
        }
    }

    fn tell(&mut self, what: String) {
        self.told.push(format!("{:>8} s  {what}", self.now - BEGIN));
    }

    fn broken(&self, promise: &str) -> ! {
        let last = self.told.len().saturating_sub(40);
        panic!(
            "{promise}\nJWKS_SEED={} plays it again; its last steps:\n{}",
            self.seed,
            self.told[last..].join("\n")
        );
    }

    pub(crate) fn step(&mut self) {
        match self.random.draw(20) {
            0..6 => {
                let seconds = WAITS[self.random.draw(WAITS.len())];
                self.wait(seconds);
            }
            6 => self.change_keys(),
            7 | 8 => {
                let moods =
                    [Mood::Well, Mood::Well, Mood::Slow, Mood::Down, Mood::Hanging, Mood::Lying];
                self.issuer.mood = moods[self.random.draw(moods.len())];
                let ages =
                    [None, Some(0), Some(10), Some(60), Some(300), Some(3600), Some(200_000)];
                self.issuer.max_age = ages[self.random.draw(ages.len())];
                self.tell(format!(
                    "the server is {:?}, max-age {:?}",
                    self.issuer.mood, self.issuer.max_age
                ));
            }
            9 => {
                for _ in 0..10 {
                    self.ask(INVENTED);
                }
            }
            10 => self.upkeep(),
            11 | 12 => {
                let old = self.random.draw(self.serial as usize % 7 + 1) as u8;
                self.ask(old);
            }
            _ => {
                let count = self.issuer.published.len();
                let place = self.random.draw(count.max(1));
                let key = self.issuer.published.get(place).copied();
                self.ask(key.unwrap_or_default());
            }
        }
    }

    /// Lets everything come to its end.
    pub(crate) fn end(mut self) -> Tally {
        self.wait(10);
        if !self.open.is_empty() {
            self.broken("a request waits for ever");
        }
        self.tally.fetches = self.begun.len();
        self.tally.days = (self.now - BEGIN) / DAY;
        self.tally
    }

    fn change_keys(&mut self) {
        match self.random.draw(6) {
            0..3 => self.issuer.add(),
            3 | 4 => self.issuer.retire(),
            _ => self.issuer.withdraw(),
        }
        self.tell(format!("published now: {:?}", self.issuer.published));
    }

    /// Time passes. A fetch ends when its time has come.
    fn wait(&mut self, seconds: u64) {
        let until = self.now + seconds;
        if let Some(flight) = &self.flight
            && flight.ends <= until
        {
            self.now = flight.ends;
            self.land();
        }
        self.now = until;
    }

    /// When the keys that there are cannot be used any more.
    fn usable(&self) -> bool {
        let end = |fetched: &Fetched| fetched.begun + fetched.lifetime + DAY;
        self.fetched.as_ref().is_some_and(|fetched| self.now < end(fetched))
    }

    fn ask(&mut self, key: u8) {
        self.serial += 1;
        let token = self.issuer.token(key, self.serial, self.now);
        let asked = Asked {
            key,
            now: self.now,
            must_pass: self.must_pass(key),
            known: self.fetched.as_ref().map(|fetched| fetched.keys.clone()).unwrap_or_default(),
            withdrawn: false,
            fetches: 0,
        };
        self.tell(format!("a token by key {key}, must pass: {}", asked.must_pass));
        let step = self.engine.handle(exchange(&token), Timestamp(self.now), entropy());
        self.drive(step, asked);
    }

    /// Promises 1 and 2.
    fn must_pass(&self, key: u8) -> bool {
        if !self.issuer.published.contains(&key) {
            return false;
        }
        let has = self.fetched.as_ref().is_some_and(|fetched| fetched.keys.contains(&key));
        if has && self.usable() {
            return true;
        }
        let last = self.begun.last().map(|(begun, _)| *begun).max(self.failed);
        let rested = last.is_none_or(|last| self.now >= last + REST);
        self.issuer.mood == Mood::Well && self.flight.is_none() && rested
    }

    fn upkeep(&mut self) {
        self.tell("upkeep".into());
        if let Some(mut step) = self.engine.refresh_keys(Timestamp(self.now), entropy()) {
            // A host does this in its own time; here no request comes between.
            loop {
                step = match step {
                    Step::Done(_) => return,
                    Step::Ask(pending) => {
                        self.begin_flight();
                        let flight = self.flight.take().unwrap();
                        self.now = self.now.max(flight.ends);
                        let answer = self.landed(&flight);
                        self.resume_all(&flight);
                        pending.resume(answer).unwrap()
                    }
                };
            }
        }
    }

    fn drive(&mut self, mut step: Step<Reply>, mut asked: Asked) {
        for _ in 0..40 {
            let pending = match step {
                Step::Done(reply) => return self.judge(&reply, &asked),
                Step::Ask(pending) => pending,
            };
            if !matches!(pending.ask(), Ask::Fetch { .. }) {
                let answer = self.world.answer(&self.engine, pending.ask());
                step = pending.resume(answer).unwrap();
                continue;
            }
            asked.fetches += 1;
            if asked.fetches > 2 {
                self.broken("one request fetched a URL more than twice");
            }
            if self.flight.is_some() {
                self.tally.joined += 1;
            }
            self.begin_flight();
            self.open.push(Open { pending, asked });
            if self.flight.as_ref().is_some_and(|flight| flight.ends <= self.now) {
                self.land();
            }
            return;
        }
        self.broken("a request asked more than 40 times");
    }

    /// Begins a fetch, unless one is under way; promise 4.
    fn begin_flight(&mut self) {
        if self.flight.is_some() {
            return;
        }
        let with_keys = self.usable();
        self.begun.push((self.now, with_keys));
        let recent = self.begun.iter().rev();
        let recent: Vec<_> =
            recent.take_while(|(begun, _)| begun + WINDOW > self.now).copied().collect();
        let limit = if recent.iter().any(|(_, with_keys)| !with_keys) {
            WINDOW as usize + 1
        } else {
            FETCHES
        };
        if recent.len() > limit {
            self.broken(&format!("{} fetches in {WINDOW} s", recent.len()));
        }
        let without = recent.iter().filter(|(begun, with)| *begun == self.now && !with).count();
        if without > 1 {
            self.broken("two fetches in one second while there are no keys");
        }
        let mood = self.issuer.mood;
        let takes = if matches!(mood, Mood::Slow | Mood::Hanging) { SLOW } else { 0 };
        self.tell(format!("fetch, {mood:?}"));
        self.flight = Some(Flight {
            begun: self.now,
            ends: self.now + takes,
            keys: self.issuer.published.clone(),
            max_age: self.issuer.max_age,
            mood,
            answer: self.issuer.answer(),
        });
    }

    /// The fetch under way ends. A client may have gone away meanwhile.
    fn land(&mut self) {
        let Some(flight) = self.flight.take() else { return };
        let mut stay = Vec::new();
        for open in std::mem::take(&mut self.open) {
            if flight.ends > flight.begun && self.random.draw(8) == 0 {
                self.tell(format!("the client with key {} went away", open.asked.key));
                self.tally.gone += 1;
            } else {
                stay.push(open);
            }
        }
        self.open = stay;
        // Nobody is there to tell the engine.
        if !self.open.is_empty() {
            self.landed(&flight);
        }
        self.resume_all(&flight);
    }

    /// Notes what a fetch brought.
    fn landed(&mut self, flight: &Flight) -> Answer {
        if matches!(flight.mood, Mood::Well | Mood::Slow) {
            for open in &mut self.open {
                open.asked.known.extend(&flight.keys);
                open.asked.withdrawn |= !flight.keys.contains(&open.asked.key);
            }
            self.fetched = Some(Fetched {
                keys: flight.keys.clone(),
                begun: flight.begun,
                ended: flight.ends,
                lifetime: flight.max_age.unwrap_or(900).clamp(60, DAY),
            });
            self.failed = None;
        } else {
            self.failed = Some(self.now);
        }
        flight.answer.clone()
    }

    fn resume_all(&mut self, flight: &Flight) {
        for Open { pending, asked } in std::mem::take(&mut self.open) {
            let step = pending.resume(flight.answer.clone()).unwrap();
            self.drive(step, asked);
        }
    }

    /// Promises 1 to 3.
    fn judge(&mut self, reply: &Reply, asked: &Asked) {
        let code = reply.audit.as_ref().and_then(|audit| audit.reason.clone());
        self.tell(format!("key {}: {} {}", asked.key, reply.status, code.unwrap_or_default()));
        let granted = match reply.status {
            200 => true,
            400 | 503 => false,
            other => self.broken(&format!("status {other}")),
        };
        if asked.must_pass && !asked.withdrawn && !granted {
            self.broken("a published key is refused");
        }
        let failing = self.failed.is_some();
        if granted {
            let Some(fetched) = &self.fetched else { self.broken("granted without keys") };
            let end = fetched.ended + fetched.lifetime;
            let stale = asked.now >= end;
            if !asked.known.contains(&asked.key) {
                self.broken("a key is accepted that was never fetched");
            }
            if stale && (!failing || asked.now >= end + DAY) {
                self.broken("a key is accepted whose time is over");
            }
            self.tally.granted += 1;
            self.tally.granted_while_failing += usize::from(stale);
            self.tally.granted_after_a_refetch += usize::from(asked.fetches > 0);
        } else if reply.status == 503 {
            self.tally.unavailable += 1;
        } else {
            let withdrawn = asked.key != INVENTED && !self.issuer.published.contains(&asked.key);
            self.tally.refused += 1;
            self.tally.refused_after_withdrawal += usize::from(withdrawn);
        }
    }
}

/// The request to exchange a token.
pub(crate) fn exchange(token: &str) -> Request {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .append_pair("client_id", "app")
        .append_pair("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
        .append_pair("subject_token", token)
        .finish();
    Request::new("POST", "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}
