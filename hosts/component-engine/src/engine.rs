//! The resource `engine`.

use crate::bindings::steps::{Engine, Guest, GuestEngine, HostCrypto, Step};
use crate::bindings::{Component, tokens, types};
use crate::crypto::host_crypto;
use crate::waiting::{self, Outcome, Waiting};
use crate::{convert, typed};

impl Guest for Component {
    type Engine = Service;
    type Pending = Waiting;
}

/// An engine, and what is to be said about its configuration.
pub(crate) struct Service {
    engine: exchequer::Engine,
    warnings: Vec<types::Problem>,
}

impl GuestEngine for Service {
    fn secrets(config: String) -> Result<Vec<types::SecretSource>, Vec<types::Problem>> {
        convert::secrets(&config)
    }

    fn make(
        config: String,
        secrets: Vec<types::Secret>,
        admin_token: Option<String>,
        host: HostCrypto,
        now: types::Timestamp,
    ) -> Result<Engine, Vec<types::Problem>> {
        let config = convert::config(&config, &secrets, admin_token.as_deref())?;
        let warnings = config.warnings(exchequer::Timestamp(now));
        Ok(Engine::new(Self {
            engine: exchequer::Engine::new(config, host_crypto(&host)),
            warnings: warnings.into_iter().map(convert::problem).collect(),
        }))
    }

    fn warnings(&self) -> Vec<types::Problem> {
        self.warnings.clone()
    }

    fn handle(
        &self,
        request: types::Request,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let request = convert::request(request);
        started(self.engine.handle(request, now, entropy))
    }

    fn exchange(
        &self,
        request: tokens::TokenRequest,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        started(self.engine.exchange(typed::token_request(request), now, entropy))
    }

    fn explain(
        &self,
        request: tokens::TokenRequest,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        started(self.engine.explain(typed::token_request(request), now, entropy))
    }

    fn introspect(
        &self,
        request: tokens::TokenOfClient,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let client = typed::client(request.client);
        started(self.engine.introspect(client, request.token, now, entropy))
    }

    fn revoke(
        &self,
        request: tokens::TokenOfClient,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let client = typed::client(request.client);
        started(self.engine.revoke(client, request.token, now, entropy))
    }

    fn authenticate(
        &self,
        access_token: String,
        dpop: Option<tokens::DpopProof>,
        requirements: tokens::Requirements,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let requirements = typed::requirements(requirements);
        let credentials = typed::credentials(access_token, dpop);
        started(self.engine.authenticate(credentials, requirements, now, entropy))
    }

    fn protect(
        &self,
        request: types::Request,
        requirements: tokens::Requirements,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let (request, requirements) =
            (convert::request(request), typed::requirements(requirements));
        started(self.engine.protect(request, requirements, now, entropy))
    }

    fn refresh_keys(
        &self,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Option<Step>, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        self.engine.refresh_keys(now, entropy).map(started).transpose()
    }

    fn supply_keys(
        &self,
        issuer: String,
        jwks: String,
        now: types::Timestamp,
    ) -> Result<(), types::SupplyKeysError> {
        let now = exchequer::Timestamp(now);
        self.engine.supply_keys(&issuer, jwks, now).map_err(|error| convert::not_supplied(&error))
    }

    fn find_issuer(
        &self,
        issuer: String,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        started(self.engine.find_issuer(&issuer, now, entropy))
    }

    fn signing_key(&self, key_id: String) -> Option<String> {
        Some(self.engine.signing_key(&key_id)?.to_jwk().to_string())
    }
}

fn started<T: Outcome>(step: exchequer::Step<T>) -> Result<Step, String> {
    waiting::step(step).map_err(|misuse| misuse.to_string())
}
