//! Lists of trusted token issuers and of applications, in pages.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::{Error, PAGE};
use super::filter::Filter;
use super::query::Query;
use super::records::filtered::{self, Records, Wanted, candidates};
use super::records::resources::{page, total};
use super::resources::{object, of_document};
use crate::config::{Objects, Problem, Shown};
use crate::step::Failed;
use crate::storage::resources::{Kind, Object};

/// Objects of a page when the call does not say, and at most.
const DEFAULT_LIMIT: usize = 15;
const MAX_LIMIT: usize = 100;
/// Most objects that are walked past to reach a page, or looked at by a filter.
const MAX_WALKED: usize = 100_000;
/// Objects read from the store at a time, at most.
const STRIDE: usize = 200;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl Page {
    /// The first page, as long as it can be.
    pub(super) const FIRST: Self = Self { limit: MAX_LIMIT, offset: 0 };

    /// # Errors
    /// 400 when a parameter is no number, or the offset is too large.
    pub(super) fn parse(query: &Query) -> Result<Self, Error> {
        let limit = limit(query, DEFAULT_LIMIT, MAX_LIMIT)?;
        let offset = number(query, "offset")?.map_or(0, sized);
        if offset > MAX_WALKED {
            return Err(no_number("offset", format!("from 0 to {MAX_WALKED}")));
        }
        Ok(Self { limit, offset })
    }
}

/// The `limit` of a call. One above the maximum is answered with the maximum, as
/// WSO2 does.
///
/// # Errors
/// 400 when it is no number.
pub(super) fn limit(query: &Query, default: usize, max: usize) -> Result<usize, Error> {
    Ok(number(query, "limit")?.map_or(default, sized).min(max))
}

fn sized(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A parameter that is a whole number; the largest one when it is larger.
pub(super) fn number(query: &Query, name: &str) -> Result<Option<u64>, Error> {
    let Some(text) = query.value(name) else { return Ok(None) };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no_number(name, "of 0 or more"));
    }
    Ok(Some(text.parse().unwrap_or(u64::MAX)))
}

fn no_number(name: &str, range: impl core::fmt::Display) -> Error {
    let problem = format!("must be a whole number {range}");
    Error::about(&PAGE, Problem::new(name, problem, "send such a number, or leave it out"))
}

/// Some objects of a list, and how many the whole list has.
pub(super) struct Listed {
    pub(super) objects: Vec<Object>,
    pub(super) total: usize,
}

/// The objects of a page that pass the filter, and how many pass: those of the
/// document first, then those of the store. No more is read than this needs.
///
/// # Errors
/// 400 when a filter would have to look at too many.
pub(super) async fn list(
    call: &Call<'_>,
    kind: Kind,
    page: Page,
    filter: Option<&Filter>,
) -> Result<Listed, Error> {
    if filter.is_some_and(Filter::is_void) {
        return Ok(Listed { objects: Vec::new(), total: 0 });
    }
    let mut walk = Walk { page, filter, looked_at: 0, passed: 0, objects: Vec::new() };
    walk.document(of_document(call, kind));
    match filter.map(|filter| (filter, filter.wanted())) {
        None => {
            let total = walk.passed + kept(call, kind).await?;
            walk.store(call, kind).await?;
            return Ok(Listed { objects: walk.objects, total });
        }
        // A failure shows again when the objects are read.
        Some((filter, Some(wanted))) if filtered::complete(call.host, kind).await == Ok(true) => {
            for records in wanted.records(kind) {
                walk.found(call, kind, &records, filter.is_single() && records.tell).await?;
            }
        }
        Some(_) => walk.store(call, kind).await?,
    }
    Ok(Listed { objects: walk.objects, total: walk.passed })
}

/// A list on the way to a page.
struct Walk<'a> {
    page: Page,
    filter: Option<&'a Filter>,
    looked_at: usize,
    passed: usize,
    /// Those of the page.
    objects: Vec<Object>,
}

