//! Making a link, as an administrator does.

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::view::Idp;
use super::{INVALID, Owner, TAKEN};
use crate::admin::call::Call;
use crate::admin::error::{CHANGED, Error};
use crate::admin::records;
use crate::admin::resources::{self, Found};
use crate::audit::shown;
use crate::config::Problem;
use crate::storage::links::{self, Created, Held, Link};
use crate::storage::resources::{Kind, Object, Unique};

/// How many links a user may have for another to be made here. Implicit
/// association is not held to it.
const MAX_LINKS: u32 = 100;
/// Longest name of a subject, in characters.
const MAX_SUB: usize = 2048;
const MEMBERS: &str = "send `idp` and `federatedUserId`";

/// What is to be linked.
pub(super) struct Wanted {
    /// The trusted token issuer, by name.
    idp: String,
    /// The `sub` of its tokens.
    sub: String,
}

/// Reads the body of a creation.
pub(super) fn read(mut body: Map<String, Value>) -> Result<Wanted, Error> {
    let wanted = Wanted {
        idp: text(&mut body, "idp", 255)?,
        sub: text(&mut body, "federatedUserId", MAX_SUB)?,
    };
    match body.keys().next() {
        None => Ok(wanted),
        Some(name) => Err(wrong(&shown(name), "is no member of an association", MEMBERS)),
    }
}

/// Makes a link, the `nth` of this call. Everything that shows it is known then: what was
/// written must not be answered with an error.
pub(super) async fn make(
    call: &Call<'_>,
    owner: &Owner,
    wanted: &Wanted,
    administrator: &str,
    nth: usize,
) -> Result<(Link, Idp), Error> {
    let (issuer, idp) = issuer(call, &wanted.idp).await?;
    let (host, user_id) = (call.host, &owner.user_id);
    let held = links::find(host, &issuer, &wanted.sub).await?;
    // A link to a user who is gone links to nobody, and makes room.
    if let Some(held) = &held
        && call.state.directory.user(host, &held.link.user_id).await?.is_some()
    {
        return Err(taken(owner, held));
    }
    if records::links::has_many(host, user_id, MAX_LINKS).await? {
        return Err(invalid(format!(
            "the user has {MAX_LINKS} associations or more; remove one of them first"
        )));
    }
    let link = records::links::explicit(host, user_id, (&issuer, &wanted.sub), administrator, nth);
    if links::create(host, &link, held.as_ref()).await? == Created::Now {
        return Ok((link, idp));
    }
    // Somebody else was first; or the write was repeated by a host that had
    // not heard that it had happened.
    match links::find(host, &issuer, &wanted.sub).await? {
        Some(held) if held.link == link => Ok((link, idp)),
        Some(held) => Err(taken(owner, &held)),
        None => Err(Error::new(
            &CHANGED,
            "somebody else linked and unlinked the subject at the same time; repeat it",
        )),
    }
}

/// The issuer of this name by its `iss`, and as it is shown: whether it is enabled or
/// not, and whether the document has it or the store.
async fn issuer(call: &Call<'_>, name: &str) -> Result<(String, Idp), Error> {
    const KIND: Kind = Kind::TrustedTokenIssuer;
    let unique = Unique { of: "name", value: name.into() };
    let found = match resources::having(call, KIND, &unique).await? {
        Some(id) => resources::find(call, KIND, &id).await?,
        None => None,
    };
    let named = |found: &Found| {
        let Object { id, document, .. } = found.object();
        let iss = document.get("issuer")?.as_str()?;
        Some((iss.to_string(), Idp { id: id.clone(), name: name.into() }))
    };
    found.as_ref().and_then(named).ok_or_else(|| {
        let problem = format!("there is no trusted token issuer named `{}`", shown(name));
        wrong("idp", problem, "send the name of one")
    })
}

fn taken(owner: &Owner, held: &Held) -> Error {
    let (problem, remedy) = if held.link.user_id == owner.user_id {
        ("the subject is associated with this user already".to_string(), "keep that association")
    } else {
        let user = shown(&held.link.user_id);
        (
            format!("the subject is associated with the user `{user}`"),
            "remove that association first",
        )
    };
    Error::about(&TAKEN, Problem::new("federatedUserId", problem, remedy))
}

fn text(body: &mut Map<String, Value>, name: &str, most: usize) -> Result<String, Error> {
    match body.remove(name) {
        Some(Value::String(text)) if !text.is_empty() && text.chars().count() <= most => Ok(text),
        None => Err(wrong(name, "is missing", MEMBERS)),
        Some(_) => {
            let problem = format!("must be a text of 1 to {most} characters");
            Err(wrong(name, problem, "send such a text"))
        }
    }
}

/// 400: a member that is wrong, and what to send instead.
fn wrong(path: &str, problem: impl Into<String>, remedy: &str) -> Error {
    Error::about(&INVALID, Problem::new(path, problem, remedy))
}

/// 400: what is wrong with the body as a whole, what was expected.
pub(super) fn invalid(description: impl Into<String>) -> Error {
    Error::new(&INVALID, description)
}
