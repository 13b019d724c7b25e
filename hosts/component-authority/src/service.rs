//! The resource `authority`.

use exchequer::{Engine, HostCrypto, SupplyKeysError};

use crate::bindings::service::{Authority, Guest, GuestAuthority};
use crate::bindings::{Component, clock, random, types};
use crate::{convert, world};

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
        let now = convert::timestamp(clock::now())?;
        let entropy = convert::entropy(&random::draw())?;
        let step = self.engine.handle(convert::request(request), now, entropy);
        let reply = world::drive(step).map_err(|misuse| misuse.to_string())?;
        Ok(convert::reply(reply))
    }

    fn supply_keys(&self, issuer: String, jwks: String) -> Result<(), types::SupplyKeysError> {
        let now = || exchequer::Timestamp(clock::now());
        let supply = || self.engine.supply_keys(&issuer, &jwks, now());
        match supply() {
            // The store may have it.
            Err(SupplyKeysError::UnknownIssuer { .. }) => {
                self.find_issuer(&issuer).map_err(types::SupplyKeysError::Unavailable)?;
                supply().map_err(|error| convert::not_supplied(&error))
            }
            other => other.map_err(|error| convert::not_supplied(&error)),
        }
    }

    fn upkeep(&self) {
        let now = convert::timestamp(clock::now());
        let entropy = convert::entropy(&random::draw());
        if let (Ok(now), Ok(entropy)) = (now, entropy)
            && let Some(step) = self.engine.refresh_keys(now, entropy)
        {
            // What became of it shows with the next request that needs it.
            let _ = world::drive(step);
        }
    }
}

impl Service {
    /// Reads an issuer from the store, so that the engine knows it if there is
    /// one. The error says why that is not known.
    fn find_issuer(&self, issuer: &str) -> Result<(), String> {
        let now = convert::timestamp(clock::now())?;
        let entropy = convert::entropy(&random::draw())?;
        let step = self.engine.find_issuer(issuer, now, entropy);
        let found = world::drive(step).map_err(|misuse| misuse.to_string())?;
        found.map(|_| ()).map_err(|failed| {
            format!("whether there is such an issuer is not known: the store {failed}; try again")
        })
    }
}
