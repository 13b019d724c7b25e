use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

const BYTES: usize = 64 * 1024;

fn cache(max_bytes: usize) -> TokenCache<u32> {
    TokenCache::new(max_bytes, Arc::default())
}

fn found(cache: &mut TokenCache<u32>, token: &str, purpose: u64) -> Option<u32> {
    cache.find(token, purpose, |_| true).copied()
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[test]
fn only_exactly_the_same_token_for_the_same_purpose_is_found() {
    let mut cache = cache(BYTES);
    let token = format!("header.payload.{}", "s".repeat(40));
    cache.keep(&token, 1, 7, 0);
    assert_eq!(found(&mut cache, &token, 1), Some(7));
    assert_eq!(found(&mut cache, &token, 2), None);
    assert_eq!(found(&mut cache, token.get(1..).unwrap(), 1), None, "shorter, with the same end");
    assert_eq!(found(&mut cache, &format!("x{token}"), 1), None, "longer, with the same end");
    assert_eq!(found(&mut cache, &token.replace("payload", "Payload"), 1), None);
    assert_eq!(found(&mut cache, "", 1), None);
}

#[test]
fn a_value_that_does_not_count_is_a_miss() {
    let mut cache = cache(BYTES);
    cache.keep("token", 0, 7, 0);
    assert_eq!(cache.find("token", 0, |value| *value == 8), None);
    assert_eq!(cache.find("token", 0, |value| *value == 7), Some(&7));
    let CacheCounters { hits, misses, .. } = &*cache.counters;
    assert_eq!((count(hits), count(misses)), (1, 1));
}

#[test]
fn a_long_token_is_not_kept() {
    let mut cache = cache(16 * MAX_TOKEN);
    let (fits, long) = ("t".repeat(MAX_TOKEN), "t".repeat(MAX_TOKEN + 1));
    cache.keep(&long, 0, 1, 0);
    assert_eq!(found(&mut cache, &long, 0), None);
    cache.keep(&fits, 0, 1, 0);
    assert_eq!(found(&mut cache, &fits, 0), Some(1));
}

#[test]
fn no_entry_takes_more_than_a_quarter() {
    let mut cache = cache(BYTES);
    cache.keep("token", 0, 1, BYTES / 4);
    assert_eq!(found(&mut cache, "token", 0), None);
    cache.keep("token", 0, 1, BYTES / 4 - OVERHEAD - 5);
    assert_eq!(found(&mut cache, "token", 0), Some(1));
}

#[test]
fn tokens_in_use_outlive_a_flood_of_new_ones() {
    let mut cache = cache(BYTES);
    cache.keep("in use", 0, 7, 0);
    cache.keep("not in use", 0, 8, 0);
    for number in 0..10_000 {
        cache.keep(&format!("new {number}"), 0, number, 0);
        assert!(cache.bytes <= BYTES);
        assert_eq!(found(&mut cache, "in use", 0), Some(7), "{number}");
    }
    assert_eq!(found(&mut cache, "not in use", 0), None);
    assert_eq!(found(&mut cache, "new 0", 0), None);
    assert_eq!(found(&mut cache, "new 9999", 0), Some(9999));
}

#[derive(Clone, Debug)]
enum Op {
    Find(u8),
    Keep(u8, usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        any::<u8>().prop_map(Op::Find),
        (any::<u8>(), 0..20_000usize).prop_map(|(token, bytes)| Op::Keep(token, bytes)),
    ]
}

/// Half of them end alike, so that they share a place.
fn name(token: u8) -> String {
    if token.is_multiple_of(2) {
        format!("{token}")
    } else {
        format!("{token}{}", "=".repeat(TAIL))
    }
}

proptest! {
    /// What is found was kept last for this token, and memory is bounded.
    #[test]
    fn it_finds_what_was_kept_or_nothing(ops in proptest::collection::vec(op(), 0..300)) {
        let mut cache = cache(BYTES);
        let mut kept = BTreeMap::new();
        let mut finds = 0;
        for (number, op) in (0u32..).zip(ops) {
            match op {
                Op::Keep(token, bytes) => {
                    cache.keep(&name(token), 0, number, bytes);
                    // One that is too big is not kept, and takes nothing away.
                    if name(token).len() + bytes + OVERHEAD <= BYTES / 4 {
                        kept.insert(token, number);
                    }
                }
                Op::Find(token) => {
                    finds += 1;
                    if let Some(value) = found(&mut cache, &name(token), 0) {
                        prop_assert_eq!(Some(&value), kept.get(&token));
                    }
                }
            }
            let mut order: Vec<u64> = cache.order.iter().copied().collect();
            order.sort_unstable();
            let places: Vec<u64> = cache.entries.keys().copied().collect();
            prop_assert_eq!(order, places);
            prop_assert_eq!(cache.bytes, cache.entries.values().map(|entry| entry.size).sum::<usize>());
            prop_assert!(cache.bytes <= BYTES);
            prop_assert!(cache.bytes as u64 >= count(&cache.counters.bytes));
        }
        prop_assert_eq!(count(&cache.counters.hits) + count(&cache.counters.misses), finds);
    }
}
