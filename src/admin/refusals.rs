//! `/api/server/v1/refusals`: the recent refusals of this instance, and their reasons.

use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::lists::limit;
use crate::admin::query::Query;
use crate::http::Reply;
use crate::recent_refusals::MOST;

/// Serves the call.
pub(super) fn serve(call: &Call<'_>) -> Result<Reply, Error> {
    if !matches!(&*call.request.method, "GET" | "HEAD") {
        return Err(call.method_not_allowed("GET"));
    }
    let limit = limit(&Query::parse(call.request), MOST, MOST)?;
    let refusals = &call.state.refusals;
    Ok(Reply::json(
        200,
        &json!({
            "since": refusals.since().unwrap_or(call.host.now),
            "refusals": refusals.newest(limit),
        }),
    ))
}
