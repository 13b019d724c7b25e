//! `/api/server/v1/applications`: create, list, show, change, delete; and
//! below each its protocol, `inbound-protocols/oidc`.

mod body;
mod grants;
mod oidc;
mod secret;
mod view;
mod wso2;

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use self::body::{Change, INVALID, wrong};
pub(super) use self::secret::{note as note_secret, settle};
pub(super) use self::view::view;
use super::call::Call;
use super::collection::Collection;
use super::error::{Error, Kind as ErrorKind};
use super::records::resources::HeldObject;
use super::resources;
use super::version::tagged;
use super::{error, jwks};
use crate::config::{Application, Problem};
use crate::http::Reply;
use crate::storage::resources::{Kind, Object, Unique};

const PATH: &str = "/api/server/v1/applications";
/// Longest name, in characters.
const MAX_NAME: usize = 255;

pub(super) static APPLICATIONS: Collection = Collection {
    kind: Kind::Application,
    resource: "application",
    path: PATH,
    items: "applications",
    summary: view::summary,
    bad_filter: &BAD_FILTER,
    not_found: || Error::new(&NOT_FOUND, "there is no application with this id"),
    taken,
    changed: |state| {
        state.applications.changed();
        state.apis.changed();
    },
};

/// WSO2's: a filter that is none.
static BAD_FILTER: ErrorKind =
    ErrorKind { status: 400, code: "APP-60004", message: "Invalid filter query format." };
/// WSO2's: there is no such application.
static NOT_FOUND: ErrorKind =
    ErrorKind { status: 404, code: "APP-60006", message: "Application not found." };
/// WSO2's: the name is taken.
static DUPLICATE_NAME: ErrorKind = ErrorKind {
    status: 409,
    code: "APP-60007",
    message: "An application with this name exists already.",
};
/// WSO2's: the client id is taken.
static DUPLICATE_CLIENT_ID: ErrorKind = ErrorKind {
    status: 409,
    code: "APP-60009",
    message: "An application with this client id exists already.",
};
/// WSO2's: an application has one protocol here.
static NO_SUCH_PROTOCOL: ErrorKind =
    ErrorKind { status: 404, code: "APP-60501", message: "Inbound protocol not found." };
/// WSO2's.
static MANDATORY_WITHOUT_USE: ErrorKind = ErrorKind {
    status: 400,
    code: "APP-60513",
    message: "'useMappedLocalSubject' cannot be disabled when 'mappedLocalSubjectMandatory' is enabled.",
};

/// Serves a call below the path of applications.
pub(super) async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Error> {
    match (path, &*call.request.method) {
        ([], "POST") => post(call).await,
        ([], "GET" | "HEAD") => APPLICATIONS.list(call).await,
        ([], _) => Err(call.method_not_allowed("GET, POST")),
        (["meta", "inbound-protocols", "oidc"], "GET" | "HEAD") => {
            Ok(Reply::json(200, &view::oidc_metadata()))
        }
        (["meta", "inbound-protocols", "oidc"], _) => Err(call.method_not_allowed("GET")),
        ([id], "GET" | "HEAD") => {
            let found = APPLICATIONS.found(call, id).await?;
            let shown = view(call, found.object()).await?;
            Ok(tagged(Reply::json(200, &shown), found.version()))
        }
        ([id], "PATCH") => patch(call, id).await,
        ([id], "DELETE") => delete(call, id).await,
        ([_], _) => Err(call.method_not_allowed("GET, PATCH, DELETE")),
        ([id, "inbound-protocols", rest @ ..], _) => oidc::serve(call, id, rest).await,
        _ => Err(Error::new(
            &error::NO_SUCH_PATH,
            "below an application there is only /inbound-protocols/oidc",
        )),
    }
}

async fn post(call: &mut Call<'_>) -> Result<Reply, Error> {
    let change = body::read(call.object(&INVALID)?)?;
    let mut document = Map::new();
    if change.document.get("clientId").is_none_or(Value::is_null) {
        document.insert("clientId".into(), call.host.entropy.identifier("client id").into());
    }
    let mut object = APPLICATIONS.new_object(call, "application", document, Map::new());
    let secret = prepare(call, &mut object, change).await?;
    resources::sign(call, &mut object);
    // Before it is written: what was written must not be answered with an error.
    let after = view(call, &object).await?;
    let version = APPLICATIONS.create(call, &object, after.clone()).await?;
    let place = APPLICATIONS.url(call, &object);
    Ok(tagged(secret::reply(201, after, secret).with("location", place), version))
}

