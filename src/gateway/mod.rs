//! A gateway: whether a request may pass to the upstream, and with which
//! token. A proxy host moves bytes; every decision is here.
//!
//! A request falls under a rule by its path, as every upstream would read it.
//! Its bearer token is exchanged, by this engine or at a remote endpoint after
//! it was validated here; what was issued is kept for the next request with
//! the same token. Whatever fails is answered, never passed on.

mod cache;
mod claims;
mod inbound;
mod path;
mod refusal;
mod remote;
mod rules;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::Value;
use spin::Mutex;

use self::cache::{Cache, Granted, Span};
use self::inbound::Authorization;
pub(crate) use self::path::is_one_path;
pub use self::refusal::Refused;
pub use self::remote::Call;
use crate::config::{Filter, GatewayRules, GrantType, SubjectTokenType, TokenRule, Treatment};
use crate::http::{Reply, Request};
use crate::step::{Answer, Ask, Misuse, Pending, Step};
use crate::trace::Audit;
use crate::{Engine, Entropy, Timestamp};

/// The header field with the token that the client sent, where a rule has
/// `forwardSubjectToken`.
pub(crate) const SUBJECT_TOKEN_HEADER: &str = "x-subject-token";

const FORM: &str = "application/x-www-form-urlencoded";

/// Decides about requests. Cheap to clone: clones share their memory.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    engine: Engine,
    rules: GatewayRules,
    cache: Mutex<Cache>,
}

/// What becomes of a request.
#[must_use = "a passage that is dropped abandons its request"]
#[derive(Debug)]
pub enum Passage {
    /// It passes, changed.
    Forward(Forward),
    /// It is answered.
    Refuse(Refused),
    /// One thing from outside is needed first.
    Wait(Waiting),
}

/// How a request is changed before it passes: first `remove`, then `set`.
#[derive(Debug, Default)]
pub struct Forward {
    /// Names of header fields, as they are in the request.
    pub remove: Vec<String>,
    /// Header fields that take the place of all of their name.
    pub set: Vec<(String, String)>,
    /// What was decided, if it was not decided before.
    pub audit: Option<Audit>,
}

/// What a request waits for.
#[derive(Debug)]
pub enum Need<'a> {
    /// An ask of the engine.
    Ask(&'a Ask),
    /// A call, answered like [`Ask::Fetch`].
    Call(&'a Call),
}

/// A request that waits. Dropping it abandons the request.
#[derive(Debug)]
pub struct Waiting {
    crossing: Crossing,
    stage: Stage,
}

/// A request on its way.
struct Crossing {
    gateway: Gateway,
    treatment: Arc<Treatment>,
    token: String,
    forward: Forward,
    now: Timestamp,
    /// How often issuers' keys had changed when it came.
    keys: u64,
}

#[derive(Debug)]
enum Stage {
    Engine(Pending),
    Remote(Box<Call>),
}

impl core::fmt::Debug for Crossing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Crossing").finish_non_exhaustive()
    }
}

impl core::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

impl Gateway {
    /// The gateway of a filter; `None` when the filter is none.
    #[must_use]
    pub fn new(filter: &mut Filter, engine: Engine) -> Option<Self> {
        let rules = filter.gateway.take()?;
        Some(Self(Arc::new(Inner { engine, rules, cache: Mutex::default() })))
    }

    /// Begins with a request, of which the body is not needed. `now` is the
    /// time it came; `entropy` is fresh.
    pub fn cross(&self, request: &Request, now: Timestamp, entropy: Entropy) -> Passage {
        let Ok(treatment) = rules::treatment(&self.0.rules, &request.target) else {
            return Passage::Refuse(Refused::path());
        };
        let remove = inbound::forged(request, &self.0.rules.stripped);
        let forward = Forward { remove, ..Forward::default() };
        let token = match (treatment.token, inbound::authorization(request)) {
            (TokenRule::Off, _) | (TokenRule::Optional, Authorization::Missing) => {
                return Passage::Forward(forward);
            }
            (_, Authorization::Bearer(token)) => token.to_string(),
            (_, Authorization::Several) => return Passage::Refuse(Refused::several()),
            (_, Authorization::Missing | Authorization::Other) => {
                return Passage::Refuse(Refused::unauthenticated());
            }
        };
        let keys = self.0.engine.key_changes();
        let crossing = Crossing { gateway: self.clone(), treatment, token, forward, now, keys };
        let found = self.0.cache.lock().find(&crossing.token, &crossing.treatment, now, keys);
        match found {
            Some(granted) => crossing.granted(&granted, None),
            None => crossing.exchange(entropy),
        }
    }
}

