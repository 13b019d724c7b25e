//! What an import would do: every object of the document held against the one
//! that there is. Nothing is written here.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::current::{Current, Known};
use super::diff::{element, index, is_same, text};
use super::import::{APPLICATION_LIST, ISSUER_LIST, path_of};
use super::sent::{Application, Sent};
use crate::admin::applications;
use crate::admin::call::Call;
use crate::admin::error::{DOCUMENT, Error, READ_ONLY};
use crate::admin::issuers;
use crate::admin::records::several::{Batch, Batches, Step};
use crate::admin::resources;
use crate::config::{Attribute, Problem, Problems};
use crate::gather::gathered;
use crate::host::Host;
use crate::storage::resources::{Kind, Object};
use crate::time::Entropy;

/// What an import does.
pub(super) struct Plan {
    pub(super) batches: Vec<Batch>,
    /// Secrets of applications that are made with one, by client id.
    pub(super) secrets: BTreeMap<String, Zeroizing<String>>,
}

impl Plan {
    /// # Errors
    /// 400 with everything that is wrong, 409 when all of it stands in the
    /// document of the server.
    pub(super) fn make(
        call: &Call<'_>,
        current: &Current,
        sent: &Sent,
        prune: bool,
    ) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let mut steps = issuer_steps(call, current, sent, &mut faults);
        let mut gone = Vec::new();
        if prune {
            let issuers: BTreeSet<&str> =
                gathered(sent.issuers.iter().map(|one| text(one, "issuer")));
            let is_sent = |known: &Known| issuers.contains(text(&known.document, "issuer"));
            gone = removals(Kind::TrustedTokenIssuer, &current.issuers, is_sent);
        }
        let ids = issuer_ids(current, steps.iter().chain(&gone));
        let mut secrets = BTreeMap::new();
        let known = index(&current.applications, "clientId");
        for (nth, application) in sent.applications.iter().enumerate() {
            let known = known.get(text(&application.document, "clientId"));
            let known = known.and_then(|at| current.applications.get(*at));
            let step =
                application_step(call, nth, application, known, &ids, &mut secrets, &mut faults);
            steps.extend(step);
        }
        if prune {
            let ids = sent.applications.iter().map(|one| text(&one.document, "clientId"));
            let ids: BTreeSet<&str> = gathered(ids);
            let is_sent = |known: &Known| ids.contains(text(&known.document, "clientId"));
            steps.extend(removals(Kind::Application, &current.applications, is_sent));
        }
        steps.extend(gone);
        check_names(current, &steps, &mut faults);
        if faults.is_empty() {
            let Batches { batches, rings } = Batches::of(steps)?;
            if rings.is_empty() {
                return Ok(Self { batches, secrets });
            }
            faults.extend(rings.iter().map(|ring| Fault::ring(ring)));
        }
        let is_read_only = faults.iter().all(|fault| fault.is_read_only);
        let problems = faults.into_iter().map(|fault| fault.problem).collect();
        let kind = if is_read_only { &READ_ONLY } else { &DOCUMENT };
        Err(Error::about(kind, Problems(problems)))
    }
}

/// The objects of the store that the document does not have, and copies that have no effect.
fn removals(kind: Kind, known: &[Known], is_sent: impl Fn(&Known) -> bool) -> Vec<Step> {
    let is_gone = |known: &&Known| known.is_overridden() || !is_sent(known);
    let gone = known.iter().filter(is_gone);
    let held = gone.filter_map(|known| known.held.as_ref());
    held.map(|held| Step::Remove(kind, held.copied())).collect()
}

/// Why the document cannot be imported.
struct Fault {
    problem: Problem,
    is_read_only: bool,
}

impl Fault {
    fn read_only(path: String) -> Self {
        let problem = Problem::new(
            path,
            "is different here, and stands in the configuration document of the server",
            "change it there, or send it unchanged",
        );
        Self { problem, is_read_only: true }
    }

