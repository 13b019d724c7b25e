//! Users: written, listed, and found by what SCIM names them by.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Also, Held, Keys, TRIES, counts, links};
use crate::config::{LookupAttribute, User};
use crate::gather::gathered;
use crate::host::Host;
use crate::step::Failed;
use crate::storage::users::{MADE_HERE, UserRecord, attribute_prefix, ids, key, record};
use crate::storage::{digest, parse};

/// What users are called in the counts.
const KIND: &str = "user";

/// A user as it was read, to be written once.
pub(in crate::admin) type HeldUser = Held<UserRecord>;

/// What became of a write.
pub(in crate::admin) enum Written {
    Done(Box<HeldUser>),
    /// Another user of the user store has this name.
    Taken,
    /// Somebody else changed or deleted the user.
    Changed,
}

/// The user with this id.
pub(in crate::admin) async fn find(host: &Host, id: &str) -> Result<Option<HeldUser>, Failed> {
    record(host, id).await?.as_ref().map(Held::of).transpose()
}

/// How many of these ids users of the store have. Only ids that were made here are asked
/// for: most ids of a document were written by hand.
pub(in crate::admin) async fn existing(
    host: &Host,
    ids: impl Iterator<Item = &String>,
) -> Result<u64, Failed> {
    let keys = ids.filter(|id| id.starts_with(MADE_HERE)).map(|id| key(id)).collect();
    Ok(host.read_all(keys).await?.iter().flatten().count() as u64)
}

/// The id of the user of this name, in whatever case it is written.
pub(in crate::admin) async fn by_username(
    host: &Host,
    user_store: &str,
    username: &str,
) -> Result<Option<String>, Failed> {
    host.read(name_key(user_store, username)).await?.as_ref().map(parse).transpose()
}

/// The ids of users that a client calls so.
pub(in crate::admin) async fn by_external_id(
    host: &Host,
    external_id: &str,
    limit: u32,
) -> Result<Vec<String>, Failed> {
    ids(host, external_prefix(external_id), limit).await
}

/// How many users there are.
pub(in crate::admin) async fn total(host: &Host) -> Result<u64, Failed> {
    counts::total(host, KIND).await
}

/// A page of users in the order of their ids, behind the one with the id
/// `after`, and whether there are more.
pub(in crate::admin) async fn page(
    host: &Host,
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<HeldUser>, bool), Failed> {
    let (records, next) = host.list(key(""), after.map(key), limit).await?;
    let users = records.iter().map(Held::of).collect::<Result<_, _>>()?;
    Ok((users, next.is_some()))
}

/// Creates a user.
pub(in crate::admin) async fn create(host: &Host, user: UserRecord) -> Result<Written, Failed> {
    let written = super::create(host, &keys(&user), &super::written(&user)?, None).await?;
    Ok(outcome(written, user))
}

/// Puts another record in the place of this one.
pub(in crate::admin) async fn replace(
    host: &Host,
    held: &HeldUser,
    user: UserRecord,
) -> Result<Written, Failed> {
    let (before, after) = (keys(&held.record), keys(&user));
    let value = super::written(&user)?;
    let written = super::replace(host, &before, held.version, &after, &value).await?;
    Ok(outcome(written, user))
}

fn outcome(written: super::Written, record: UserRecord) -> Written {
    match written {
        // No record has the version 0.
        super::Written::Done(version) => {
            Written::Done(Box::new(Held { record, version: version.unwrap_or(0) }))
        }
        super::Written::Taken(_) => Written::Taken,
        super::Written::Changed(_) => Written::Changed,
    }
}

/// Removes a user with its links. False when somebody else changed it.
pub(in crate::admin) async fn remove(host: &Host, held: &HeldUser) -> Result<bool, Failed> {
    let id = &held.record.user.id;
    let keys = keys(&held.record);
    match super::remove(host, &keys, held.version, Also::LinksOf(id)).await? {
        super::Written::Done(_) => {
            // The user is gone, whatever becomes of these.
            let _ = remove_links(host, id).await;
            Ok(true)
        }
        super::Written::Taken(_) | super::Written::Changed(_) => Ok(false),
    }
}

/// Removes the links that the batch had no room for. Until then they lead to
/// nobody: the user is gone and its id never comes back.
async fn remove_links(host: &Host, id: &str) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let batch = links::removal(host, id).await?;
        if batch.is_empty() {
            break;
        }
        host.commit(batch).await?;
    }
    Ok(())
}

/// An id for a new user. The prefix tells it apart from the subjects of
/// issuers; ids that earlier versions made have none.
pub(in crate::admin) fn new_id(host: &Host) -> String {
    format!("{MADE_HERE}{}", host.entropy.identifier("user"))
}

fn keys(record: &UserRecord) -> Keys {
    let user = &record.user;
    let attributes = LookupAttribute::ALL.into_iter().filter_map(|attribute| {
        let value = user.attribute(attribute)?;
        Some(attribute_prefix(attribute, &attribute.compared(value)))
    });
    let external = record.external_id.as_deref().map(external_prefix);
    let former = former_index(user);
    Keys {
        kind: KIND,
        id: user.id.clone(),
        own: key(&user.id),
        unique: alloc::vec![name_key(&user.user_store, &user.username)],
        index: gathered(attributes.chain(external).map(|prefix| format!("{prefix}{}", user.id))),
        may_lack_index: former.is_some(),
        former,
    }
}

/// The key by which an earlier version found the user: by the e-mail address in
/// the letter case in which it was written. It stays until the user is written
/// again.
fn former_index(user: &User) -> Option<String> {
    let email = user.attribute(LookupAttribute::Email)?;
    let is_former = LookupAttribute::Email.compared(email) != email;
    let prefix = attribute_prefix(LookupAttribute::Email, email);
    is_former.then(|| format!("{prefix}{}", user.id))
}

/// "userName ... case insensitive", and unique (RFC 7643 section 4.1.1).
fn name_key(user_store: &str, username: &str) -> String {
    let name = digest(&[&user_store.to_lowercase(), &username.to_lowercase()]);
    format!("user-name/{name}")
}

fn external_prefix(external_id: &str) -> String {
    format!("user-external/{}/", digest(&[external_id]))
}
