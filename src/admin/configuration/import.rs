//! `POST /api/server/v1/configuration/import`: makes the trusted token issuers
//! and applications of the store those of a document.
//!
//! Everything is planned first, and a dry run ends there. What is written is one
//! batch where it has room for all, and each write is about the version that
//! was read for the plan: what somebody else changes meanwhile is not undone.

use alloc::format;
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
use crate::admin::records::several::{Step, batches};
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
        "atomic": batches(&plan.steps)?.len() < 2,
        "changes": plan.steps.iter().map(said).collect::<Vec<_>>(),
        "notImported": not_imported(&differences, prune),
        "warnings": sent.warnings,
        "differences": listed(differences),
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
        call.state.apis.changed();
        for (step, before) in of_batch.into_iter().zip(before) {
            note(call, step, before).await;
        }
    }
    let made = secrets.into_iter();
    Ok(made
        .map(|(client_id, secret)| json!({ "clientId": client_id, "clientSecret": *secret }))
        .collect())
}

/// Puts a step that was carried out into the audit log.
async fn note(call: &mut Call<'_>, step: &Step, before: Option<Value>) {
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
