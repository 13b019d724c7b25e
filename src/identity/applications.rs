//! The applications: those of the configuration document, and those that the
//! administration API made, which the store keeps.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;

use crate::config::Application;
use crate::host::Host;
use crate::step::Failed;
use crate::storage::resources::{self, Held, Kind, Unique};
use crate::storage::ttl_cache::TtlCache;

/// Applications by client id.
pub(crate) struct Applications {
    document: BTreeMap<String, Arc<Application>>,
    recent: TtlCache<Application>,
}

impl Applications {
    pub(crate) fn new(document: &BTreeMap<String, Arc<Application>>) -> Self {
        Self { document: document.clone(), recent: TtlCache::default() }
    }

    /// The application with this client id. The document's word counts first.
    pub(crate) async fn named(
        &self,
        host: &Host,
        client_id: &str,
    ) -> Result<Option<Arc<Application>>, Failed> {
        if let Some(application) = self.document.get(client_id) {
            return Ok(Some(Arc::clone(application)));
        }
        let unique = Unique { of: "clientId", value: client_id.into() };
        let key = resources::unique_key(Kind::Application, &unique);
        if let Some(known) = self.recent.get(&key, host.now) {
            return Ok(known);
        }
        let age = self.recent.age();
        let kept = match resources::find_by(host, Kind::Application, &unique).await {
            Ok(held) => held.map(application).transpose()?.map(Arc::new),
            // A host without a store has no others.
            Err(Failed::Unsupported) => None,
            Err(failed) => return Err(failed),
        };
        self.recent.keep(key, kept.clone(), host.now, age);
        Ok(kept)
    }

    /// One was written: what was read before does not count any more.
    pub(crate) fn changed(&self) {
        self.recent.clear();
    }
}

/// What the API let in was checked; what does not pass the check any more was
/// kept by another version of this engine.
fn application(held: Held) -> Result<Application, Failed> {
    let resources::Object { id, document, secret, .. } = held.object;
    Application::from_object(id, document, secret).map_err(|_| Failed::Broken)
}
