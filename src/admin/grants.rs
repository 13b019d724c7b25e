//! `/api/server/v1/grants`: families of refresh tokens and opaque access tokens
//! of a user or an application, listed and revoked. JWTs are not among them:
//! the server keeps nothing of a JWT.

mod guard;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use self::guard::Guard;
use super::call::{Call, no_content};
use super::error::{Error, Kind as ErrorKind, QUERY};
use super::lists::limit;
use super::query::Query;
use super::records::grants::{self, Entry, PER_BATCH};
use super::resources::{self, find};
use crate::config::Problem;
use crate::grant::Subject;
use crate::http::Reply;
use crate::storage::grants::{Kind, Owner};
use crate::storage::resources::Kind as ObjectKind;

const PATH: &str = "/api/server/v1/grants";
/// What a grant is called in the audit log.
const RESOURCE: &str = "grant";
/// Grants of a page when the call does not say, and at most.
const DEFAULT_LIMIT: usize = 15;
const MAX_LIMIT: usize = 100;
/// How often one call lists at most: D1 takes a thousand statements of a request.
const MAX_ROUNDS: usize = 20;
/// How many batches of grants one call revokes at most.
const MAX_BATCHES: usize = 8;
const SKIPPED: &str = "grants of administrators of this server are revoked by callers with the scope \
     `exchequer:admin` only";

static NOT_FOUND: ErrorKind =
    ErrorKind { status: 404, code: "EXQ-40401", message: "Grant not found." };

/// Serves a call below the path of grants.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "GET" | "HEAD") => list(call).await,
        ([], "DELETE") => revoke_all(call).await,
        ([id], "GET" | "HEAD") => {
            let entry = found(call, id).await?;
            let names = Names::of(call, core::slice::from_ref(&entry)).await?;
            Ok(Reply::json(200, &view(call, &entry, &names)))
        }
        ([id], "DELETE") => {
            let entry = found(call, id).await?;
            Guard::default().check(call, &entry).await?;
            let names = Names::of(call, core::slice::from_ref(&entry)).await?;
            let before = view(call, &entry, &names);
            grants::revoke(call.host, core::slice::from_ref(&entry)).await?;
            resources::note(call, RESOURCE, &entry.id, Some(before), None);
            Ok(no_content())
        }
        ([] | [_], _) => Err(call.method_not_allowed("GET, DELETE")),
        _ => Err(Error::new(&NOT_FOUND, "there is nothing below a grant")),
    }
}

async fn found(call: &Call<'_>, id: &str) -> Result<Entry, Error> {
    let entry = grants::find(call.host, id).await?;
    entry.ok_or_else(|| {
        let description =
            "there is no grant with this id; it may have expired or been revoked already";
        Error::new(&NOT_FOUND, description)
    })
}

/// Which grants a call means.
struct Wanted {
    user: Option<String>,
    application: Option<String>,
}

impl Wanted {
    /// # Errors
    /// 400 when the call names neither a user nor an application, or one of them by nothing: a
    /// program without the name that it needs would mean more grants than it knows.
    fn parse(query: &Query) -> Result<Self, Error> {
        let value = |name| match query.value(name).map(String::from) {
            None if query.has(name) => Err(Error::about(
                &QUERY,
                Problem::new(name, "is empty", "send the id, or leave it out"),
            )),
            value => Ok(value),
        };
        let wanted = Self { user: value("userId")?, application: value("applicationId")? };
        if wanted.user.is_none() && wanted.application.is_none() {
            let remedy = "add `?userId=…`, `?applicationId=…`, or both";
            let problem =
                Problem::new("userId", "names whose grants are meant, and is missing", remedy);
            return Err(Error::about(&QUERY, problem));
        }
        Ok(wanted)
    }

