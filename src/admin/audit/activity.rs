//! `/api/server/v1/audit/activity`: decisions that were stored, and how many
//! there were.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::walk::{MAX_ROUNDS, Page, Range, STRIDE, no_place, reply};
use crate::activity::{COUNTS, Counts, DECISIONS, masked, trace_key};
use crate::admin::call::Call;
use crate::admin::error::{Error, Kind, QUERY};
use crate::admin::lists::number;
use crate::admin::query::Query;
use crate::config::Problem;
use crate::http::Reply;
use crate::step::{Failed, Record};
use crate::storage::{ascending, descending, parse};
use crate::time::Timestamp;

/// Most buckets that decisions are counted in, and how long one is at least.
const MAX_BUCKETS: u64 = 750;
const MIN_BUCKET: u64 = 60;
/// Records of counts that are read at a time.
const COUNT_STRIDE: u32 = 1000;

static NOT_FOUND: Kind = Kind { status: 404, code: "EXQ-40403", message: "Decision not found." };

/// Which decisions a call means.
struct Wanted<'a> {
    query: &'a Query,
    range: Range,
    /// As it is stored.
    subject: Option<String>,
}

impl<'a> Wanted<'a> {
    fn parse(call: &Call<'_>, query: &'a Query) -> Result<Self, Error> {
        if !matches!(query.value("outcome"), None | Some("granted" | "refused")) {
            let problem = "must be `granted` or `refused`";
            let problem = Problem::new("outcome", problem, "send one of the two");
            return Err(Error::about(&QUERY, problem));
        }
        let policy = &call.state.config.audit;
        let subject = query.value("subject");
        let subject = subject.map(|name| masked::subject(policy, name).unwrap_or_default());
        Ok(Self { query, range: Range::parse(query)?, subject })
    }

    fn has(&self, decision: &Map<String, Value>) -> bool {
        let text = |name: &str| decision.get(name).and_then(Value::as_str);
        let is =
            |name: &str| self.query.value(name).is_none_or(|wanted| text(name) == Some(wanted));
        let reason = text("reason").or_else(|| text("error"));
        // A reason may be named by its beginning: `subject_token.claim`.
        let is_reason = |wanted: &str| {
            let rest = reason.and_then(|reason| reason.strip_prefix(wanted));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.range.has(time(decision))
            && ["outcome", "clientId", "issuer", "event"].into_iter().all(is)
            && self.subject.as_deref().is_none_or(|wanted| text("subject") == Some(wanted))
            && self.query.value("reason").is_none_or(is_reason)
    }
}

fn time(decision: &Map<String, Value>) -> Timestamp {
    Timestamp(decision.get("time").and_then(Value::as_u64).unwrap_or_default())
}

/// Answers with a page.
pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let wanted = Wanted::parse(call, &query)?;
    let mut page = Page::parse(&query)?;
    if let Some(trace_id) = query.value("traceId") {
        let found = find(call, trace_id).await?.filter(|decision| wanted.has(decision));
        page.items.extend(found.map(Value::Object));
        return Ok(reply(call, "activity", page, None));
    }
    let mut after = match query.value("after") {
        Some(place) => Some(format!("{DECISIONS}{}", checked(place)?)),
        // The times are in the keys: what is later is not read.
        None => (wanted.range.to.0 < u64::MAX)
            .then(|| format!("{DECISIONS}{}", descending(wanted.range.to.0))),
    };
    for _ in 0..MAX_ROUNDS {
        let (read, next) = records(call, DECISIONS, after.take(), STRIDE).await?;
        after = next;
        let mut read = read.into_iter();
        for record in read.by_ref() {
            let decision: Map<String, Value> = parse(&record)?;
            if time(&decision) < wanted.range.from {
                after = None;
                break;
            }
            if wanted.has(&decision) {
                page.items.push(Value::Object(decision));
            }
            if page.is_full() {
                let more = read.next().is_some() || after.is_some();
                after = more.then_some(record.key);
                break;
            }
        }
        if after.is_none() || page.is_full() {
            break;
        }
    }
    let next = after.and_then(|key| key.strip_prefix(DECISIONS).map(String::from));
    Ok(reply(call, "activity", page, next))
}

/// Answers with one.
pub(super) async fn one(call: &Call<'_>, trace_id: &str) -> Result<Reply, Error> {
    let found = find(call, trace_id).await?;
    let none = || {
        let description = "there is no stored decision with this trace id, or it is kept no longer";
        Error::new(&NOT_FOUND, description)
    };
    Ok(Reply::json(200, &Value::Object(found.ok_or_else(none)?)))
}

