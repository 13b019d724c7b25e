//! The engine, with a store in memory, as clients see it.

use base64ct::{Base64, Encoding};
use exchequer::{
    AccessRequirements, AccessToken, Engine, Entropy, HostCrypto, Request, Unauthorized,
};
use serde_json::Value;

use crate::administrator::begin;
use crate::model::{Model, OUR_ISSUER};
use crate::proofs::Proof;
use crate::support::start::NOW;
use crate::support::store::Store;
use crate::support::world::World;
use crate::vocabulary::{App, Key};

pub(crate) const ADMIN: &str = "admin-token-for-tests";
/// The secret of every application that keeps one.
pub(crate) const SECRET: &str = "secret-for-tests-of-the-law";

/// Programs do not draw what their common beginning drew.
const FIRST_OF_PROGRAM: u64 = 1 << 32;

/// A security token service.
pub(crate) struct Server {
    engine: Engine,
    world: World,
    /// How often entropy was drawn.
    drawn: u64,
}

/// Whether the engine keeps verified tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caches {
    Off,
    On,
}

/// A reply: status and JSON.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// What every program begins with: what is stored, and the model of it.
pub(crate) struct Beginning {
    pub(crate) config: exchequer::Config,
    /// The same with caches.
    pub(crate) caching: exchequer::Config,
    pub(crate) store: Store,
    pub(crate) model: Model,
}

impl Server {
    /// A server on a copy of the store that every program begins with.
    pub(crate) fn new(caches: Caches) -> (Self, Model) {
        let beginning = begin();
        let config = match caches {
            Caches::Off => &beginning.config,
            Caches::On => &beginning.caching,
        };
        let mut server = Self::empty(config.clone());
        server.world.store = beginning.store.clone();
        server.drawn = FIRST_OF_PROGRAM;
        (server, beginning.model.clone())
    }

    pub(crate) fn empty(config: exchequer::Config) -> Self {
        let engine = Engine::new(config, HostCrypto::default());
        Self { engine, world: World::at(NOW), drawn: 0 }
    }

    /// How many tokens were presented whose signature was known.
    pub(crate) fn known_tokens(&self) -> u64 {
        self.engine.token_caches().verified.map_or(0, |figures| figures.hits)
    }

    pub(crate) fn into_store(self) -> Store {
        self.world.store
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.world.now.0 += seconds;
    }

    /// Sends a form as an application, which authenticates if it can.
    pub(crate) fn form(&mut self, path: &str, app: App, form: &[(&str, &str)]) -> Answer {
        self.form_with(path, app, form, None)
    }

    /// The same with a proof of this key.
    pub(crate) fn form_with(
        &mut self,
        path: &str,
        app: App,
        form: &[(&str, &str)],
        key: Option<Key>,
    ) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request = Request::new("POST", path);
        if app == App::Phone {
            body.append_pair("client_id", app.text());
        } else {
            let pair = Base64::encode_string(format!("{}:{SECRET}", app.text()).as_bytes());
            request = request.header("Authorization", &format!("Basic {pair}"));
        }
        if let Some(key) = key {
            let proof = Proof::to("POST", &format!("{OUR_ISSUER}{path}")).by(key.text());
            request = request.header("DPoP", &proof.at(self.world.now.0).signed());
        }
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        self.send(request.body(body.finish()))
    }

    /// Calls the administration API.
    pub(crate) fn administer(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let request =
            Request::new(method, path).header("Authorization", &format!("Bearer {ADMIN}"));
        self.send(match body {
            Value::Null => request,
            body => request.header("Content-Type", "application/json").body(body.to_string()),
        })
    }

    /// Looks at something of the server as the bearer of a token.
    pub(crate) fn look(&mut self, path: &str, token: &str) -> Answer {
        let request = Request::new("GET", path);
        self.send(request.header("Authorization", &format!("Bearer {token}")))
    }

    /// The typed call of an API.
    pub(crate) fn authenticate(
        &mut self,
        token: &str,
        requirements: AccessRequirements,
    ) -> Result<AccessToken, Unauthorized> {
        let entropy = self.entropy();
        let now = self.world.now;
        let step = self.engine.authenticate(String::from(token), requirements, now, entropy);
        self.world.drive(&self.engine, step)
    }

    fn send(&mut self, request: Request) -> Answer {
        let entropy = self.entropy();
        let step = self.engine.handle(request, self.world.now, entropy);
        let reply = self.world.drive(&self.engine, step);
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Answer { status: reply.status, body }
    }

    /// Other bytes each time, and the same whenever a program is played again.
    fn entropy(&mut self) -> Entropy {
        self.drawn += 1;
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.drawn.to_be_bytes());
        Entropy::new(bytes)
    }
}
