//! From the attributes that a client gives to a user: what is required, what
//! has to agree, and what the exchange knows of it.

mod claims;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::attributes::{ACCOUNT_DISABLED, ACCOUNT_LOCKED, WSO2};
use super::error::Problem;
use super::name::{self, Name};
use crate::audit::shown;
use crate::config::User;

/// Longest profile that is kept, in bytes of JSON.
const MAX_BYTES: usize = 64 * 1024;

/// The attributes of a user, in which nothing is wrong.
#[derive(Debug)]
pub(super) struct Profile {
    /// As SCIM shows them, without `schemas`, `id` and `meta`.
    pub(super) resource: Map<String, Value>,
    user_store: String,
    username: String,
}

/// A PUT that does not say whether the account is active or locked leaves that
/// as it was: "the service provider MAY take into account whether or not a
/// client has access to, or understands, all of the resource's attributes"
/// (RFC 7644 section 3.5.1). A lock is lifted only by who says so.
pub(super) fn keep_state(resource: &mut Map<String, Value>, before: &Map<String, Value>) {
    if let (None, Some(active)) = (resource.get("active"), before.get("active")) {
        resource.insert("active".into(), active.clone());
    }
    let Some(Value::Object(before)) = before.get(WSO2.urn) else { return };
    let state = resource.entry(WSO2.urn).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(state) = state {
        for (name, value) in before {
            state.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
}

impl Profile {
    /// Checks attributes as a whole. `before` is what they were, if there was
    /// a user.
    ///
    /// # Errors
    /// `invalidValue`, naming the attribute.
    pub(super) fn checked(
        mut resource: Map<String, Value>,
        before: Option<&Map<String, Value>>,
        roles: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, Problem> {
        let Some(Value::String(text)) = resource.get("userName") else {
            return Err(Problem::value("userName is missing").at("userName"));
        };
        let name = Name::checked(text).map_err(|wrong| wrong.at("userName"))?;
        let (user_store, username) = (name.store, String::from(name.name));
        let written = name::written(&user_store, &username);
        resource.insert("userName".into(), written.into());
        check_roles(&resource, before, roles)?;
        agree(&mut resource, before);
        let length = serde_json::to_vec(&resource).map_or(usize::MAX, |bytes| bytes.len());
        if length > MAX_BYTES {
            return Err(Problem::value("the user would be longer than 64 KiB"));
        }
        Ok(Self { resource, user_store, username })
    }

    /// The name as it was parsed, to compare it with others.
    pub(super) fn name(&self) -> Name<'_> {
        Name { store: self.user_store.clone(), name: &self.username }
    }

    pub(super) fn external_id(&self) -> Option<String> {
        self.resource.get("externalId").and_then(Value::as_str).map(Into::into)
    }

    /// What the exchange knows of the user.
    pub(super) fn user(&self, id: String) -> User {
        let mut roles: Vec<String> = Vec::new();
        for role in role_values(&self.resource) {
            if !roles.iter().any(|known| known == role) {
                roles.push(role.into());
            }
        }
        User {
            id,
            user_store: self.user_store.clone(),
            username: self.username.clone(),
            claims: claims::of(&self.resource),
            roles,
            locked: state(&self.resource, ACCOUNT_LOCKED) == Some(true),
            disabled: is_disabled(&self.resource),
        }
    }
}

/// A role grants scopes by its name in the configuration. One that is gone
/// from there grants nothing and does not keep the user from being changed,
/// but is given to nobody anew.
fn check_roles(
    resource: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    known: &BTreeMap<String, Vec<String>>,
) -> Result<(), Problem> {
    let had = |role| before.is_some_and(|before| role_values(before).any(|held| held == role));
    match role_values(resource).find(|role| !known.contains_key(*role) && !had(*role)) {
        None => Ok(()),
        Some(role) => {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            let names = if names.is_empty() { "none".into() } else { names.join(", ") };
            Err(Problem::value(format!(
                "there is no role `{}`; roles of the configuration: {names}",
                shown(role)
            ))
            .at("roles"))
        }
    }
}

fn role_values(resource: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let roles = resource.get("roles").and_then(Value::as_array).into_iter().flatten();
    roles.filter_map(|role| role.get("value")?.as_str())
}

/// `active` and WSO2's `accountDisabled` say the same. Of two that do not, the
/// one that changed counts; when both or neither did, the user is disabled.
fn agree(resource: &mut Map<String, Value>, before: Option<&Map<String, Value>>) {
    let (active, disabled) = (active(resource), state(resource, ACCOUNT_DISABLED));
    let (Some(is_active), Some(is_disabled)) = (active, disabled) else { return };
    if is_active != is_disabled {
        return;
    }
    let was = |flag: fn(&Map<String, Value>) -> Option<bool>| before.and_then(flag);
    let active_changed = was(self::active) != active;
    let disabled_changed = was(|before| state(before, ACCOUNT_DISABLED)) != disabled;
    let off = match (active_changed, disabled_changed) {
        (true, false) => !is_active,
        (false, true) => is_disabled,
        _ => true,
    };
    resource.insert("active".into(), Value::Bool(!off));
    if let Some(Value::Object(state)) = resource.get_mut(WSO2.urn) {
        state.insert(ACCOUNT_DISABLED.into(), Value::Bool(off));
    }
}

/// Who is not said to be inactive is active.
fn is_disabled(resource: &Map<String, Value>) -> bool {
    active(resource) == Some(false) || state(resource, ACCOUNT_DISABLED) == Some(true)
}

fn active(resource: &Map<String, Value>) -> Option<bool> {
    resource.get("active")?.as_bool()
}

fn state(resource: &Map<String, Value>, name: &str) -> Option<bool> {
    resource.get(WSO2.urn)?.get(name)?.as_bool()
}
