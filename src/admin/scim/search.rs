//! Lists of users (RFC 7644 section 3.4.2), by index and by cursor (RFC 9865).
//!
//! A filter that names a user by `userName`, `externalId` or `id` reads that
//! user; any other is held against all of them, as far as that is bearable.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use exchequer_scim::{Filter, ListResponse, Page, Projection, SearchRequest};
use serde_json::{Map, Value};

use super::super::Call;
use super::attributes::USERS;
use super::cursor::Position;
use super::error::{self, Problem};
use super::name::Name;
use super::walk::{MOST, Stopped, overridden, walk};
use super::{body, show};
use crate::admin::query::Query;
use crate::admin::records::users;
use crate::http::Reply;
use crate::step::Failed;

/// Most users of a page, and as many when the client does not say.
pub(super) const PAGE: usize = 100;
/// Most users of one externalId.
const SAME_EXTERNAL_ID: u32 = 100;

/// What a client looks for.
struct Search {
    filter: Option<Filter>,
    page: Page,
    cursor: Option<Position>,
    projection: Projection,
}

/// What was found.
struct Found {
    users: Vec<Map<String, Value>>,
    total: Option<u64>,
    next: Option<Position>,
}

/// `GET /Users`
pub(super) async fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let query = Query::parse(call.request);
    let cursor = query.has("cursor").then(|| query.value("cursor").unwrap_or_default().into());
    let search = Search::of(SearchRequest {
        start_index: number(&query, "startIndex")?,
        count: number(&query, "count")?,
        projection: projection(&query)?,
        filter: query.value("filter").map(|text| Filter::parse(&USERS, text)).transpose()?,
        cursor,
    })?;
    answer(call, &search).await
}

/// `POST /Users/.search` (RFC 7644 section 3.4.3)
pub(super) async fn post(call: &Call<'_>) -> Result<Reply, Problem> {
    let request = SearchRequest::read(&USERS, &body::read(call)?)?;
    answer(call, &Search::of(request)?).await
}

/// Which attributes a request with a query asks for.
pub(super) fn projection(query: &Query) -> Result<Projection, Problem> {
    let names = |name: &str| query.value(name).into_iter().flat_map(|names| names.split(','));
    Ok(Projection::new(&USERS, names("attributes"), names("excludedAttributes"))?)
}

/// The page that a query asks for by index.
pub(super) fn page(query: &Query) -> Result<Page, Problem> {
    Ok(Page::new(number(query, "startIndex")?, number(query, "count")?, PAGE))
}

fn number(query: &Query, name: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = query.value(name) else { return Ok(None) };
    let number = text.parse().map(Some);
    number.map_err(|_| Problem::value(format!("{name} has to be a whole number")))
}

impl Search {
    fn of(request: SearchRequest) -> Result<Self, Problem> {
        Ok(Self {
            filter: request.filter,
            page: Page::new(request.start_index, request.count, PAGE),
            cursor: request.cursor.as_deref().map(Position::read).transpose()?,
            projection: request.projection,
        })
    }

    fn fits(&self, user: &Map<String, Value>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(user))
    }

    /// The part of a whole result that is the page.
    fn page(&self, all: Vec<Map<String, Value>>) -> Found {
        let total = Some(all.len() as u64);
        let users = all.into_iter().skip(self.page.skip()).take(self.page.count).collect();
        Found { users, total, next: None }
    }
}

async fn answer(call: &Call<'_>, search: &Search) -> Result<Reply, Problem> {
    let found = match (&search.cursor, &search.filter) {
        (Some(from), _) => by_cursor(call, search, from).await?,
        (None, None) => unfiltered(call, search).await?,
        (None, Some(filter)) => match named(call, filter).await? {
            Some(all) => search.page(all),
            None => filtered(call, search).await?,
        },
    };
    Ok(error::reply(200, &list(search, found)))
}

fn list(search: &Search, found: Found) -> Value {
    let shown = found.users.into_iter().map(|user| Value::Object(search.projection.apply(user)));
    ListResponse {
        resources: shown.collect(),
        total_results: found.total,
        start_index: search.cursor.is_none().then_some(search.page.start_index),
        next_cursor: found.next.map(|next| next.written()),
    }
    .body()
}

