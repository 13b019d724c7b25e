//! A digest of what a token of an issuer has to fulfil.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::model::{BoundTokens, Condition, Mode, Test, TrustedTokenIssuer};
use crate::gather::gathered;

/// A digest of the issuer's `iss`, of what becomes of its bound tokens, and of the set
/// of conditions that the issuer and an application enforce together. The order of conditions does not count,
/// nor does who adds them, nor do conditions in audit mode, which refuse nothing.
///
/// Most applications add none, and what is left stays the same as long as the
/// issuer does.
pub(crate) fn conditions_digest(issuer: &TrustedTokenIssuer, added: &[Condition]) -> String {
    if added.iter().any(is_enforced) {
        return digest(issuer, added);
    }
    issuer.digest.call_once(|| digest(issuer, &[])).clone()
}

fn digest(issuer: &TrustedTokenIssuer, added: &[Condition]) -> String {
    let enforced = issuer.conditions.iter().chain(added);
    let enforced = enforced.filter(|condition| is_enforced(condition));
    let conditions: BTreeSet<String> =
        gathered(enforced.map(|condition| canonical(condition).to_string()));
    let mut hash = Sha256::new().chain_update(&issuer.issuer);
    for condition in &conditions {
        hash.update([0]);
        hash.update(condition);
    }
    // No condition is such a text: each is a list in JSON.
    if issuer.bound_tokens != BoundTokens::default() {
        hash.update([0]);
        hash.update(issuer.bound_tokens.name());
    }
    Base64UrlUnpadded::encode_string(hash.finalize().get(..16).unwrap_or_default())
}

fn is_enforced(condition: &Condition) -> bool {
    condition.mode == Mode::Enforce
}

/// JSON text holds no zero byte, so that the digest has one reading only.
fn canonical(condition: &Condition) -> Value {
    let (test, value) = match &condition.test {
        Test::Equals(value) => ("equals", value.clone()),
        Test::OneOf(values) => ("oneOf", values.clone().into()),
        Test::Like(pattern) => ("like", pattern.as_str().into()),
        Test::Contains(value) => ("contains", value.clone()),
        Test::Word(word) => ("word", word.as_str().into()),
        Test::Present(present) => ("present", (*present).into()),
    };
    json!([condition.claim, test, value])
}
