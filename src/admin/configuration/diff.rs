//! What is different between the running configuration and a document.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::current::{Current, Known};
use super::sent::Sent;
use crate::admin::call::Call;
use crate::admin::jwks::without_private_members;
use crate::config::OTHERS;

/// Stands for a secret that is not shown.
const SECRET: &str = "(secret)";

/// Differences by their paths, like `applications["shop"].scopes`. Each says what
/// was before and what is after, and whether it is part of the server's
/// configuration document, which no import changes.
pub(super) type Differences = Map<String, Value>;

/// Everything that is different, in the order of the paths.
pub(super) fn differences(call: &Call<'_>, current: &Current, sent: &Sent) -> Differences {
    let mut found = Map::new();
    others(call, sent, &mut found);
    let issuers = sent.issuers.iter().map(|document| (document, false)).collect();
    lists("trustedTokenIssuers", "issuer", &current.issuers, issuers, &mut found);
    let by_client_id = index(&current.applications, "clientId");
    let applications = sent.applications.iter().map(|application| {
        let known = by_client_id.get(text(&application.document, "clientId"));
        let known = known.and_then(|at| current.applications.get(*at));
        let kept = known.and_then(|known| known.held.as_ref()?.record.secret.as_ref());
        let is_new = match (&application.secret, kept) {
            (Some(secret), Some(kept)) => !kept.matches(secret),
            _ => false,
        };
        (&application.document, is_new)
    });
    let applications = applications.collect();
    lists("applications", "clientId", &current.applications, applications, &mut found);
    found
}

/// Whether an object is different from what it was, its secret aside.
pub(super) fn is_same(known: &Known, document: &Map<String, Value>) -> bool {
    called(&known.document) == called(document)
}

/// An application without a name is called by its client id.
fn called(document: &Map<String, Value>) -> Map<String, Value> {
    let mut called = document.clone();
    if let (None, Some(client_id)) = (document.get("name"), document.get("clientId")) {
        called.insert("name".into(), client_id.clone());
    }
    called
}

/// The members that stand in the document of the server alone.
fn others(call: &Call<'_>, sent: &Sent, found: &mut Differences) {
    let config = &call.state.config;
    let mut own = config.documents.others.clone();
    own.insert("issuer".into(), config.issuer.as_str().into());
    let mut both: Vec<(&str, Value, Value)> = OTHERS
        .iter()
        .copied()
        .chain(["issuer"])
        .map(|name| {
            (name, take(&mut own, name), sent.others.get(name).cloned().unwrap_or_default())
        })
        .collect();
    let users = config.users.values().map(|user| serde_json::json!(**user)).collect();
    let theirs = sent.others.get("users").map(with_defaults).unwrap_or_default();
    both.push(("users", users, theirs));
    for (name, before, after) in both {
        let (before, after) = match name {
            "users" => (keyed(before, "id"), keyed(after, "id")),
            "roles" => (keyed(before, "name"), keyed(after, "name")),
            _ => (before, after),
        };
        let is_list = matches!(name, "users" | "roles");
        let [before, after] = [before, after].map(|value| Some(value).filter(|one| !one.is_null()));
        compare(name.into(), before.as_ref(), after.as_ref(), (is_list, true), found);
    }
}

fn take(members: &mut Map<String, Value>, name: &str) -> Value {
    members.remove(name).unwrap_or_default()
}

