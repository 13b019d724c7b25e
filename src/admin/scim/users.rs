//! One user: create, read, replace, patch, delete (RFC 7644 sections 3.3 to
//! 3.6), with versions (section 3.14).

use alloc::string::String;

use exchequer_scim::Projection;
use serde_json::{Map, Value};

use super::super::Call;
use super::super::records::users::{self, HeldUser, Written};
use super::super::resources::note;
use super::super::version;
use super::attributes::USERS;
use super::error::{self, Problem};
use super::resource::{self, Profile};
use super::{body, search, show};
use crate::admin::query::Query;
use crate::administrator::Caller;
use crate::config::User;
use crate::http::Reply;
use crate::step::Failed;
use crate::storage::users::UserRecord;

/// How often a write is done anew after somebody else's came first.
const TRIES: usize = 5;

/// `POST /Users`
pub(super) async fn create(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let projection = wanted(call)?;
    let mut resource = USERS.read(body::read(call)?)?;
    resource.entry("active").or_insert(Value::Bool(true));
    let profile = checked(call, resource, None)?;
    let (now, id) = (call.host.now, users::new_id(call.host));
    let user = allowed(call, profile.user(id))?;
    let record = UserRecord {
        user,
        external_id: profile.external_id(),
        resource: profile.resource,
        created: now,
        modified: now,
        modified_by: call.caller.as_ref().map(Caller::name),
    };
    match users::create(call.host, record).await? {
        Written::Done(held) => {
            noted(call, None, Some(&held));
            let location = show::location(&call.state.config.issuer, &held.record.user.id);
            Ok(shown(call, 201, &held, &projection).with("location", location))
        }
        Written::Taken => Err(Problem::taken()),
        Written::Changed => Err(Problem::new(503, "the user was deleted again at once")),
    }
}

/// `GET /Users/{id}`
pub(super) async fn read(call: &Call<'_>, id: &str) -> Result<Reply, Problem> {
    let projection = wanted(call)?;
    if let Some(user) = call.state.config.users.get(id) {
        let user = show::configured(&call.state.config.issuer, user);
        return Ok(error::reply(200, &Value::Object(projection.apply(user))));
    }
    let held = existing(call, id).await?;
    if names_version(call, "if-none-match", &held) == Some(true) {
        return Ok(error::empty(304).with("etag", show::version(&held)));
    }
    Ok(shown(call, 200, &held, &projection))
}

/// `PUT /Users/{id}`
pub(super) async fn replace(call: &mut Call<'_>, id: &str) -> Result<Reply, Problem> {
    let given = USERS.read(body::read(call)?)?;
    write(call, id, &|before| {
        let mut resource = given.clone();
        resource::keep_state(&mut resource, before);
        Ok(resource)
    })
    .await
}

/// `PATCH /Users/{id}`
pub(super) async fn patch(call: &mut Call<'_>, id: &str) -> Result<Reply, Problem> {
    let body = body::read(call)?;
    write(call, id, &|before| {
        let mut resource = before.clone();
        USERS.patch(&mut resource, &body)?;
        Ok(resource)
    })
    .await
}

/// `DELETE /Users/{id}`
pub(super) async fn delete(call: &mut Call<'_>, id: &str) -> Result<Reply, Problem> {
    for _ in 0..TRIES {
        let held = writable(call, id).await?;
        if users::remove(call.host, &held).await? {
            noted(call, Some(&held), None);
            return Ok(error::empty(204));
        }
    }
    Err(contended())
}

/// What becomes of the attributes of a user.
type Change<'a> = dyn Fn(&Map<String, Value>) -> Result<Map<String, Value>, Problem> + Sync + 'a;

/// Changes a user. When somebody else comes first, once more from what they
/// left, unless the client named the version that it changes.
async fn write(call: &mut Call<'_>, id: &str, change: &Change<'_>) -> Result<Reply, Problem> {
    let projection = wanted(call)?;
    for _ in 0..TRIES {
        let held = writable(call, id).await?;
        let before = &held.record;
        let profile = checked(call, change(&before.resource)?, Some(&before.resource))?;
        if profile.resource == before.resource {
            return Ok(shown(call, 200, &held, &projection));
        }
        let user = allowed(call, profile.user(id.into()))?;
        let record = UserRecord {
            user,
            external_id: profile.external_id(),
            resource: profile.resource,
            created: before.created,
            modified: call.host.now,
            modified_by: call.caller.as_ref().map(Caller::name),
        };
        match users::replace(call.host, &held, record).await? {
            Written::Done(now) => {
                noted(call, Some(&held), Some(&now));
                return Ok(shown(call, 200, &now, &projection));
            }
            Written::Taken => return Err(Problem::taken()),
            Written::Changed => {}
        }
    }
    Err(contended())
}

fn contended() -> Problem {
    Problem::new(503, "others change the user all the time; try again")
}

/// The profile that these attributes make, if no user of the document has its
/// name.
fn checked(
    call: &Call<'_>,
    resource: Map<String, Value>,
    before: Option<&Map<String, Value>>,
) -> Result<Profile, Problem> {
    let config = &call.state.config;
    let profile = Profile::checked(resource, before, &config.roles)?;
    let name = profile.name();
    if config.users.values().any(|user| name.is_of(user)) {
        return Err(Problem::taken());
    }
    Ok(profile)
}

/// A user as it is to be, if the caller may make such a one.
fn allowed(call: &Call<'_>, user: User) -> Result<User, Problem> {
    call.forbids(&user).map_or(Ok(user), |detail| Err(Problem::new(403, detail)))
}

async fn existing(call: &Call<'_>, id: &str) -> Result<HeldUser, Problem> {
    let found = match users::find(call.host, id).await {
        Err(Failed::Unsupported) => None,
        found => found?,
    };
    found.ok_or_else(|| Problem::not_found("there is no user with this id"))
}

/// A user that may be written, at the version that the client named, if it did.
async fn writable(call: &Call<'_>, id: &str) -> Result<HeldUser, Problem> {
    if call.state.config.users.contains_key(id) {
        let detail = "the user stands in the configuration document and is read-only here; \
             change it there";
        return Err(Problem::new(409, detail));
    }
    let held = existing(call, id).await?;
    if let Some(detail) = call.forbids(&held.record.user) {
        return Err(Problem::new(403, detail));
    }
    match names_version(call, "if-match", &held) {
        Some(false) => Err(Problem::changed(&held.record)),
        _ => Ok(held),
    }
}

/// Whether a header field names the version of a user; `None` when the field
/// is not there.
fn names_version(call: &Call<'_>, field: &str, held: &HeldUser) -> Option<bool> {
    version::named(call.request, field, Some(held.version))
}

/// What of a user the client asked for. It is read before anything is written: what was
/// written must not be answered with an error.
fn wanted(call: &Call<'_>) -> Result<Projection, Problem> {
    search::projection(&Query::parse(call.request))
}

/// The reply that shows a user, as far as the client asked for.
fn shown(call: &Call<'_>, status: u16, held: &HeldUser, projection: &Projection) -> Reply {
    let user = show::stored(&call.state.config.issuer, held);
    let reply = error::reply(status, &Value::Object(projection.apply(user)));
    reply.with("etag", show::version(held))
}

fn noted(call: &mut Call<'_>, before: Option<&HeldUser>, after: Option<&HeldUser>) {
    let issuer = &call.state.config.issuer;
    let show = |held: &HeldUser| Value::Object(show::stored(issuer, held));
    let Some(held) = after.or(before) else { return };
    note(call, "user", &held.record.user.id, before.map(show), after.map(show));
}