impl Walk<'_> {
    /// The objects of the document.
    fn document(&mut self, objects: &Objects) {
        match self.filter.and_then(Filter::wanted) {
            Some(Wanted::Value { attribute, value, whole: true }) => {
                objects.equal(attribute, value).for_each(|shown| self.take_shown(shown));
            }
            Some(Wanted::Value { attribute, value, whole: false }) => {
                objects.starting_with(attribute, value).for_each(|shown| self.take_shown(shown));
            }
            Some(Wanted::Issuer(_)) | None => {
                objects.all().for_each(|shown| self.take_shown(shown))
            }
        }
    }

    /// The objects of the store; without a filter no more than the page needs.
    async fn store(&mut self, call: &Call<'_>, kind: Kind) -> Result<(), Error> {
        let end = self.page.offset + self.page.limit;
        let mut cursor = None;
        while self.filter.is_some() || self.passed < end {
            self.check()?;
            let wanted = if self.filter.is_some() { STRIDE } else { STRIDE.min(end - self.passed) };
            let stride = u32::try_from(wanted).unwrap_or(u32::MAX);
            let (read, next) = match page(call.host, kind, cursor, stride).await {
                Err(Failed::Unsupported) => break,
                page => page?,
            };
            read.into_iter().for_each(|object| self.take(object));
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// The objects of the store that these records lead to. If all of them pass, as
    /// is `told`, those beside the page are counted and not read.
    async fn found(
        &mut self,
        call: &Call<'_>,
        kind: Kind,
        records: &Records,
        told: bool,
    ) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            self.check()?;
            let stride = u32::try_from(STRIDE).unwrap_or(u32::MAX);
            let (ids, next) = candidates(call.host, records, cursor, stride).await?;
            let read = if told { self.of_page(ids.len()) } else { 0..ids.len() };
            self.count(ids.len() - read.len());
            let ids = ids.get(read).unwrap_or_default();
            for object in filtered::objects(call.host, kind, ids).await? {
                self.take(object);
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Which of the next objects are on the page, if all of them pass.
    fn of_page(&self, next: usize) -> Range<usize> {
        let start = self.page.offset.saturating_sub(self.passed).min(next);
        let room = self.page.limit.saturating_sub(self.objects.len());
        start..next.min(start.saturating_add(room))
    }

    /// Objects that pass, and are not on the page.
    fn count(&mut self, objects: usize) {
        self.looked_at += objects;
        self.passed += objects;
    }

    fn take(&mut self, object: Object) {
        if self.passes(&object.id, &object.document) {
            self.objects.push(object);
        }
    }

    fn take_shown(&mut self, shown: &Shown) {
        if self.passes(&shown.0, &shown.1) {
            self.objects.push(object(shown));
        }
    }

    /// Looks at an object; whether it is on the page.
    fn passes(&mut self, id: &str, document: &Map<String, Value>) -> bool {
        self.looked_at += 1;
        if !self.filter.is_none_or(|filter| filter.passes(id, document)) {
            return false;
        }
        self.passed += 1;
        self.passed > self.page.offset && self.objects.len() < self.page.limit
    }

    fn check(&self) -> Result<(), Error> {
        if self.looked_at <= MAX_WALKED {
            return Ok(());
        }
        let description =
            format!("the filter would have to look at more than {MAX_WALKED} objects");
        Err(Error::new(&PAGE, description))
    }
}

async fn kept(call: &Call<'_>, kind: Kind) -> Result<usize, Error> {
    match total(call.host, kind).await {
        Ok(total) => Ok(usize::try_from(total).unwrap_or(usize::MAX)),
        Err(Failed::Unsupported) => Ok(0),
        Err(failed) => Err(failed.into()),
    }
}

/// A page as WSO2 has it; `name` is what the list of objects is called.
pub(super) fn listing(
    call: &Call<'_>,
    path: &str,
    name: &str,
    page: Page,
    total: usize,
    items: Vec<Value>,
) -> Value {
    let filter = Query::parse(call.request).value("filter").map(|filter| {
        let mut pair = form_urlencoded::Serializer::new(String::new());
        format!("&{}", pair.append_pair("filter", filter).finish())
    });
    let link = |rel: &str, offset: usize| {
        let mut href = call.url(&format!("{path}?offset={offset}&limit={}", page.limit));
        if let Some(filter) = &filter {
            href.push_str(filter);
        }
        json!({ "rel": rel, "href": href })
    };
    let mut links = Vec::new();
    let end = page.offset.saturating_add(items.len());
    if end < total && !items.is_empty() {
        links.push(link("next", end));
    }
    if page.offset > 0 {
        links.push(link("previous", page.offset.saturating_sub(page.limit)));
    }
    json!({
        "totalResults": total,
        "startIndex": page.offset + 1,
        "count": items.len(),
        "links": links,
        name: items,
    })
}
