//! Refresh tokens: families of tokens of which only the newest counts.
//!
//! A token is `{handle}.{secret}`. Its family is one record, so that a use is
//! one read and one write, and of two uses of a token exactly one wins the
//! write. A secret that is not the newest means that a spent token came back:
//! somebody stole one. The family is revoked then (RFC 9700 section 4.14.2).
//!
//! The id of the family is a hash of the handle. It stands in every JWT of the
//! family, where APIs read it. So nobody can make a text from it that looks like a
//! spent token, and end the family with that.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{delete, digest, grants, parse, put};
use crate::config::Application;
use crate::grant::Grant;
use crate::host::Host;
use crate::step::{Expect, Failed, Write};
use crate::time::Timestamp;

/// The length of a handle, and of the id of a family.
const HANDLE: usize = 22;

/// A family of refresh tokens. The tokens themselves are not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Family {
    pub(crate) grant: Grant,
    /// The hash of the newest token.
    newest: String,
    /// When the family began.
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// When a token of it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) used: Option<Timestamp>,
    /// The token before the newest, where it may be used again for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
}

/// A spent token whose successor can be made again from the token itself. The
/// record alone gives away neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Previous {
    /// The hash of the token.
    token: String,
    /// What the successor's secret was made of, beside the token.
    salt: String,
    spent: Timestamp,
}

/// A family as it was read, to be written once.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    id: String,
    version: u64,
    pub(crate) family: Family,
    /// The token that was presented.
    presented: Presented,
}

/// A refresh token as it came. Debug output does not show it.
#[derive(Clone)]
struct Presented(Zeroizing<String>);

impl Presented {
    fn handle(&self) -> &str {
        self.0.split_once('.').map_or("", |(handle, _)| handle)
    }
}

impl core::fmt::Debug for Presented {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Presented(…)")
    }
}

/// How long a family and its tokens live, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetimes {
    /// Of one token.
    pub(crate) token: u64,
    /// Of the family, however often its tokens are used.
    pub(crate) family: u64,
    /// Of the record, which stands for access tokens that live longer.
    pub(crate) record: u64,
    /// How long a spent token may be used once more; 0: not at all.
    pub(crate) reuse_grace: u64,
}

impl Lifetimes {
    /// Those that an application has today.
    pub(crate) fn of(application: &Application) -> Self {
        let token = application.refresh_token_lifetime_seconds;
        Self {
            token,
            family: application.refresh_token_absolute_lifetime_seconds,
            record: token,
            reuse_grace: application.refresh_token_reuse_grace_seconds,
        }
    }

    /// With a record that stands for an access token of this lifetime, too.
    pub(crate) fn standing_for(self, access_token: u64) -> Self {
        Self { record: self.record.max(access_token), ..self }
    }

    /// When a token ends that is made at this time, of a family that began at that.
    pub(crate) fn end(self, made: Timestamp, began: Timestamp) -> Timestamp {
        made.plus(self.token).min(began.plus(self.family))
    }
}

/// A refresh token that is one once its writes have happened.
pub(crate) struct Next {
    pub(crate) token: String,
    /// The id of its family.
    pub(crate) family: String,
    pub(crate) expires: Timestamp,
    /// None when the token was made before.
    pub(crate) writes: Vec<Write>,
}

/// What a refresh token turned out to be.
#[derive(Debug)]
pub(crate) enum Found {
    /// The newest of its family.
    Newest(Held),
    /// The one before the newest, spent at this time.
    Repeated(Held, Timestamp),
    /// A spent one of this family.
    Spent(Held),
    /// Not issued here, or of a family that expired or was revoked.
    Unknown,
}

/// The first token of a family, and the write that begins it.
pub(crate) fn begin(host: &Host, grant: Grant, lifetimes: Lifetimes) -> Result<Next, Failed> {
    let handle = host.entropy.identifier("refresh family");
    let secret = Base64UrlUnpadded::encode_string(&host.entropy.draw("refresh token"));
    let family = Family {
        grant,
        newest: String::new(),
        issued: host.now,
        expires: host.now,
        used: None,
        previous: None,
    };
    next(host, &handle, family, Expect::Absent, lifetimes, &secret)
}

