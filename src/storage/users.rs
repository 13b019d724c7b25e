//! Users that were provisioned. A user is one record; what users are found by
//! are records of their own, written in the same batch, so that they always
//! agree.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{counts, delete, digest, links, parse, put};
use crate::Timestamp;
use crate::config::{LookupAttribute, User};
use crate::host::{Host, Outcome};
use crate::step::{Expect, Failed, Record, Write};

/// What users are called in `counts`.
const KIND: &str = "user";
/// How often a write is tried that only lost a race for a count or a link.
const TRIES: usize = 16;
/// Most links that are removed in one batch, which has room for 100 writes.
const LINKS: u32 = 40;

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserRecord {
    /// All that the exchange needs.
    pub(crate) user: User,
    /// What the client that provisioned the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    /// The SCIM attributes, without `schemas`, `id` and `meta`.
    pub(crate) resource: Map<String, Value>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// Who wrote it last, as the audit log calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) modified_by: Option<String>,
}

/// A user as it was read, to be written once.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) record: UserRecord,
    pub(crate) version: u64,
}

/// What became of a write.
#[derive(Debug)]
pub(crate) enum Written {
    Done(Box<Held>),
    /// Another user of the user store has this name.
    Taken,
    /// The user was changed, or deleted, by somebody else.
    Changed,
}

/// An id for a new user. The prefix tells it apart from the subjects of
/// issuers; ids that earlier versions made have none.
pub(crate) fn new_id(host: &Host) -> String {
    format!("usr_{}", host.entropy.identifier("user"))
}

/// The user with this id.
pub(crate) async fn find(host: &Host, id: &str) -> Result<Option<Held>, Failed> {
    // An id may come from a URL: what is none of ours is not looked up.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if id.len() > 64 || !id.bytes().all(plain) {
        return Ok(None);
    }
    match host.read(key(id)).await? {
        Some(record) => held(&record).map(Some),
        None => Ok(None),
    }
}

/// Users with this value of a lookup attribute: two at most, for two are one
/// too many.
pub(crate) async fn by_attribute(
    host: &Host,
    attribute: LookupAttribute,
    value: &str,
) -> Result<Vec<User>, Failed> {
    let wanted = attribute.compared(value);
    let mut rows = ids(host, attribute_prefix(attribute, &wanted), 2).await?;
    if wanted != value {
        // As an earlier version wrote it.
        rows.extend(ids(host, attribute_prefix(attribute, value), 2).await?);
    }
    let mut users: Vec<User> = Vec::new();
    for id in rows.into_iter().collect::<BTreeSet<_>>() {
        // The user may have got another value between the reads.
        let user = find(host, &id).await?.map(|held| held.record.user);
        let has = |user: &User| {
            user.attribute(attribute).is_some_and(|has| attribute.compared(has) == wanted)
        };
        users.extend(user.filter(has));
    }
    Ok(users)
}

/// The id of the user of this name, in whatever case it is written.
pub(crate) async fn by_username(
    host: &Host,
    user_store: &str,
    username: &str,
) -> Result<Option<String>, Failed> {
    owner(host, &name_key(user_store, username)).await
}

/// The ids of users that a client calls so.
pub(crate) async fn by_external_id(
    host: &Host,
    external_id: &str,
    limit: u32,
) -> Result<Vec<String>, Failed> {
    ids(host, external_prefix(external_id), limit).await
}

/// How many users there are.
pub(crate) async fn total(host: &Host) -> Result<u64, Failed> {
    counts::total(host, KIND).await
}

/// A page of users in the order of their ids, behind the one with the id
/// `after`, and whether there are more.
pub(crate) async fn page(
    host: &Host,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<Held>, bool), Failed> {
    let (records, next) = host.list(key(""), after.map(key), limit).await?;
    let users = records.iter().map(held).collect::<Result<_, _>>()?;
    Ok((users, next.is_some()))
}

/// Makes a user.
pub(crate) async fn create(host: &Host, record: &UserRecord) -> Result<Written, Failed> {
    let id = &record.user.id;
    let name = name_of(&record.user);
    for _ in 0..TRIES {
        let mut batch = alloc::vec![
            put(key(id), record, Expect::Absent, None)?,
            put(name.clone(), id, Expect::Absent, None)?,
        ];
        for index in indices(record) {
            batch.push(put(index, id, Expect::Any, None)?);
        }
        batch.push(counts::of(host, KIND, id).await?.one_more()?);
        if host.commit(batch).await? == Outcome::Committed {
            return written(host, record).await;
        }
        match owner(host, &name).await? {
            Some(owner) if owner != *id => return Ok(Written::Taken),
            // Ours: the answer to the commit was lost, and it was repeated.
            Some(_) => return written(host, record).await,
            None => {}
        }
    }
    Err(Failed::Broken)
}

