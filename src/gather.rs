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
