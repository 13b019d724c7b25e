//! The one class that JavaScript holds: an engine, its input buffer, and the
//! requests that wait for an answer.
//!
//! Every method takes `&self` and borrows its cells for an instant only, never
//! while the engine runs. Should the engine ever trap, the request that did it
//! is lost and the next one finds nothing locked.

use std::cell::RefCell;

use exchequer::{
    AccessRequirements, Answer, Ask, Caller, Engine, Failed, KeysNotFetched, Pending, Step,
    Timestamp, Verdict,
};
use js_sys::Function;
use serde_json::json;
use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::configuration;
use crate::input::Input;
use crate::output::Output;

/// The step is the reply: read it before the next call.
const DONE: i32 = -1;

/// The result of fetching keys between requests.
type KeyRefresh = Result<(), KeysNotFetched>;

/// Whether there is an issuer.
type Found = Result<bool, Failed>;

/// A request that waits for an answer.
enum Waiting {
    Request(Pending),
    Refresh(Pending<KeyRefresh>),
    Find(Pending<Found>),
}

impl Waiting {
    fn ask(&self) -> &Ask {
        match self {
            Self::Request(pending) => pending.ask(),
            Self::Refresh(pending) => pending.ask(),
            Self::Find(pending) => pending.ask(),
        }
    }
}

/// A security token service with the requests under way in it.
#[wasm_bindgen]
pub struct Authority {
    engine: Engine,
    input: Input,
    output: Output,
    waiting: RefCell<Slab<Waiting>>,
    /// What is probably not meant in the configuration, as JSON.
    warnings: String,
}

#[wasm_bindgen]
impl Authority {
    /// From a configuration document. `verify` and `sign` name the algorithms
    /// that JavaScript answers for; `admin_token` lets its bearer administer.
    /// Throws the problems as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn new(
        config: &str,
        secrets: &Function,
        verify: &str,
        sign: &str,
        now: f64,
        admin_token: Option<String>,
    ) -> Result<Self, JsValue> {
        let now = timestamp(now)?;
        let config = configuration::read(config, secrets, admin_token.as_deref())?;
        let warnings = serde_json::to_string(&config.warnings(now)).unwrap_or_default();
        Ok(Self {
            engine: Engine::new(config, configuration::host_crypto(verify, sign)),
            input: Input::default(),
            output: Output::default(),
            waiting: RefCell::default(),
            warnings,
        })
    }

    /// What is allowed in the configuration and probably not meant, as JSON.
    pub fn warnings(&self) -> String {
        self.warnings.clone()
    }

    /// The address of the registers.
    pub fn registers(&self) -> u32 {
        self.output.address()
    }

    /// The address of the input buffer, made `length` bytes long at least.
    pub fn input(&self, length: usize) -> u32 {
        self.input.reserve(length)
    }

    /// How many requests wait for an answer.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Begins the request in the input buffer: 32 bytes of entropy, the head,
    /// the body. Returns the number of the request, or -1 when it is done.
    pub fn handle(
        &self,
        head: usize,
        body: usize,
        fields: usize,
        now: f64,
        trusted: bool,
    ) -> Result<i32, JsError> {
        let caller = if trusted { Caller::Embedder } else { Caller::Network };
        let now = timestamp(now)?;
        let entropy = self.input.entropy().map_err(JsError::new)?;
        let request = self.input.request(head, body, fields, caller).map_err(JsError::new)?;
        Ok(self.show(self.engine.handle(request, now, entropy)))
    }

    /// Begins protecting an API: the request's head is in the input buffer as
    /// for `handle`, without a body.
    pub fn protect(
        &self,
        head: usize,
        fields: usize,
        now: f64,
        scopes: Vec<String>,
        audiences: Vec<String>,
    ) -> Result<i32, JsError> {
        let now = timestamp(now)?;
        let entropy = self.input.entropy().map_err(JsError::new)?;
        let request = self.input.request(head, 0, fields, Caller::Network).map_err(JsError::new)?;
        let requirements = AccessRequirements { scopes, audiences };
        Ok(self.show(self.engine.protect(request, requirements, now, entropy)))
    }

    /// Begins what is better done between requests; -1 when nothing is due.
    /// Takes 32 bytes of entropy from the input buffer.
    pub fn upkeep(&self, now: f64) -> Result<i32, JsError> {
        let now = timestamp(now)?;
        let entropy = self.input.entropy().map_err(JsError::new)?;
        Ok(self.engine.refresh_keys(now, entropy).map_or(DONE, |step| self.refreshing(step)))
    }

    /// Takes over the keys of an issuer: a JWK set as JSON text. What comes back
    /// is why not, as JSON.
    pub fn supply_keys(
        &self,
        issuer: &str,
        jwks: &str,
        now: f64,
    ) -> Result<Option<String>, JsError> {
        let supplied = self.engine.supply_keys(issuer, jwks, timestamp(now)?);
        Ok(supplied.err().map(|error| {
            json!({ "reason": error.reason(), "message": error.to_string() }).to_string()
        }))
    }

    /// Begins looking up an issuer, so that `supply_keys` knows it. Takes 32
    /// bytes of entropy from the input buffer.
    pub fn find_issuer(&self, issuer: &str, now: f64) -> Result<i32, JsError> {
        let now = timestamp(now)?;
        let entropy = self.input.entropy().map_err(JsError::new)?;
        Ok(self.finding(self.engine.find_issuer(issuer, now, entropy)))
    }

    /// Answers `Verify`.
    pub fn verdict(&self, request: usize, good: bool) -> Result<i32, JsError> {
        self.resume(request, Answer::Verdict { verdict: Verdict::from(good) })
    }

    /// Answers `Sign` with the first bytes of the input buffer.
    pub fn signature(&self, request: usize, length: usize) -> Result<i32, JsError> {
        let signature = self.input.signature(length).map_err(JsError::new)?;
        self.resume(request, Answer::Signature { signature })
    }

    /// Answers any ask with the JSON at the front of the input buffer.
    pub fn answer(&self, request: usize, length: usize) -> Result<i32, JsError> {
        match self.input.answer(length) {
            Ok(answer) => self.resume(request, answer),
            Err(problem) => {
                self.abandon(request);
                Err(JsError::new(problem))
            }
        }
    }

    /// Forgets a request that will get no answer.
    pub fn abandon(&self, request: usize) {
        drop(self.take(request));
    }

    /// The public JWK a waiting request wants a signature verified with.
    pub fn verification_key(&self, request: usize) -> Option<String> {
        match self.waiting.borrow().get(request)?.ask() {
            Ask::Verify { key, .. } => Some(key.to_jwk().to_string()),
            _ => None,
        }
    }

    /// The private JWK of a key of ours: a secret.
    pub fn signing_key(&self, kid: &str) -> Option<String> {
        Some(self.engine.signing_key(kid)?.to_jwk().to_string())
    }

    /// The audit line of the last reply, as JSON.
    pub fn audit(&self) -> Option<String> {
        self.output.audited(|audit| serde_json::to_string(audit).ok())
    }

    /// The reason code of the last reply, when it is a refusal.
    pub fn reason(&self) -> Option<String> {
        self.output.audited(|audit| audit.reason.clone())
    }

    /// The claim that the reason of the last reply is about, if it is one.
    pub fn claim(&self) -> Option<String> {
        self.output.audited(|audit| audit.claim.as_ref().map(ToString::to_string))
    }
}

