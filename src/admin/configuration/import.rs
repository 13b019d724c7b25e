//! `POST /api/server/v1/configuration/import`: makes the trusted token issuers
//! and applications of the store those of a document.
//!
//! Everything is planned first, and a dry run ends there. What is written is one
//! batch where it has room for all, and each write is about the version that
//! was read for the plan: what somebody else changes meanwhile is not undone.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::current::{Current, Known};
use super::diff::{Difference, differences, element, index, is_same, text};
use super::sent::{Application, Sent};
use crate::admin::applications::{self, APPLICATIONS};
use crate::admin::call::Call;
use crate::admin::error::{CHANGED, DOCUMENT, Error, READ_ONLY, STALE, UNSEEN};
use crate::admin::issuers::{self, ISSUERS};
use crate::admin::query::Query;
use crate::admin::records::several::{Step, batches};
use crate::admin::resources;
use crate::admin::version::named_tag;
use crate::config::{Problem, Problems};
use crate::host::{Host, Outcome};
use crate::http::Reply;
use crate::storage::resources::{Kind, Object};
use crate::time::Entropy;

const ISSUER_LIST: &str = "trustedTokenIssuers";
const APPLICATION_LIST: &str = "applications";

/// Serves the call.
pub(super) async fn serve(call: &mut Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let is_dry = flag(&query, "dryRun")?;
    let prune = flag(&query, "prune")?;
    let sent = Sent::read(call)?;
    let current = Current::read(call).await?;
    check_version(call, &current, is_dry)?;
    let plan = Plan::make(call, &current, &sent, prune)?;
    let differences = differences(call, &current, &sent);
    let mut body = json!({
        "dryRun": is_dry,
        "atomic": batches(&plan.steps)?.len() < 2,
        "changes": plan.steps.iter().map(said).collect::<Vec<_>>(),
        "differences": differences,
        "notImported": not_imported(&differences, prune),
        "warnings": sent.warnings,
    });
    let mut tag = current.tag();
    if !is_dry {
        let secrets = carry_out(call, plan).await?;
        if let Value::Object(members) = &mut body {
            members.insert("secrets".into(), secrets.into());
        }
        // It happened: what cannot be read now can be read later.
        if let Ok(current) = Current::read(call).await {
            tag = current.tag();
        }
    }
    Ok(Reply::json(200, &body).with("etag", tag))
}

/// A parameter that is `true` or `false`.
fn flag(query: &Query, name: &str) -> Result<bool, Error> {
    match query.value(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let problem = Problem::new(name, "must be `true` or `false`", "send one of the two");
            Err(Error::about(&crate::admin::error::QUERY, problem))
        }
    }
}

/// Whoever imports says which configuration they have seen.
fn check_version(call: &Call<'_>, current: &Current, is_dry: bool) -> Result<(), Error> {
    match named_tag(call.request, "if-match", Some(&current.tag())) {
        Some(true) => Ok(()),
        None if is_dry => Ok(()),
        None => Err(Error::new(
            &UNSEEN,
            "send the ETag of the dry run as `If-Match`, so that nobody's change is undone unseen; \
             `If-Match: *` imports whatever there is",
        )),
        Some(false) => Err(Error::new(
            &STALE,
            "the configuration was changed since; look at the differences again",
        )),
    }
}

/// What an import does.
struct Plan {
    steps: Vec<Step>,
    /// Secrets of applications that are made with one, by client id.
    secrets: Vec<(String, Zeroizing<String>)>,
}

impl Plan {
    /// # Errors
    /// 400 with everything that is wrong, 409 when all of it stands in the
    /// document of the server.
    fn make(call: &Call<'_>, current: &Current, sent: &Sent, prune: bool) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let mut steps = issuer_steps(call, current, sent, &mut faults);
        let ids = issuer_ids(current, &steps);
        let mut secrets = Vec::new();
        let known = index(&current.applications, "clientId");
        for (nth, application) in sent.applications.iter().enumerate() {
            let step =
                application_step(call, nth, application, &known, &ids, &mut secrets, &mut faults);
            steps.extend(step);
        }
        if prune {
            let applications = sent.applications.iter().map(|one| &one.document);
            let applications = applications.map(|one| text(one, "clientId")).collect();
            steps.extend(removals(Kind::Application, known, &applications));
            let issuers = sent.issuers.iter().map(|one| text(one, "issuer")).collect();
            let known = index(&current.issuers, "issuer");
            steps.extend(removals(Kind::TrustedTokenIssuer, known, &issuers));
        }
        check_names(current, &steps, &mut faults);
        if faults.is_empty() {
            return Ok(Self { steps, secrets });
        }
        let is_read_only = faults.iter().all(|fault| fault.is_read_only);
        let problems = faults.into_iter().map(|fault| fault.problem).collect();
        let kind = if is_read_only { &READ_ONLY } else { &DOCUMENT };
        Err(Error::about(kind, Problems(problems)))
    }
}

