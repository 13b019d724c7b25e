//! Records in one value of the proxy's shared data, which is changed as a whole: a
//! small store.

use std::collections::BTreeMap;

use exchequer::{Answer, Expect, Failed, Record, Write};

/// Most records of a slot. Without room, what ends first makes room.
const MOST: usize = 128;

/// A record: its version, when it expires, and what was written.
type Kept = (u64, u64, String);

/// The last version, and the records by their keys.
type Slot = (u64, BTreeMap<String, Kept>);

fn parse(bytes: &[u8]) -> Slot {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn live<'a>(slot: &'a Slot, key: &str, now: u64) -> Option<&'a Kept> {
    slot.1.get(key).filter(|(_, expires, _)| now < *expires)
}

/// The answer to `Read`.
pub(crate) fn read(bytes: &[u8], keys: &[String], now: u64) -> Answer {
    let slot = parse(bytes);
    let record = |key: &String| {
        let (version, _, value) = live(&slot, key, now)?;
        Some(Record { key: key.clone(), value: value.clone().into_bytes(), version: *version })
    };
    Answer::Records { records: keys.iter().map(record).collect() }
}

/// What is to be kept after these writes.
///
/// # Errors
/// The answer when they cannot be made.
pub(crate) fn commit(bytes: &[u8], batch: &[Write], now: u64) -> Result<Vec<u8>, Answer> {
    let mut slot = parse(bytes);
    for Write { key, expect, .. } in batch {
        let version = live(&slot, key, now).map(|(version, ..)| *version);
        let holds = match expect {
            Expect::Absent => version.is_none(),
            Expect::Version(expected) => version == Some(*expected),
            Expect::Any => true,
        };
        if !holds {
            return Err(Answer::Conflict);
        }
    }
    let broken = || Answer::Failed { failed: Failed::Broken };
    for Write { key, value, expires_at, .. } in batch {
        let Some(value) = value else {
            slot.1.remove(key);
            continue;
        };
        let value = String::from_utf8(value.clone()).map_err(|_| broken())?;
        slot.0 += 1;
        slot.1.insert(key.clone(), (slot.0, expires_at.unwrap_or(u64::MAX), value));
    }
    make_room(&mut slot, batch, now);
    serde_json::to_vec(&slot).map_err(|_| broken())
}

/// What was just written stays.
fn make_room(slot: &mut Slot, batch: &[Write], now: u64) {
    slot.1.retain(|_, (_, expires, _)| now < *expires);
    while slot.1.len() > MOST {
        let others = slot.1.iter().filter(|(key, _)| batch.iter().all(|one| one.key != **key));
        let first = others.min_by_key(|(_, (_, expires, _))| *expires);
        let Some(key) = first.map(|(key, _)| key.clone()) else { return };
        slot.1.remove(&key);
    }
}