/// A list of objects by what tells them apart.
fn keyed(list: Value, by: &str) -> Value {
    let items = match list {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let mut keyed = Map::new();
    for item in items {
        if let Some(name) = item.get(by).and_then(Value::as_str) {
            keyed.insert(name.into(), item);
        }
    }
    Value::Object(keyed)
}

/// Users with the members that they have by default.
fn with_defaults(users: &Value) -> Value {
    let mut users = users.clone();
    for user in users.as_array_mut().into_iter().flatten() {
        let Value::Object(members) = user else { continue };
        for (name, value) in [
            ("userStore", Value::from("PRIMARY")),
            ("claims", Value::Object(Map::new())),
            ("roles", Value::Array(Vec::new())),
            ("locked", false.into()),
            ("disabled", false.into()),
        ] {
            members.entry(name).or_insert(value);
        }
    }
    users
}

fn lists(
    name: &str,
    by: &str,
    current: &[Known],
    sent: Vec<(&Map<String, Value>, bool)>,
    found: &mut Differences,
) {
    let path = |document: &Map<String, Value>| element(name, text(document, by));
    let known_by = index(current, by);
    let mut sent_by = BTreeMap::new();
    for (at, (document, _)) in sent.iter().enumerate() {
        sent_by.insert(text(document, by), at);
    }
    // Nothing that a document could say is about one that is overridden.
    for known in current.iter().filter(|known| !known.is_overridden()) {
        let read_only = known.held.is_none();
        let after = sent_by.get(text(&known.document, by)).and_then(|at| sent.get(*at));
        let here = path(&known.document);
        let Some((after, new_secret)) = after else {
            // No document may have it.
            if known.standing.left_out().is_some() {
                continue;
            }
            note(here, Some(&Value::Object(known.document.clone())), None, read_only, found);
            continue;
        };
        if *new_secret {
            let secret = Value::from(SECRET);
            note(format!("{here}.clientSecret"), Some(&secret), Some(&secret), read_only, found);
        }
        let before = Value::Object(called(&known.document));
        let after = public(called(after));
        compare(here, Some(&before), Some(&after), (false, read_only), found);
    }
    for (document, _) in &sent {
        if !known_by.contains_key(text(document, by)) {
            note(path(document), None, Some(&public((*document).clone())), false, found);
        }
    }
}

/// An object without the private members of keys, which somebody may have sent
/// by mistake.
fn public(mut document: Map<String, Value>) -> Value {
    if let Some(jwks) = document.get_mut("certificate").and_then(|one| one.get_mut("jwks")) {
        without_private_members(jwks);
    }
    document.entry("jwks").and_modify(without_private_members);
    Value::Object(document)
}

/// Compares objects member by member, everything else as a whole. `keyed`: the
/// members are those of a list.
fn compare(
    path: String,
    before: Option<&Value>,
    after: Option<&Value>,
    (keyed, read_only): (bool, bool),
    found: &mut Differences,
) {
    match (before, after) {
        (None, None) => {}
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let new = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(new) {
                let here = if keyed { element(&path, name) } else { format!("{path}.{name}") };
                let (before, after) = (before.get(name), after.get(name));
                compare(here, before, after, (false, read_only), found);
            }
        }
        _ => note(path, before, after, read_only, found),
    }
}

fn note(
    path: String,
    before: Option<&Value>,
    after: Option<&Value>,
    read_only: bool,
    found: &mut Differences,
) {
    let change = match (before, after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let mut members = Map::new();
    members.insert("change".into(), change.into());
    members.insert("path".into(), path.as_str().into());
    for (name, value) in [("before", before), ("after", after)] {
        members.extend(value.map(|value| (name.into(), value.clone())));
    }
    members.insert("readOnly".into(), read_only.into());
    found.insert(path, Value::Object(members));
}

/// Whether an import leaves it. What the document lacks stays without `prune`,
/// which is no news.
pub(super) fn stays(difference: &Value, prune: bool) -> bool {
    difference.get("readOnly") == Some(&Value::Bool(true))
        && (prune || difference.get("change").is_none_or(|change| change != "removed"))
}

/// The path of a member of a list.
pub(super) fn element(list: &str, id: &str) -> String {
    format!("{list}[{}]", Value::from(id))
}

/// The positions of objects that have an effect, by a member that tells them apart.
pub(super) fn index<'a>(known: &'a [Known], by: &str) -> BTreeMap<&'a str, usize> {
    let mut index = BTreeMap::new();
    for (at, one) in known.iter().enumerate().filter(|(_, one)| !one.is_overridden()) {
        index.insert(text(&one.document, by), at);
    }
    index
}

/// A member that is text; empty when it is not there.
pub(super) fn text<'a>(document: &'a Map<String, Value>, name: &str) -> &'a str {
    document.get(name).and_then(Value::as_str).unwrap_or_default()
}