async fn find(call: &Call<'_>, trace_id: &str) -> Result<Option<Map<String, Value>>, Error> {
    if checked(trace_id).is_err() {
        return Ok(None);
    }
    let place = match call.host.read(trace_key(trace_id)).await {
        Err(Failed::Unsupported) => None,
        place => place?,
    };
    let Some(place) = place else { return Ok(None) };
    let place: String = parse(&place)?;
    let record = call.host.read(format!("{DECISIONS}{place}")).await?;
    Ok(record.as_ref().map(parse).transpose()?)
}

/// What goes into a key.
fn checked(text: &str) -> Result<&str, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.len() <= 64 && text.bytes().all(plain) { Ok(text) } else { Err(no_place()) }
}

/// A page of records; none on a host without a store.
async fn records(
    call: &Call<'_>,
    prefix: &str,
    after: Option<String>,
    limit: u32,
) -> Result<crate::host::Page, Error> {
    match call.host.list(prefix.into(), after, limit).await {
        Err(Failed::Unsupported) => Ok(crate::host::Page::default()),
        page => Ok(page?),
    }
}

/// A time range in spans of equal length.
struct Buckets {
    from: u64,
    to: u64,
    /// How long a span is.
    length: u64,
    /// Where the first one begins.
    start: u64,
    counts: Vec<Counts>,
}

impl Buckets {
    /// # Errors
    /// 400 when the range is none, or has too many spans.
    fn parse(call: &Call<'_>, query: &Query) -> Result<Self, Error> {
        let to = number(query, "to")?.unwrap_or(call.host.now.0);
        let from = number(query, "from")?.unwrap_or(to.saturating_sub(86_400));
        let length = number(query, "bucket")?.unwrap_or(3600);
        let refuse = |name, problem: &str, remedy| {
            Err(Error::about(&QUERY, Problem::new(name, problem, remedy)))
        };
        if length < MIN_BUCKET {
            return refuse(
                "bucket",
                "is shorter than 60 seconds",
                "send a larger number of seconds",
            );
        }
        if from > to {
            return refuse("from", "is later than `to`", "send an earlier time");
        }
        if (to - from) / length >= MAX_BUCKETS {
            let remedy = "send larger buckets, or a shorter time";
            return refuse("bucket", "makes more than 750 buckets", remedy);
        }
        let mut buckets =
            Self { from, to, length, start: from - from % length, counts: Vec::new() };
        let last = buckets.place(to).unwrap_or_default();
        buckets.counts = alloc::vec![Counts::default(); last + 1];
        Ok(buckets)
    }

    fn place(&self, minute: u64) -> Option<usize> {
        usize::try_from(minute.checked_sub(self.start)? / self.length).ok()
    }

    fn add(&mut self, minute: u64, more: Counts) {
        let place = self.place(minute);
        if let Some(counts) = place.and_then(|place| self.counts.get_mut(place)) {
            counts.granted = counts.granted.saturating_add(more.granted);
            counts.refused = counts.refused.saturating_add(more.refused);
        }
    }

    fn shown(&self) -> Vec<Value> {
        let starts =
            (0..).map(|nth: u64| self.start.saturating_add(nth.saturating_mul(self.length)));
        let shown = |(time, counts): (u64, &Counts)| json!({ "time": time, "granted": counts.granted, "refused": counts.refused });
        starts.zip(&self.counts).map(shown).collect()
    }
}

/// Answers how many decisions there were in each span of a time range: those
/// that were not stored, too.
pub(super) async fn counts(call: &Call<'_>) -> Result<Reply, Error> {
    let mut buckets = Buckets::parse(call, &Query::parse(call.request))?;
    let first = descending(buckets.to.saturating_add(1));
    let mut after = Some(format!("{COUNTS}{first}~"));
    let mut is_complete = false;
    for _ in 0..MAX_ROUNDS {
        let (read, next) = records(call, COUNTS, after.take(), COUNT_STRIDE).await?;
        after = next;
        for record in read {
            let Some(minute) = minute(&record) else { continue };
            if minute.0 < buckets.start {
                after = None;
                break;
            }
            buckets.add(minute.0, parse(&record)?);
        }
        if after.is_none() {
            is_complete = true;
            break;
        }
    }
    let body = json!({
        "from": buckets.from, "to": buckets.to, "bucket": buckets.length,
        "complete": is_complete, "buckets": buckets.shown(),
    });
    Ok(Reply::json(200, &body))
}

/// The minute that a record of counts is about.
fn minute(record: &Record) -> Option<Timestamp> {
    ascending(record.key.strip_prefix(COUNTS)?.split('.').next()?).map(Timestamp)
}
