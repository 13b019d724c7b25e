//! `/api/server/v1/audit/changes`: who changed what, when, before and after.
//!
//! To undo a change, a caller sends `before` to the path of the object, with the
//! version that it read there: it is written like any other change.

use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::walk::{MAX_ROUNDS, Page, Range, STRIDE, no_place, reply};
use crate::admin::call::Call;
use crate::admin::error::{Error, Kind};
use crate::admin::query::Query;
use crate::admin::records::changes;
use crate::http::Reply;
use crate::time::Timestamp;

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
            let number = |name: &str| stored.get(name).and_then(Value::as_u64).unwrap_or_default();
            let (id, time) = (number("id"), Timestamp(number("time")));
            if time < range.from {
                before = None;
                break;
            }
            if range.has(time) && passes(&query, &stored) {
                page.items.push(Value::Object(stored));
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
    Ok(reply(call, "changes", page, before.map(|id| id.to_string())))
}

fn passes(query: &Query, stored: &Map<String, Value>) -> bool {
    let change = stored.get("change").and_then(Value::as_object);
    let is = |name: &str, members: Option<&Map<String, Value>>, member: &str| {
        let value = members.and_then(|members| members.get(member)).and_then(Value::as_str);
        query.value(name).is_none_or(|wanted| value == Some(wanted))
    };
    is("resource", change, "resource")
        && is("objectId", change, "id")
        && is("action", change, "action")
        && is("administrator", Some(stored), "administrator")
        && is("traceId", Some(stored), "traceId")
}

/// Answers with one.
pub(super) async fn one(call: &Call<'_>, id: &str) -> Result<Reply, Error> {
    let stored = match id.parse() {
        Ok(id) => changes::find(call.host, id).await?,
        Err(_) => None,
    };
    let none = || {
        let description = "there is no change with this id, or it is kept no longer";
        Error::new(&NOT_FOUND, description)
    };
    Ok(Reply::json(200, &Value::Object(stored.ok_or_else(none)?)))
}
