//! Mutants of seeds, the same in every run. This is no fuzzer: it knows nothing of what
//! the code did. It makes the short run find what a careless change breaks.

use fastrand::Rng;

/// What strings of these formats are made of.
const WORDS: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\\ud800",
    b"%00",
    b"%2e%2e%2f",
    b"%25",
    b"..",
    b"//",
    b"\\",
    b"\"",
    b"{",
    b"[",
    b"}",
    b"]",
    b",",
    b":",
    b"null",
    b"-1",
    b"1e999",
    b"9007199254740993",
    b".",
    b"=",
];

/// A mutant of one seed, made with parts of another.
#[must_use]
pub fn mutant(rng: &mut Rng, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(0..=bytes.len());
        let end = (at + rng.usize(0..=8)).min(bytes.len());
        match rng.u8(0..7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
            1 if at < bytes.len() => bytes[at] = rng.u8(..),
            2 => drop(bytes.drain(at..end)),
            3 => drop(bytes.splice(at..at, WORDS[rng.usize(0..WORDS.len())].iter().copied())),
            4 => {
                let part = bytes[at..end].repeat(rng.usize(1..40));
                drop(bytes.splice(at..end, part));
            }
            5 if !other.is_empty() => {
                let from = rng.usize(0..other.len());
                let to = rng.usize(from..=other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
    bytes
}
