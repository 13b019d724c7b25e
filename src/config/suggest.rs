//! The known name that a person probably meant.

use alloc::string::String;
use alloc::vec::Vec;

/// Longest name that is compared, in characters.
const MAX_LENGTH: usize = 64;

/// The known name nearest to the one given, if it is near at all: at most a
/// third of its letters differ. Letter case, `_` and `-` do not count.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = letters(name);
    if name.len() > MAX_LENGTH {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| {
            let letters = letters(candidate);
            (distance(&name, &letters), letters.len().max(name.len()), candidate)
        })
        .filter(|(distance, length, _)| *distance * 3 <= *length)
        .min_by_key(|(distance, ..)| *distance)
        .map(|(.., candidate)| candidate)
}

fn letters(name: &str) -> Vec<char> {
    let lower: String = name.to_lowercase();
    lower.chars().filter(|c| !matches!(c, '_' | '-')).take(MAX_LENGTH + 1).collect()
}

/// How many letters were inserted, left out, replaced or swapped with their
/// neighbour (the optimal string alignment distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX);
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = Vec::from([i + 1]);
        for (j, to) in b.iter().enumerate() {
            let replaced = at(&last, j) + usize::from(from != to);
            let mut least = replaced.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = core::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        let of = |a: &str, b: &str| distance(&letters(a), &letters(b));
        assert_eq!(of("", ""), 0);
        assert_eq!(of("", "abc"), 3);
        assert_eq!(of("abc", ""), 3);
        assert_eq!(of("kitten", "sitting"), 3);
        assert_eq!(of("saturday", "sunday"), 3);
        assert_eq!(of("jwks_uri", "jwksUri"), 0);
        assert_eq!(of("RS265", "RS256"), 1);
        assert_eq!(of("ab", "ba"), 1);
    }

    #[test]
    fn only_a_near_name_is_offered() {
        let known = ["jwksUri", "certificates", "jwks", "discovery"];
        let of = |name| nearest(name, known);
        assert_eq!(of("jwksURL"), Some("jwksUri"));
        assert_eq!(of("jwks_uri"), Some("jwksUri"));
        assert_eq!(of("certificate"), Some("certificates"));
        assert_eq!(of("keys"), None);
        assert_eq!(of(""), None);
        assert_eq!(of(&"j".repeat(100_000)), None);
    }
}
