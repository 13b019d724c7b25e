//! Weak RSA keys: sizes, exponents, small factors and the ROCA fingerprint.
//!
//! No RustCrypto crate checks these. A key that passes is not proved strong;
//! one that fails is known to be weak or broken.

use alloc::format;
use alloc::vec::Vec;

use super::KeyProblem;

/// RFC 7518 section 3.3: "A key of size 2048 bits or larger MUST be used".
const MIN_BITS: usize = 2048;
/// Verification time grows with the square of the size, and the key is
/// somebody else's choice.
const MAX_BITS: usize = 4096;
/// Largest public exponent, for the same reason.
const MAX_EXPONENT: u64 = u32::MAX as u64;
/// The largest prime of the published ROCA fingerprint.
const MAX_ROCA_PRIME: u32 = 167;
/// The odd primes below 752: NIST SP 800-89 section 5.3.3 has the verifier
/// look for smaller factors than that.
#[rustfmt::skip]
const SMALL_PRIMES: [u32; 132] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
    197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307,
    311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421,
    431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547,
    557, 563, 569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647, 653, 659,
    661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751,
];

/// Modulus and exponent, big-endian, of a key that may be used; the modulus
/// without a zero in front.
pub(super) fn check_rsa<'a>(n: &'a [u8], e: &[u8]) -> Result<(&'a [u8], u64), KeyProblem> {
    let n = number(n, "modulus")?;
    let e = number(e, "exponent")?;
    check_size(bits(n))?;
    let e = check_exponent(e)?;
    if n.last().is_some_and(|octet| octet % 2 == 0) {
        return Err("the RSA modulus is even".into());
    }
    let residues = residues(n);
    if let Some((factor, _)) = residues.iter().find(|(_, residue)| *residue == 0) {
        return Err(KeyProblem(format!("the RSA modulus is divisible by {factor}")));
    }
    if is_roca(&residues) {
        return Err("the RSA modulus has the ROCA fingerprint (CVE-2017-15361): its factors can \
             be computed; make a new key with other hardware"
            .into());
    }
    Ok((n, e))
}

/// A big-endian number without the one octet of zero that "some cryptographic
/// libraries prefix" (RFC 7518 section 6.3.1.1, which wants it omitted): it
/// does no harm, and issuers are not ours to repair.
fn number<'a>(octets: &'a [u8], name: &str) -> Result<&'a [u8], KeyProblem> {
    match octets {
        [] => Err(KeyProblem(format!("the RSA {name} is empty"))),
        [0, 0, ..] => Err(KeyProblem(format!("the RSA {name} begins with zeros"))),
        [0, rest @ ..] => Ok(rest),
        _ => Ok(octets),
    }
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn check_size(bits: usize) -> Result<(), KeyProblem> {
    if !(MIN_BITS..=MAX_BITS).contains(&bits) {
        return Err(KeyProblem(format!(
            "the RSA modulus has {bits} bits: expected {MIN_BITS} to {MAX_BITS}"
        )));
    }
    // With one bit more than whole octets, the PSS encoding is an octet
    // shorter than the modulus (RFC 8017 section 8.1.2), which libraries have
    // got wrong. No key generator makes such keys.
    if bits % 8 == 1 {
        return Err(KeyProblem(format!(
            "the RSA modulus has {bits} bits, one more than whole octets: \
             expected a usual size such as 2048"
        )));
    }
    Ok(())
}

fn check_exponent(octets: &[u8]) -> Result<u64, KeyProblem> {
    let e = octets.iter().try_fold(0_u64, |sum, octet| {
        Some(sum * 256 + u64::from(*octet)).filter(|sum| *sum <= MAX_EXPONENT)
    });
    match e {
        None => Err("the RSA exponent is larger than 32 bits: expected 65537".into()),
        Some(e) if e < 3 || e % 2 == 0 => {
            Err(KeyProblem(format!("the RSA exponent is {e}: expected an odd number from 3 up")))
        }
        Some(e) => Ok(e),
    }
}

/// Return of Coppersmith's Attack (CVE-2017-15361): keys whose primes are
/// `k · M + (65537^a mod M)` with M the product of the first primes. Modulo
/// every such prime the modulus is then a power of 65537, which for another
/// key is so by chance about once in 2^28 times.
fn is_roca(residues: &[(u32, u32)]) -> bool {
    residues
        .iter()
        .take_while(|(prime, _)| *prime <= MAX_ROCA_PRIME)
        .all(|(prime, residue)| is_power_of_65537(*residue, *prime))
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * (65537 % prime) % prime;
    }
    false
}

/// Every small prime with the residue of a big-endian number. Three primes at
/// a time share the long division, which is what a key costs to check.
fn residues(number: &[u8]) -> Vec<(u32, u32)> {
    let digit = |octets: &[u8]| octets.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet));
    let digits: Vec<u64> = number.rchunks(4).rev().map(digit).collect();
    let mut residues = Vec::with_capacity(SMALL_PRIMES.len());
    for primes in SMALL_PRIMES.chunks(3) {
        let product = primes.iter().product::<u32>();
        let rest = digits.iter().fold(0, |rest, digit| (rest << 32 | digit) % u64::from(product));
        residues.extend(primes.iter().map(|prime| (*prime, (rest % u64::from(*prime)) as u32)));
    }
    residues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_odd_prime_below_752() {
        let primes = (3..752).filter(|number| (2..*number).all(|divisor| number % divisor != 0));
        assert!(primes.eq(SMALL_PRIMES));
    }

    #[test]
    fn residues_are_those_of_long_division() {
        let number = 0x0123_4567_89ab_cdef_fedc_ba98_7654_u128;
        let octets = number.to_be_bytes();
        for length in 14..=16 {
            for (prime, residue) in residues(&octets[16 - length..]) {
                assert_eq!(u128::from(residue), number % u128::from(prime));
            }
        }
    }

    /// The chance that a modulus passes for one by accident is the product of
    /// the subgroups' shares.
    #[test]
    fn the_roca_fingerprint_is_rare() {
        let share = |prime: u32| {
            let members = (1..prime).filter(|residue| is_power_of_65537(*residue, prime)).count();
            members as f64 / f64::from(prime - 1)
        };
        let primes = SMALL_PRIMES.iter().take_while(|prime| **prime <= MAX_ROCA_PRIME);
        let chance: f64 = primes.map(|prime| share(*prime)).product();
        assert!(chance < 1.0 / f64::from(1 << 27), "{chance}");
    }
}
