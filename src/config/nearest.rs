//! The known name that a person probably meant.

use alloc::string::String;
use alloc::vec::Vec;

/// Longest name that is compared, in characters.
const MAX_LENGTH: usize = 64;

/// The known name nearest to the one given, if it is near at all: at most a
/// third of its letters differ. Letter case, `_` and `-` do not count.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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

/// Levenshtein's: insertions, deletions and substitutions.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let substituted = diagonal + usize::from(from != to);
            diagonal = *cell;
            left = substituted.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        let of = |a: &str, b: &str| distance(&letters(a), &letters(b));
        assert_eq!(of("", ""), 0);
        assert_eq!(of("", "abc"), 3);
        assert_eq!(of("abc", ""), 3);
        assert_eq!(of("kitten", "sitting"), 3);
        assert_eq!(of("saturday", "sunday"), 3);
        assert_eq!(of("jwks_uri", "jwksUri"), 0);
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