    fn of(problem: Problem) -> Self {
        Self { problem, is_read_only: false }
    }

    /// Another object keeps the name. `is_own`: the server's own document has that object.
    fn taken(path: String, is_own: bool) -> Self {
        let (problem, remedy) = if is_own {
            (
                "is the name of another object, which the server's own configuration document has",
                "choose another name",
            )
        } else {
            (
                "is the name of another one that the document does not have",
                "choose another name, or import with `prune=true`",
            )
        };
        Self::of(Problem::new(path, problem, remedy))
    }

    /// Objects that all take the name of the next, and are too many to be written at
    /// once.
    fn ring(steps: &[Step]) -> Self {
        let path = steps.first().map(path_of).unwrap_or_default();
        Self::of(Problem::new(
            format!("{path}.name"),
            format!(
                "is one of {} names that are exchanged in a ring, which are more than one batch has \
                 room for",
                steps.len()
            ),
            "give this object a name that none of them has, import that, and then import this document",
        ))
    }
}

fn issuer_steps(
    call: &Call<'_>,
    current: &Current,
    sent: &Sent,
    faults: &mut Vec<Fault>,
) -> Vec<Step> {
    let known = index(&current.issuers, "issuer");
    let mut steps = Vec::new();
    for (nth, document) in sent.issuers.iter().enumerate() {
        let path = element(ISSUER_LIST, text(document, "issuer"));
        let known = known.get(text(document, "issuer"));
        let known = known.and_then(|at| current.issuers.get(*at));
        if known.is_some_and(|known| is_same(known, document)) {
            continue;
        }
        let held = match known {
            Some(Known { held: None, .. }) => {
                faults.push(Fault::read_only(path));
                continue;
            }
            known => known.and_then(|known| known.held.as_ref()),
        };
        let host = host_of(call.host, ISSUER_LIST, nth);
        let object = object(call, &host, held.map(|held| &held.record), document.clone());
        if let Err(error) = issuers::parse(call, &object) {
            faults.extend(error.within(&path).into_problems().into_iter().map(Fault::of));
        }
        let kind = Kind::TrustedTokenIssuer;
        steps.push(match held {
            Some(held) => Step::Replace(kind, held.copied(), object),
            None => Step::Create(kind, object),
        });
    }
    steps
}

/// The ids of issuers by their names, once the import is done.
fn issuer_ids<'a>(current: &Current, steps: impl Iterator<Item = &'a Step>) -> Map<String, Value> {
    let mut names = BTreeMap::new();
    for known in current.issuers.iter().filter(|known| !known.is_overridden()) {
        names.insert(&*known.id, text(&known.document, "name"));
    }
    for step in steps {
        match step {
            Step::Create(_, object) | Step::Replace(_, _, object) => {
                names.insert(&object.id, text(&object.document, "name"));
            }
            // Another one may have its name.
            Step::Remove(_, held) => {
                names.remove(&*held.record.id);
            }
        }
    }
    let mut ids = Map::new();
    for (id, name) in names {
        ids.insert(name.into(), id.into());
    }
    ids
}

