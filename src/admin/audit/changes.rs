//! `/api/server/v1/audit/changes`: who changed what, when, before and after.
//!
//! To undo a change, a caller sends `before` to the path of the object, with the
//! version that it read there: it is written like any other change.

use alloc::string::ToString;

use serde_json::{Value, json};

use super::walk::{MAX_ROUNDS, Page, Range, STRIDE, no_place, reply};
use crate::admin::call::Call;
use crate::admin::error::{Error, Kind};
use crate::admin::query::Query;
use crate::admin::records::changes;
use crate::audit::StoredChange;
use crate::http::Reply;

static NOT_FOUND: Kind = Kind { status: 404, code: "EXQ-40402", message: "Change not found." };

/// Answers with a page.
pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let range = Range::parse(&query)?;
    let mut page = Page::parse(&query)?;
    let mut before = match query.value("after") {
        None => None,
        Some(text) => Some(text.parse::<u64>().map_err(|_| no_place())?),
    };
    for _ in 0..MAX_ROUNDS {
        let (read, next) = changes::page(call.host, before, STRIDE).await?;
        before = next;
        let mut read = read.into_iter();
        for stored in read.by_ref() {
            if stored.time < range.from {
                before = None;
                break;
            }
            let id = stored.id;
            if passes(&query, &range, &stored) {
                page.items.push(stored);
            }
            if page.is_full() {
                let more = read.next().is_some() || before.is_some();
                before = more.then_some(id);
                break;
            }
        }
        if before.is_none() || page.is_full() {
            break;
        }
    }
    let items = page.items.iter().map(|stored| json!(stored)).collect();
    Ok(reply(call, "changes", page.limit, items, before.map(|id| id.to_string())))
}

fn passes(query: &Query, range: &Range, stored: &StoredChange) -> bool {
    let StoredChange { time, trace_id, administrator, change, .. } = stored;
    let is = |name: &str, value: &str| query.value(name).is_none_or(|wanted| wanted == value);
    range.has(*time)
        && is("resource", &change.resource)
        && is("objectId", &change.id)
        && is("action", &change.action)
        && is("administrator", administrator)
        && is("traceId", trace_id)
}

/// Answers with one.
pub(super) async fn one(call: &Call<'_>, id: &str) -> Result<Reply, Error> {
    let stored = match id.parse() {
        Ok(id) => changes::find(call.host, id).await?,
        Err(_) => None,
    };
    let none =
        || Error::new(&NOT_FOUND, "there is no change with this id, or it is kept no longer");
    let stored: Value = stored.map(|stored| json!(stored)).ok_or_else(none)?;
    Ok(Reply::json(200, &stored))
}
