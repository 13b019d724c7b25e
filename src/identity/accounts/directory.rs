//! Local users, by id and by what they are looked up by: those of the
//! configuration document, and those that were provisioned, which the store
//! keeps.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{Config, LookupAttribute, User, administers};
use crate::gather::gathered;
use crate::host::Host;
use crate::step::Failed;
use crate::storage::users;

/// Users, found in the same time however many there are. What the store keeps
/// is read whenever it is needed: a user who was locked is locked at once.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    by_id: BTreeMap<String, Arc<User>>,
    by_attribute: BTreeMap<(LookupAttribute, String), Vec<Arc<User>>>,
    /// The roles whose users administer this server.
    administering: BTreeSet<String>,
}

impl Directory {
    pub(crate) fn new(config: &Config) -> Self {
        let grants = |scopes: &Vec<String>| scopes.iter().any(|scope| administers(scope));
        let administering = config.roles.iter().filter(|(_, scopes)| grants(scopes));
        let mut directory = Self {
            by_id: config.users.clone(),
            by_attribute: BTreeMap::new(),
            administering: gathered(administering.map(|(role, _)| role.clone())),
        };
        for user in config.users.values() {
            for attribute in LookupAttribute::ALL {
                if let Some(value) = user.attribute(attribute) {
                    let key = (attribute, attribute.compared(value));
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
            Ok(found) => Ok(found.map(|record| Arc::new(record.user))),
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
        if name.starts_with(users::MADE_HERE) || self.by_id.contains_key(name) {
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
    pub(crate) async fn with(
        &self,
        host: &Host,
        attribute: LookupAttribute,
        value: &str,
    ) -> Result<Vec<Arc<User>>, Failed> {
        let wanted = attribute.compared(value);
        let mut all = self.by_attribute.get(&(attribute, wanted)).cloned().unwrap_or_default();
        let kept = match users::by_attribute(host, attribute, value).await {
            Err(Failed::Unsupported) => return Ok(all),
            kept => kept?,
        };
        // What the document says of a user counts, under the same id too.
        let kept = kept.into_iter().filter(|user| !self.by_id.contains_key(&user.id));
        all.extend(kept.map(Arc::new));
        Ok(all)
    }

    /// Whether a role of this user grants the administration of this server.
    pub(crate) fn administers(&self, user: &User) -> bool {
        user.roles.iter().any(|role| self.administering.contains(role))
    }
}
