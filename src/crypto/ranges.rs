//! Whether a signature has the right length, and numbers that one may have. It is asked
//! before anybody computes with them, so it is told by comparing octets: of keys and
//! signatures that are public.

use core::cmp::Ordering;

use crypto_bigint::{BoxedUint, Word};

/// The order of the Ed25519 group, little-endian (RFC 8032 section 5.1).
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The orders of the groups of the other curves, big-endian (NIST SP 800-186 section 3.2.1).
#[rustfmt::skip]
pub(super) const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
#[rustfmt::skip]
pub(super) const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];
#[rustfmt::skip]
pub(super) const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
    0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
    0x64, 0x09,
];

/// RFC 8017 section 8.2.2: as long as the modulus and less than it. Zero is the signature of
/// no message.
pub(super) fn rsa(signature: &[u8], modulus: &BoxedUint) -> bool {
    signature.len() == modulus.bit_width_vartime().div_ceil(8) as usize
        && is_positive(signature)
        && is_below(signature, modulus)
}

/// RFC 7518 section 3.4: two numbers of one length. FIPS 186-5 section 6.4.2: each is more
/// than zero and less than the order of the group.
pub(super) fn ecdsa(signature: &[u8], order: &[u8]) -> bool {
    signature.len() == 2 * order.len()
        && signature.chunks_exact(order.len()).all(|number| is_positive(number) && number < order)
}

/// RFC 8032 section 5.1.7: a point, and a number that is less than the order of the group.
pub(super) fn ed25519(signature: &[u8]) -> bool {
    match signature.split_at_checked(32) {
        Some((_, s)) => s.len() == 32 && s.iter().rev().lt(ED25519_ORDER.iter().rev()),
        None => false,
    }
}

fn is_positive(number: &[u8]) -> bool {
    number.iter().any(|octet| *octet != 0)
}

/// Whether a big-endian number of as many octets as the modulus is less than it.
fn is_below(number: &[u8], modulus: &BoxedUint) -> bool {
    let words = number.rchunks(size_of::<Word>()).zip(modulus.as_words());
    // From the highest word, which decides nearly always, to the lowest.
    let mut orders = words.rev().map(|(octets, word)| {
        let number = octets.iter().fold(0, |number, octet| number << 8 | Word::from(*octet));
        number.cmp(word)
    });
    orders.find(|order| order.is_ne()).is_some_and(Ordering::is_lt)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use rsa::traits::PublicKeyParts;

    use super::*;

    #[test]
    fn a_number_is_in_the_range_of_the_modulus_or_not() {
        let mut draw = crate::crypto::drbg::Draws::new("test", &[b"below"]);
        for bits in [2048, 2056, 2060, 3072, 4096] {
            let size = usize::div_ceil(bits, 8);
            let mut octets = alloc::vec![0; size];
            draw.fill(&mut octets);
            octets[0] = 1 << ((bits - 1) % 8);
            octets[size - 1] |= 1;
            let modulus = BoxedUint::from_be_slice_vartime(&octets);
            let key = rsa::PublicKey::new_unchecked(modulus.clone(), 65537_u64.into());
            assert_eq!(key.size(), size);
            // The same number with another octet, and with none.
            for place in 0..size {
                for change in [-1i16, 0, 1] {
                    let mut number = octets.clone();
                    number[place] = number[place].wrapping_add_signed(change as i8);
                    let expected = BoxedUint::from_be_slice_vartime(&number) < modulus;
                    assert_eq!(rsa(&number, &modulus), expected, "{bits} {place} {change}");
                }
            }
            let with = |octet: u8, size: usize| alloc::vec![octet; size];
            assert!(!rsa(&with(0, size), &modulus), "no message has it");
            assert!(!rsa(&with(0xff, size), &modulus));
            assert!(rsa(&[&with(0, size - 1)[..], &[1]].concat(), &modulus));
            assert!(
                !rsa(&with(1, size - 1), &modulus)
                    && !rsa(&[&[0], &octets[1..], &[1]].concat(), &modulus)
            );
        }
    }

    /// The libraries say the same when they read a signature.
    #[test]
    fn the_numbers_of_a_signature_are_in_range_or_not() {
        fn check(order: &[u8], reads: impl Fn(&[u8]) -> bool) {
            let with = |place: usize, change: i16| {
                let mut number = order.to_vec();
                number[place] = number[place].wrapping_add_signed(change as i8);
                number
            };
            let mut numbers: Vec<Vec<u8>> = (0..order.len())
                .flat_map(|place| [-1, 0, 1].map(|change| with(place, change)))
                .collect();
            numbers.extend([0, 1, 0xff].map(|octet| alloc::vec![octet; order.len()]));
            let mut one = alloc::vec![0; order.len()];
            one[order.len() - 1] = 1;
            numbers.push(one.clone());
            for number in &numbers {
                for signature in
                    [[&number[..], &one[..]].concat(), [&one[..], &number[..]].concat()]
                {
                    assert_eq!(ecdsa(&signature, order), reads(&signature), "{signature:02x?}");
                }
            }
            let good = [&one[..], &one[..]].concat();
            assert!(ecdsa(&good, order));
            assert!(!ecdsa(&good[1..], order) && !ecdsa(&[&good[..], &[0]].concat(), order));
            assert!(!ecdsa(&[], order) && !ecdsa(&one, order));
        }
        check(&P256_ORDER, |bytes| p256::ecdsa::Signature::from_slice(bytes).is_ok());
        check(&P384_ORDER, |bytes| p384::ecdsa::Signature::from_slice(bytes).is_ok());
        check(&P521_ORDER, |bytes| p521::ecdsa::Signature::from_slice(bytes).is_ok());
    }
}
