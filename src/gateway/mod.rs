//! A gateway: whether a request may pass to the upstream, and with which
//! token. A proxy host moves bytes; every decision is here.
//!
//! A request falls under a rule by its path, if every upstream reads it so.
//! Its bearer token is exchanged, by this engine or at a remote endpoint after
//! it was validated here; what was issued may be kept for the next request with
//! the same token. Whatever fails is answered, never passed on.

mod cache;
mod claims;
mod config;
mod exchange;
mod inbound;
mod path;
mod refusal;
mod remote;
mod resources;
mod rules;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use self::cache::Cache;
pub use self::config::{Clusters, Filter, FilterDocument, FilterMode};
use self::config::{GatewayRules, TokenRule, Treatment};
use self::exchange::Crossing;
pub use self::exchange::Waiting;
use self::inbound::Authorization;
pub use self::refusal::Refused;
pub use self::remote::Call;
use self::resources::GatewayResource;
use crate::audit::Audit;
use crate::dpop::DpopProof;
use crate::engine::Engine;
use crate::exchange::{Target, TokenExchange};
use crate::http::{Reply, Request};
use crate::mtls;
use crate::step::Ask;
use crate::time::{Entropy, Timestamp};

/// Decides about requests. Cheap to clone: clones share their memory.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    engine: Engine,
    rules: GatewayRules,
    cache: Cache,
}

/// What becomes of a request.
#[must_use = "a step that is dropped abandons its request"]
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a step is made and taken apart at once")]
pub enum GatewayStep {
    /// It passes, changed.
    Forward(Forward),
    /// It is answered.
    Refuse(Refused),
    /// It asks for the metadata of the API behind the gateway, and gets them.
    Answer(Box<Reply>),
    /// One thing from outside is needed first.
    Wait(Waiting),
}

/// A token, and the proof that came with it.
type Presented = (String, Option<Box<DpopProof>>);

/// How far a request gets without an exchange.
enum Begun {
    Done(GatewayStep),
    /// Its token has to be exchanged.
    Crossing(Crossing),
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
        let cache = Cache::of(&engine);
        Some(Self(Arc::new(Inner { engine, rules, cache })))
    }

    /// Begins with a request, of which the body is not needed. `now` is the
    /// time it came. `entropy` draws fresh bytes, and is called only when a token
    /// has to be exchanged. `None`: it had none, and the request must not pass.
    pub fn cross(
        &self,
        request: &Request,
        now: Timestamp,
        entropy: impl FnOnce() -> Option<Entropy>,
    ) -> Option<GatewayStep> {
        match self.without_exchange(request, now) {
            Begun::Done(step) => Some(step),
            Begun::Crossing(crossing) => {
                let api = crossing.api;
                Some(self.named(crossing.exchange(entropy()?), api))
            }
        }
    }

    /// The same answer, whose challenge names the metadata of this API.
    fn named(&self, step: GatewayStep, api: Option<usize>) -> GatewayStep {
        let GatewayStep::Refuse(mut refused) = step else { return step };
        let api = api.and_then(|place| self.0.rules.resources.get(place));
        refused.reply.name_metadata(api.map(GatewayResource::metadata_url));
        GatewayStep::Refuse(refused)
    }

    /// What needs no exchange: a request without a token, and one whose token
    /// was exchanged before.
    fn without_exchange(&self, request: &Request, now: Timestamp) -> Begun {
        if let Some(reply) = resources::document(&self.0.rules.resources, request) {
            return Begun::Done(GatewayStep::Answer(reply.into()));
        }
        let Ok(treatment) = rules::treatment(&self.0.rules, request.path()) else {
            return Begun::Done(GatewayStep::Refuse(Refused::path()));
        };
        let remove = inbound::forged(request, &self.0.rules.stripped);
        let forward = Forward { remove, ..Forward::default() };
        let api = resources::requested(&self.0.rules.resources, &treatment.client_id, request);
        let (token, proof) = match self.presented(request, &treatment) {
            Ok(Some(presented)) => presented,
            Ok(None) => return Begun::Done(GatewayStep::Forward(forward)),
            Err(refused) => {
                return Begun::Done(self.named(GatewayStep::Refuse(refused), api));
            }
        };
        let Ok(certificate) = mtls::presented(request, self.0.engine.client_certificates()) else {
            return Begun::Done(GatewayStep::Refuse(Refused::unauthenticated()));
        };
        let keys = self.0.engine.key_changes();
        let traceparent = request.traceparent();
        let gateway = self.clone();
        let crossing = Crossing {
            gateway,
            treatment,
            api,
            token,
            proof,
            certificate,
            forward,
            now,
            keys,
            traceparent,
            is_bound: false,
        };
        // Each proof is looked at.
        let find = || self.0.cache.find(&crossing.token, &crossing.treatment, now, keys);
        let found = if crossing.proof.is_none() { find() } else { None };
        if let Some(granted) = found {
            return Begun::Done(crossing.granted(&granted, None));
        }
        // A token that is kept was found to be one when it was exchanged.
        match inbound::checked(&crossing.token) {
            Authorization::Bearer(_) => Begun::Crossing(crossing),
            other => {
                let refused = GatewayStep::Refuse(without_token(&other));
                Begun::Done(self.named(refused, crossing.api))
            }
        }
    }

    /// The token of a request and the proof that came with it; `None` where the
    /// request passes without.
    fn presented(
        &self,
        request: &Request,
        treatment: &Treatment,
    ) -> Result<Option<Presented>, Refused> {
        let origin = self.0.rules.origin.as_deref();
        match (treatment.token, inbound::authorization(request)) {
            (TokenRule::Off, _) | (TokenRule::Optional, Authorization::Missing) => Ok(None),
            (_, Authorization::Bearer(token)) => Ok(Some((token.to_string(), None))),
            // A token service elsewhere would not see the proof.
            (_, Authorization::Dpop(_)) if treatment.remote.is_some() => Err(Refused::no_proofs()),
            (_, Authorization::Dpop(token)) => {
                let proof =
                    inbound::proof(request, origin, token).ok_or_else(Refused::no_proofs)?;
                Ok(Some((token.to_string(), Some(Box::new(proof)))))
            }
            (_, other) => Err(without_token(&other)),
        }
    }
}

fn without_token(authorization: &Authorization<'_>) -> Refused {
    match authorization {
        Authorization::Several => Refused::several(),
        _ => Refused::unauthenticated(),
    }
}

/// The exchange of a request's token (RFC 8693 section 2.1).
fn request(treatment: &Treatment, token: &str) -> TokenExchange {
    let scope = treatment
        .scope
        .as_ref()
        .map(|scope| scope.split(' ').filter(|one| !one.is_empty()).map(String::from).collect());
    TokenExchange {
        subject_token: token.into(),
        subject_token_type: treatment.subject_token_type.into(),
        target: Target { audience: treatment.audience.clone(), scope },
        ..TokenExchange::default()
    }
}
