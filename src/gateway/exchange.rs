//! A request on its way through the gateway: its token is exchanged, or
//! examined and exchanged elsewhere, and what was issued is kept.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use serde_json::Value;

use super::cache::{Granted, Span};
use super::config::{SUBJECT_TOKEN_HEADER, Treatment};
use super::refusal::Refused;
use super::remote::{self, Call};
use super::{FORM, Forward, Gateway, Need, Passage, claims, encoded, form};
use crate::audit::Audit;
use crate::http::{Reply, Request};
use crate::step::{Answer, Misuse, Pending, Step};
use crate::time::{Entropy, Timestamp};

/// A request that waits. Dropping it abandons the request.
#[derive(Debug)]
pub struct Waiting {
    crossing: Crossing,
    stage: Stage,
}

/// A request on its way.
pub(super) struct Crossing {
    pub(super) gateway: Gateway,
    pub(super) treatment: Arc<Treatment>,
    pub(super) token: String,
    pub(super) forward: Forward,
    pub(super) now: Timestamp,
    /// How often issuers' keys had changed when it came.
    pub(super) keys: u64,
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
    pub(super) fn exchange(self, entropy: Entropy) -> Passage {
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

    pub(super) fn granted(self, granted: &Granted, audit: Option<Audit>) -> Passage {
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