async fn patch(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let mut body = call.object(&INVALID)?;
    let held = APPLICATIONS.found(call, id).await?.writable(call)?;
    // Whoever sends back what was shown, with one member changed in one of the
    // two forms, does not mean the other form.
    let shown = view(call, &held.record).await?;
    body.retain(|name, value| shown.get(name) != Some(value));
    let change = body::read(body)?;
    let object = held.record.clone();
    let Written { view, version, secret, .. } = write(call, &held, object, change).await?;
    Ok(tagged(secret::reply(200, view, secret), version))
}

async fn delete(call: &mut Call<'_>, id: &str) -> Result<Reply, Error> {
    let held = APPLICATIONS.found(call, id).await?.writable(call)?;
    let before = view(call, &held.record).await?;
    APPLICATIONS.delete(call, &held, before).await
}

/// An application that was changed.
struct Written {
    object: Object,
    view: Value,
    /// Its version, if that is known.
    version: Option<u64>,
    /// The secret, if one was set.
    secret: Option<Zeroizing<String>>,
}

/// Writes `object`, which `held` was, as the change wants it.
async fn write(
    call: &mut Call<'_>,
    held: &HeldObject,
    mut object: Object,
    change: Change,
) -> Result<Written, Error> {
    let secret = prepare(call, &mut object, change).await?;
    resources::sign(call, &mut object);
    let (was, view) = (view(call, &held.record).await?, view(call, &object).await?);
    let mut is = view.clone();
    secret::note(&held.record, &object, &mut is);
    let version = APPLICATIONS.replace(call, held, &object, (was, is)).await?;
    Ok(Written { object, view, version, secret })
}

/// Makes the change, and checks what comes of it. The secret, if one was set.
async fn prepare(
    call: &Call<'_>,
    object: &mut Object,
    mut change: Change,
) -> Result<Option<Zeroizing<String>>, Error> {
    grants::to_ids(call, &mut change.document).await?;
    let chosen = change.apply(object)?;
    check(object, chosen.as_ref(), &call.state.config.issuer)?;
    Ok(secret::settle(call.host, object, chosen))
}

/// Whether the engine could work with it: by the parser of the document.
pub(super) fn check(
    object: &Object,
    chosen: Option<&Zeroizing<String>>,
    own_issuer: &str,
) -> Result<(), Error> {
    check_name(object)?;
    if view::says(object, "mappedLocalSubjectMandatory")
        && !view::says(object, "useMappedLocalSubject")
    {
        return Err(Error::about(
            &MANDATORY_WITHOUT_USE,
            Problem::new(
                "subject",
                "a linked account cannot be mandatory without being used",
                "set `useMappedLocalSubject` to true, or `mappedLocalSubjectMandatory` to false",
            ),
        ));
    }
    if let Some(problem) = jwks::private_key("jwks", object.document.get("jwks")) {
        return Err(Error::about(&INVALID, problem));
    }
    let (mut document, mut kept) = (object.document.clone(), None);
    match chosen {
        Some(chosen) => {
            document.insert("clientSecret".into(), chosen.as_str().into());
        }
        // One that is needed and not there is made afterwards.
        None if secret::is_needed(object) => kept = Some(secret::to_come()),
        None => {}
    }
    Application::from_object(object.id.clone(), document, kept, own_issuer)
        .map(|_| ())
        .map_err(|problems| Error::about(&INVALID, problems))
}

/// The document can do without a name; here it is what people look for.
fn check_name(object: &Object) -> Result<(), Error> {
    let name = view::text(object, "name");
    let is_text = object.document.get("name").is_some_and(Value::is_string);
    if is_text
        && !name.is_empty()
        && name.trim() == name
        && !name.chars().any(char::is_control)
        && name.chars().count() <= MAX_NAME
    {
        return Ok(());
    }
    Err(wrong(
        "name",
        format!("must be a text of 1 to {MAX_NAME} printable characters, without spaces around it"),
        "give the application a name by which people find it",
    ))
}

fn taken(unique: &Unique) -> Error {
    let value = crate::audit::shown(&unique.value);
    let (kind, problem, remedy) = match unique.of {
        "name" => (
            &DUPLICATE_NAME,
            format!("there is an application named `{value}` already"),
            "choose another name",
        ),
        _ => (
            &DUPLICATE_CLIENT_ID,
            format!("there is an application with the client id `{value}` already"),
            "choose another client id",
        ),
    };
    Error::about(kind, Problem::new(unique.of, problem, remedy))
}
