//! What the workers of a proxy count together: failures and requests (`limits`).
//!
//! The engine asks for records of a store. There is none, but those that begin with
//! `limit/` are in the proxy's shared data. Nothing there expires, and no key can be
//! removed, so they are in a fixed number of slots.

use exchequer::{Answer, Ask, Failed};

use crate::{shared, slot};

const SLOTS: u32 = 64;

/// How often a write is tried again that another worker was first with.
const TRIES: usize = 16;

/// The answer to an ask for records; `now` is in seconds.
pub(crate) fn answer(ask: &Ask, now: u64) -> Answer {
    let answered = match ask {
        Ask::Read { keys } => slot_of(keys.iter()).map(|name| {
            let (bytes, _) = shared::read(&name);
            slot::read(&bytes.unwrap_or_default(), keys, now)
        }),
        Ask::Commit { batch } => slot_of(batch.iter().map(|write| &write.key)).map(|name| {
            for _ in 0..TRIES {
                let (bytes, version) = shared::read(&name);
                match slot::commit(&bytes.unwrap_or_default(), batch, now) {
                    Ok(bytes) if shared::replace(&name, &bytes, version) => {
                        return Answer::Committed;
                    }
                    Ok(_) => {}
                    Err(answer) => return answer,
                }
            }
            Answer::Conflict
        }),
        _ => None,
    };
    answered.unwrap_or(Answer::Failed { failed: Failed::Unsupported })
}

/// The one slot of these keys, by what stands between the slashes.
fn slot_of<'a>(keys: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut slots = keys.map(|key| {
        let (place, _) = key.strip_prefix("limit/")?.split_once('/')?;
        let hash = |hash: u32, byte: u8| hash.wrapping_mul(31).wrapping_add(byte.into());
        Some(place.bytes().fold(0, hash) % SLOTS)
    });
    let first = slots.next()??;
    slots.all(|slot| slot == Some(first)).then(|| format!("exchequer.limits.{first}"))
}
