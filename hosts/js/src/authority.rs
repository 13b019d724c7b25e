//! The one class that JavaScript holds: an engine, its input buffer, and the
//! requests that wait for an answer.
//!
//! Every method takes `&self` and borrows its cells for an instant only, never
//! while the engine runs. Should the engine ever trap, the request that did it
//! is lost and the next one finds nothing locked.

use std::cell::RefCell;

use exchequer::config::Problem;
use exchequer::{Answer, Ask, Audit, Config, Engine, Step, Timestamp, Verdict};
use js_sys::Function;
use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::certificate::Certificate;
use crate::configuration;
use crate::input::{self, Input};
use crate::outcome::{Outcome, Waiting, shown};
use crate::output::{Output, object};

/// The result is shown: read it before the next call.
pub(crate) const DONE: i32 = -1;

/// The host has a bug, and `misuse` says which. The request is gone.
const MISUSED: i32 = -2;

/// A security token service with the requests under way in it.
#[wasm_bindgen]
pub struct Authority {
    engine: RefCell<Engine>,
    pub(crate) input: Input,
    output: Output,
    waiting: RefCell<Slab<Request>>,
    /// What is probably not meant in the configuration.
    warnings: RefCell<Vec<Problem>>,
    /// What the host did wrong last.
    misuse: RefCell<String>,
}

/// A request that waits, with the engine that began it: another one may have taken
/// its place.
struct Request {
    engine: Engine,
    step: Box<dyn Waiting>,
}

/// A configuration that was found good, and is not in use yet.
#[wasm_bindgen]
pub struct Checked {
    config: Config,
    warnings: Vec<Problem>,
}

#[wasm_bindgen]
impl Checked {
    /// What is allowed in it and probably not meant: a list of objects.
    pub fn warnings(&self) -> JsValue {
        object(&self.warnings)
    }
}

#[wasm_bindgen]
impl Authority {
    /// From a configuration document. `verify` and `sign` name the algorithms
    /// that JavaScript answers for; `admin_token` lets its bearer administer, and
    /// `wrapping_key` encrypts the signing keys in the store.
    /// Throws the problems, a list of objects.
    #[wasm_bindgen(constructor)]
    pub fn new(
        config: &str,
        secrets: &Function,
        verify: &str,
        sign: &str,
        now: f64,
        admin_token: Option<String>,
        wrapping_key: Option<String>,
    ) -> Result<Self, JsValue> {
        let now = timestamp(now).map_err(JsError::new)?;
        let config =
            configuration::read(config, secrets, admin_token.as_deref(), wrapping_key.as_deref())?;
        let warnings = config.warnings(now);
        Ok(Self {
            engine: Engine::new(config, configuration::host_crypto(verify, sign)).into(),
            input: Input::default(),
            output: Output::default(),
            waiting: RefCell::default(),
            warnings: warnings.into(),
            misuse: RefCell::default(),
        })
    }

    /// Reads another configuration document, which is not used before it is given to
    /// `succeed`. Throws the problems, a list of objects.
    pub fn check(&self, config: &str, secrets: &Function, now: f64) -> Result<Checked, JsValue> {
        let now = timestamp(now).map_err(JsError::new)?;
        let config = configuration::read(config, secrets, None, None)?;
        let warnings = config.warnings(now);
        Ok(Checked { config, warnings })
    }

    /// Puts another configuration in the place of this one. Requests that wait end
    /// under the one that they began with.
    pub fn succeed(&self, checked: Checked) {
        let Checked { config, warnings } = checked;
        let next = self.engine.borrow().succeed(config);
        *self.engine.borrow_mut() = next;
        *self.warnings.borrow_mut() = warnings;
    }

