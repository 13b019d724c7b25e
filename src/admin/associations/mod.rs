//! `/api/users/v1/{user-id}/federated-associations`: the links between a user
//! and the subjects of trusted token issuers. Administrators list, make and
//! remove those of anybody; users list and remove their own, as `me`.
//!
//! Nobody makes a link as `me`: that somebody is a subject is proven by a
//! token of its issuer (implicit association), or an administrator knows it.

mod bulk;
mod changes;
mod make;
mod view;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use self::changes::Changes;
use self::view::{record, view, view_of};
use super::call::{Call, no_content};
use super::error::{CHANGED, Error, Kind, METHOD, NO_SUCH_PATH, PAGE, UNFINISHED};
use super::lists::number;
use super::records::links::{self, Removed};
use crate::admin::query::Query;
use crate::admin::segment::{decoded, encoded};
use crate::administrator::error::FORBIDDEN;
use crate::http::Reply;
use crate::step::Failed;
use crate::storage::links::Held;

/// Where users are.
const USERS: &str = "/api/users/v1";
/// What their links are called there.
const ASSOCIATIONS: &str = "federated-associations";
/// Most links of a page, and links of one when the call does not say.
const MAX_LIMIT: u32 = 100;
/// How many batches of links one call removes at most.
const MAX_BATCHES: usize = 25;

/// WSO2's: something in the call is wrong.
static INVALID: Kind =
    Kind { status: 400, code: "UAA-10002", message: "Invalid federated association." };
/// WSO2's: the user has no such link. Its documents say 404, its code 400.
static NOT_FOUND: Kind =
    Kind { status: 404, code: "UAA-10002", message: "Invalid federated association." };
/// WSO2's: there is nothing to remove.
static NONE: Kind =
    Kind { status: 400, code: "UAA-10003", message: "Valid federated associations do not exist." };
/// WSO2's: the subject is somebody's already.
static TAKEN: Kind =
    Kind { status: 409, code: "UAA-10004", message: "The federated user is already associated." };
/// WSO2's: there is no such user.
static NO_USER: Kind = Kind { status: 404, code: "UAA-10005", message: "Invalid user." };

/// Whose links a call is about.
struct Owner {
    user_id: String,
    /// The path of the list of these links.
    path: String,
    /// Whether an administrator looks at them.
    administered: bool,
}

/// Serves an administrator's call below the path of users.
pub(super) async fn serve(
    call: &mut Call<'_>,
    administrator: &str,
    path: &[&str],
) -> Result<Reply, Error> {
    let mut changes = Changes::default();
    let outcome = match path {
        [ASSOCIATIONS, "bulk"] => bulk::serve(call, administrator, &mut changes).await,
        [user, ASSOCIATIONS, rest @ ..] => {
            let owner = owner(call, user).await?;
            match (rest, &*call.request.method) {
                ([], "POST") => post(call, &owner, administrator, &mut changes).await,
                ([], "GET" | "HEAD" | "DELETE") | ([_], _) => {
                    read_or_remove(call, &owner, rest, &mut changes).await
                }
                ([], _) => Err(call.method_not_allowed("GET, POST, DELETE")),
                _ => Err(nothing_there()),
            }
        }
        _ => Err(nothing_there()),
    };
    // Also what was done before something failed.
    changes.note(call);
    outcome
}

/// Serves a user's call about their own links.
pub(super) async fn serve_own(
    call: &mut Call<'_>,
    user_id: String,
    path: &[&str],
) -> Result<Reply, Error> {
    let [ASSOCIATIONS, rest @ ..] = path else { return Err(nothing_there()) };
    let path = format!("{USERS}/me/{ASSOCIATIONS}");
    let owner = Owner { user_id, path, administered: false };
    let mut changes = Changes::default();
    let outcome = match (rest, &*call.request.method) {
        ([], "GET" | "HEAD" | "DELETE") | ([_], _) => {
            read_or_remove(call, &owner, rest, &mut changes).await
        }
        ([], _) => Err(Error::new(
            &METHOD,
            "this path takes GET, DELETE; an association is not made by asking for it: bring a token \
             of the trusted token issuer (implicit association), or ask an administrator",
        )
        .with("allow", "GET, DELETE")),
        _ => Err(nothing_there()),
    };
    changes.note(call);
    outcome
}

fn nothing_there() -> Error {
    let description = format!("what is below {USERS} is /{{user-id}}/{ASSOCIATIONS}[/{{id}}]");
    Error::new(&NO_SUCH_PATH, description)
}

