//! Weak RSA keys: sizes, exponents, small factors and the ROCA fingerprint.
//!
//! No RustCrypto crate checks these. A key that passes is not proved strong;
//! one that fails is known to be weak or broken.

use alloc::format;

use super::KeyProblem;

/// RFC 7518 section 3.3: "A key of size 2048 bits or larger MUST be used".
const MIN_BITS: usize = 2048;
/// Verification time grows with the square of the size, and the key is
/// somebody else's choice.
const MAX_BITS: usize = 4096;
/// Largest public exponent, for the same reason.
const MAX_EXPONENT: u64 = u32::MAX as u64;
/// NIST SP 800-89 section 5.3.3: no factor smaller than 752.
const MAX_SMALL_FACTOR: u32 = 751;
/// The largest prime of the published ROCA fingerprint.
const MAX_ROCA_PRIME: u32 = 167;

/// Whether modulus and exponent, big-endian, may be used.
pub(super) fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), KeyProblem> {
    let n = number(n, "modulus")?;
    let e = number(e, "exponent")?;
    check_size(bits(n))?;
    check_exponent(e)?;
    if n.last().is_some_and(|octet| octet % 2 == 0) {
        return Err("the RSA modulus is even".into());
    }
    let mut primes = (3..=MAX_SMALL_FACTOR).filter(|candidate| is_prime(*candidate));
    if let Some(factor) = primes.find(|prime| remainder(n, *prime) == 0) {
        return Err(KeyProblem(format!("the RSA modulus is divisible by {factor}")));
    }
    if is_roca(n) {
        return Err("the RSA modulus has the ROCA fingerprint (CVE-2017-15361): its factors can \
             be computed; make a new key with other hardware"
            .into());
    }
    Ok(())
}

/// A big-endian number without the octet of zero some implementations "find
/// in the way" (RFC 7518 section 6.3.1.1 forbids it, and names the habit).
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
    // shorter than the modulus (RFC 8017 section 8.1.2), and `rsa` 0.9 does not
    // look at the octet before it. No key generator makes such keys.
    if bits % 8 == 1 {
        return Err(KeyProblem(format!(
            "the RSA modulus has {bits} bits, one more than whole octets: \
             expected a usual size such as 2048"
        )));
    }
    Ok(())
}

fn check_exponent(octets: &[u8]) -> Result<(), KeyProblem> {
    let e = octets.iter().try_fold(0_u64, |sum, octet| {
        Some(sum * 256 + u64::from(*octet)).filter(|sum| *sum <= MAX_EXPONENT)
    });
    match e {
        None => Err("the RSA exponent is larger than 32 bits: expected 65537".into()),
        Some(e) if e < 3 || e % 2 == 0 => {
            Err(KeyProblem(format!("the RSA exponent is {e}: expected an odd number from 3 up")))
        }
        Some(_) => Ok(()),
    }
}

/// Return of Coppersmith's Attack (CVE-2017-15361): keys whose primes are
/// `k · M + (65537^a mod M)` with M the product of the first primes. Modulo
/// every such prime the modulus is then a power of 65537, which for another
/// key is so by chance about once in 2^28 times.
fn is_roca(n: &[u8]) -> bool {
    (3..=MAX_ROCA_PRIME)
        .filter(|candidate| is_prime(*candidate))
        .all(|prime| is_power_of_65537(remainder(n, prime), prime))
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

/// `number mod modulus`, for a modulus that leaves room for an octet.
fn remainder(number: &[u8], modulus: u32) -> u32 {
    number.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % modulus)
}

const fn is_prime(candidate: u32) -> bool {
    let mut divisor = 2;
    while divisor * divisor <= candidate {
        if candidate % divisor == 0 {
            return false;
        }
        divisor += 1;
    }
    candidate > 1
}
