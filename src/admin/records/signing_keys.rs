//! What is remembered of the keys that sign here: when each was seen first, and
//! whether it has been the one that signs. Without that nobody could tell a key
//! that is to sign next from one that has signed.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use crate::host::Host;
use crate::step::{Expect, Failed};
use crate::storage::{parse, put};

const KEY: &str = "signing-keys-seen";

/// What of a key says when it was seen first, and whether it was the key that
/// signs.
pub(in crate::admin) const FIRST: &str = "first";
pub(in crate::admin) const HAS_SIGNED: &str = "hasSigned";

/// What is known of the keys with these ids, of which the first signs. Keys that
/// are new are remembered, and those that are gone forgotten.
pub(in crate::admin) async fn seen(
    host: &Host,
    kids: &[&str],
) -> Result<Map<String, Value>, Failed> {
    let record = host.read(KEY.into()).await?;
    let known: Map<String, Value> = match &record {
        Some(record) => parse(record)?,
        None => Map::new(),
    };
    let mut now = Map::new();
    for (index, kid) in kids.iter().enumerate() {
        let new = || json!({ FIRST: host.now.0, HAS_SIGNED: false });
        let mut seen = known.get(*kid).cloned().unwrap_or_else(new);
        if let (0, Value::Object(members)) = (index, &mut seen) {
            members.insert(HAS_SIGNED.into(), true.into());
        }
        now.insert((*kid).into(), seen);
    }
    if now != known {
        let expect = record.map_or(Expect::Absent, |record| Expect::Version(record.version));
        // Whoever is faster has seen the same.
        let batch = Vec::from([put(KEY.into(), &now, expect, None)?]);
        let _ = host.commit(batch).await;
    }
    Ok(now)
}