/// The user whom a segment of a path names.
async fn owner(call: &Call<'_>, segment: &str) -> Result<Owner, Error> {
    let none = || Error::new(&NO_USER, "there is no user with this id");
    let user_id = decoded(segment).filter(|id| !id.is_empty()).ok_or_else(none)?;
    let user = call.state.directory.user(call.host, &user_id).await?;
    let user = user.ok_or_else(none)?;
    let reads = matches!(&*call.request.method, "GET" | "HEAD");
    if let (false, Some(description)) = (reads, call.forbids(&user)) {
        return Err(Error::new(&FORBIDDEN, description));
    }
    let path = format!("{USERS}/{}/{ASSOCIATIONS}", encoded(&user_id));
    Ok(Owner { user_id, path, administered: true })
}

/// What administrators and users may do alike.
async fn read_or_remove(
    call: &Call<'_>,
    owner: &Owner,
    path: &[&str],
    changes: &mut Changes,
) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "DELETE") => remove_all(call, owner, changes).await?,
        ([], _) => return list(call, owner).await,
        ([id], "GET" | "HEAD") => {
            let held = found(call, owner, id).await?;
            return Ok(Reply::json(200, &view(call, owner, &held.link).await?));
        }
        ([id], "DELETE") => remove(call, owner, id, changes).await?,
        _ => return Err(call.method_not_allowed("GET, DELETE")),
    }
    Ok(no_content())
}

async fn post(
    call: &Call<'_>,
    owner: &Owner,
    administrator: &str,
    changes: &mut Changes,
) -> Result<Reply, Error> {
    let wanted = make::read(call.object(&INVALID)?)?;
    let (link, idp) = make::make(call, owner, &wanted, administrator, 0).await?;
    changes.made.push(record(owner, &link));
    let location = call.url(&format!("{}/{}", owner.path, link.id));
    Ok(Reply::json(201, &view_of(owner, &link, &idp)).with("location", location))
}

/// A page of links. WSO2's answer is a bare list, so that the way to the next
/// page is in a header field (RFC 8288).
async fn list(call: &Call<'_>, owner: &Owner) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let limit = limit(&query)?;
    let after = query.value("cursor");
    if after.is_some_and(|after| !links::is_id(after)) {
        let description = "`cursor` is not from the `Link` of a page; leave it out for the first";
        return Err(Error::new(&PAGE, description));
    }
    let (links, next) = match links::of_user(call.host, &owner.user_id, after, limit).await {
        // A host without a store has none.
        Err(Failed::Unsupported) => Default::default(),
        page => page?,
    };
    let mut items: Vec<Value> = Vec::with_capacity(links.len());
    for held in &links {
        items.push(view(call, owner, &held.link).await?);
    }
    let reply = Reply::json(200, &items);
    let Some(next) = next else { return Ok(reply) };
    let next = call.url(&format!("{}?limit={limit}&cursor={next}", owner.path));
    Ok(reply.with("link", format!("<{next}>; rel=\"next\"")))
}

fn limit(query: &Query) -> Result<u32, Error> {
    let limit = number(query, "limit")?.unwrap_or(MAX_LIMIT.into());
    Ok(u32::try_from(limit).unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT))
}

async fn found(call: &Call<'_>, owner: &Owner, id: &str) -> Result<Held, Error> {
    let held = match links::find_of_user(call.host, &owner.user_id, id).await {
        Err(Failed::Unsupported) => None,
        held => held?,
    };
    // Somebody else's is answered like one that is not there.
    held.ok_or_else(|| Error::new(&NOT_FOUND, "the user has no association with this id"))
}

async fn remove(
    call: &Call<'_>,
    owner: &Owner,
    id: &str,
    changes: &mut Changes,
) -> Result<(), Error> {
    let held = found(call, owner, id).await?;
    let removed = record(owner, &held.link);
    match links::remove(call.host, &[held]).await? {
        Removed::Now => changes.removed.push(removed),
        Removed::Changed => {
            let description = "somebody else removed the association at the same time; refresh";
            return Err(Error::new(&CHANGED, description));
        }
    }
    Ok(())
}

async fn remove_all(call: &Call<'_>, owner: &Owner, changes: &mut Changes) -> Result<(), Error> {
    for batch in 0..MAX_BATCHES {
        let removed = match links::remove_some(call.host, &owner.user_id).await {
            Err(Failed::Unsupported) => Vec::new(),
            removed => removed?,
        };
        if removed.is_empty() {
            let none = || Error::new(&NONE, "the user has no associations");
            return if batch == 0 { Err(none()) } else { Ok(()) };
        }
        changes.removed.extend(removed.iter().map(|link| record(owner, link)));
    }
    if !links::has_many(call.host, &owner.user_id, 1).await? {
        return Ok(());
    }
    let description = "as many associations as one call removes are removed, and the user has more; \
         repeat the call";
    Err(Error::new(&UNFINISHED, description))
}
