//! Trusted token issuers and applications, wherever they stand: in the
//! configuration document or in the store.

use alloc::string::String;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::{CHANGED, Error, READ_ONLY, STALE};
use super::records::resources::{self as records, HeldObject, Written};
use super::version;
use crate::audit::Change;
use crate::config::{Attribute, Objects, Shown};
use crate::step::Failed;
use crate::storage::resources::{Kind, Object, Unique, find_by};

/// An object, wherever it stands.
pub(super) enum Found {
    Document(Object),
    Store(HeldObject),
}

impl Found {
    pub(super) fn object(&self) -> &Object {
        match self {
            Self::Document(object) => object,
            Self::Store(held) => &held.record,
        }
    }

    /// Its version. An object of the configuration document has none.
    pub(super) fn version(&self) -> Option<u64> {
        match self {
            Self::Document(_) => None,
            Self::Store(held) => Some(held.version),
        }
    }

    /// What may be written, at the version that the call named, if it did.
    ///
    /// # Errors
    /// 409 for an object of the document, 412 for another version.
    pub(super) fn writable(self, call: &Call<'_>) -> Result<HeldObject, Error> {
        match self {
            Self::Store(held) => match names(call, Some(&held)) {
                Some(false) => Err(stale(&held)),
                _ => Ok(held),
            },
            Self::Document(_) => Err(Error::new(
                &READ_ONLY,
                "the object is in the configuration document; change it there",
            )),
        }
    }
}

/// The object with this id.
pub(super) async fn find(call: &Call<'_>, kind: Kind, id: &str) -> Result<Option<Found>, Error> {
    let mut alike = of_document(call, kind).equal(Attribute::Id, &id.to_lowercase());
    if let Some(shown) = alike.find(|shown| shown.0 == id) {
        return Ok(Some(Found::Document(object(shown))));
    }
    match records::find(call.host, kind, id).await {
        Ok(held) => Ok(held.map(Found::Store)),
        Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}

/// The id of the object that has this, wherever it stands.
pub(super) async fn having(
    call: &Call<'_>,
    kind: Kind,
    unique: &Unique,
) -> Result<Option<String>, Error> {
    if let Some((id, _)) = in_document(call, kind, unique) {
        return Ok(Some(id.clone()));
    }
    match find_by(call.host, kind, unique).await {
        Ok(object) => Ok(object.map(|object| object.id)),
        Err(Failed::Unsupported) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}

/// Which of these an object of the document has.
pub(super) fn taken_by_document(call: &Call<'_>, kind: Kind, uniques: &[Unique]) -> Option<Unique> {
    uniques.iter().find(|unique| in_document(call, kind, unique).is_some()).cloned()
}

/// Whether the document has an object with the same `issuer` or client id. Only that one
/// has an effect.
pub(super) fn is_overridden(call: &Call<'_>, kind: Kind, object: &Object) -> bool {
    let [_, identifier] = records::uniques(kind, object);
    object.created != crate::time::Timestamp(0) && in_document(call, kind, &identifier).is_some()
}

/// Says so in the view of an object.
pub(super) fn note_overridden(call: &Call<'_>, kind: Kind, object: &Object, view: &mut Value) {
    if let (true, Value::Object(members)) = (is_overridden(call, kind, object), view) {
        members.insert("overridden".into(), true.into());
    }
}

/// The object of the document that has this.
fn in_document<'a>(call: &'a Call<'_>, kind: Kind, unique: &Unique) -> Option<&'a Shown> {
    let attribute = match unique.of {
        "name" => Attribute::Name,
        _ => Attribute::Identifier,
    };
    let mut alike = of_document(call, kind).equal(attribute, &unique.value.to_lowercase());
    alike.find(|(id, document)| attribute.of(id, document) == unique.value)
}

/// The objects of the document.
pub(super) fn of_document<'a>(call: &'a Call<'_>, kind: Kind) -> &'a Objects {
    let documents = &call.state.config.documents;
    match kind {
        Kind::TrustedTokenIssuer => &documents.trusted_token_issuers,
        Kind::Application => &documents.applications,
    }
}

/// An object of the document, as if it had been made by the API.
pub(super) fn object((id, document): &Shown) -> Object {
    Object {
        id: id.clone(),
        document: document.clone(),
        about: Map::new(),
        secret: None,
        created: crate::time::Timestamp(0),
        modified: crate::time::Timestamp(0),
    }
}

/// What a write of an object came to: the version that it made, if that is
/// known. `taken` says what it means that another has the same.
pub(super) fn outcome(
    call: &Call<'_>,
    written: Written,
    taken: impl FnOnce(&Unique) -> Error,
) -> Result<Option<u64>, Error> {
    match written {
        Written::Done(version) => Ok(version),
        Written::Taken(unique) => Err(taken(&unique)),
        Written::Changed(now) => Err(match (names(call, now.as_ref()), now) {
            (Some(false), Some(now)) => stale(&now),
            (Some(false), None) => {
                Error::new(&STALE, "somebody else deleted the object at the same time")
            }
            _ => Error::new(
                &CHANGED,
                "somebody else changed or deleted the object at the same time; refresh, then repeat",
            ),
        }),
    }
}

/// Whether `If-Match` names this version, if there is such a field.
fn names(call: &Call<'_>, held: Option<&HeldObject>) -> Option<bool> {
    version::named(call.request, "if-match", held.map(|held| held.version))
}

fn stale(held: &HeldObject) -> Error {
    let by = held.record.about.get(MODIFIED_BY).and_then(Value::as_str);
    version::stale(by, held.record.modified)
}

/// What of an object says who wrote it last.
const MODIFIED_BY: &str = "modifiedBy";

/// Says when an object is written, and by whom.
pub(super) fn sign(call: &Call<'_>, object: &mut Object) {
    object.modified = call.host.now;
    if let Some(caller) = &call.caller {
        object.about.insert(MODIFIED_BY.into(), caller.name().into());
    }
}

/// When the object was made and changed, and by whom.
/// `None` for an object of the document.
pub(super) fn meta(object: &Object) -> Option<Value> {
    (object.created != crate::time::Timestamp(0)).then(|| {
        json!({
            "created": object.created,
            "lastModified": object.modified,
            MODIFIED_BY: object.about.get(MODIFIED_BY),
        })
    })
}

/// Notes a write for the audit log.
pub(super) fn note(
    call: &mut Call<'_>,
    resource: &'static str,
    id: &str,
    before: Option<Value>,
    after: Option<Value>,
) {
    let action = match (&before, &after) {
        (None, _) => "create",
        (_, None) => "delete",
        _ => "update",
    };
    call.changes.push(Change {
        action: action.into(),
        resource: resource.into(),
        id: id.into(),
        before,
        after,
    });
}
