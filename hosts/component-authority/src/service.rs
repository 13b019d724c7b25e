//! The resource `authority`.

use exchequer::{Engine, Entropy, HostCrypto, Step, SupplyKeysError, Timestamp};

use crate::bindings::service::{Authority, Guest, GuestAuthority};
use crate::bindings::{Component, clock, random, tokens, types};
use crate::{convert, typed, world};

impl Guest for Component {
    type Authority = Service;
}

/// An engine, and what is to be said about its configuration.
pub(crate) struct Service {
    engine: Engine,
    warnings: Vec<types::Problem>,
}

impl GuestAuthority for Service {
    fn secrets(config: String) -> Result<Vec<types::SecretSource>, Vec<types::Problem>> {
        convert::secrets(&config)
    }

    fn make(
        config: String,
        secrets: Vec<types::Secret>,
        admin_token: Option<String>,
    ) -> Result<Authority, Vec<types::Problem>> {
        let config = convert::config(&config, &secrets, admin_token.as_deref())?;
        let warnings = config.warnings(exchequer::Timestamp(clock::now()));
        Ok(Authority::new(Self {
            engine: Engine::new(config, HostCrypto::default()),
            warnings: warnings.into_iter().map(convert::problem).collect(),
        }))
    }

    fn warnings(&self) -> Vec<types::Problem> {
        self.warnings.clone()
    }

    fn handle(&self, request: types::Request) -> Result<types::Reply, String> {
        let (now, entropy) = begun()?;
        let step = self.engine.handle(convert::request(request), now, entropy);
        Ok(convert::reply(driven(step)?))
    }

    fn exchange(&self, request: tokens::TokenRequest) -> Result<tokens::Exchanged, String> {
        let (now, entropy) = begun()?;
        let step = self.engine.exchange(typed::token_request(request), now, entropy);
        Ok(typed::exchanged(driven(step)?))
    }

    fn explain(&self, request: tokens::TokenRequest) -> Result<tokens::Explained, String> {
        let (now, entropy) = begun()?;
        let step = self.engine.explain(typed::token_request(request), now, entropy);
        Ok(typed::explained(driven(step)?))
    }

    fn introspect(&self, request: tokens::TokenOfClient) -> Result<tokens::Introspected, String> {
        let (now, entropy) = begun()?;
        let client = typed::client(request.client);
        let step = self.engine.introspect(client, request.token, now, entropy);
        Ok(typed::introspected(driven(step)?))
    }

    fn revoke(&self, request: tokens::TokenOfClient) -> Result<tokens::Revoked, String> {
        let (now, entropy) = begun()?;
        let client = typed::client(request.client);
        let step = self.engine.revoke(client, request.token, now, entropy);
        Ok(typed::revoked(driven(step)?))
    }

    fn authenticate(
        &self,
        access_token: String,
        dpop: Option<tokens::DpopProof>,
        requirements: tokens::Requirements,
    ) -> Result<Result<tokens::AccessToken, tokens::Unauthorized>, String> {
        let (now, entropy) = begun()?;
        let requirements = typed::requirements(requirements);
        let credentials = typed::credentials(access_token, dpop);
        let step = self.engine.authenticate(credentials, requirements, now, entropy);
        Ok(typed::authenticated(driven(step)?))
    }

    fn supply_keys(&self, issuer: String, jwks: String) -> Result<(), types::SupplyKeysError> {
        let supply = || self.engine.supply_keys(&issuer, &jwks, Timestamp(clock::now()));
        match supply() {
            // The store may have it.
            Err(SupplyKeysError::UnknownIssuer { .. }) => {
                self.find_issuer(&issuer).map_err(types::SupplyKeysError::Unavailable)?;
                supply()
            }
            supplied => supplied,
        }
        .map_err(|error| convert::not_supplied(&error))
    }

    fn refresh_keys(&self) -> Result<(), String> {
        let (now, entropy) = begun()?;
        match self.engine.refresh_keys(now, entropy) {
            Some(step) => driven(step)?.map_err(|not_fetched| not_fetched.detail),
            None => Ok(()),
        }
    }
}

impl Service {
    /// Reads an issuer from the store, so that the engine knows it if there is
    /// one. The error says why that is not known.
    fn find_issuer(&self, issuer: &str) -> Result<(), String> {
        let (now, entropy) = begun()?;
        driven(self.engine.find_issuer(issuer, now, entropy))?.map(drop).map_err(|failed| {
            format!("whether there is such an issuer is not known: the store {failed}; try again")
        })
    }
}

/// The time of a request, and its randomness.
fn begun() -> Result<(Timestamp, Entropy), String> {
    Ok((convert::timestamp(clock::now())?, convert::entropy(&random::draw())?))
}

fn driven<T>(step: Step<T>) -> Result<T, String> {
    world::drive(step).map_err(|misuse| misuse.to_string())
}
