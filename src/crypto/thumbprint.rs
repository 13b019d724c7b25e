//! Thumbprints of certificates: the digests by which the header of a token or
//! a JWK names a certificate (RFC 7515 sections 4.1.7 and 4.1.8, RFC 7517
//! sections 4.8 and 4.9).
//!
//! A thumbprint chooses among keys that are trusted already. It protects
//! nothing, so SHA-1 is no weakness here.

use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::certificate::base64;

/// The digests of one certificate, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thumbprints {
    /// Base64url without padding.
    sha1: Option<String>,
    sha256: Option<String>,
}

impl Thumbprints {
    /// The digests of a certificate in DER.
    pub(crate) fn of_der(der: &[u8]) -> Self {
        Self {
            sha1: Some(Base64UrlUnpadded::encode_string(&Sha1::digest(der))),
            sha256: Some(Base64UrlUnpadded::encode_string(&Sha256::digest(der))),
        }
    }

    /// The digests of a certificate as a member of `x5c` has it: base64 of DER.
    pub(crate) fn of_x5c(text: &str) -> Self {
        base64(text).map(|der| Self::of_der(&der)).unwrap_or_default()
    }

    /// The values of `x5t` and `x5t#S256`.
    pub(crate) fn named(x5t: Option<&str>, x5t_s256: Option<&str>) -> Self {
        Self { sha1: x5t.map(canonical), sha256: x5t_s256.map(canonical) }
    }

    /// These, completed by others of the same certificate.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { sha1: self.sha1.or(other.sha1), sha256: self.sha256.or(other.sha256) }
    }

    /// The SHA-256 digest, base64url, if it is known.
    pub(crate) fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// No digest is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.sha1.is_none() && self.sha256.is_none()
    }

    /// Whether both are of the same certificate; `None` when no digest of the
    /// same kind is known of both.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        let both =
            |one: &Option<String>, other: &Option<String>| Some(one.as_ref()? == other.as_ref()?);
        both(&self.sha256, &other.sha256).or_else(|| both(&self.sha1, &other.sha1))
    }
}

/// One spelling for every digest. Some write the padding or the alphabet of
/// plain base64; WSO2 Identity Server encodes the digits of the digest in hex
/// instead of the digest.
fn canonical(text: &str) -> String {
    let text: String = text.trim_end_matches('=').chars().map(url_safe).collect();
    let digest = Base64UrlUnpadded::decode_vec(&text).ok().and_then(|digits| hex(&digits));
    digest.map_or(text, |digest| Base64UrlUnpadded::encode_string(&digest))
}

fn url_safe(character: char) -> char {
    match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }
}

/// The digest that these hex digits spell, if they are as many as a digest has.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    if !matches!(digits.len(), 40 | 64) {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let octet = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DER: &[u8] = include_bytes!("../../tests/certificates/rsa.der");
    /// `openssl x509 -inform DER -in rsa.der -noout -fingerprint`, and the same with `-sha256`.
    const SHA1: &str = "9B:B1:1A:06:29:A9:62:38:61:44:04:F8:03:1B:B7:9A:61:36:12:95";
    const SHA256: &str = "DE:32:D2:9C:40:BA:37:89:35:A3:E4:67:35:0B:34:8B:EB:E2:A1:D3:01:B3:05:C5:21:6D:E8:9F:1E:44:6D:2B";

    fn octets(hex: &str) -> Vec<u8> {
        hex.split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    fn same(x5t: Option<&str>, x5t_s256: Option<&str>) -> Option<bool> {
        Thumbprints::named(x5t, x5t_s256).same(&Thumbprints::of_der(DER))
    }

    #[test]
    fn every_spelling_of_a_digest_is_the_same() {
        let sha1 = base64ct::Base64::encode_string(&octets(SHA1));
        let sha256 = Base64UrlUnpadded::encode_string(&octets(SHA256));
        assert_eq!(same(Some(&sha1), None), Some(true));
        assert_eq!(same(Some(sha1.trim_end_matches('=')), None), Some(true));
        assert_eq!(same(None, Some(&sha256)), Some(true));
        for digits in [SHA1.replace(':', ""), SHA1.replace(':', "").to_lowercase()] {
            let digits = Base64UrlUnpadded::encode_string(digits.as_bytes());
            assert_eq!(same(Some(&digits), None), Some(true), "{digits}");
        }
        let x5c = base64ct::Base64::encode_string(DER);
        assert_eq!(Thumbprints::of_x5c(&x5c), Thumbprints::of_der(DER));
    }

    #[test]
    fn another_digest_is_another_certificate() {
        let sha256 = Base64UrlUnpadded::encode_string(&octets(SHA256));
        assert_eq!(same(Some("AAAA"), None), Some(false));
        assert_eq!(same(Some(""), None), Some(false));
        // The longer digest decides.
        assert_eq!(same(Some("AAAA"), Some(&sha256)), Some(true));
        assert_eq!(same(None, None), None);
        assert!(Thumbprints::of_x5c("not base64!").is_empty());
    }
}
