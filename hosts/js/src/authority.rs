//! The one class that JavaScript holds: an engine, its input buffer, and the
//! requests that wait for an answer.
//!
//! Every method takes `&self` and borrows its cells for an instant only, never
//! while the engine runs. Should the engine ever trap, the request that did it
//! is lost and the next one finds nothing locked.

use std::cell::RefCell;

use exchequer::{
    Answer, Ask, Caller, Engine, Entropy, Pending, Protection, Reply, Request, Step, Timestamp,
    Verdict,
};
use js_sys::Function;
use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::registers::{Kind, Registers, address, algorithm_number};
use crate::{configuration, request};

/// The step is the reply: read it before the next call.
const DONE: i32 = -1;

/// Bytes of entropy at the start of the input buffer.
const ENTROPY: usize = 32;

/// A security token service with the requests under way in it.
#[wasm_bindgen]
pub struct Authority {
    engine: Engine,
    input: RefCell<Vec<u8>>,
    registers: Registers,
    waiting: RefCell<Slab<Pending>>,
    /// The last reply, and its head as text.
    reply: RefCell<Option<(Box<Reply>, String)>>,
    /// The last cold ask.
    json: RefCell<String>,
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
            input: RefCell::default(),
            registers: Registers::default(),
            waiting: RefCell::default(),
            reply: RefCell::default(),
            json: RefCell::default(),
            warnings,
        })
    }

    /// What is allowed in the configuration and probably not meant, as JSON.
    pub fn warnings(&self) -> String {
        self.warnings.clone()
    }

    /// The address of the registers.
    pub fn registers(&self) -> u32 {
        self.registers.address()
    }

    /// The address of the input buffer, made `length` bytes long at least.
    pub fn input(&self, length: usize) -> u32 {
        let mut input = self.input.borrow_mut();
        if input.len() < length {
            input.resize(length, 0);
        }
        address(input.as_ptr())
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
        let (entropy, request) = self.take_request(head, body, fields, caller)?;
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
        let (entropy, request) = self.take_request(head, 0, fields, Caller::Network)?;
        let protection = Protection { scopes, audiences };
        Ok(self.show(self.engine.protect(request, protection, now, entropy)))
    }

    /// Begins what is better done between requests; -1 when nothing is due.
    /// Takes 32 bytes of entropy from the input buffer.
    pub fn upkeep(&self, now: f64) -> Result<i32, JsError> {
        let now = timestamp(now)?;
        let entropy = self.with_input(take_entropy)?;
        Ok(self.engine.upkeep(now, entropy).map_or(DONE, |step| self.show(step)))
    }

    /// Answers `Verify`.
    pub fn verdict(&self, request: usize, good: bool) -> Result<i32, JsError> {
        self.resume(request, Answer::Verdict { verdict: Verdict::from(good) })
    }

    /// Answers `Sign` with the first bytes of the input buffer.
    pub fn signature(&self, request: usize, length: usize) -> Result<i32, JsError> {
        let signature = self.with_input(|input| Ok(front(input, length)?.to_vec()))?;
        self.resume(request, Answer::Signature { signature })
    }

    /// Answers any ask with the JSON at the front of the input buffer.
    pub fn answer(&self, request: usize, length: usize) -> Result<i32, JsError> {
        let answer = self.with_input(|input| {
            serde_json::from_slice(front(input, length)?).map_err(|_| "that is no answer")
        });
        match answer {
            Ok(answer) => self.resume(request, answer),
            Err(problem) => {
                self.abandon(request);
                Err(problem)
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
        let reply = self.reply.borrow();
        serde_json::to_string(reply.as_ref()?.0.audit.as_ref()?).ok()
    }

    /// The reason code of the last reply, when it is a refusal.
    pub fn reason(&self) -> Option<String> {
        self.reply.borrow().as_ref()?.0.audit.as_ref()?.reason.clone()
    }

    /// The claim that the reason of the last reply is about, if it is one.
    pub fn claim(&self) -> Option<String> {
        Some(self.reply.borrow().as_ref()?.0.audit.as_ref()?.claim.as_ref()?.to_string())
    }
}

impl Authority {
    fn with_input<T>(
        &self,
        read: impl FnOnce(&mut [u8]) -> Result<T, &'static str>,
    ) -> Result<T, JsError> {
        read(&mut self.input.borrow_mut()).map_err(JsError::new)
    }

    fn take_request(
        &self,
        head: usize,
        body: usize,
        fields: usize,
        caller: Caller,
    ) -> Result<(Entropy, Request), JsError> {
        self.with_input(|input| {
            let entropy = take_entropy(input)?;
            let head_end = ENTROPY.saturating_add(head);
            let (Some(head), Some(body)) =
                (input.get(ENTROPY..head_end), input.get(head_end..head_end.saturating_add(body)))
            else {
                return Err("the request is longer than the input buffer");
            };
            Ok((entropy, request::parse(head, body, fields, caller)?))
        })
    }

    fn take(&self, request: usize) -> Option<Pending> {
        self.waiting.borrow_mut().try_remove(request)
    }

    fn resume(&self, request: usize, answer: Answer) -> Result<i32, JsError> {
        let pending = self.take(request).ok_or_else(|| JsError::new("no such request waits"))?;
        Ok(self.show(pending.resume(answer)?))
    }

    /// Puts a step where JavaScript finds it.
    fn show(&self, step: Step) -> i32 {
        match step {
            Step::Done(reply) => {
                self.show_reply(reply);
                DONE
            }
            Step::Ask(pending) => {
                self.show_ask(pending.ask());
                // What the registers point to lives on the heap and does not
                // move with the request.
                i32::try_from(self.waiting.borrow_mut().insert(pending)).unwrap_or(DONE)
            }
        }
    }

    fn show_reply(&self, reply: Box<Reply>) {
        let head = request::head(&reply);
        let status = u32::from(reply.status);
        self.registers.set(Kind::Done, status, [head.as_bytes(), &reply.body, &[]]);
        *self.reply.borrow_mut() = Some((reply, head));
    }

    fn show_ask(&self, ask: &Ask) {
        match ask {
            Ask::Verify { alg, key, message, signature } => self.registers.set(
                Kind::Verify,
                algorithm_number(*alg),
                [key.thumbprint().as_bytes(), message, signature],
            ),
            Ask::Sign { alg, key_id, message } => {
                self.registers.set(
                    Kind::Sign,
                    algorithm_number(*alg),
                    [key_id.as_bytes(), message, &[]],
                );
            }
            cold => {
                let json = serde_json::to_string(cold).unwrap_or_default();
                self.registers.set(Kind::Other, 0, [json.as_bytes(), &[], &[]]);
                *self.json.borrow_mut() = json;
            }
        }
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

/// Takes the entropy out of the buffer, so that no two requests see the same.
fn take_entropy(input: &mut [u8]) -> Result<Entropy, &'static str> {
    let bytes = input.first_chunk_mut::<ENTROPY>().ok_or("the input buffer holds no entropy")?;
    if *bytes == [0; ENTROPY] {
        return Err("the input buffer holds no entropy");
    }
    Ok(Entropy::new(core::mem::replace(bytes, [0; ENTROPY])))
}

fn front(input: &[u8], length: usize) -> Result<&[u8], &'static str> {
    input.get(..length).ok_or("the answer is longer than the input buffer")
}
