//! The resource `engine`.

use exchequer::AccessRequirements;

use crate::bindings::steps::{Engine, Guest, GuestEngine, HostCrypto, Step};
use crate::bindings::{Component, steps, types};
use crate::convert;
use crate::crypto::host_crypto;
use crate::waiting::{self, KeyRefresh, Waiting};

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

    fn protect(
        &self,
        request: types::Request,
        protection: steps::Protection,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Step, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        let steps::Protection { scopes, audiences } = protection;
        let requirements = AccessRequirements { scopes, audiences };
        let request = convert::request(request);
        started(self.engine.protect(request, requirements, now, entropy))
    }

    fn upkeep(
        &self,
        now: types::Timestamp,
        entropy: types::Entropy,
    ) -> Result<Option<Step>, String> {
        let (now, entropy) = (convert::timestamp(now)?, convert::entropy(&entropy)?);
        self.engine.refresh_keys(now, entropy).map(refreshing).transpose()
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
        let step = self.engine.find_issuer(&issuer, now, entropy);
        waiting::finding(step).map_err(|misuse| misuse.to_string())
    }

    fn signing_key(&self, key_id: String) -> Option<String> {
        Some(self.engine.signing_key(&key_id)?.to_jwk().to_string())
    }
}

fn started(step: exchequer::Step) -> Result<Step, String> {
    waiting::step(step).map_err(|misuse| misuse.to_string())
}

fn refreshing(step: exchequer::Step<KeyRefresh>) -> Result<Step, String> {
    waiting::refreshing(step).map_err(|misuse| misuse.to_string())
}
