//! Local users and roles in the document.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A role of local users.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Role {
    /// Its name; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) name: String,
    /// The scopes it grants, besides those of the application.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// A local user.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct User {
    /// The `sub` of tokens about this user; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) id: String,
    /// The user store the user belongs to. Default: `PRIMARY`.
    #[serde(default)]
    pub(crate) user_store: Option<String>,
    /// The user name; unique in the user store.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) username: String,
    /// The user's claims by name, like `email`.
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
    /// The names of the user's roles.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// Whether the account is locked. Default: false.
    #[serde(default)]
    pub(crate) locked: bool,
    /// Whether the account is disabled. Default: false.
    #[serde(default)]
    pub(crate) disabled: bool,
}

objects!(Role, User);
