//! `/api/server/v1/refusals`: what this instance refused lately, and why.

use serde_json::json;

use super::call::Call;
use super::error::{Error, PAGE};
use crate::admin::query::Query;
use crate::http::Reply;
use crate::recent_refusals::MOST;

/// Serves the call.
pub(super) fn serve(call: &Call<'_>) -> Result<Reply, Error> {
    if !matches!(&*call.request.method, "GET" | "HEAD") {
        return Err(call.method_not_allowed("GET"));
    }
    let limit = limit(&Query::parse(call.request))?;
    let refusals = &call.state.refusals;
    Ok(Reply::json(
        200,
        &json!({
            "since": refusals.since().unwrap_or(call.host.now),
            "refusals": refusals.newest(limit),
        }),
    ))
}

fn limit(query: &Query) -> Result<usize, Error> {
    let Some(text) = query.value("limit") else { return Ok(MOST) };
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| {
        Error::new(&PAGE, alloc::format!("`limit` must be a whole number from 1 to {MOST}"))
    })
}
