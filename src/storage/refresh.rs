//! Refresh tokens: families of tokens of which only the newest counts.
//!
//! A token is `{family}.{secret}`. The family is one record, so that a use is
//! one read and one write, and of two uses of a token exactly one wins the
//! write. A secret that is not the newest means that a spent token came back:
//! somebody stole one, and whoever refreshes with it revokes the family (RFC 9700
//! section 4.14.2).

use alloc::format;
use alloc::string::String;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{delete, digest, parse, put};
use crate::grant::Grant;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::time::Timestamp;

/// A family of refresh tokens. The tokens themselves are not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Family {
    pub(crate) grant: Grant,
    /// The hash of the newest token.
    newest: String,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// A family as it was read, to be written once.
#[derive(Debug)]
pub(crate) struct Held {
    id: String,
    version: u64,
    pub(crate) family: Family,
}

/// A refresh token that is one once its write has happened.
pub(crate) struct Next {
    pub(crate) token: String,
    /// The id of its family.
    pub(crate) family: String,
    pub(crate) write: Write,
}

/// What a refresh token turned out to be.
#[derive(Debug)]
pub(crate) enum Found {
    /// The newest of its family.
    Newest(Held),
    /// A spent one of this family.
    Spent(Held),
    /// None of ours, or of a family that expired or was revoked.
    Unknown,
}

/// The first token of a family, and the write that begins it.
/// Lifetimes are in seconds: of the token, and of the record, which stands for
/// access tokens that live longer.
pub(crate) fn begin(host: &Host, grant: Grant, lifetime: u64, kept: u64) -> Result<Next, Failed> {
    let id = host.entropy.identifier("refresh family");
    let family = Family { grant, newest: String::new(), issued: host.now, expires: host.now };
    next(host, id, family, Expect::Absent, lifetime, kept)
}

/// The next token of a family, and the write that spends the newest for it. Of
/// two uses of a token one wins the write.
pub(crate) fn rotate(host: &Host, held: Held, lifetime: u64, kept: u64) -> Result<Next, Failed> {
    next(host, held.id, held.family, Expect::Version(held.version), lifetime, kept)
}

/// Looks a token up.
pub(crate) async fn find(host: &Host, token: &str) -> Result<Found, Failed> {
    let held = match held(host, token).await {
        // A host without a store has none.
        Ok(None) | Err(Failed::Unsupported) => return Ok(Found::Unknown),
        Ok(Some(held)) => held,
        Err(failed) => return Err(failed),
    };
    let newest: bool = held.family.newest.as_bytes().ct_eq(digest(&[token]).as_bytes()).into();
    Ok(if newest { Found::Newest(held) } else { Found::Spent(held) })
}

/// Whether this is known to be the newest token of a family.
pub(crate) async fn is_newest(host: &Host, id: &str, token: &str) -> bool {
    let Ok(Some(record)) = host.read(key(id)).await else { return false };
    parse::<Family>(&record).is_ok_and(|family| family.newest == digest(&[token]))
}

/// Whether a family still stands.
pub(crate) async fn stands(host: &Host, id: &str) -> Result<bool, Failed> {
    Ok(host.read(key(id)).await?.is_some())
}

/// Revokes a family.
pub(crate) async fn revoke(host: &Host, id: &str) -> Result<(), Failed> {
    host.commit(alloc::vec![delete(key(id), Expect::Any)]).await.map(|_| ())
}

impl Held {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

async fn held(host: &Host, token: &str) -> Result<Option<Held>, Failed> {
    let Some((id, secret)) = token.split_once('.') else { return Ok(None) };
    // What has not the form of one is not looked up: the id goes into a key.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.len() != 22 || secret.len() != 43 || !id.bytes().all(plain) {
        return Ok(None);
    }
    let Some(record) = host.read(key(id)).await? else { return Ok(None) };
    let family: Family = parse(&record)?;
    Ok((host.now < family.expires).then(|| Held { id: id.into(), version: record.version, family }))
}

fn next(
    host: &Host,
    id: String,
    family: Family,
    expect: Expect,
    lifetime: u64,
    kept: u64,
) -> Result<Next, Failed> {
    let secret = Base64UrlUnpadded::encode_string(&host.entropy.draw("refresh token"));
    let token = format!("{id}.{secret}");
    let expires = host.now.plus(lifetime);
    let family = Family { newest: digest(&[&token]), expires, ..family };
    let write = put(key(&id), &family, expect, Some(host.now.plus(kept)))?;
    Ok(Next { token, family: id, write })
}

fn key(id: &str) -> String {
    format!("refresh/{id}")
}
