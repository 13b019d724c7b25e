//! Values that are kept by a token: bounded by bytes, found by the whole token.
//!
//! This module knows nothing of what the values mean. Whether a value still
//! counts is decided by the caller, each time.
//!
//! - The end of the token chooses a place, and then the whole token is compared.
//!   A digest alone decides nothing, and no caller chooses a name.
//! - When the bytes are used up, the oldest entry goes. An entry that was found
//!   since gets a second chance, so new tokens do not push out those in use.
//! - A token that is longer than [`MAX_TOKEN`] is not kept, and no entry takes
//!   more than a quarter of the bytes.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::scan;

/// Longest token that is kept, in bytes.
pub(crate) const MAX_TOKEN: usize = 8 * 1024;

/// What an entry takes besides its token and its value: tree, queue and heap.
const OVERHEAD: usize = 256;

/// How much of the end of a token chooses its place. It is the end of the
/// signature, which the bearer of the token did not choose freely.
const TAIL: usize = 24;

/// How a cache is doing. Counters are those since it was made.
#[derive(Debug, Default)]
pub(crate) struct CacheCounters {
    pub(crate) hits: AtomicU64,
    pub(crate) misses: AtomicU64,
    pub(crate) evictions: AtomicU64,
    /// What it takes now.
    pub(crate) bytes: AtomicU64,
}

/// Values by token.
pub(crate) struct TokenCache<V> {
    entries: BTreeMap<u64, Entry<V>>,
    /// The place of every entry, once, the oldest first.
    order: VecDeque<u64>,
    bytes: usize,
    max_bytes: usize,
    counters: Arc<CacheCounters>,
}

struct Entry<V> {
    token: Box<str>,
    value: V,
    size: usize,
    /// It was found since it was last considered for eviction.
    used: bool,
}

impl<V> TokenCache<V> {
    pub(crate) fn new(max_bytes: usize, counters: Arc<CacheCounters>) -> Self {
        let (entries, order) = (BTreeMap::new(), VecDeque::new());
        Self { entries, order, bytes: 0, max_bytes, counters }
    }

    /// How many bytes it may take.
    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The value of exactly this token, whether it counts or not: no hit and no miss.
    pub(crate) fn peek(&mut self, token: &str, purpose: u64) -> Option<&V> {
        self.entry(token, purpose).map(|entry| &entry.value)
    }

    /// The value of exactly this token, if it counts. `purpose` keeps entries of
    /// one token for different purposes apart.
    pub(crate) fn find(
        &mut self,
        token: &str,
        purpose: u64,
        counts: impl FnOnce(&V) -> bool,
    ) -> Option<&V> {
        let counters = Arc::clone(&self.counters);
        let entry = self.entry(token, purpose).filter(|entry| counts(&entry.value));
        let counter = if entry.is_some() { &counters.hits } else { &counters.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        entry.map(|entry| {
            entry.used = true;
            &entry.value
        })
    }

    /// The entry of exactly this token.
    fn entry(&mut self, token: &str, purpose: u64) -> Option<&mut Entry<V>> {
        let is_it = |kept: &str| scan::same(kept.as_bytes(), token.as_bytes());
        self.entries.get_mut(&place(token, purpose)).filter(|entry| is_it(&entry.token))
    }

    /// Keeps a value for this token in the place of another one that is there.
    /// `bytes` is what the value takes on the heap.
    pub(crate) fn keep(&mut self, token: &str, purpose: u64, value: V, bytes: usize) {
        let size = token.len() + bytes + OVERHEAD;
        if token.len() > MAX_TOKEN || size > self.max_bytes / 4 {
            return;
        }
        let place = place(token, purpose);
        let entry = Entry { token: token.into(), value, size, used: false };
        self.bytes += size;
        match self.entries.insert(place, entry) {
            Some(before) => self.bytes -= before.size,
            None => self.order.push_back(place),
        }
        self.evict();
        self.counters.bytes.store(self.bytes as u64, Ordering::Relaxed);
    }

    fn evict(&mut self) {
        while self.bytes > self.max_bytes {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(entry) = self.entries.get_mut(&oldest).filter(|entry| entry.used) {
                entry.used = false;
                self.order.push_back(oldest);
            } else if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.size;
                self.counters.evictions.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Where a token is found: by its end.
fn place(token: &str, purpose: u64) -> u64 {
    let tail = token.as_bytes().get(token.len().saturating_sub(TAIL)..).unwrap_or_default();
    fnv(tail, purpose)
}

/// The place of these bytes for a purpose: FNV-1a, of words instead of bytes. It
/// chooses places, and proves nothing.
pub(crate) fn fnv(bytes: &[u8], purpose: u64) -> u64 {
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let hash = words.fold(0xcbf2_9ce4_8422_2325, step);
    let hash = rest.iter().fold(hash, |hash, byte| step(hash, u64::from(*byte)));
    step(hash, purpose)
}

#[cfg(test)]
mod tests;
