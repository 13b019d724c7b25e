//! The users of the configuration, by id and by what they are looked up by.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{LookupAttribute, User};

/// Users, found in the same time however many there are.
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

    pub(crate) fn by_id(&self, id: &str) -> Option<&Arc<User>> {
        self.by_id.get(id)
    }

    /// Every user with this value, whatever the user store, PRIMARY included.
    /// Values are compared as they are written.
    pub(crate) fn by_attribute(&self, attribute: LookupAttribute, value: &str) -> &[Arc<User>] {
        self.by_attribute.get(&(attribute, value.into())).map_or(&[], |users| users)
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