    /// Whose rows are read. A user has fewer grants than an application.
    fn owner(&self) -> Owner<'_> {
        match (&self.user, &self.application) {
            (Some(user), _) => Owner::User(user),
            (None, application) => Owner::Application(application.as_deref().unwrap_or_default()),
        }
    }

    fn has(&self, entry: &Entry) -> bool {
        let evidence = entry.grant.evidence.as_ref();
        let is_of = |id: &String| evidence.is_some_and(|evidence| evidence.application == *id);
        self.user.is_none() || self.application.as_ref().is_none_or(is_of)
    }
}

async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let wanted = Wanted::parse(&query)?;
    let limit = limit(&query, DEFAULT_LIMIT, MAX_LIMIT)?.max(1);
    let mut after = query.value("after").map(place).transpose()?;
    let mut entries = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let room = u32::try_from(limit - entries.len()).unwrap_or(u32::MAX);
        let (page, next) = grants::page(call.host, wanted.owner(), after.as_deref(), room).await?;
        entries.extend(page.into_iter().filter(|entry| wanted.has(entry)));
        after = next;
        if after.is_none() || entries.len() >= limit {
            break;
        }
    }
    let names = Names::of(call, &entries).await?;
    let items: Vec<Value> = entries.iter().map(|entry| view(call, entry, &names)).collect();
    let links = match after {
        None => json!([]),
        Some(after) => json!([next_page(call, &wanted, Some(limit), &after)]),
    };
    Ok(Reply::json(200, &json!({ "count": items.len(), "links": links, "grants": items })))
}

/// Where a page ended. It goes into a key.
fn place(text: &str) -> Result<String, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.len() <= 64 && text.bytes().all(plain) {
        return Ok(text.into());
    }
    let problem =
        Problem::new("after", "is no place in this list", "follow the link `next` of a page");
    Err(Error::about(&QUERY, problem))
}

/// A link to what is behind this place.
fn next_page(call: &Call<'_>, wanted: &Wanted, limit: Option<usize>, after: &str) -> Value {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("userId", &wanted.user), ("applicationId", &wanted.application)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    if let Some(limit) = limit {
        query.append_pair("limit", &format!("{limit}"));
    }
    query.append_pair("after", after);
    json!({ "rel": "next", "href": call.url(&format!("{PATH}?{}", query.finish())) })
}

/// Revokes all grants that are meant, as many as one call can, from a place on.
async fn revoke_all(call: &mut Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let wanted = Wanted::parse(&query)?;
    let after = query.value("after").map(place).transpose()?;
    let mut done = Done::default();
    if let Some(user) = &wanted.user {
        done.guard.check_user(call, user).await?;
    }
    let outcome = revoke_pages(call, &wanted, after, &mut done).await;
    let Done { mut revoked, skipped, .. } = done;
    let count = revoked.len();
    // Also what was done before something failed.
    match revoked.pop() {
        Some(one) if revoked.is_empty() => {
            let id = one.get("id").and_then(Value::as_str).unwrap_or_default().into();
            let id: String = id;
            resources::note(call, RESOURCE, &id, Some(one), None);
        }
        Some(last) => {
            revoked.push(last);
            resources::note(call, RESOURCE, "several", Some(revoked.into()), None);
        }
        None => {}
    }
    let next = outcome?;
    let links: Vec<Value> =
        next.iter().map(|after| next_page(call, &wanted, None, after)).collect();
    let mut body = json!({ "revoked": count, "more": next.is_some(), "links": links });
    if let (1.., Value::Object(members)) = (skipped, &mut body) {
        members.insert("skipped".into(), skipped.into());
        members.insert("skippedBecause".into(), SKIPPED.into());
    }
    Ok(Reply::json(200, &body))
}

/// What one call came to.
#[derive(Default)]
struct Done {
    guard: Guard,
    /// The grants as they were shown.
    revoked: Vec<Value>,
    /// How many grants the caller may not revoke.
    skipped: usize,
}

