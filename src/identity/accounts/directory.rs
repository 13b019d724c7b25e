//! Local users, by id and by what they are looked up by: those of the
//! configuration document, and those that were provisioned, which the store
//! keeps.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{LookupAttribute, User};
use crate::host::Host;
use crate::step::Failed;
use crate::storage::users;

/// What the ids of users begin with that this server makes.
pub(crate) const MADE_HERE: &str = "usr_";

/// Users, found in the same time however many there are. What the store keeps
/// is read whenever it is needed: a user who was locked is locked at once.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    by_id: BTreeMap<String, Arc<User>>,
    by_attribute: BTreeMap<(LookupAttribute, String), Vec<Arc<User>>>,
}

impl Directory {
    pub(crate) fn new(users: &BTreeMap<String, Arc<User>>) -> Self {
        let mut directory = Self { by_id: users.clone(), by_attribute: BTreeMap::new() };
        for user in users.values() {
            for attribute in LookupAttribute::ALL {
                if let Some(value) = value(user, attribute) {
                    let key = (attribute, value.into());
                    directory.by_attribute.entry(key).or_default().push(Arc::clone(user));
                }
            }
        }
        directory
    }

    /// The user with this id. The document's word counts first.
    pub(crate) async fn user(&self, host: &Host, id: &str) -> Result<Option<Arc<User>>, Failed> {
        if let Some(user) = self.by_id.get(id) {
            return Ok(Some(Arc::clone(user)));
        }
        match users::find(host, id).await {
            Ok(held) => Ok(held.map(|held| Arc::new(held.record.user))),
            // A host without a store has no others.
            Err(Failed::Unsupported) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Whether a name is the id of a user, or one that this server may give to
    /// a user. Ids that it makes begin with `usr_`; older ones have 22 base64url
    /// characters, and are looked up.
    pub(crate) async fn is_user_id(&self, host: &Host, name: &str) -> Result<bool, Failed> {
        const OLDER: usize = 22;
        if name.starts_with(MADE_HERE) || self.by_id.contains_key(name) {
            return Ok(true);
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.len() != OLDER || !name.bytes().all(plain) {
            return Ok(false);
        }
        Ok(self.user(host, name).await?.is_some())
    }

    /// Every user with this value, whatever the user store, PRIMARY included;
    /// of those that the store keeps two at most, for two are one too many.
    /// Values are compared as they are written.
    pub(crate) async fn with(
        &self,
        host: &Host,
        attribute: LookupAttribute,
        value: &str,
    ) -> Result<Vec<Arc<User>>, Failed> {
        let mut all =
            self.by_attribute.get(&(attribute, value.into())).cloned().unwrap_or_default();
        let kept = match users::by_attribute(host, attribute, value).await {
            Err(Failed::Unsupported) => return Ok(all),
            kept => kept?,
        };
        for id in kept {
            all.extend(self.user(host, &id).await?);
        }
        Ok(all)
    }
}

fn value(user: &User, attribute: LookupAttribute) -> Option<&str> {
    match attribute {
        LookupAttribute::Username => Some(user.username.as_str()),
        LookupAttribute::Email | LookupAttribute::PhoneNumber => {
            user.claims.get(attribute.name())?.as_str()
        }
    }
    .filter(|value| !value.is_empty())
}