    /// What is allowed in the configuration and probably not meant: a list of
    /// objects.
    pub fn warnings(&self) -> JsValue {
        object(&*self.warnings.borrow())
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
    /// the body. It comes with this client certificate, if there is one. Returns the
    /// number of the request, -1 when it is done, or -2 when the host has a bug.
    pub fn handle(
        &self,
        head: usize,
        body: usize,
        fields: usize,
        now: f64,
        certificate: Option<Certificate>,
    ) -> i32 {
        self.step(|| {
            let now = timestamp(now)?;
            let entropy = self.input.entropy()?;
            let request = self.input.request(head, body, fields)?;
            let request = request.with_certificate(certificate.map(Into::into));
            Ok(self.show(|engine| engine.handle(request, now, entropy)))
        })
    }

    /// Takes over the keys of an issuer: a JWK set as JSON text. The result is
    /// there at once.
    pub fn supply_keys(&self, issuer: &str, jwks: &str, now: f64) -> i32 {
        self.step(|| {
            let now = timestamp(now)?;
            Ok(self.show(|engine| Step::Done(engine.supply_keys(issuer, jwks, now).into())))
        })
    }

    /// Begins looking up an issuer, so that `supply_keys` knows it. Takes 32
    /// bytes of entropy from the input buffer.
    pub fn find_issuer(&self, issuer: &str, now: f64) -> i32 {
        self.step(|| {
            let now = timestamp(now)?;
            let entropy = self.input.entropy()?;
            Ok(self.show(|engine| engine.find_issuer(issuer, now, entropy)))
        })
    }

    /// Answers `Verify`, whether the signature is good, and `Commit`, whether the batch
    /// was written.
    pub fn yes_or_no(&self, request: usize, yes: bool) -> i32 {
        let is_commit = self.asks(request, |ask| matches!(ask, Ask::Commit { .. }));
        let answer = match (is_commit, yes) {
            (true, true) => Answer::Committed,
            (true, false) => Answer::Conflict,
            (false, good) => Answer::Verdict { verdict: Verdict::from(good) },
        };
        self.step(|| self.resume(request, answer))
    }

    /// Answers `Sign` with the first bytes of the input buffer.
    pub fn signature(&self, request: usize, length: usize) -> i32 {
        self.step(|| {
            let signature = self.input.signature(length)?;
            self.resume(request, Answer::Signature { signature })
        })
    }

    /// Answers any ask with the JSON at the front of the input buffer.
    pub fn answer(&self, request: usize, length: usize) -> i32 {
        self.step(|| match self.input.answer(length) {
            Ok(answer) => self.resume(request, answer),
            Err(problem) => Err(match self.take(request) {
                Some(gone) => format!("the ask `{}`: {problem}", gone.step.ask().name()),
                None => problem.into(),
            }),
        })
    }

    /// What the host did wrong, when the last call returned -2.
    pub fn misuse(&self) -> String {
        self.misuse.take()
    }

    /// The public JWK a waiting request wants a signature verified with.
    pub fn verification_key(&self, request: usize) -> Option<String> {
        match self.waiting.borrow().get(request)?.step.ask() {
            Ask::Verify { key, .. } => Some(key.to_jwk().to_string()),
            _ => None,
        }
    }

    /// The private JWK a waiting request wants a signature of: a secret.
    pub fn signing_key(&self, request: usize) -> Option<String> {
        let waiting = self.waiting.borrow();
        let Request { engine, step } = waiting.get(request)?;
        match step.ask() {
            Ask::Sign { key_id, .. } => Some(engine.signing_key(key_id)?.to_jwk().to_string()),
            _ => None,
        }
    }

    /// The audit line of the last result, as JSON.
    pub fn audit(&self) -> Option<String> {
        self.output.last(|shown| shown.audit.as_ref().map(Audit::to_json))
    }

    /// The same as an object.
    pub fn decision(&self) -> Option<JsValue> {
        self.output.last(|shown| shown.audit.as_ref().map(object))
    }

    /// The members of the last result, when it is a refusal.
    pub fn refusal(&self) -> Option<JsValue> {
        self.output.last(|shown| shown.refused.as_ref().map(object))
    }

    /// The last result of `explain`.
    pub fn explanation(&self) -> Option<JsValue> {
        self.output.last(|shown| shown.explanation.as_ref().map(object))
    }

    /// The reason code of the last reply, when it is a refusal.
    pub fn reason(&self) -> Option<String> {
        self.output.last(|shown| shown.audit.as_ref()?.reason.clone())
    }

    /// The claim that the reason of the last reply is about, if it is one.
    pub fn claim(&self) -> Option<String> {
        self.output.last(|shown| shown.audit.as_ref()?.claim.as_ref().map(ToString::to_string))
    }
}

impl Authority {
    fn take(&self, request: usize) -> Option<Request> {
        self.waiting.borrow_mut().try_remove(request)
    }

    fn asks(&self, request: usize, holds: impl FnOnce(&Ask) -> bool) -> bool {
        self.waiting.borrow().get(request).is_some_and(|waiting| holds(waiting.step.ask()))
    }

    /// What a step returns: the number of a request that waits, [`DONE`], or
    /// [`MISUSED`]. It is one number and no `Result`: that crosses as three, for which
    /// JavaScript makes an array.
    pub(crate) fn step(&self, step: impl FnOnce() -> Result<i32, String>) -> i32 {
        step().unwrap_or_else(|misuse| {
            self.misuse.replace(misuse);
            MISUSED
        })
    }

    fn resume(&self, request: usize, answer: Answer) -> Result<i32, String> {
        let Request { engine, step } = self.take(request).ok_or("no such request waits")?;
        let step = step.resume(answer, &engine, &self.output);
        Ok(self.wait(engine, step.map_err(|misuse| misuse.to_string())?))
    }

    /// Begins a step with the engine that is in use, and puts it where JavaScript
    /// finds it.
    pub(crate) fn show<T: Outcome>(&self, begin: impl FnOnce(&Engine) -> Step<T>) -> i32 {
        let engine = self.engine();
        let step = shown(begin(&engine), &engine, &self.output);
        self.wait(engine, step)
    }

    /// The engine that is in use.
    pub(crate) fn engine(&self) -> Engine {
        self.engine.borrow().clone()
    }

    fn wait(&self, engine: Engine, step: Option<Box<dyn Waiting>>) -> i32 {
        let Some(step) = step else { return DONE };
        let number = self.waiting.borrow_mut().insert(Request { engine, step });
        i32::try_from(number).unwrap_or(DONE)
    }
}

/// A clock that does not say the time must not make every token current.
pub(crate) fn timestamp(now: f64) -> Result<Timestamp, input::Problem> {
    if now.is_finite() && now >= 1.0 {
        Ok(Timestamp(now as u64))
    } else {
        Err("the clock does not say the time in seconds since the epoch")
    }
}
