//! The keys of this server at rest: one record of the store.
//!
//! Each key is a private JWK with its times (`iat`: published, `nbf`: signs from,
//! `exp`: no token of it ends later), or that JWK encrypted (RFC 7517 section 7) by a
//! key that the host has.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::schedule::{Schedule, Scheduled};
use super::{NoKeys, OwnKeys};
use crate::crypto::{SigningKey, WrappingKeys};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Record, Write};
use crate::time::Timestamp;

const KEY: &str = "signing-keys";

/// Longest life of a token, in seconds: what is promised of a key that was kept
/// before promises were.
const LONGEST_TOKEN: u64 = 2_592_000;

/// What the store has, and what a write has to expect there.
pub(super) struct Stored {
    pub(super) schedule: Schedule,
    pub(super) expect: Expect,
}

impl OwnKeys {
    /// What the store has; `None` when nothing was kept yet.
    ///
    /// A record that cannot be read is an error, never a reason to make a new key:
    /// that would invalidate every token issued.
    pub(super) async fn read(&self, host: &Host) -> Result<Option<Stored>, NoKeys> {
        let Some(record) = host.read(KEY.into()).await? else { return Ok(None) };
        let schedule = parse(&record, self.wrapping.as_deref(), host.now)?;
        Ok(Some(Stored { schedule, expect: Expect::Version(record.version) }))
    }

    /// Keeps a schedule, unless somebody else was first.
    pub(super) async fn write(
        &self,
        host: &Host,
        schedule: &mut Schedule,
        expect: Expect,
    ) -> Result<Outcome, NoKeys> {
        let keys: Option<Vec<Value>> =
            schedule.keys_mut().iter_mut().map(|one| self.at_rest(host, one)).collect();
        let value = json!({ "keys": keys.ok_or(Failed::Broken)? });
        let value = serde_json::to_vec(&value).map_err(|_| Failed::Broken)?;
        let write = Write { key: KEY.into(), value: Some(value), expect, expires_at: None };
        Ok(host.commit(Vec::from([write])).await?)
    }

    /// A key as the store keeps it.
    fn at_rest(&self, host: &Host, one: &mut Scheduled) -> Option<Value> {
        let kid = one.key.kid();
        let mut members = match &self.wrapping {
            None => match one.key.to_jwk() {
                Value::Object(members) => members,
                _ => return None,
            },
            Some(wrapping) => {
                if one.sealed.is_none() {
                    let jwk = Zeroizing::new(serde_json::to_vec(&one.key.to_jwk()).ok()?);
                    let nonce =
                        host.entropy.draw(&alloc::format!("nonce of the wrapped key {kid}"));
                    one.sealed = Some(wrapping.seal(&jwk, &nonce)?);
                }
                let mut members = Map::new();
                members.insert("kid".into(), kid.into());
                members.insert("jwe".into(), one.sealed.clone()?.into());
                members
            }
        };
        for (name, time) in [("iat", one.published), ("nbf", one.signs), ("exp", one.until)] {
            members.insert(name.into(), time.0.into());
        }
        Some(Value::Object(members))
    }
}

fn parse(
    record: &Record,
    wrapping: Option<&WrappingKeys>,
    now: Timestamp,
) -> Result<Schedule, NoKeys> {
    let document: Value = serde_json::from_slice(&record.value).map_err(|_| Failed::Broken)?;
    let keys = document.get("keys").and_then(Value::as_array).ok_or(Failed::Broken)?;
    let keys: Result<Vec<Scheduled>, NoKeys> =
        keys.iter().map(|member| scheduled(member, wrapping, now)).collect();
    Ok(Schedule::new(keys?).ok_or(Failed::Broken)?)
}

fn scheduled(
    member: &Value,
    wrapping: Option<&WrappingKeys>,
    now: Timestamp,
) -> Result<Scheduled, NoKeys> {
    let (key, sealed) = match (member.get("jwe"), wrapping) {
        (None, Some(wrapping)) if !wrapping.take_plain() => return Err(NoKeys::NotWrapped),
        (None, _) => (SigningKey::from_jwk(member).map_err(|_| Failed::Broken)?, None),
        (Some(_), None) => return Err(NoKeys::Wrapped),
        (Some(jwe), Some(wrapping)) => opened(jwe, wrapping)?,
    };
    let time = |name| member.get(name).and_then(Value::as_u64).map(Timestamp);
    Ok(Scheduled {
        key: Arc::new(key),
        published: time("iat").unwrap_or_default(),
        signs: time("nbf").unwrap_or_default(),
        until: time("exp").unwrap_or_else(|| now.plus(LONGEST_TOKEN)),
        sealed,
    })
}

/// The key in a JWE, and the JWE if it need not be made again.
fn opened(jwe: &Value, wrapping: &WrappingKeys) -> Result<(SigningKey, Option<String>), NoKeys> {
    let jwe = jwe.as_str().ok_or(Failed::Broken)?;
    let (jwk, is_current) = wrapping.open(jwe).ok_or(NoKeys::WrappedByAnother)?;
    let jwk: Value = serde_json::from_slice(&jwk).map_err(|_| Failed::Broken)?;
    let key = SigningKey::from_jwk(&jwk).map_err(|_| Failed::Broken)?;
    Ok((key, is_current.then(|| jwe.into())))
}