/// Where to go on, if one call was not enough. What was passed may have been left
/// there, so the next call does not begin again.
async fn revoke_pages(
    call: &Call<'_>,
    wanted: &Wanted,
    mut after: Option<String>,
    done: &mut Done,
) -> Result<Option<String>, Error> {
    for _ in 0..MAX_BATCHES {
        let (mut page, next) =
            grants::page(call.host, wanted.owner(), after.as_deref(), PER_BATCH).await?;
        page.retain(|entry| wanted.has(entry));
        let page = done.allowed(call, page).await?;
        let names = Names::of(call, &page).await?;
        let shown: Vec<Value> = page.iter().map(|entry| view(call, entry, &names)).collect();
        grants::revoke(call.host, &page).await?;
        done.revoked.extend(shown);
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(after)
}

impl Done {
    /// The grants of a page that the caller may revoke.
    async fn allowed(&mut self, call: &Call<'_>, page: Vec<Entry>) -> Result<Vec<Entry>, Error> {
        let mut allowed = Vec::with_capacity(page.len());
        for entry in page {
            match self.guard.forbids(call, &entry).await? {
                Some(_) => self.skipped += 1,
                None => allowed.push(entry),
            }
        }
        Ok(allowed)
    }
}

/// What the issuers and applications of some grants are called, by id.
struct Names(Map<String, Value>);

impl Names {
    async fn of(call: &Call<'_>, entries: &[Entry]) -> Result<Self, Error> {
        let mut names = Map::new();
        for evidence in entries.iter().filter_map(|entry| entry.grant.evidence.as_ref()) {
            let issuer = evidence.issuer.iter().map(|id| (ObjectKind::TrustedTokenIssuer, id));
            let application = [(ObjectKind::Application, &evidence.application)];
            for (kind, id) in issuer.chain(application) {
                if names.contains_key(id) {
                    continue;
                }
                let found = find(call, kind, id).await?;
                let document = found.as_ref().map(|found| &found.object().document);
                let named = |name| document.and_then(|document| document.get(name)?.as_str());
                let name = named("name").or_else(|| named("clientId"));
                names.insert(id.clone(), name.into());
            }
        }
        Ok(Self(names))
    }

    /// An object that may be gone: it has no name then.
    fn shown(&self, id: &str) -> Value {
        json!({ "id": id, "name": self.0.get(id) })
    }
}

fn view(call: &Call<'_>, entry: &Entry, names: &Names) -> Value {
    let grant = &entry.grant;
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("id", entry.id.as_str().into());
    put(
        "type",
        match entry.kind {
            Kind::Refresh => "refresh_token".into(),
            Kind::Opaque => "access_token".into(),
        },
    );
    put("clientId", grant.client_id.as_str().into());
    let mut subject = json!({ "sub": grant.sub() });
    let of = match &grant.subject {
        Subject::Local { id } => ("userId", id),
        Subject::Federated { idp, .. } => ("idp", idp),
        Subject::Client { id } => ("clientId", id),
    };
    if let Value::Object(subject) = &mut subject {
        subject.insert(of.0.into(), of.1.as_str().into());
    }
    put("subject", subject);
    if let Some(evidence) = &grant.evidence {
        put("application", names.shown(&evidence.application));
        if let Some(issuer) = &evidence.issuer {
            put("trustedTokenIssuer", names.shown(issuer));
        }
        put("grantType", evidence.grant.name().into());
        if let Some(family) = &evidence.family {
            put("family", family.as_str().into());
        }
    }
    put("scopes", json!(grant.scope));
    put("audience", json!(grant.audience));
    if let Some(cnf) = grant.confirmation() {
        put("cnf", cnf);
    }
    if let Some(act) = &grant.act {
        put("act", act.clone());
    }
    put("issued", entry.issued.0.into());
    put("expires", entry.expires.0.into());
    if let Some(used) = entry.used {
        put("lastUsed", used.0.into());
    }
    put("self", call.url(&format!("{PATH}/{}", entry.id)).into());
    Value::Object(members)
}