impl Authority {
    fn take(&self, request: usize) -> Option<Waiting> {
        self.waiting.borrow_mut().try_remove(request)
    }

    fn resume(&self, request: usize, answer: Answer) -> Result<i32, JsError> {
        let waiting = self.take(request).ok_or_else(|| JsError::new("no such request waits"))?;
        Ok(match waiting {
            Waiting::Request(pending) => self.show(pending.resume(answer)?),
            Waiting::Refresh(pending) => self.refreshing(pending.resume(answer)?),
            Waiting::Find(pending) => self.finding(pending.resume(answer)?),
        })
    }

    /// Puts a step where JavaScript finds it.
    fn show(&self, step: Step) -> i32 {
        match step {
            Step::Done(reply) => {
                self.output.show_reply(reply);
                DONE
            }
            Step::Ask(pending) => self.wait(Waiting::Request(pending)),
        }
    }

    /// The result of fetching keys shows with the next request that needs them.
    fn refreshing(&self, step: Step<KeyRefresh>) -> i32 {
        match step {
            Step::Done(_) => DONE,
            Step::Ask(pending) => self.wait(Waiting::Refresh(pending)),
        }
    }

    /// Shows as a status: 200, 404, or 503 when the store did not say.
    fn finding(&self, step: Step<Found>) -> i32 {
        match step {
            Step::Done(found) => {
                self.output.show_status(match *found {
                    Ok(true) => 200,
                    Ok(false) => 404,
                    Err(_) => 503,
                });
                DONE
            }
            Step::Ask(pending) => self.wait(Waiting::Find(pending)),
        }
    }

    fn wait(&self, waiting: Waiting) -> i32 {
        self.output.show_ask(waiting.ask());
        i32::try_from(self.waiting.borrow_mut().insert(waiting)).unwrap_or(DONE)
    }
}

/// A clock that does not say the time must not make every token current.
pub(crate) fn timestamp(now: f64) -> Result<Timestamp, JsError> {
    if now.is_finite() && now >= 1.0 {
        Ok(Timestamp(now as u64))
    } else {
        Err(JsError::new("the clock does not say the time in seconds since the epoch"))
    }
}