/// The objects of the store that the document does not have.
fn removals<'a>(
    kind: Kind,
    known: BTreeMap<&'a str, &'a Known>,
    sent: &BTreeSet<&str>,
) -> impl Iterator<Item = Step> + use<'a> {
    let gone: Vec<&Known> =
        known.into_iter().filter(|(id, _)| !sent.contains(id)).map(|(_, known)| known).collect();
    let held = gone.into_iter().filter_map(|known| known.held.as_ref());
    held.map(move |held| Step::Remove(kind, held.copied()))
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
        let known = known.get(text(document, "issuer")).copied();
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
fn issuer_ids(current: &Current, steps: &[Step]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = current
        .issuers
        .iter()
        .map(|known| (known.id.clone(), text(&known.document, "name").into()))
        .collect();
    for step in steps {
        if let Step::Create(_, object) | Step::Replace(_, _, object) = step {
            names.insert(object.id.clone(), text(&object.document, "name").into());
        }
    }
    names.into_iter().map(|(id, name)| (name, id)).collect()
}

fn application_step(
    call: &Call<'_>,
    nth: usize,
    application: &Application,
    known: &BTreeMap<&str, &Known>,
    ids: &BTreeMap<String, String>,
    secrets: &mut Vec<(String, Zeroizing<String>)>,
    faults: &mut Vec<Fault>,
) -> Option<Step> {
    let client_id = text(&application.document, "clientId");
    let path = element(APPLICATION_LIST, client_id);
    let known = known.get(client_id).copied();
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
    let mut document = application.document.clone();
    let grants = document.get_mut(ISSUER_LIST).and_then(Value::as_array_mut);
    for grant in grants.into_iter().flatten() {
        let name = match grant {
            Value::Object(members) => members.get_mut("name"),
            name => Some(name),
        };
        if let Some(Value::String(name)) = name
            && let Some(id) = ids.get(name)
        {
            name.clone_from(id);
        }
    }
    let mut object = object(call, &host, held.map(|held| &held.record), document);
    if let Err(error) = applications::check(&object, chosen) {
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
        let mut names: BTreeMap<&str, &str> =
            known.iter().map(|known| (&*known.id, text(&known.document, "name"))).collect();
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
                faults.push(Fault::of(Problem::new(
                    format!("{}.name", element(list, text(&object.document, by))),
                    "is the name of another one that the document does not have",
                    "choose another name, or import with `prune=true`",
                )));
            }
        }
    }
}

/// What a step does, for people.
fn said(step: &Step) -> Value {
    let (action, kind, object) = match step {
        Step::Create(kind, object) => ("create", kind, object),
        Step::Replace(kind, _, object) => ("update", kind, object),
        Step::Remove(kind, held) => ("delete", kind, &held.record),
    };
    let (list, by, resource) = match kind {
        Kind::TrustedTokenIssuer => (ISSUER_LIST, "issuer", ISSUERS.resource),
        Kind::Application => (APPLICATION_LIST, "clientId", APPLICATIONS.resource),
    };
    json!({
        "action": action,
        "resource": resource,
        "id": object.id,
        "name": text(&object.document, "name"),
        "path": element(list, text(&object.document, by)),
    })
}

/// What is different and stays as it is.
fn not_imported(differences: &[Difference], prune: bool) -> Vec<Problem> {
    let stays = differences.iter().filter(|difference| difference.stays(prune));
    stays
        .map(|difference| {
            Problem::new(
                difference.path(),
                "stands in the configuration document of the server, and stays as it is",
                "change it there",
            )
        })
        .collect()
}

/// Writes what was planned, and notes what was written. The secrets that were
/// made.
async fn carry_out(call: &mut Call<'_>, plan: Plan) -> Result<Vec<Value>, Error> {
    let Plan { steps, secrets } = plan;
    let batches = batches(&steps)?;
    let mut steps = steps.iter();
    let mut done = 0_usize;
    for batch in batches {
        let of_batch: Vec<&Step> = steps.by_ref().take(batch.steps).collect();
        let mut before = Vec::new();
        for step in &of_batch {
            before.push(match step {
                Step::Create(..) => None,
                Step::Replace(kind, held, _) | Step::Remove(kind, held) => {
                    Some(shown(call, *kind, &held.record).await)
                }
            });
        }
        if batch.commit(call.host).await? == Outcome::Conflict {
            let description = format!(
                "somebody else changed the configuration at the same time, after {done} of the \
                 changes; look at the differences again, then repeat"
            );
            return Err(Error::new(&CHANGED, description));
        }
        done += of_batch.len();
        call.state.trust.issuers.changed();
        call.state.applications.changed();
        for (step, before) in of_batch.into_iter().zip(before) {
            let (kind, object, is_there) = match step {
                Step::Create(kind, object) | Step::Replace(kind, _, object) => (kind, object, true),
                Step::Remove(kind, held) => (kind, &held.record, false),
            };
            let resource = match kind {
                Kind::TrustedTokenIssuer => ISSUERS.resource,
                Kind::Application => APPLICATIONS.resource,
            };
            let after = if is_there { Some(shown(call, *kind, object).await) } else { None };
            resources::note(call, resource, &object.id, before, after);
        }
    }
    let made = secrets.into_iter();
    Ok(made
        .map(|(client_id, secret)| json!({ "clientId": client_id, "clientSecret": *secret }))
        .collect())
}

/// An object as the API shows it, or as it is kept when the store fails.
async fn shown(call: &Call<'_>, kind: Kind, object: &Object) -> Value {
    match kind {
        Kind::TrustedTokenIssuer => issuers::view(call, object),
        Kind::Application => match applications::view(call, object).await {
            Ok(view) => view,
            Err(_) => Value::Object(object.document.clone()),
        },
    }
}
