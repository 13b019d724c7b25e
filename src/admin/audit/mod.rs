//! `/api/server/v1/audit`: what was decided and what was changed, as the store
//! keeps it. Both are bounded; the audit log of the host has everything.

mod activity;
mod changes;
mod walk;

use serde_json::json;

use super::call::Call;
use super::error::{Error, NO_SUCH_PATH, QUERY};
use super::query::Query;
use crate::config::{Problem, SubjectShown};
use crate::http::Reply;

const PATH: &str = "/api/server/v1/audit";

/// Serves a call below the path of the audit.
pub(super) async fn serve(call: &Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    if !matches!(&*call.request.method, "GET" | "HEAD") {
        return Err(call.method_not_allowed("GET"));
    }
    match path {
        [] => match Query::parse(call.request).value("type") {
            None => Ok(overview(call)),
            Some("activity") => activity::list(call).await,
            Some("changes") => changes::list(call).await,
            Some(_) => {
                let problem = "must be `activity` or `changes`";
                Err(Error::about(&QUERY, Problem::new("type", problem, "send one of the two")))
            }
        },
        ["activity"] => activity::list(call).await,
        ["activity", "counts"] => activity::counts(call).await,
        ["activity", trace_id] => activity::one(call, trace_id).await,
        ["changes"] => changes::list(call).await,
        ["changes", id] => changes::one(call, id).await,
        _ => Err(Error::new(
            &NO_SUCH_PATH,
            "below the audit there are only /activity, /activity/counts and /changes",
        )),
    }
}

/// What is kept, and for how long.
fn overview(call: &Call<'_>) -> Reply {
    let policy = &call.state.config.audit;
    let subject = match policy.activity.subject {
        SubjectShown::Shown => "shown",
        SubjectShown::Masked => "masked",
        SubjectShown::Hidden => "hidden",
    };
    let body = json!({
        "activity": {
            "enabled": policy.activity.enabled,
            "days": policy.activity.days,
            "maxPerMinute": policy.activity.max_per_minute,
            "subject": subject,
            "self": call.url("/api/server/v1/audit/activity"),
        },
        "changes": {
            "days": policy.changes.days,
            "maxRecords": policy.changes.max_records,
            "self": call.url("/api/server/v1/audit/changes"),
        },
        "privateClaims": policy.private_claims,
    });
    Reply::json(200, &body)
}
