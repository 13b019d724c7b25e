//! What is known of issuers and their keys, under another configuration.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::client_assertion;
use super::foreign::{Trust, keyring};
use super::issuers::Issuers;
use super::keys::Origin;
use crate::config::{ClientAuthentication, Config};

impl Trust {
    /// The issuers of another configuration, with the keys that are known already.
    /// Keys that only the former configuration names are not fetched ahead any more,
    /// and keys that were supplied for an issuer that it removes are forgotten.
    pub(crate) fn succeed(&self, former: &Config, config: &Config) -> Self {
        let named = origins(config);
        for origin in &named {
            self.keys.adopt(origin);
        }
        let names: BTreeSet<_> = named.iter().map(Origin::name).collect();
        for origin in origins(former).iter().filter(|origin| !names.contains(&origin.name())) {
            self.keys.idle(origin);
        }
        let trusted: BTreeSet<&str> =
            config.trusted_token_issuers.iter().map(|issuer| &*issuer.issuer).collect();
        for issuer in &former.trusted_token_issuers {
            if !trusted.contains(&*issuer.issuer) {
                self.forget_supplied(issuer);
            }
        }
        let issuers = Issuers::of(config).continuing(&self.issuers);
        self.with_issuers(issuers)
    }
}

/// Every place that the document names keys at.
fn origins(config: &Config) -> Vec<Origin> {
    let issuers = config.trusted_token_issuers.iter().filter_map(|one| keyring(one).origin());
    let applications = config.applications.values().filter_map(|one| match &one.authentication {
        ClientAuthentication::PrivateKeyJwt(source) => client_assertion::keyring(source).origin(),
        ClientAuthentication::Secret(_)
        | ClientAuthentication::PlatformToken(_)
        | ClientAuthentication::Certificate(_)
        | ClientAuthentication::None => None,
    });
    issuers.chain(applications).collect()
}
