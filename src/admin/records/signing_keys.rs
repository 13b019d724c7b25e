//! What is remembered of the keys that sign here: when each was seen first, and
//! whether it has been the one that signs. Without that nobody could tell a key
//! that is to sign next from one that has signed.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::step::{Expect, Failed};
use crate::storage::{parse, put};
use crate::time::Timestamp;

const KEY: &str = "signing-keys-seen";

/// A key, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::admin) struct Seen {
    pub(in crate::admin) first: Timestamp,
    /// Whether it was the key that signs.
    pub(in crate::admin) has_signed: bool,
}

/// What is known of the keys with these ids, of which the first signs. Keys that
/// are new are remembered, and those that are gone forgotten.
pub(in crate::admin) async fn seen(
    host: &Host,
    kids: &[&str],
) -> Result<BTreeMap<String, Seen>, Failed> {
    let record = host.read(KEY.into()).await?;
    let known: BTreeMap<String, Seen> = match &record {
        Some(record) => parse(record)?,
        None => BTreeMap::new(),
    };
    let now: BTreeMap<String, Seen> = kids
        .iter()
        .enumerate()
        .map(|(index, kid)| {
            let new = Seen { first: host.now, has_signed: false };
            let mut seen = known.get(*kid).cloned().unwrap_or(new);
            seen.has_signed |= index == 0;
            ((*kid).into(), seen)
        })
        .collect();
    if now != known {
        let expect = record.map_or(Expect::Absent, |record| Expect::Version(record.version));
        // Whoever is faster has seen the same.
        let batch = Vec::from([put(KEY.into(), &now, expect, None)?]);
        let _ = host.commit(batch).await;
    }
    Ok(now)
}
