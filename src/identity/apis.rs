//! The APIs of which metadata is published (RFC 9728): those of the configuration
//! document, and the `resources` of applications that the administration API made.
//!
//! A stranger asks for metadata, so the work is bounded: the applications are read once
//! a minute at most, and no more than a thousand of them.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::Mutex;

use super::registry::Registered;
use crate::config::{Application, Config, ProtectedResources, protected_resources};
use crate::host::Host;
use crate::step::Failed;
use crate::storage::parse;
use crate::storage::resources::Kind;
use crate::time::Timestamp;

/// Seconds that what was read counts.
const FRESH: u64 = 60;
/// Seconds before another attempt, when the store failed.
const AGAIN: u64 = 1;
/// Most applications of the store. Where there are more, none of them has metadata.
const MOST: usize = 1000;
/// Applications read at a time.
const STRIDE: u32 = 200;

/// What was read from the store.
#[derive(Default)]
pub(crate) struct Apis(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// `None`: the document has all there are.
    known: Option<Arc<ProtectedResources>>,
    /// Nobody reads before.
    next: Timestamp,
    /// How often something was written.
    age: u64,
}

impl Apis {
    /// All of them. One request at a time reads; others get what was known before.
    pub(crate) async fn all(&self, host: &Host, config: &Config) -> Arc<ProtectedResources> {
        let known = |kept: &Kept| kept.known.clone();
        let or_document = |known: Option<_>| known.unwrap_or_else(|| document(config));
        let age = {
            let mut kept = self.0.lock();
            // A turn that is too far ahead is from before the clock stepped back.
            let is_due = kept.next <= host.now || kept.next > host.now.plus(FRESH);
            if !is_due {
                return or_document(known(&kept));
            }
            kept.next = host.now.plus(FRESH);
            kept.age
        };
        let read = read(host, config).await;
        let mut kept = self.0.lock();
        match read {
            // Something was written meanwhile: the next request reads again.
            Ok(read) if kept.age != age => or_document(read),
            Ok(read) => {
                kept.known.clone_from(&read);
                or_document(read)
            }
            Err(_) => {
                kept.next = host.now.plus(AGAIN);
                or_document(known(&kept))
            }
        }
    }

    /// An application was written: what was read before does not count any more.
    pub(crate) fn changed(&self) {
        let mut kept = self.0.lock();
        kept.next = Timestamp::default();
        kept.age = kept.age.wrapping_add(1);
    }
}

fn document(config: &Config) -> Arc<ProtectedResources> {
    Arc::clone(&config.protected_resources)
}

/// Those of the document and of the store; `None` where the store adds nothing.
async fn read(host: &Host, config: &Config) -> Result<Option<Arc<ProtectedResources>>, Failed> {
    let Some(kept) = applications(host, &config.issuer).await? else { return Ok(None) };
    let own = config.applications.values().map(|application| &**application);
    let all = protected_resources(&config.issuer, own.chain(&kept));
    Ok(Some(Arc::new(all)))
}

/// The applications of the store; `None` where there are none, or too many.
async fn applications(host: &Host, own_issuer: &str) -> Result<Option<Vec<Application>>, Failed> {
    let prefix = alloc::format!("{}/", Kind::Application.name());
    let (mut all, mut cursor): (Vec<Application>, Option<String>) = (Vec::new(), None);
    loop {
        let page = host.list(prefix.clone(), cursor, STRIDE).await;
        let (records, next) = match page {
            // A host without a store has none.
            Err(Failed::Unsupported) => return Ok(None),
            page => page?,
        };
        if all.len() + records.len() > MOST {
            return Ok(None);
        }
        for record in &records {
            // One that is not valid any more was kept by another version of this engine.
            all.extend(Application::read(parse(record)?, own_issuer).ok());
        }
        cursor = next;
        if cursor.is_none() {
            return Ok((!all.is_empty()).then_some(all));
        }
    }
}
