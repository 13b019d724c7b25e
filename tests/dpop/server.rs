//! A server that binds tokens to keys, and its answers to requests with such tokens.

use base64ct::{Base64, Encoding};
use exchequer::{AccessCredentials, AccessRequirements, DpopProof, Engine, Request, Unauthorized};
use serde_json::{Value, json};

use crate::proofs::Proof;
use crate::support::administered::ADMIN;
use crate::support::fixtures;
use crate::support::start::NOW;
use crate::support::world::{Crypto, World, entropy};
use crate::{API, US};

pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) world: World,
}

impl Server {
    pub(crate) fn new(document: &Value) -> Self {
        let config =
            fixtures::config(&fixtures::document(document)).administered_by(ADMIN).unwrap();
        let engine = Engine::new(config, Crypto::Engine.host_crypto());
        Self { engine, world: World::at(NOW) }
    }

    /// A token of an application about itself, bound if there is a proof.
    pub(crate) fn token(&mut self, client: &str, proof: Option<&str>) -> (u16, Value) {
        let basic = Base64::encode_string(format!("{client}:{client}-secret-for-tests").as_bytes());
        let mut request = Request::new("POST", "/oauth2/token")
            .header("authorization", &format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        let reply = self.world.handle(&self.engine, request);
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    pub(crate) fn bound(&mut self) -> String {
        let proof = Proof::to("POST", &format!("{US}/oauth2/token")).signed();
        let (status, body) = self.token("job", Some(&proof));
        assert_eq!((status, &body["token_type"]), (200, &json!("DPoP")), "{body}");
        body["access_token"].as_str().unwrap().into()
    }

    pub(crate) fn authenticate(
        &mut self,
        credentials: AccessCredentials,
    ) -> Result<String, (String, String)> {
        let requirements = AccessRequirements::default();
        let step = self.engine.authenticate(credentials, requirements, self.world.now, entropy());
        self.world.drive(&self.engine, step).map(|token| token.sub()).map_err(refusal)
    }

    /// The typed call with a proof for `GET` of the API.
    pub(crate) fn with(&mut self, token: &str, proof: &Proof) -> Result<String, (String, String)> {
        let proof = DpopProof::new(proof.signed(), "GET", API);
        self.authenticate(AccessCredentials::with_dpop(token, proof))
    }

    /// The nonce that the HTTP face answers to a request with a proof.
    pub(crate) fn nonce(&mut self, token: &str, proof: &Proof) -> Option<String> {
        let request =
            Request::new("GET", "/orders").header("authorization", &format!("DPoP {token}"));
        let request = request.header("dpop", &proof.signed());
        let origin = Some("https://api.example".into());
        let requirements = AccessRequirements { origin, ..AccessRequirements::default() };
        let step = self.engine.protect(request, requirements, self.world.now, entropy());
        let reply = self.world.drive(&self.engine, step);
        assert_eq!(reply.status, 401);
        let found = reply.headers.into_iter().find(|(name, _)| *name == "dpop-nonce");
        found.map(|(_, nonce)| nonce)
    }

    /// The HTTP face.
    pub(crate) fn protect(&mut self, request: Request, origin: Option<&str>) -> (u16, String) {
        let origin = origin.map(Into::into);
        let requirements = AccessRequirements { origin, ..AccessRequirements::default() };
        let step = self.engine.protect(request, requirements, self.world.now, entropy());
        let reply = self.world.drive(&self.engine, step);
        (reply.status, challenge(&reply.headers))
    }

    #[cfg(feature = "admin")]
    pub(crate) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let request = headers
            .iter()
            .fold(Request::new("GET", path), |request, (name, value)| request.header(name, value));
        let reply = self.world.handle(&self.engine, request);
        (reply.status, challenge(&reply.headers))
    }
}

fn refusal(unauthorized: Unauthorized) -> (String, String) {
    let text = |text: Option<&'static str>| text.unwrap_or_default().into();
    (text(unauthorized.code()), text(unauthorized.reason()))
}

fn challenge(headers: &[(&'static str, String)]) -> String {
    let found = headers.iter().find(|(name, _)| *name == "www-authenticate");
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}
