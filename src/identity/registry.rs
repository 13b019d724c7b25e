//! Trusted token issuers and applications, found by the name that requests use:
//! first in the configuration document, then among those that were read a
//! moment ago, then in the store, where the administration API keeps them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::Problems;
use crate::gather::gathered;
use crate::host::Host;
use crate::step::Failed;
use crate::storage::resources::{self, Kind, Object, Unique};
use crate::storage::ttl_cache::TtlCache;
use crate::time::Timestamp;

/// What a registry holds.
pub(crate) trait Registered: Sized {
    /// What the store calls it.
    const KIND: Kind;
    /// The field of the document by which it is found.
    const FIELD: &'static str;

    /// Its id, which no other one gets.
    fn id(&self) -> &str;

    /// The name that requests use.
    fn called(&self) -> &str;

    /// From the store.
    ///
    /// # Errors
    /// The document of this object is not valid.
    fn read(object: Object, own_issuer: &str) -> Result<Self, Problems>;

    /// How one is made that nobody registered.
    type Rule;

    /// The one of this name that nobody registered, if there is such a one.
    fn unregistered(rule: &Self::Rule, name: &str) -> Option<Self>;
}

/// All that are registered of one kind.
pub(crate) struct Registry<T: Registered> {
    own_issuer: String,
    /// Those of the document, by name and by id.
    document: BTreeMap<String, Arc<T>>,
    document_by_id: BTreeMap<String, Arc<T>>,
    recent: Arc<TtlCache<T>>,
    rule: Option<T::Rule>,
}

impl<T: Registered> Registry<T> {
    /// `document` has those of the configuration document by their names.
    pub(crate) fn new(own_issuer: &str, document: BTreeMap<String, Arc<T>>) -> Self {
        let by_id = document.values().map(|one| (one.id().into(), Arc::clone(one)));
        Self {
            own_issuer: own_issuer.into(),
            document_by_id: gathered(by_id),
            document,
            recent: Arc::default(),
            rule: None,
        }
    }

    /// The same, with those that nobody registered.
    pub(crate) fn with_unregistered(self, rule: Option<T::Rule>) -> Self {
        Self { rule, ..self }
    }

    /// Shares what another registry read from the store, and hears with it that
    /// something was written. Objects are read for one issuer identifier.
    pub(crate) fn continuing(mut self, former: &Self) -> Self {
        if self.own_issuer == former.own_issuer {
            self.recent = Arc::clone(&former.recent);
        }
        self
    }

    /// The one of exactly this name. The document takes precedence.
    pub(crate) async fn named(&self, host: &Host, name: &str) -> Result<Option<Arc<T>>, Failed> {
        if let Some(known) = self.document.get(name) {
            return Ok(Some(Arc::clone(known)));
        }
        let unique = Unique { of: T::FIELD, value: name.into() };
        let key = resources::unique_key(T::KIND, &unique);
        let registered =
            self.kept(host, key, || resources::find_by(host, T::KIND, &unique)).await?;
        let unregistered = || T::unregistered(self.rule.as_ref()?, name).map(Arc::new);
        Ok(registered.or_else(unregistered))
    }

    /// The one of this name, as far as it is known without reading the store.
    pub(crate) fn known(&self, name: &str, now: Timestamp) -> Option<Arc<T>> {
        let unique = Unique { of: T::FIELD, value: name.into() };
        let read = || self.recent.get(&resources::unique_key(T::KIND, &unique), now).flatten();
        self.document.get(name).cloned().or_else(read)
    }

    /// The one with this id. One of the store whose name the document has given to
    /// another one is out of use, by its id as by its name.
    pub(crate) async fn by_id(&self, host: &Host, id: &str) -> Result<Option<Arc<T>>, Failed> {
        if let Some(known) = self.document_by_id.get(id) {
            return Ok(Some(Arc::clone(known)));
        }
        let key = resources::key(T::KIND, id);
        let kept = self.kept(host, key, || resources::find(host, T::KIND, id)).await?;
        Ok(kept.filter(|one| !self.document.contains_key(one.called())))
    }

    /// One that was read a moment ago, or is in the store.
    async fn kept<R>(
        &self,
        host: &Host,
        key: String,
        read: impl FnOnce() -> R,
    ) -> Result<Option<Arc<T>>, Failed>
    where
        R: Future<Output = Result<Option<Object>, Failed>>,
    {
        // Even when no ask shows it.
        host.note_store();
        if let Some(known) = self.recent.get(&key, host.now) {
            return Ok(known);
        }
        let age = self.recent.age();
        let kept = match read().await {
            Ok(object) => object.map(|object| self.read(object)).transpose()?.map(Arc::new),
            // A host without a store has no others.
            Err(Failed::Unsupported) => None,
            Err(failed) => return Err(failed),
        };
        self.recent.keep(key, kept.clone(), host.now, age);
        Ok(kept)
    }

    /// The API checked what it let in. An object that is not valid any more was
    /// kept by another version of this engine.
    fn read(&self, object: Object) -> Result<T, Failed> {
        T::read(object, &self.own_issuer).map_err(|_| Failed::Broken)
    }

    /// Those of the document, in the order of their names.
    pub(crate) fn of_document(&self) -> impl Iterator<Item = &Arc<T>> {
        self.document.values()
    }

    /// Those of the document, and those of the store that were needed lately.
    pub(crate) fn in_use(&self) -> Vec<Arc<T>> {
        self.document.values().cloned().chain(self.recent.all()).collect()
    }

    /// One was written: what was read before does not count any more.
    #[cfg(feature = "admin")]
    pub(crate) fn changed(&self) {
        self.recent.clear();
    }
}