/// The next token of a family, and the write that spends the newest for it. Of
/// two uses of a token one wins the write. A token that was spent a moment ago
/// gives the same successor again.
pub(crate) fn rotate(host: &Host, held: Held, lifetimes: Lifetimes) -> Result<Next, Failed> {
    let Held { id, version, family, presented } = held;
    let handle = presented.handle();
    if let Some(previous) = &family.previous
        && is_hash_of(&previous.token, &presented.0)
    {
        let secret = successor(&previous.salt, &presented.0);
        let (token, expires) = (format!("{handle}.{secret}"), family.expires);
        return Ok(Next { token, family: id, expires, writes: Vec::new() });
    }
    let salt = Base64UrlUnpadded::encode_string(&host.entropy.draw("refresh token"));
    let secret = successor(&salt, &presented.0);
    let previous = (lifetimes.reuse_grace > 0).then(|| Previous {
        token: digest(&[&presented.0]),
        salt,
        spent: host.now,
    });
    let family = Family { previous, used: Some(host.now), ..family };
    next(host, handle, family, Expect::Version(version), lifetimes, &secret)
}

/// Looks a token up.
pub(crate) async fn find(host: &Host, token: &str) -> Result<Found, Failed> {
    let held = match held(host, token).await {
        // A host without a store has none.
        Ok(None) | Err(Failed::Unsupported) => return Ok(Found::Unknown),
        Ok(Some(held)) => held,
        Err(failed) => return Err(failed),
    };
    if is_hash_of(&held.family.newest, token) {
        return Ok(Found::Newest(held));
    }
    let spent = match &held.family.previous {
        Some(previous) if is_hash_of(&previous.token, token) => Some(previous.spent),
        _ => None,
    };
    Ok(match spent {
        Some(spent) => Found::Repeated(held, spent),
        None => Found::Spent(held),
    })
}

fn is_hash_of(hash: &str, token: &str) -> bool {
    hash.as_bytes().ct_eq(digest(&[token]).as_bytes()).into()
}

/// The secret of the token that follows this one: 256 bits that need both.
fn successor(salt: &str, token: &str) -> String {
    digest(&["refresh successor", salt, token])
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

    /// When the newest token ends under these lifetimes.
    pub(crate) fn end(&self, lifetimes: Lifetimes) -> Timestamp {
        let Family { issued, used, .. } = self.family;
        lifetimes.end(used.unwrap_or(issued), issued)
    }

    /// Seconds until the family ends, however often its tokens are used.
    pub(crate) fn left(&self, host: &Host, lifetime: u64) -> u64 {
        self.family.issued.plus(lifetime).since(host.now)
    }
}

async fn held(host: &Host, token: &str) -> Result<Option<Held>, Failed> {
    let Some((handle, secret)) = token.split_once('.') else { return Ok(None) };
    // What has not the form of one is not looked up.
    if handle.len() != HANDLE || secret.len() != 43 {
        return Ok(None);
    }
    let id = family_of(handle);
    let Some(record) = host.read(key(&id)).await? else { return Ok(None) };
    let family: Family = parse(&record)?;
    let presented = Presented(Zeroizing::new(token.into()));
    let held = Held { id, version: record.version, family, presented };
    Ok((host.now < held.family.expires).then_some(held))
}

fn next(
    host: &Host,
    handle: &str,
    family: Family,
    expect: Expect,
    lifetimes: Lifetimes,
    secret: &str,
) -> Result<Next, Failed> {
    let (id, token) = (family_of(handle), format!("{handle}.{secret}"));
    let expires = lifetimes.end(host.now, family.issued);
    let family = Family { newest: digest(&[&token]), expires, ..family };
    let record_expires = host.now.plus(lifetimes.record);
    // First the one that tells this batch from others.
    let mut writes = Vec::from([put(key(&id), &family, expect, Some(record_expires))?]);
    writes.extend(grants::rows(&family.grant, family.issued, &id, record_expires)?);
    Ok(Next { token, family: id, expires, writes })
}

/// The id of the family whose tokens have this handle.
fn family_of(handle: &str) -> String {
    let mut id = digest(&["refresh family", handle]);
    id.truncate(HANDLE);
    id
}

fn key(id: &str) -> String {
    grants::Kind::Refresh.key(id)
}
