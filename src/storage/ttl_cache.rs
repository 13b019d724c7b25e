//! What was read from the store a moment ago, so that requests that come close
//! together read it once.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;

use spin::Mutex;

use crate::time::Timestamp;

/// How long an object counts as it was read, in seconds. A replica sees what
/// another one wrote within five: `now` is in whole seconds.
const FRESH: u64 = 4;

/// Most objects that are kept: the memory of strangers' guesses, too.
const MOST: usize = 4096;

/// Objects by the key they were looked up by; `None` is one that is not there.
pub(crate) struct TtlCache<T>(Mutex<Kept<T>>);

struct Kept<T> {
    entries: BTreeMap<String, Entry<T>>,
    /// How often it was cleared.
    age: Age,
}

/// What was read in one age does not count in the next: something was written
/// while it was on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Age(u64);

struct Entry<T> {
    read: Timestamp,
    object: Option<Arc<T>>,
}

impl<T> Default for TtlCache<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { entries: BTreeMap::new(), age: Age::default() }))
    }
}

impl<T> TtlCache<T> {
    /// The object as it was read, if that was a moment ago.
    pub(crate) fn get(&self, key: &str, now: Timestamp) -> Option<Option<Arc<T>>> {
        let kept = self.0.lock();
        let entry = kept.entries.get(key).filter(|entry| entry.is_fresh(now))?;
        Some(entry.object.clone())
    }

    /// To be asked before the store is read.
    pub(crate) fn age(&self) -> Age {
        self.0.lock().age
    }

    /// Keeps what was read, if nothing was written since this age.
    pub(crate) fn keep(&self, key: String, object: Option<Arc<T>>, now: Timestamp, age: Age) {
        let mut kept = self.0.lock();
        if kept.age != age {
            return;
        }
        let entries = &mut kept.entries;
        if entries.len() >= MOST {
            entries.retain(|_, entry| entry.is_fresh(now));
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(key, Entry { read: now, object });
    }

    /// Forgets everything: something was written.
    #[cfg(feature = "admin")]
    pub(crate) fn clear(&self) {
        let mut kept = self.0.lock();
        kept.entries.clear();
        kept.age = Age(kept.age.0.wrapping_add(1));
    }

    /// Every object that is kept.
    pub(crate) fn all(&self) -> alloc::vec::Vec<Arc<T>> {
        self.0.lock().entries.values().filter_map(|entry| entry.object.clone()).collect()
    }
}

impl<T> Entry<T> {
    /// Not when the clock went back either.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.read <= now && now < self.read.plus(FRESH)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::sync::Arc;

    use super::{FRESH, MOST, TtlCache};
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp(1_790_000_000);

    #[test]
    fn what_was_read_counts_for_less_than_five_seconds() {
        let recent = TtlCache::default();
        recent.keep("a".into(), Some(Arc::new(1)), NOW, recent.age());
        assert_eq!(recent.get("a", NOW.plus(FRESH - 1)), Some(Some(Arc::new(1))));
        assert_eq!(recent.get("a", NOW.plus(FRESH)), None);
        assert_eq!(recent.get("a", Timestamp(NOW.0 - 1)), None);
    }

    #[test]
    fn guesses_do_not_fill_the_memory() {
        let recent = TtlCache::<u8>::default();
        for guess in 0..MOST * 3 {
            recent.keep(guess.to_string(), None, NOW, recent.age());
        }
        assert!(recent.0.lock().entries.len() <= MOST);
    }
}
