//! A request on its way through the gateway: its token is exchanged, or
//! examined and exchanged elsewhere, and what was issued is kept.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use super::cache::{Granted, Span};
use super::config::{SUBJECT_TOKEN_HEADER, Treatment};
use super::refusal::Refused;
use super::remote::{self, Call, Fault};
use super::resources::Place;
use super::{Forward, Gateway, GatewayStep, Need, claims, request};
use crate::audit::Audit;
use crate::dpop::DpopProof;
use crate::exchange::{Decided, GrantRequest, Issued, TokenRequest};
use crate::identity::Client;
use crate::mtls::ClientCertificate;
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
    /// The API that it is for, by its place among those behind the gateway.
    pub(super) api: Option<Place>,
    pub(super) token: String,
    /// With the scheme `DPoP`, the proof by the sender of the request.
    pub(super) proof: Option<Box<DpopProof>>,
    /// The client certificate of the sender.
    pub(super) certificate: Option<Arc<ClientCertificate>>,
    pub(super) forward: Forward,
    pub(super) now: Timestamp,
    /// How often issuers' keys had changed when it came.
    pub(super) keys: u64,
    /// The trace that it belongs to.
    pub(super) traceparent: Option<String>,
    /// The token is bound to a key, and so is what is issued for it.
    pub(super) is_bound: bool,
}

#[derive(Debug)]
enum Stage {
    /// The exchange, in this engine.
    Exchange(Pending<Decided<Issued>>),
    /// The checks on the token, before it is exchanged elsewhere.
    Examination(Pending<Decided<Option<Timestamp>>>),
    /// The exchange elsewhere, of a token that need not be checked again until
    /// this time.
    Remote(Box<Call>, Option<Timestamp>),
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
            Stage::Exchange(pending) => Need::Ask(pending.ask()),
            Stage::Examination(pending) => Need::Ask(pending.ask()),
            Stage::Remote(call, _) => Need::Call(call),
        }
    }

    /// Goes on with the answer.
    ///
    /// # Errors
    /// [`Misuse`] when the answer is not one to what is needed.
    pub fn resume(self, answer: Answer) -> Result<GatewayStep, Misuse> {
        let (gateway, api) = (self.crossing.gateway.clone(), self.crossing.api);
        let step = match self.stage {
            Stage::Exchange(pending) => self.crossing.exchanged(pending.resume(answer)?),
            Stage::Examination(pending) => self.crossing.examined(pending.resume(answer)?),
            Stage::Remote(_, settled) => self.crossing.remotely_issued(answer, settled),
        };
        Ok(gateway.named(step, api))
    }
}

impl Crossing {
    pub(super) fn exchange(mut self, entropy: Entropy) -> GatewayStep {
        let client = Client::embedder(self.treatment.client_id.as_str());
        let request = request(&self.treatment, &self.token);
        let engine = &self.gateway.0.engine;
        if self.treatment.remote.is_some() {
            let step = engine.examine(client, request, self.now, entropy);
            return self.examined(step);
        }
        let grant = GrantRequest::TokenExchange(request);
        let mut request = TokenRequest::new(client, grant).presented_with(self.certificate.clone());
        if let Some(proof) = self.proof.take() {
            self.is_bound = true;
            request = request.with_dpop(*proof);
        }
        let step = self.gateway.0.engine.exchange(request, self.now, entropy);
        self.exchanged(step)
    }

    /// What was decided, with the trace that the request belongs to.
    fn traced<T>(&self, mut decided: Decided<T>) -> Decided<T> {
        decided.audit.traceparent.clone_from(&self.traceparent);
        decided
    }

    fn exchanged(self, step: Step<Decided<Issued>>) -> GatewayStep {
        match step {
            Step::Ask(pending) => {
                let stage = Stage::Exchange(pending);
                GatewayStep::Wait(Waiting { crossing: self, stage })
            }
            Step::Done(decided) => match self.traced(*decided) {
                Decided { result: Ok(issued), audit, .. } => {
                    let Issued { access_token, expires_in, settled_until, .. } = issued;
                    self.issued(access_token, expires_in, settled_until, Some(audit))
                }
                Decided { result: Err(refusal), audit, dpop_nonce } => {
                    let refused = Refused::exchange(&refusal, audit);
                    GatewayStep::Refuse(refused.with_nonce(dpop_nonce))
                }
            },
        }
    }

    /// The token was found good, and is exchanged elsewhere.
    fn examined(mut self, step: Step<Decided<Option<Timestamp>>>) -> GatewayStep {
        let (stage, audit) = match (step, &self.treatment.remote) {
            (Step::Ask(pending), _) => (Stage::Examination(pending), None),
            (Step::Done(decided), Some(remote)) => match self.traced(*decided) {
                Decided { result: Ok(settled), audit, .. } => {
                    let mut call = remote::call(remote, &self.treatment, &self.token);
                    let traceparent = self.traceparent.iter().cloned();
                    call.headers.extend(traceparent.map(|value| ("traceparent", value)));
                    (Stage::Remote(Box::new(call), settled), Some(audit))
                }
                Decided { result: Err(refusal), audit, .. } => {
                    return GatewayStep::Refuse(Refused::exchange(&refusal, audit));
                }
            },
            (Step::Done(decided), None) => {
                let examined = Some(decided.audit);
                return GatewayStep::Refuse(Refused::remote(Fault::Unavailable, examined));
            }
        };
        self.forward.audit = audit;
        GatewayStep::Wait(Waiting { crossing: self, stage })
    }

    fn remotely_issued(mut self, answer: Answer, settled: Option<Timestamp>) -> GatewayStep {
        let audit = self.forward.audit.take();
        match remote::issued(answer) {
            Ok(issued) => self.issued(issued.token, issued.expires_in, settled, audit),
            Err(fault) => GatewayStep::Refuse(Refused::remote(fault, audit)),
        }
    }

    /// Keeps what was issued for the next request with the same token: until it
    /// nears its end, and no longer than the same would be decided again, also
    /// where it may outlive the token that it was issued for.
    fn issued(
        self,
        token: String,
        expires_in: u64,
        settled_until: Option<Timestamp>,
        audit: Option<Audit>,
    ) -> GatewayStep {
        let wanted = &self.treatment.claim_headers;
        let claims = if wanted.is_empty() { None } else { claims::of(&token) };
        let headers = claims::headers(wanted, &claims.unwrap_or_default());
        let granted = Arc::new(Granted { token, headers });
        if let Some(settled_until) = settled_until {
            let cache = &self.gateway.0.cache;
            let until = self.now.plus(cache.lifetime(expires_in)).min(settled_until);
            let span = Span { from: self.now, until, keys: self.keys };
            cache.keep(&self.token, &self.treatment, &granted, span);
        }
        self.granted(&granted, audit)
    }

    pub(super) fn granted(self, granted: &Granted, audit: Option<Audit>) -> GatewayStep {
        let mut forward = self.forward;
        forward.audit = audit;
        // The upstream of a bound token can check that it is one; its proof was
        // checked here, and is for the token that the client sent.
        let scheme = if self.is_bound { "DPoP" } else { "Bearer" };
        forward.set.push(("authorization".into(), format!("{scheme} {}", granted.token)));
        forward.set.extend(granted.headers.iter().cloned());
        if self.treatment.forward_subject_token {
            forward.set.push((SUBJECT_TOKEN_HEADER.into(), self.token));
        }
        GatewayStep::Forward(forward)
    }
}
