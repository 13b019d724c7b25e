//! The calls that trusted token issuers and applications have in common.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::call::{Call, no_content};
use super::error::{Error, Kind as ErrorKind};
use super::filter::Filter;
use super::lists::{Page, list, listing};
use super::query::Query;
use super::records::resources::{self as records, HeldObject, uniques};
use super::resources::{self, Found};
use crate::http::Reply;
use crate::state::State;
use crate::storage::resources::{Kind, Object, Unique};

/// All objects of one kind, as the API has them.
pub(super) struct Collection {
    pub(super) kind: Kind,
    /// What an object is called in the audit log.
    pub(super) resource: &'static str,
    pub(super) path: &'static str,
    /// What a list calls its objects.
    pub(super) items: &'static str,
    pub(super) summary: fn(&Call<'_>, &Object) -> Value,
    /// The error for a filter that cannot be read.
    pub(super) bad_filter: &'static ErrorKind,
    /// The error for an id that no object has.
    pub(super) not_found: fn() -> Error,
    /// The error for something that another object has already.
    pub(super) taken: fn(&Unique) -> Error,
    /// Forgets what was read before a write.
    pub(super) changed: fn(&State),
}

impl Collection {
    /// The object with this id.
    pub(super) async fn found(&self, call: &Call<'_>, id: &str) -> Result<Found, Error> {
        resources::find(call, self.kind, id).await?.ok_or_else(self.not_found)
    }

    /// Answers with a page.
    pub(super) async fn list(&self, call: &Call<'_>) -> Result<Reply, Error> {
        let query = Query::parse(call.request);
        let page = Page::parse(&query)?;
        let mut filter = Filter::parse(&query, self.bad_filter)?;
        if let Some(filter) = &mut filter {
            filter.look_up(call).await?;
        }
        let listed = list(call, self.kind, page, filter.as_ref()).await?;
        let items = listed.objects.iter().map(|object| (self.summary)(call, object)).collect();
        let listing = listing(call, self.path, self.items, page, listed.total, items);
        Ok(Reply::json(200, &listing))
    }

    /// An object that is made by this call; `purpose` is what its id is drawn
    /// for.
    pub(super) fn new_object(
        &self,
        call: &Call<'_>,
        purpose: &str,
        document: Map<String, Value>,
        about: Map<String, Value>,
    ) -> Object {
        Object {
            id: call.host.entropy.identifier(purpose),
            document,
            about,
            secret: None,
            created: call.host.now,
            modified: call.host.now,
        }
    }

    /// Where an object is.
    pub(super) fn url(&self, call: &Call<'_>, object: &Object) -> String {
        call.url(&format!("{}/{}", self.path, object.id))
    }

    /// Creates an object, which the API shows so. Its version, if it is known.
    pub(super) async fn create(
        &self,
        call: &mut Call<'_>,
        object: &Object,
        shown: Value,
    ) -> Result<Option<u64>, Error> {
        self.refuse_taken(call, &uniques(self.kind, object))?;
        let written = records::create(call.host, self.kind, object).await?;
        let version = resources::outcome(call, written, self.taken)?;
        (self.changed)(call.state);
        resources::note(call, self.resource, &object.id, None, Some(shown));
        Ok(version)
    }

    /// Replaces an object; `was` and `is` are how the API shows it. Its version,
    /// if it is known.
    pub(super) async fn replace(
        &self,
        call: &mut Call<'_>,
        held: &HeldObject,
        object: &Object,
        (was, is): (Value, Value),
    ) -> Result<Option<u64>, Error> {
        let before = uniques(self.kind, &held.record);
        let after = uniques(self.kind, object).into_iter();
        let new: Vec<Unique> = after.filter(|unique| !before.contains(unique)).collect();
        self.refuse_taken(call, &new)?;
        let written = records::replace(call.host, self.kind, held, object).await?;
        let version = resources::outcome(call, written, self.taken)?;
        (self.changed)(call.state);
        resources::note(call, self.resource, &object.id, Some(was), Some(is));
        Ok(version)
    }

    /// Deletes an object, which the API showed so.
    pub(super) async fn delete(
        &self,
        call: &mut Call<'_>,
        held: &HeldObject,
        was: Value,
    ) -> Result<Reply, Error> {
        let written = records::remove(call.host, self.kind, held).await?;
        resources::outcome(call, written, self.taken)?;
        (self.changed)(call.state);
        resources::note(call, self.resource, &held.record.id, Some(was), None);
        Ok(no_content())
    }

    fn refuse_taken(&self, call: &Call<'_>, uniques: &[Unique]) -> Result<(), Error> {
        let taken = resources::taken_by_document(call, self.kind, uniques);
        taken.map_or(Ok(()), |unique| Err((self.taken)(&unique)))
    }
}