/// All that a filter finds which names users by something they are found by.
async fn named(
    call: &Call<'_>,
    filter: &Filter,
) -> Result<Option<Vec<Map<String, Value>>>, Problem> {
    let Some(ids) = ids(call, filter).await? else { return Ok(None) };
    let issuer = &call.state.config.issuer;
    let configured = call.state.config.users.values();
    let mut all: Vec<_> = configured.map(|user| show::configured(issuer, user)).collect();
    for id in ids {
        if let Some(held) = users::find(call.host, &id).await?
            && !overridden(call, &held)
        {
            all.push(show::stored(issuer, &held));
        }
    }
    all.retain(|user| filter.matches(user));
    Ok(Some(all))
}

/// The ids of the only users of the store that a filter can hold of, when it
/// says so.
async fn ids(call: &Call<'_>, filter: &Filter) -> Result<Option<Vec<String>>, Problem> {
    for (attribute, value) in filter.required() {
        let ids = match attribute {
            "id" => Ok(alloc::vec![value.into()]),
            "userName" => {
                let name = Name::parse(value);
                let id = users::by_username(call.host, &name.store, name.name).await;
                id.map(|id| id.into_iter().collect())
            }
            "externalId" => users::by_external_id(call.host, value, SAME_EXTERNAL_ID).await,
            _ => continue,
        };
        return match ids {
            Err(Failed::Unsupported) => Ok(Some(Vec::new())),
            Ok(ids) if ids.len() == SAME_EXTERNAL_ID as usize => {
                Err(Problem::too_many("too many users have this externalId; filter by userName"))
            }
            ids => Ok(Some(ids?)),
        };
    }
    Ok(None)
}

/// Holds the filter against every user.
async fn filtered(call: &Call<'_>, search: &Search) -> Result<Found, Problem> {
    let (mut users, mut total) = (Vec::new(), 0_usize);
    let mut visit = |user| {
        if search.fits(&user) {
            if total >= search.page.skip() && users.len() < search.page.count {
                users.push(user);
            }
            total += 1;
        }
        true
    };
    if let Stopped::Exhausted(_) = walk(call, &Position::Start, MOST, &mut visit).await? {
        return Err(Problem::too_many(format!(
            "there are more than {MOST} users to hold the filter against; \
             filter by userName or externalId, or go through them with a cursor"
        )));
    }
    Ok(Found { users, total: Some(total as u64), next: None })
}

async fn unfiltered(call: &Call<'_>, search: &Search) -> Result<Found, Problem> {
    let (mut users, mut seen) = (Vec::new(), 0_usize);
    let end = search.page.skip().saturating_add(search.page.count);
    if search.page.count > 0 {
        let mut visit = |user| {
            if seen >= search.page.skip() {
                users.push(user);
            }
            seen += 1;
            seen < end
        };
        if let Stopped::Exhausted(_) = walk(call, &Position::Start, end, &mut visit).await? {
            return Err(Problem::too_many(format!(
                "startIndex is more than {MOST} users deep; go through them with a cursor"
            )));
        }
    }
    Ok(Found { users, total: Some(total(call).await?), next: None })
}

async fn by_cursor(call: &Call<'_>, search: &Search, from: &Position) -> Result<Found, Problem> {
    let mut users = Vec::new();
    // How much a filter will find is not known before the end, and may be left
    // out (RFC 9865 section 2).
    let total = if search.filter.is_none() { Some(total(call).await?) } else { None };
    if search.page.count == 0 {
        return Ok(Found { users, total, next: None });
    }
    let expected = if search.filter.is_none() { search.page.count } else { MOST };
    let mut visit = |user| {
        if search.fits(&user) {
            users.push(user);
        }
        users.len() < search.page.count
    };
    let next = match walk(call, from, expected, &mut visit).await? {
        Stopped::End => None,
        Stopped::There(position) | Stopped::Exhausted(position) => Some(position),
    };
    Ok(Found { users, total, next })
}

/// How many users there are. One of the store that the document has, too, is one.
async fn total(call: &Call<'_>) -> Result<u64, Problem> {
    let own = &call.state.config.users;
    let kept = match users::total(call.host).await {
        Err(Failed::Unsupported) => 0,
        total => total?,
    };
    let both = if kept == 0 { 0 } else { users::existing(call.host, own.keys()).await? };
    Ok((own.len() as u64).saturating_add(kept).saturating_sub(both))
}