impl Waiting {
    /// What is needed.
    #[must_use]
    pub fn need(&self) -> Need<'_> {
        match &self.stage {
            Stage::Engine(pending) => Need::Ask(pending.ask()),
            Stage::Remote(call) => Need::Call(call),
        }
    }

    /// Goes on with the answer.
    ///
    /// # Errors
    /// [`Misuse`] when the answer is not one to what is needed.
    pub fn resume(self, answer: Answer) -> Result<Passage, Misuse> {
        match self.stage {
            Stage::Engine(pending) => Ok(self.crossing.step(pending.resume(answer)?)),
            Stage::Remote(_) => Ok(self.crossing.remotely_issued(answer)),
        }
    }
}

impl Crossing {
    fn exchange(self, entropy: Entropy) -> Passage {
        let body = encoded(&form(&self.treatment, &self.token));
        let request = Request::new("POST", "/oauth2/token")
            .header("content-type", FORM)
            .body(body)
            .from_embedder();
        let engine = &self.gateway.0.engine;
        let step = match self.treatment.remote {
            None => engine.handle(request, self.now, entropy),
            Some(_) => engine.examine(request, self.now, entropy),
        };
        self.step(step)
    }

    fn step(self, step: Step) -> Passage {
        match step {
            Step::Ask(pending) => {
                Passage::Wait(Waiting { crossing: self, stage: Stage::Engine(pending) })
            }
            Step::Done(reply) if reply.status == 200 => self.accepted(*reply),
            Step::Done(reply) => Passage::Refuse(Refused::exchange(*reply)),
        }
    }

    /// The exchange was granted; or the token was found good, to be exchanged
    /// elsewhere.
    fn accepted(mut self, reply: Reply) -> Passage {
        if let Some(remote) = &self.treatment.remote {
            let call = Box::new(remote::call(remote, &self.treatment, &self.token));
            self.forward.audit = reply.audit;
            return Passage::Wait(Waiting { crossing: self, stage: Stage::Remote(call) });
        }
        let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let token = body.as_ref().and_then(|body| body.get("access_token")?.as_str());
        let expires_in = body.as_ref().and_then(|body| body.get("expires_in")?.as_u64());
        match token.zip(expires_in) {
            Some((token, expires_in)) => self.issued(token.into(), expires_in, reply.audit),
            None => Passage::Refuse(Refused::exchange(Reply::internal_error())),
        }
    }

    fn remotely_issued(mut self, answer: Answer) -> Passage {
        match remote::issued(answer) {
            Ok(issued) => {
                let audit = self.forward.audit.take();
                self.issued(issued.token, issued.expires_in, audit)
            }
            Err(refused) => Passage::Refuse(refused),
        }
    }

    fn issued(mut self, token: String, expires_in: u64, audit: Option<Audit>) -> Passage {
        let claims = claims::of(&token).unwrap_or_default();
        let headers = claims::headers(&self.treatment.claim_headers, &claims);
        let granted = Arc::new(Granted { token, headers });
        let span = Span { from: self.now, until: self.until(expires_in), keys: self.keys };
        if span.from < span.until {
            let token = core::mem::take(&mut self.token);
            self.gateway.0.cache.lock().keep(token.clone(), &self.treatment, &granted, span);
            self.token = token;
        }
        self.granted(&granted, audit)
    }

    /// How long what was issued is given out: until it nears its end, and no
    /// longer than the token it was issued for, also where it may outlive that.
    fn until(&self, expires_in: u64) -> Timestamp {
        let margin = (expires_in / 5).min(30);
        let ours = self.now.plus(expires_in.saturating_sub(margin));
        let exp = claims::of(&self.token).and_then(|claims| claims.get("exp")?.as_f64());
        match exp {
            Some(exp) => ours.min(Timestamp(exp as u64)),
            None => self.now,
        }
    }

    fn granted(self, granted: &Granted, audit: Option<Audit>) -> Passage {
        let mut forward = self.forward;
        forward.audit = audit;
        forward.set.push(("authorization".into(), format!("Bearer {}", granted.token)));
        forward.set.extend(granted.headers.iter().cloned());
        if self.treatment.forward_subject_token {
            forward.set.push((SUBJECT_TOKEN_HEADER.into(), self.token));
        }
        Passage::Forward(forward)
    }
}

/// The parameters of the exchange (RFC 8693 section 2.1).
fn form<'a>(treatment: &'a Treatment, token: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut form = Vec::from([
        ("grant_type", GrantType::TokenExchange.name()),
        ("client_id", treatment.client_id.as_str()),
        ("subject_token", token),
        ("subject_token_type", treatment.subject_token_type.uri()),
    ]);
    form.extend(treatment.audience.iter().map(|audience| ("audience", audience.as_str())));
    form.extend(treatment.scope.iter().map(|scope| ("scope", scope.as_str())));
    form
}

fn encoded(form: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into_bytes()
}

impl SubjectTokenType {
    const fn uri(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
        }
    }
}
