//! `/api/server/v1/trusted-token-issuers`: create, list, show, change, delete.

mod body;
mod check;
mod patch;
mod view;

use alloc::format;

use super::call::Call;
use super::collection::Collection;
use super::error::{Error, Kind as ErrorKind};
use super::jwks;
use super::records::resources::HeldObject;
use super::resources;
use super::version::tagged;
use crate::config::{Problem, TrustedTokenIssuer};
use crate::http::Reply;
use crate::storage::resources::{Kind, Object, Unique};

pub(super) use self::body::{INVALID, invalid, refuse};
pub(super) use self::view::{kept_association, view};

const PATH: &str = "/api/server/v1/trusted-token-issuers";

pub(super) static ISSUERS: Collection = Collection {
    kind: Kind::TrustedTokenIssuer,
    resource: "trusted-token-issuer",
    path: PATH,
    items: "identityProviders",
    summary: view::summary,
    bad_filter: &body::INVALID,
    not_found: || Error::new(&NOT_FOUND, "there is no trusted token issuer with this id"),
    taken,
    changed: |state| state.trust.issuers.changed(),
};

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
        ([], "GET" | "HEAD") => ISSUERS.list(call).await,
        ([], _) => Err(call.method_not_allowed("GET, POST")),
        (["check"], "POST") => check::serve(call).await,
        ([id], "GET" | "HEAD") => {
            let found = ISSUERS.found(call, id).await?;
            Ok(tagged(Reply::json(200, &view(call, found.object())), found.version()))
        }
        ([id], "PATCH") => change(call, id).await,
        ([id], "DELETE") => delete(call, id).await,
        ([_], _) => Err(call.method_not_allowed("GET, PATCH, DELETE")),
        _ => Err(Error::new(&NOT_FOUND, "there is nothing below a trusted token issuer")),
    }
}

async fn post(call: &mut Call<'_>) -> Result<Reply, Error> {
    let body::Parts { document, about } = body::read(call.object(&body::INVALID)?)?;
    let mut object = ISSUERS.new_object(call, "trusted token issuer", document, about);
    parse(call, &object)?;
    resources::sign(call, &mut object);
    let after = view(call, &object);
    let version = ISSUERS.create(call, &object, after.clone()).await?;
    let place = ISSUERS.url(call, &object);
    Ok(tagged(Reply::json(201, &after).with("location", place), version))
}

async fn change(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let operations = patch::read(call.array(&body::INVALID)?)?;
    let held = ISSUERS.found(call, id).await?.writable(call)?;
    let mut object = held.record.clone();
    for operation in operations {
        patch::apply(&mut object, operation)?;
    }
    let (after, version) = write(call, &held, object).await?;
    Ok(tagged(Reply::json(200, &view(call, &after)), version))
}

async fn delete(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    // "204 if there is none" would hide a mistaken id.
    let held = ISSUERS.found(call, id).await?.writable(call)?;
    let before = view(call, &held.record);
    ISSUERS.delete(call, &held, before).await
}

/// Writes an issuer that was changed, if it is still one. What was written, and
/// its version, if that is known.
pub(super) async fn write(
    call: &mut Call<'_>,
    held: &HeldObject,
    mut object: Object,
) -> Result<(Object, Option<u64>), Error> {
    resources::sign(call, &mut object);
    parse(call, &object)?;
    let shown = (view(call, &held.record), view(call, &object));
    let version = ISSUERS.replace(call, held, &object, shown).await?;
    Ok((object, version))
}

/// What the engine would work with: by the parser of the document.
pub(super) fn parse(call: &Call<'_>, object: &Object) -> Result<TrustedTokenIssuer, Error> {
    let jwks = object.document.get("certificate").and_then(|one| one.get("jwks"));
    if let Some(problem) = jwks::private_key("certificate.jwks", jwks) {
        return Err(Error::about(&INVALID, problem));
    }
    let own_issuer = &call.state.config.issuer;
    TrustedTokenIssuer::from_object(object.id.clone(), object.document.clone(), own_issuer)
        .map_err(refuse)
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
