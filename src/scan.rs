//! Looking for the first of some bytes, eight bytes at a time: most of a token is
//! neither a dot nor a quote. And comparing as many, which WebAssembly does one by one.

/// One in every byte.
const ONES: u64 = u64::MAX / 0xff;
/// The highest bit of every byte.
const HIGHS: u64 = ONES << 7;

/// How many bytes there are before the first that is found, all of them if none
/// is. `found` sets the highest bit of the lowest byte of a word that counts.
pub(crate) fn before(bytes: &[u8], found: impl Fn(u64) -> u64) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = found(u64::from_le_bytes(*word)) & HIGHS;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    // What is found behind the end is not there. Nothing found is 64 zeros.
    let found = found(u64::from_le_bytes(last)) & HIGHS;
    words.len() * 8 + rest.len().min(found.trailing_zeros() as usize / 8)
}

/// Whether both are the same bytes. It takes as long as they are alike: no secret is
/// compared by it.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let ((words, rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let same =
        |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) == u64::from_le_bytes(*other);
    one.len() == other.len() && words.iter().zip(others).all(same) && rest == other_rest
}

/// Finds this ASCII character. A borrow of the subtraction reaches only bytes
/// above one that is found.
pub(crate) fn is(word: u64, wanted: u8) -> u64 {
    (word ^ (ONES * u64::from(wanted))).wrapping_sub(ONES) & !word
}

/// Finds control characters, but for DEL.
pub(crate) fn control(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word
}

/// Finds what is not ASCII.
pub(crate) fn beyond_ascii(word: u64) -> u64 {
    word
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn every_byte_is_found_at_every_place_and_no_other_one_is() {
        let wanted = |word| is(word, b'"') | is(word, b'\\') | control(word);
        for byte in 0..=u8::MAX {
            let counts = matches!(byte, b'"' | b'\\' | 0..=0x1f);
            for length in 1..20 {
                for place in 0..length {
                    let mut bytes: Vec<u8> = alloc::vec![b'!'; length];
                    bytes[place] = byte;
                    let expected = if counts { place } else { length };
                    assert_eq!(before(&bytes, wanted), expected, "{byte} {length}");
                    assert_eq!(
                        before(&bytes, beyond_ascii),
                        if byte.is_ascii() { length } else { place }
                    );
                }
            }
        }
    }

    #[test]
    fn bytes_are_the_same_when_none_differs() {
        for length in 0..20 {
            let bytes: Vec<u8> = alloc::vec![b'!'; length];
            assert!(same(&bytes, &bytes.clone()));
            assert!(!same(&bytes, &alloc::vec![b'!'; length + 1]));
            for place in 0..length {
                let mut other = bytes.clone();
                other[place] = b'?';
                assert!(!same(&bytes, &other), "{place} of {length}");
            }
        }
    }

    #[test]
    fn the_first_of_several_is_found() {
        assert_eq!(before(b"a.b.c.d.e.f", |word| is(word, b'.')), 1);
        assert_eq!(before(b"0123456\xff\"89", |word| is(word, b'"')), 8);
        assert_eq!(before(b"01\x8023\x2145", |word| is(word, b'"')), 8);
    }
}
