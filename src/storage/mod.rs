//! What the engine keeps, over `Read`, `List` and `Commit`: the names of its
//! keys and the form of its records, and what an exchange reads and writes.
//! What only the administration API writes is in `admin::records`.
//!
//! | key | record | gone |
//! |---|---|---|
//! | `signing-keys` | the signing keys that the server makes, with their times (`own_keys`) | never |
//! | `signing-keys-seen` | when each was seen first, and whether it has signed | never |
//! | `spent/{hash of issuer and jti}`, `spent/{thumbprint}.{jti}` | the id of the token that the request issued, if it issued one | ten minutes after the token or the proof has expired |
//! | `link/{hash of issuer and sub}` | the link of a federated subject to a user | when it is removed |
//! | `user-link/{hash of user id}/{link id}` | the key of the link | with the link |
//! | `opaque/{hash of token}` | an opaque access token | when it has expired or is revoked |
//! | `refresh/{family}` | a family of refresh tokens | when its last token has expired |
//! | `grant/user/{hash of user id}/{place}`, `grant/application/{hash of application id}/{place}` | nothing: that the user or the application has the grant that the place names | with the grant |
//! | `revoked/{jti}` | nothing: a JWT that was revoked | ten minutes after it has expired |
//! | `issuer/{id}`, `application/{id}` | a trusted token issuer, an application, made by the API | when it is deleted |
//! | `issuer-by/{what}/{hash}`, `application-by/{what}/{hash}` | the id of the one that has this name, `iss` or client id | with it |
//! | `issuer-filter/{what}/{value in hexadecimal}.{id}`, `application-filter/…` | the id of one that has this, in lower case | with it |
//! | `application-filter/allowed/{issuer id}.{id}`, `application-filter/allowing/many.{id}` | the id of an application that allows this issuer, or many | with it |
//! | `issuer-filter-added`, `application-filter-added-with-all-issuers` | how far these were added to what earlier versions wrote | never |
//! | `user/{id}` | a user made by the API | when it is deleted |
//! | `user-name/{hash of user store and name}` | the id of the one user of this name | with the user |
//! | `user-attribute/{hash of attribute and value}/{id}` | the id of a user with this value | with the user |
//! | `user-external/{hash of external id}/{id}` | the id of a user that a client calls so | with the user |
//! | `decision/{place}` | a decision, where they are stored | when the configured days are over |
//! | `decision-trace/{trace id}` | the place of the decision with this trace id | with it |
//! | `decision-count/{minute}.{instance}` | how many decisions an instance made in a minute | with them |
//! | `change/{place}` | a change that an administrator made | when the configured days are over, or there are too many |
//! | `change-count` | how many changes there have been | never |
//! | `limit/{place}/{what}` | what was counted of failures and requests (`limits`) | two minutes later |
//! | `count/{kind}/{shard}` | how many objects of a kind there are | never |
//!
//! What strangers choose (subjects, tokens, what they name) is in a key only as a
//! hash: of one length, and of characters that mean nothing. The id of a DPoP proof may
//! stand there as it is, when it is short and has no other characters (`replay`).

pub(crate) mod grants;
pub(crate) mod limits;
pub(crate) mod links;
pub(crate) mod refresh;
pub(crate) mod replay;
pub(crate) mod resources;
pub(crate) mod tokens;
pub(crate) mod ttl_cache;
pub(crate) mod users;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::step::{Expect, Failed, Record, Write};
use crate::time::Timestamp;

/// How long what is spent or revoked is remembered beyond its end, in seconds:
/// clocks of replicas differ, and a request may have begun before that end.
const CLOCKS_DIFFER: u64 = 600;

/// The hash of several strings; their lengths keep ("ab", "c") and ("a", "bc")
/// apart.
pub(crate) fn digest(parts: &[&str]) -> String {
    key("", parts)
}

/// A key of the store: what it begins with, and the [`digest`] of these strings.
pub(crate) fn key(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    // A digest is 43 characters.
    let mut key = String::with_capacity(prefix.len() + 43);
    key.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(hash.finalize(), &mut key);
    key
}

/// A number as text of one length, in the reverse order: what is newer comes
/// first in a list of the store.
pub(crate) fn descending(number: u64) -> String {
    format!("{:010}", LAST.saturating_sub(number))
}

/// The number that became this text.
#[cfg(feature = "admin")]
pub(crate) fn ascending(text: &str) -> Option<u64> {
    LAST.checked_sub(text.parse().ok()?)
}

/// The largest number of that length.
const LAST: u64 = 9_999_999_999;

/// What a record says.
pub(crate) fn parse<T: DeserializeOwned>(record: &Record) -> Result<T, Failed> {
    serde_json::from_slice(&record.value).map_err(|_| Failed::Broken)
}

/// A write of a record.
pub(crate) fn put(
    key: String,
    value: &impl Serialize,
    expect: Expect,
    expires: Option<Timestamp>,
) -> Result<Write, Failed> {
    let value = serde_json::to_vec(value).map_err(|_| Failed::Broken)?;
    Ok(Write { key, value: Some(value), expect, expires_at: expires.map(|at| at.0) })
}

/// A write of a record that says all by being there.
fn mark(key: String, expect: Expect, expires: Timestamp) -> Write {
    Write { key, value: Some(Vec::new()), expect, expires_at: Some(expires.0) }
}

/// The removal of a record.
pub(crate) fn delete(key: String, expect: Expect) -> Write {
    Write { key, value: None, expect, expires_at: None }
}

#[cfg(test)]
mod tests {
    use super::descending;

    #[test]
    fn what_is_newer_comes_first() {
        assert!(descending(20) < descending(9));
        assert_eq!(descending(u64::MAX), "0000000000");
        #[cfg(feature = "admin")]
        assert_eq!(super::ascending(&descending(1_790_000_000)), Some(1_790_000_000));
    }
}
