//! A gateway: whether a request may pass to the upstream, and with which
//! token. A proxy host moves bytes; every decision is here.
//!
//! A request falls under a rule by its path, if every upstream reads it so.
//! Its bearer token is exchanged, by this engine or at a remote endpoint after
//! it was validated here; what was issued is kept for the next request with
//! the same token. Whatever fails is answered, never passed on.

mod cache;
mod claims;
mod crossing;
mod inbound;
pub(crate) mod path;
mod refusal;
mod remote;
mod rules;

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;

use self::cache::Cache;
use self::crossing::Crossing;
pub use self::crossing::Waiting;
use self::inbound::Authorization;
pub use self::refusal::Refused;
pub use self::remote::Call;
use crate::config::{Filter, GatewayRules, GrantType, SubjectTokenType, TokenRule, Treatment};
use crate::http::Request;
use crate::step::Ask;
use crate::trace::Audit;
use crate::{Engine, Entropy, Timestamp};

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
        let Ok(treatment) = rules::treatment(&self.0.rules, request.path()) else {
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