/// Puts another record in the place of this one.
pub(crate) async fn replace(
    host: &Host,
    before: &Held,
    record: &UserRecord,
) -> Result<Written, Failed> {
    let id = &record.user.id;
    let (old_name, name) = (name_of(&before.record.user), name_of(&record.user));
    let (old, new) = (indices(&before.record), indices(record));
    let mut batch = alloc::vec![put(key(id), record, Expect::Version(before.version), None)?];
    if old_name != name {
        batch.push(put(name.clone(), id, Expect::Absent, None)?);
        batch.push(delete(old_name, Expect::Any));
    }
    let former = former_index(&before.record);
    // A record of an earlier version has no key that is in use now.
    for index in new.iter().filter(|index| former.is_some() || !old.contains(*index)) {
        batch.push(put(index.clone(), id, Expect::Any, None)?);
    }
    let old = old.into_iter().chain(former);
    batch.extend(old.filter(|index| !new.contains(index)).map(|index| delete(index, Expect::Any)));
    if host.commit(batch).await? == Outcome::Committed {
        return written(host, record).await;
    }
    if owner(host, &name).await?.is_some_and(|owner| owner != *id) {
        return Ok(Written::Taken);
    }
    // It may have happened, and only its answer was lost.
    Ok(match find(host, id).await? {
        Some(held) if held.record == *record => Written::Done(Box::new(held)),
        _ => Written::Changed,
    })
}

/// Removes a user with its links. `None` when somebody else changed it; gone is
/// what it should be, whoever it was.
pub(crate) async fn remove(host: &Host, before: &Held) -> Result<Option<()>, Failed> {
    let id = &before.record.user.id;
    for _ in 0..TRIES {
        let mut batch = alloc::vec![
            delete(key(id), Expect::Version(before.version)),
            delete(name_of(&before.record.user), Expect::Any),
        ];
        let indices = indices(&before.record).into_iter().chain(former_index(&before.record));
        batch.extend(indices.map(|index| delete(index, Expect::Any)));
        batch.push(counts::of(host, KIND, id).await?.one_less()?);
        batch.extend(links::removal(host, id, LINKS).await?);
        let committed = host.commit(batch).await? == Outcome::Committed;
        // Also when it happened before, and only its answer was lost.
        let now = if committed { None } else { host.read(key(id)).await? };
        match now {
            None => {
                // The user is gone, whatever becomes of these.
                let _ = remove_links(host, id).await;
                return Ok(Some(()));
            }
            Some(record) if record.version != before.version => return Ok(None),
            Some(_) => {}
        }
    }
    Err(Failed::Broken)
}

/// Removes the links that had no room. Until then they lead to nobody, for the
/// user is gone and its id never comes back.
async fn remove_links(host: &Host, id: &str) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let batch: Vec<Write> = links::removal(host, id, LINKS).await?;
        if batch.is_empty() {
            break;
        }
        host.commit(batch).await?;
    }
    Ok(())
}

/// The user as it was written, which nothing that comes after it undoes. Its
/// version, if it can still be read; else one that no record has.
async fn written(host: &Host, record: &UserRecord) -> Result<Written, Failed> {
    let held = match find(host, &record.user.id).await {
        Ok(Some(held)) if held.record == *record => held,
        _ => Held { record: record.clone(), version: 0 },
    };
    Ok(Written::Done(Box::new(held)))
}

async fn owner(host: &Host, name: &str) -> Result<Option<String>, Failed> {
    match host.read(name.into()).await? {
        Some(record) => parse(&record).map(Some),
        None => Ok(None),
    }
}

async fn ids(host: &Host, prefix: String, limit: u32) -> Result<Vec<String>, Failed> {
    let (records, _) = host.list(prefix, None, limit).await?;
    records.iter().map(parse).collect()
}

fn held(record: &Record) -> Result<Held, Failed> {
    Ok(Held { record: parse(record)?, version: record.version })
}

/// The keys by which a user is found, but for its name.
fn indices(record: &UserRecord) -> BTreeSet<String> {
    let user = &record.user;
    let attributes = LookupAttribute::ALL.into_iter().filter_map(|attribute| {
        let value = user.attribute(attribute)?;
        Some(attribute_prefix(attribute, &attribute.compared(value)))
    });
    let external = record.external_id.as_deref().map(external_prefix);
    attributes.chain(external).map(|prefix| format!("{prefix}{}", user.id)).collect()
}

/// The key by which an earlier version found the user: by the e-mail address in
/// the letter case in which it was written. It stays until the user is written
/// again.
fn former_index(record: &UserRecord) -> Option<String> {
    let email = record.user.attribute(LookupAttribute::Email)?;
    let is_former = LookupAttribute::Email.compared(email) != email;
    let prefix = attribute_prefix(LookupAttribute::Email, email);
    is_former.then(|| format!("{prefix}{}", record.user.id))
}

fn key(id: &str) -> String {
    format!("user/{id}")
}

fn name_of(user: &User) -> String {
    name_key(&user.user_store, &user.username)
}

/// "userName ... case insensitive", and unique (RFC 7643 section 4.1.1).
fn name_key(user_store: &str, username: &str) -> String {
    let name = digest(&[&user_store.to_lowercase(), &username.to_lowercase()]);
    format!("user-name/{name}")
}

fn attribute_prefix(attribute: LookupAttribute, value: &str) -> String {
    format!("user-attribute/{}/", digest(&[attribute.name(), value]))
}

fn external_prefix(external_id: &str) -> String {
    format!("user-external/{}/", digest(&[external_id]))
}
