//! `POST /api/server/v1/configuration/import`: makes the trusted token issuers
//! and applications of the store those of a document.
//!
//! Everything is planned first, and a dry run ends there. What is written is one
//! batch where it has room for all, and each write is about the version that
//! was read for the plan: what somebody else changes meanwhile is not undone. Where
//! several batches are needed, an error says what was written before it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::current::Current;
use super::diff::{Differences, differences, element, stays, text};
use super::listed;
use super::plan::Plan;
use super::sent::Sent;
use crate::admin::applications::{self, APPLICATIONS};
use crate::admin::call::Call;
use crate::admin::error::{CHANGED, Error, STALE, UNSEEN};
use crate::admin::issuers::{self, ISSUERS};
use crate::admin::query::Query;
use crate::admin::records::several::Step;
use crate::admin::resources;
use crate::admin::version::named_tag;
use crate::config::Problem;
use crate::host::Outcome;
use crate::http::Reply;
use crate::storage::resources::{Kind, Object};

pub(super) const ISSUER_LIST: &str = "trustedTokenIssuers";
pub(super) const APPLICATION_LIST: &str = "applications";

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
        "atomic": plan.batches.len() < 2,
        "changes": plan.batches.iter().flat_map(|batch| &batch.steps).map(said).collect::<Vec<_>>(),
        "notImported": not_imported(&differences, prune),
        "warnings": sent.warnings,
        "differences": listed(differences),
    });
    let mut tag = current.tag();
    if !is_dry {
        let mut done = Done::default();
        if let Err(error) = carry_out(call, plan, &mut done).await {
            return Err(done.told_with(error));
        }
        if let Value::Object(members) = &mut body {
            members.insert("secrets".into(), done.secrets.into());
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
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        None if !query.has(name) => Ok(false),
        _ => {
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

/// What a step does, for people.
fn said(step: &Step) -> Value {
    let action = match step {
        Step::Create(..) => "create",
        Step::Replace(..) => "update",
        Step::Remove(..) => "delete",
    };
    let (kind, object) = subject(step);
    json!({
        "action": action,
        "resource": resource(kind),
        "id": object.id,
        "name": text(&object.document, "name"),
        "path": path_of(step),
    })
}

/// Where the document has the object of a step.
pub(super) fn path_of(step: &Step) -> String {
    let (kind, object) = subject(step);
    let (list, by) = match kind {
        Kind::TrustedTokenIssuer => (ISSUER_LIST, "issuer"),
        Kind::Application => (APPLICATION_LIST, "clientId"),
    };
    element(list, text(&object.document, by))
}

/// What a step is about: the object as it will be, or as it was.
fn subject(step: &Step) -> (Kind, &Object) {
    match step {
        Step::Create(kind, object) | Step::Replace(kind, _, object) => (*kind, object),
        Step::Remove(kind, held) => (*kind, &held.record),
    }
}

fn resource(kind: Kind) -> &'static str {
    match kind {
        Kind::TrustedTokenIssuer => ISSUERS.resource,
        Kind::Application => APPLICATIONS.resource,
    }
}

/// What is different and stays as it is.
fn not_imported(differences: &Differences, prune: bool) -> Vec<Problem> {
    let stay = differences.iter().filter(|(_, difference)| stays(difference, prune));
    stay.map(|(path, _)| {
        Problem::new(
            path,
            "stands in the configuration document of the server, and stays as it is",
            "change it there",
        )
    })
    .collect()
}

/// What of an import was written.
#[derive(Default)]
struct Done {
    /// The changes, for people.
    changes: Vec<Value>,
    /// The secrets that were made: nobody else knows them.
    secrets: Vec<Value>,
}

impl Done {
    /// The error after which nothing more was written.
    fn told_with(self, mut error: Error) -> Error {
        let count = self.changes.len();
        if count > 0 {
            error.description = format!(
                "{}; {count} of the changes were made before, and stay: `applied` lists them, and \
                 `secrets` has the client secrets that were made",
                error.description
            );
        }
        error.and("applied", self.changes).and("secrets", self.secrets)
    }
}

/// Writes what was planned, and notes what was written.
async fn carry_out(call: &mut Call<'_>, plan: Plan, done: &mut Done) -> Result<(), Error> {
    let Plan { batches, mut secrets } = plan;
    for batch in batches {
        let mut before = Vec::new();
        for step in &batch.steps {
            before.push(match step {
                Step::Create(..) => None,
                Step::Replace(kind, held, _) | Step::Remove(kind, held) => {
                    Some(shown(call, *kind, &held.record).await)
                }
            });
        }
        let outcome = batch.commit(call.host).await;
        call.state.trust.issuers.changed();
        call.state.applications.changed();
        call.state.apis.changed();
        if outcome? == Outcome::Conflict {
            return Err(Error::new(
                &CHANGED,
                "somebody else changed the configuration at the same time; look at the differences \
                 again, then repeat",
            ));
        }
        for (step, before) in batch.steps.iter().zip(before) {
            done.changes.push(said(step));
            let client_id = text(&subject(step).1.document, "clientId");
            let made = secrets.remove(client_id);
            done.secrets.extend(
                made.map(|secret| json!({ "clientId": client_id, "clientSecret": *secret })),
            );
            note(call, step, before).await;
        }
    }
    Ok(())
}

/// Puts a step that was carried out into the audit log.
async fn note(call: &mut Call<'_>, step: &Step, before: Option<Value>) {
    let (kind, object) = subject(step);
    let mut after = match step {
        Step::Create(..) | Step::Replace(..) => Some(shown(call, kind, object).await),
        Step::Remove(..) => None,
    };
    if let (Step::Replace(_, held, _), Some(after)) = (step, &mut after) {
        applications::note_secret(&held.record, object, after);
    }
    resources::note(call, resource(kind), &object.id, before, after);
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
