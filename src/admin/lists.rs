//! Lists of trusted token issuers and of applications, in pages.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::call::Call;
use super::error::{Error, PAGE};
use super::query::Query;
use super::records::resources::{page, total};
use super::resources::of_document;
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
    /// # Errors
    /// 400 when a parameter is no number, or too large.
    pub(super) fn parse(query: &Query) -> Result<Self, Error> {
        let number = |name: &str, default: usize, max: usize| match query.value(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number <= max => Ok(number),
                _ => Err(Error::new(
                    &PAGE,
                    format!("`{name}` must be a whole number from 0 to {max}"),
                )),
            },
        };
        Ok(Self {
            limit: number("limit", DEFAULT_LIMIT, MAX_LIMIT)?,
            offset: number("offset", 0, MAX_WALKED)?,
        })
    }
}

/// Some objects of a list, and how many the whole list has.
pub(super) struct Listed {
    pub(super) objects: Vec<Object>,
    pub(super) total: usize,
}

/// The objects of a page that pass: those of the document first, then those of
/// the store. Without a filter only what comes before the page is walked.
///
/// # Errors
/// 400 when a filter would have to look at too many.
pub(super) async fn list(
    call: &Call<'_>,
    kind: Kind,
    page: Page,
    passes: Option<&(dyn Fn(&Object) -> bool + Send + Sync)>,
) -> Result<Listed, Error> {
    let end = page.offset + page.limit;
    let mut walk = Walk { page, passes, looked_at: 0, passed: 0, objects: Vec::new() };
    of_document(call, kind).for_each(|object| walk.take(object));
    let in_document = walk.looked_at;
    let mut cursor = None;
    while passes.is_some() || walk.passed < end {
        if walk.looked_at > MAX_WALKED {
            let description =
                format!("the filter would have to look at more than {MAX_WALKED} objects");
            return Err(Error::new(&PAGE, description));
        }
        let wanted = if passes.is_some() { STRIDE } else { STRIDE.min(end - walk.passed) };
        let stride = u32::try_from(wanted).unwrap_or(u32::MAX);
        let (read, next) = match self::page(call.host, kind, cursor, stride).await {
            Err(Failed::Unsupported) => break,
            page => page?,
        };
        read.into_iter().for_each(|object| walk.take(object));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let total = match passes {
        Some(_) => walk.passed,
        None => in_document + kept(call, kind).await?,
    };
    Ok(Listed { objects: walk.objects, total })
}

/// A list on the way to a page.
struct Walk<'a> {
    page: Page,
    passes: Option<&'a (dyn Fn(&Object) -> bool + Send + Sync)>,
    looked_at: usize,
    passed: usize,
    /// Those of the page.
    objects: Vec<Object>,
}

impl Walk<'_> {
    fn take(&mut self, object: Object) {
        self.looked_at += 1;
        if !self.passes.is_none_or(|passes| passes(&object)) {
            return;
        }
        if self.passed >= self.page.offset && self.objects.len() < self.page.limit {
            self.objects.push(object);
        }
        self.passed += 1;
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
