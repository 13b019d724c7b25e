//! A configuration that takes the place of another one.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use super::Config;
use crate::crypto::SigningKey;
use crate::gather::gathered;

impl Config {
    /// Takes over from the former configuration what is equal and known by its
    /// address: keys, so that tokens that one of them verified need not be verified
    /// again. The admin token and what encrypts keys go on unless there are others.
    pub(crate) fn continue_from(&mut self, former: &Self) {
        if self.admin_token.is_none() {
            self.admin_token.clone_from(&former.admin_token);
        }
        if self.wrapping_keys.is_none() {
            self.wrapping_keys.clone_from(&former.wrapping_keys);
        }
        for key in &mut self.keys {
            if let Some(same) = former.keys.iter().find(|one| is_same(one, key)) {
                *key = Arc::clone(same);
            }
        }
        let by_id = former.trusted_token_issuers.iter().map(|issuer| (&*issuer.id, issuer));
        let by_id: BTreeMap<_, _> = gathered(by_id);
        for issuer in &mut self.trusted_token_issuers {
            // Nobody else holds an issuer of a configuration that is not in use yet.
            if let (Some(same), Some(issuer)) = (by_id.get(&*issuer.id), Arc::get_mut(issuer))
                && same.keys == issuer.keys
            {
                issuer.keys = same.keys.clone();
            }
        }
    }
}

fn is_same(one: &SigningKey, other: &SigningKey) -> bool {
    one.kid() == other.kid()
        && one.algorithm() == other.algorithm()
        && one.public() == other.public()
}
