//! Issued access tokens that the store knows: opaque ones, and JWTs that were
//! revoked.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{CLOCKS_DIFFER, delete, digest, grants, key, mark, parse, put};
use crate::grant::Grant;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::time::Timestamp;

/// An opaque access token. The token itself is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Opaque {
    pub(crate) grant: Grant,
    pub(crate) jti: String,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// The writes that keep an opaque token.
pub(crate) fn keep(token: &str, opaque: &Opaque) -> Result<Vec<Write>, Failed> {
    let (id, expires) = (digest(&[token]), opaque.expires);
    // First the one that tells this batch from others.
    let key = grants::Kind::Opaque.key(&id);
    let mut writes = Vec::from([put(key, opaque, Expect::Absent, Some(expires))?]);
    writes.extend(grants::rows(&opaque.grant, opaque.issued, &id, expires)?);
    Ok(writes)
}

/// The opaque token, if this server issued it and it has not expired.
pub(crate) async fn find(host: &Host, token: &str) -> Result<Option<Opaque>, Failed> {
    match host.read(opaque_key(token)).await {
        // A host without a store has none.
        Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed),
        Ok(Some(record)) => {
            let opaque: Opaque = parse(&record)?;
            Ok((host.now < opaque.expires).then_some(opaque))
        }
        Ok(None) => Ok(None),
    }
}

/// Revokes an opaque token.
pub(crate) async fn forget(host: &Host, token: &str) -> Result<(), Failed> {
    host.commit(alloc::vec![delete(opaque_key(token), Expect::Any)]).await.map(|_| ())
}

/// Revokes an issued JWT until it expires.
pub(crate) async fn revoke(host: &Host, jti: &str, expires: Timestamp) -> Result<(), Failed> {
    host.commit(alloc::vec![revocation(jti, expires)]).await.map(|_| ())
}

fn revocation(jti: &str, expires: Timestamp) -> Write {
    mark(revoked_key(jti), Expect::Any, expires.plus(CLOCKS_DIFFER))
}

/// Whether an issued JWT was revoked.
pub(crate) async fn is_revoked(host: &Host, jti: &str) -> Result<bool, Failed> {
    match host.read(revoked_key(jti)).await {
        // A host without a store has revoked none.
        Err(Failed::Unsupported) => Ok(false),
        revoked => Ok(revoked?.is_some()),
    }
}

fn opaque_key(token: &str) -> String {
    grants::Kind::Opaque.key(&digest(&[token]))
}

fn revoked_key(jti: &str) -> String {
    key("revoked/", &[jti])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_is_remembered_longer_than_any_clock_takes_the_token_for_valid() {
        let expires = Timestamp(1000);
        let write = revocation("a", expires);
        assert_eq!(write.expires_at, Some(expires.0 + 600));
    }
}
