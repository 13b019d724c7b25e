//! `/api/server/v1/trusted-token-issuers`: create, list, show, change, delete.

mod body;
mod check;
mod patch;
mod view;

use alloc::format;

use super::call::{Call, no_content};
use super::error::{Error, Kind as ErrorKind};
use super::filter::Filter;
use super::jwks;
use super::resources::{self, Found, Page};
use super::version::tagged;
use crate::config::{Problem, TrustedTokenIssuer};
use crate::http::{Query, Reply};
use crate::storage::resources::{Kind, Object, Unique, create, remove, replace};

pub(super) use self::body::{INVALID, invalid, refuse};
pub(super) use self::view::{kept_association, view};

pub(super) const KIND: Kind = Kind::TrustedTokenIssuer;
pub(super) const RESOURCE: &str = "trusted-token-issuer";
const PATH: &str = "/api/server/v1/trusted-token-issuers";

/// WSO2's: the name is taken.
static DUPLICATE_NAME: ErrorKind = ErrorKind {
    status: 409,
    code: "IDP-60001",
    message: "An identity provider with this name exists already.",
};
/// The `iss` is taken. WSO2 has no code of its own for it.
static DUPLICATE_ISSUER: ErrorKind = ErrorKind {
    status: 409,
    code: "IDP-65002",
    message: "A trusted token issuer with this issuer exists already.",
};
/// WSO2's: there is no such issuer.
static NOT_FOUND: ErrorKind =
    ErrorKind { status: 404, code: "IDP-60002", message: "Resource not found." };

/// Serves a call below the path of issuers.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "POST") => post(call).await,
        ([], "GET" | "HEAD") => list(call).await,
        ([], _) => Err(call.method_not_allowed("GET, POST")),
        (["check"], "POST") => check::serve(call).await,
        ([id], "GET" | "HEAD") => {
            let found = found(call, id).await?;
            Ok(tagged(Reply::json(200, &view(call, found.object())), found.version()))
        }
        ([id], "PATCH") => change(call, id).await,
        ([id], "DELETE") => delete(call, id).await,
        ([_], _) => Err(call.method_not_allowed("GET, PATCH, DELETE")),
        _ => Err(Error::new(&NOT_FOUND, "there is nothing below a trusted token issuer")),
    }
}

/// The issuer with this id.
pub(super) async fn found(call: &Call<'_>, id: &str) -> Result<Found, Error> {
    let found = resources::find(call, KIND, id).await?;
    found.ok_or_else(|| Error::new(&NOT_FOUND, "there is no trusted token issuer with this id"))
}

async fn post(call: &mut Call<'_>) -> Result<Reply, Error> {
    let body::Parts { document, about } = body::read(call.object(&body::INVALID)?)?;
    let mut object = Object {
        id: call.host.entropy.identifier("trusted token issuer"),
        document,
        about,
        secret: None,
        created: call.host.now,
        modified: call.host.now,
    };
    parse(call, &object)?;
    resources::sign(call, &mut object);
    let uniques = uniques(&object);
    refuse_taken(call, &uniques)?;
    let written = create(call.host, KIND, &object, &uniques).await?;
    let version = resources::outcome(call, written, taken)?;
    call.state.trust.issuers.changed();
    let after = view(call, &object);
    resources::note(call, RESOURCE, &object.id, None, Some(after.clone()));
    let place = call.url(&format!("{PATH}/{}", object.id));
    Ok(tagged(Reply::json(201, &after).with("location", place), version))
}

async fn list(call: &Call<'_>) -> Result<Reply, Error> {
    let query = Query::parse(call.request);
    let page = Page::parse(&query)?;
    let filter = Filter::parse(&query, &body::INVALID)?;
    let passes = |object: &Object| filter.as_ref().is_none_or(|filter| filter.passes(object));
    let listed = resources::list(call, KIND, page, filter.as_ref().map(|_| &passes as _)).await?;
    let items = listed.objects.iter().map(|object| view::summary(call, object)).collect();
    let listing = resources::listing(call, PATH, "identityProviders", page, listed.total, items);
    Ok(Reply::json(200, &listing))
}

async fn change(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let operations = patch::read(call.array(&body::INVALID)?)?;
    let held = found(call, id).await?.writable(call)?;
    let mut object = held.object.clone();
    for operation in operations {
        patch::apply(&mut object, operation)?;
    }
    let (after, version) = write(call, &held, object).await?;
    Ok(tagged(Reply::json(200, &view(call, &after)), version))
}

async fn delete(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    // "204 if there is none" would hide a mistaken id.
    let held = found(call, id).await?.writable(call)?;
    let written = remove(call.host, KIND, &held, &uniques(&held.object)).await?;
    resources::outcome(call, written, taken)?;
    call.state.trust.issuers.changed();
    let before = view(call, &held.object);
    resources::note(call, RESOURCE, id, Some(before), None);
    Ok(no_content())
}

/// Writes an issuer that was changed, if it is still one. What was written, and
/// its version, if that is known.
pub(super) async fn write(
    call: &mut Call<'_>,
    held: &crate::storage::resources::Held,
    mut object: Object,
) -> Result<(Object, Option<u64>), Error> {
    resources::sign(call, &mut object);
    parse(call, &object)?;
    let (before, after) = (uniques(&held.object), uniques(&object));
    let new: alloc::vec::Vec<Unique> =
        after.iter().filter(|unique| !before.contains(unique)).cloned().collect();
    refuse_taken(call, &new)?;
    let written = replace(call.host, KIND, held, &object, &before, &after).await?;
    let version = resources::outcome(call, written, taken)?;
    call.state.trust.issuers.changed();
    let (was, is) = (view(call, &held.object), view(call, &object));
    resources::note(call, RESOURCE, &object.id, Some(was), Some(is));
    Ok((object, version))
}

/// What the engine would work with: by the parser of the document.
fn parse(call: &Call<'_>, object: &Object) -> Result<TrustedTokenIssuer, Error> {
    let jwks = object.document.get("certificate").and_then(|one| one.get("jwks"));
    if let Some(problem) = jwks::private_key("certificate.jwks", jwks) {
        return Err(Error::about(&INVALID, problem));
    }
    let own_issuer = &call.state.config.issuer;
    TrustedTokenIssuer::from_object(object.id.clone(), object.document.clone(), own_issuer)
        .map_err(refuse)
}

/// What of an issuer no other has.
fn uniques(object: &Object) -> [Unique; 2] {
    ["name", "issuer"].map(|of| Unique { of, value: view::text(object, of) })
}

fn refuse_taken(call: &Call<'_>, uniques: &[Unique]) -> Result<(), Error> {
    resources::taken_by_document(call, KIND, uniques).map_or(Ok(()), |unique| Err(taken(&unique)))
}

fn taken(unique: &Unique) -> Error {
    let value = crate::audit::shown(&unique.value);
    let (kind, problem, remedy) = match unique.of {
        "name" => (
            &DUPLICATE_NAME,
            format!("there is a trusted token issuer named `{value}` already"),
            "choose another name",
        ),
        _ => (
            &DUPLICATE_ISSUER,
            format!("the issuer `{value}` is registered already"),
            "change that registration",
        ),
    };
    Error::about(kind, Problem::new(unique.of, problem, remedy))
}