fn application_step(
    call: &Call<'_>,
    nth: usize,
    application: &Application,
    known: Option<&Known>,
    ids: &Map<String, Value>,
    secrets: &mut BTreeMap<String, Zeroizing<String>>,
    faults: &mut Vec<Fault>,
) -> Option<Step> {
    let client_id = text(&application.document, "clientId");
    let path = element(APPLICATION_LIST, client_id);
    let held = known.and_then(|known| known.held.as_ref());
    let kept = held.and_then(|held| held.record.secret.as_ref());
    let is_kept = |secret: &Zeroizing<String>| kept.is_some_and(|kept| kept.matches(secret));
    let chosen = application.secret.as_ref().filter(|secret| !is_kept(secret));
    if let Some(known) = known {
        let is_same = is_same(known, &application.document);
        if known.held.is_none() {
            // Whether it has this secret cannot be told of one of the document.
            if !is_same {
                faults.push(Fault::read_only(path));
            }
            return None;
        }
        if is_same && chosen.is_none() {
            return None;
        }
    }
    let host = host_of(call.host, APPLICATION_LIST, nth);
    let document = by_ids(application.document.clone(), ids);
    let mut object = object(call, &host, held.map(|held| &held.record), document);
    if let Err(error) = applications::check(&object, chosen, &call.state.config.issuer) {
        faults.extend(error.within(&path).into_problems().into_iter().map(Fault::of));
        return None;
    }
    let made = applications::settle(&host, &mut object, chosen.cloned());
    if chosen.is_none() {
        secrets.extend(made.map(|secret| (client_id.into(), secret)));
    }
    Some(match held {
        Some(held) => Step::Replace(Kind::Application, held.copied(), object),
        None => Step::Create(Kind::Application, object),
    })
}

/// An application that names its issuers by their ids, as the store does.
fn by_ids(mut document: Map<String, Value>, ids: &Map<String, Value>) -> Map<String, Value> {
    let by_id = |name: &mut Value| {
        if let Some(id) = name.as_str().and_then(|name| ids.get(name)) {
            *name = id.clone();
        }
    };
    let grants = document.get_mut(ISSUER_LIST).and_then(Value::as_array_mut);
    for grant in grants.into_iter().flatten() {
        match grant {
            Value::Object(members) => members.get_mut("name").into_iter().for_each(by_id),
            name => by_id(name),
        }
    }
    let assertion = document.get_mut("clientAssertion");
    assertion.and_then(|assertion| assertion.get_mut("issuer")).into_iter().for_each(by_id);
    document
}

/// A host that draws other secrets and identifiers for each object.
fn host_of(host: &Host, list: &str, nth: usize) -> Host {
    let mut of = host.clone();
    of.entropy = Entropy::new(host.entropy.draw(&format!("import {list} {nth}")));
    of
}

/// The object that is written.
fn object(
    call: &Call<'_>,
    host: &Host,
    before: Option<&Object>,
    document: Map<String, Value>,
) -> Object {
    let mut object = Object {
        id: before.map_or_else(|| host.entropy.identifier("id"), |before| before.id.clone()),
        document,
        about: before.map(|before| before.about.clone()).unwrap_or_default(),
        secret: before.and_then(|before| before.secret.clone()),
        created: before.map_or(call.host.now, |before| before.created),
        modified: call.host.now,
    };
    resources::sign(call, &mut object);
    object
}

/// No two objects of a kind have the same name in the end.
fn check_names(current: &Current, steps: &[Step], faults: &mut Vec<Fault>) {
    for (kind, list, by, known) in [
        (Kind::TrustedTokenIssuer, ISSUER_LIST, "issuer", &current.issuers),
        (Kind::Application, APPLICATION_LIST, "clientId", &current.applications),
    ] {
        let mut names = BTreeMap::new();
        for known in known {
            names.insert(&*known.id, Attribute::Name.of(&known.id, &known.document));
        }
        let mut changed = Vec::new();
        for step in steps {
            match step {
                Step::Create(of, object) | Step::Replace(of, _, object) if *of == kind => {
                    names.insert(&object.id, text(&object.document, "name"));
                    changed.push(object);
                }
                Step::Remove(of, held) if *of == kind => {
                    names.remove(&*held.record.id);
                }
                _ => {}
            }
        }
        let mut count = BTreeMap::<&str, usize>::new();
        for name in names.values() {
            *count.entry(name).or_default() += 1;
        }
        for object in changed {
            let name = text(&object.document, "name");
            if count.get(name).is_some_and(|count| *count > 1) {
                let path = format!("{}.name", element(list, text(&object.document, by)));
                // No import deletes what the server's own document has.
                let is_own = known.iter().any(|one| one.is_of_document_with(name));
                faults.push(Fault::taken(path, is_own));
            }
        }
    }
}
