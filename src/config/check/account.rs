//! Local users and their roles.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::document;
use super::super::model::User;
use super::super::problem::{At, Report, shown};
use super::values::{self, Seen, name, no_repetition, or_known};

/// The user store of users that name none.
const PRIMARY: &str = "PRIMARY";

/// The scopes of each role.
pub(super) fn roles(
    roles: Vec<document::Role>,
    report: &mut Report,
) -> BTreeMap<String, Vec<String>> {
    let mut names = Seen::default();
    let mut scopes = BTreeMap::new();
    for (index, role) in roles.into_iter().enumerate() {
        let at = At::top("roles").item(index);
        name(&role.name, &at.field("name"), report);
        names.once(&role.name, &at.field("name"), report);
        values::scopes(&role.scopes, &at.field("scopes"), report);
        scopes.insert(role.name, role.scopes);
    }
    scopes
}

/// The users by id.
pub(super) fn users(
    users: Vec<document::User>,
    roles: &BTreeMap<String, Vec<String>>,
    report: &mut Report,
) -> BTreeMap<String, Arc<User>> {
    let mut ids = Seen::default();
    let mut usernames: BTreeMap<String, Seen> = BTreeMap::new();
    let mut by_id = BTreeMap::new();
    for (index, user) in users.into_iter().enumerate() {
        let at = At::top("users").item(index);
        let user_store = user.user_store.unwrap_or_else(|| PRIMARY.into());
        name(&user.id, &at.field("id"), report);
        ids.once(&user.id, &at.field("id"), report);
        name(&user_store, &at.field("userStore"), report);
        name(&user.username, &at.field("username"), report);
        let seen = usernames.entry(user_store.clone()).or_default();
        seen.once(&user.username, &at.field("username"), report);
        members(&user.roles, roles, &at.field("roles"), report);
        let user = User {
            id: user.id,
            user_store,
            username: user.username,
            claims: user.claims,
            roles: user.roles,
            locked: user.locked,
            disabled: user.disabled,
        };
        by_id.insert(user.id.clone(), Arc::new(user));
    }
    by_id
}

fn members(names: &[String], roles: &BTreeMap<String, Vec<String>>, at: &At, report: &mut Report) {
    for (index, role) in names.iter().enumerate() {
        if !roles.contains_key(role) {
            let known = roles.keys().map(String::as_str);
            report.problem(
                &at.item(index),
                format!("there is no role {}", shown(role)),
                or_known(role, known, "add it to `roles`"),
            );
        }
    }
    no_repetition(names, at, report);
}
