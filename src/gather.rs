//! Maps and sets that grow one entry at a time.
//!
//! `collect` into a `BTreeMap` or a `BTreeSet` sorts the entries first. The compiler
//! writes that sort out for each iterator that is collected, which is 3 KB of
//! WebAssembly each time. Here most maps have fewer than twenty entries.

/// What `collect` gives: of entries with the same key, the last counts.
pub(crate) fn gathered<C, T>(entries: impl IntoIterator<Item = T>) -> C
where
    C: Default + Extend<T>,
{
    let mut all = C::default();
    all.extend(entries);
    all
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::gathered;

    #[test]
    fn of_entries_with_the_same_key_the_last_counts() {
        let entries = [(2, 'a'), (1, 'b'), (2, 'c')];
        let all: BTreeMap<_, _> = gathered(entries);
        assert_eq!(all, entries.into_iter().collect());
        assert_eq!(all.get(&2), Some(&'c'));
    }
}
