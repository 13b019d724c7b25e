//! Pages of records that are filtered one by one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::PATH;
use crate::admin::call::Call;
use crate::admin::error::{Error, QUERY};
use crate::admin::lists::{limit, number};
use crate::admin::query::Query;
use crate::config::Problem;
use crate::http::Reply;
use crate::time::Timestamp;

/// Records of a page when the call does not say, and at most.
const DEFAULT_LIMIT: usize = 15;
const MAX_LIMIT: usize = 100;
/// Records read from the store at a time, and how often one call does so.
pub(super) const STRIDE: u32 = 200;
pub(super) const MAX_ROUNDS: usize = 20;

/// A time range.
pub(super) struct Range {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Range {
    /// # Errors
    /// 400 when a time is no number.
    pub(super) fn parse(query: &Query) -> Result<Self, Error> {
        let time = |name: &str| Ok::<_, Error>(number(query, name)?.map(Timestamp));
        let (from, to) = (time("from")?, time("to")?);
        Ok(Self { from: from.unwrap_or_default(), to: to.unwrap_or(Timestamp(u64::MAX)) })
    }

    pub(super) fn has(&self, time: Timestamp) -> bool {
        self.from <= time && time <= self.to
    }
}

/// A page under way.
pub(super) struct Page {
    limit: usize,
    pub(super) items: Vec<Value>,
}

impl Page {
    pub(super) fn parse(query: &Query) -> Result<Self, Error> {
        let limit = limit(query, DEFAULT_LIMIT, MAX_LIMIT)?.max(1);
        Ok(Self { limit, items: Vec::new() })
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.limit
    }
}

/// The reply with a page. `next` is where the next one begins; a page may have
/// fewer records than the limit and a next one, because a call reads only so
/// many.
pub(super) fn reply(call: &Call<'_>, name: &str, page: Page, next: Option<String>) -> Reply {
    let Page { limit, items } = page;
    let links = next.map(|next| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = call.request.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(kept.as_bytes()).take(20) {
            if !matches!(&*name, "after" | "limit" | "type") {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair("limit", &limit.to_string()).append_pair("after", &next);
        let href = call.url(&format!("{PATH}/{name}?{}", query.finish()));
        json!({ "rel": "next", "href": href })
    });
    let links: Vec<Value> = links.into_iter().collect();
    Reply::json(200, &json!({ "count": items.len(), "links": links, name: items }))
}

/// 400: where a page ended is not a place in the list.
pub(super) fn no_place() -> Error {
    let remedy = "follow the link `next` of a page";
    Error::about(&QUERY, Problem::new("after", "is no place in this list", remedy))
}
