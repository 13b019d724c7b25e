//! X.509 certificates (RFC 5280) as carriers of a key: what an operator
//! pastes.
//!
//! A certificate is trusted because it is in the configuration, not because
//! somebody signed it: no chain is built and no signature on it is checked.
//! What counts is its key and when it is valid.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use base64ct::{Base64Unpadded, Encoding};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::time::Time;

use super::thumbprint::Thumbprints;
use super::{KeyProblem, PublicKey};
use crate::time::Timestamp;

/// Longest text that is looked at, in bytes.
const MAX_TEXT: usize = 256 * 1024;
/// Most certificates of one text.
const MAX_CERTIFICATES: usize = 100;

const PRIVATE_KEY: &str = "this is a private key: expected the certificate that belongs to it, \
     `BEGIN CERTIFICATE`; a private key should not leave its owner";
const REQUEST: &str = "this is a certificate request: expected the certificate that the \
     authority issued for it, `BEGIN CERTIFICATE`";
const PUBLIC_KEY: &str = "this is a bare public key: expected a certificate, \
     `BEGIN CERTIFICATE`; a key without one goes into a JWK set";

/// The key of a certificate, and when the certificate is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) key: Arc<PublicKey>,
    pub(crate) thumbprints: Thumbprints,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Certificate {
    /// Every certificate in a text an operator gave: PEM (one or several),
    /// or bare base64 of DER with or without line breaks, or base64 of PEM.
    ///
    /// # Errors
    /// [`KeyProblem`] that says which certificate and what is wrong with it.
    pub(crate) fn parse_all(text: &str) -> Result<Vec<Self>, KeyProblem> {
        if text.len() > MAX_TEXT {
            return Err(KeyProblem(format!(
                "the certificates are {} bytes of text: expected at most {MAX_TEXT}",
                text.len()
            )));
        }
        if is_pem(text) {
            return parse_pem(text);
        }
        if text.trim().is_empty() {
            return Err("the text is empty: expected a certificate in PEM or base64".into());
        }
        let octets = base64(text).ok_or("neither PEM (`BEGIN CERTIFICATE`) nor base64")?;
        match core::str::from_utf8(&octets) {
            Ok(text) if is_pem(text) => parse_pem(text),
            _ => Ok(alloc::vec![Self::parse_der(&octets)?]),
        }
    }

    /// The certificate in DER.
    ///
    /// # Errors
    /// [`KeyProblem`] that says what is wrong with it.
    pub(crate) fn parse_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let certificate = x509_cert::Certificate::from_der(der)
            .map_err(|error| mistaken(der).unwrap_or_else(|| unreadable(&error)))?;
        let body = certificate.tbs_certificate();
        let spki = body.subject_public_key_info().to_der().map_err(|error| unreadable(&error))?;
        let (not_before, not_after) =
            (seconds(body.validity().not_before), seconds(body.validity().not_after));
        if not_after < not_before {
            return Err("its validity ends before it begins".into());
        }
        let key = Arc::new(PublicKey::from_spki_der(&spki)?);
        Ok(Self { key, thumbprints: Thumbprints::of_der(der), not_before, not_after })
    }

    pub(crate) fn valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

fn seconds(time: Time) -> Timestamp {
    Timestamp(time.to_unix_duration().as_secs())
}

fn unreadable(error: &x509_cert::der::Error) -> KeyProblem {
    KeyProblem(format!("not a DER certificate: {error}"))
}

/// What DER that is no certificate was most likely taken for.
fn mistaken(der: &[u8]) -> Option<KeyProblem> {
    if rsa::pkcs8::PrivateKeyInfoRef::from_der(der).is_ok()
        || rsa::pkcs1::RsaPrivateKeyRef::from_der(der).is_ok()
    {
        return Some(PRIVATE_KEY.into());
    }
    if is_request(der).is_some() {
        return Some(REQUEST.into());
    }
    SubjectPublicKeyInfoRef::from_der(der).is_ok().then(|| PUBLIC_KEY.into())
}

/// Whether this has the form of a `CertificationRequest` (RFC 2986 section 4): its
/// information holds version, subject, key and attributes.
fn is_request(der: &[u8]) -> Option<()> {
    let [information, _algorithm, _signature] = sequence(AnyRef::from_der(der).ok()?)?;
    let [version, _subject, key, _attributes] = sequence(information)?;
    let version = version.decode_as::<u8>().ok()?;
    key.decode_as::<SubjectPublicKeyInfoRef<'_>>().ok()?;
    (version == 0).then_some(())
}

/// The elements of a `SEQUENCE` that has exactly as many.
fn sequence<const N: usize>(any: AnyRef<'_>) -> Option<[AnyRef<'_>; N]> {
    any.decode_as::<Vec<AnyRef<'_>>>().ok()?.try_into().ok()
}

fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// Base64 with or without padding, and with white space anywhere.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Base64Unpadded::decode_vec(compact.trim_end_matches('=')).ok()
}

/// The certificates of a PEM text (RFC 7468); text around them is skipped, as
/// section 2 allows.
fn parse_pem(text: &str) -> Result<Vec<Certificate>, KeyProblem> {
    let blocks = blocks(text)?;
    let several = blocks.len() > 1;
    let mut certificates = Vec::new();
    for (index, (label, body)) in blocks.into_iter().enumerate() {
        let certificate = parse_block(label, body).map_err(|problem| {
            if several { KeyProblem(format!("block {}: {problem}", index + 1)) } else { problem }
        })?;
        certificates.push(certificate);
    }
    Ok(certificates)
}

/// Labels and bodies of the PEM blocks.
fn blocks(text: &str) -> Result<Vec<(&str, &str)>, KeyProblem> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
        if blocks.len() == MAX_CERTIFICATES {
            return Err(KeyProblem(format!(
                "more than {MAX_CERTIFICATES} certificates in one text"
            )));
        }
        let (label, begun) = begun
            .split_once("-----")
            .ok_or("a PEM block does not end its first line with `-----`")?;
        let end = format!("-----END {label}-----");
        let (body, after) = begun.split_once(end.as_str()).ok_or_else(|| {
            KeyProblem(format!("a PEM block has no `{}`: is it cut off?", clipped(&end)))
        })?;
        blocks.push((label, body));
        rest = after;
    }
    Ok(blocks)
}

fn parse_block(label: &str, body: &str) -> Result<Certificate, KeyProblem> {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" => {
            let der = base64(body).ok_or("the PEM block is not base64 between its lines")?;
            Certificate::parse_der(&der)
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Err(REQUEST.into()),
        _ if label.ends_with("PRIVATE KEY") || label == "EC PARAMETERS" => Err(PRIVATE_KEY.into()),
        _ if label.ends_with("PUBLIC KEY") => Err(PUBLIC_KEY.into()),
        _ => Err(KeyProblem(format!(
            "this is a PEM block `{}`: expected `CERTIFICATE`",
            clipped(label)
        ))),
    }
}

/// What is quoted of a text that may be anything.
fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Algorithm;

    macro_rules! file {
        ($name:literal) => {
            include_str!(concat!("../../tests/certificates/", $name))
        };
    }

    macro_rules! octets {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/certificates/", $name)).as_slice()
        };
    }

    const DAY: u64 = 86_400;
    const IN_2024: Timestamp = Timestamp(1_704_067_200);

    fn one(text: &str) -> Certificate {
        match Certificate::parse_all(text).unwrap().as_slice() {
            [one] => one.clone(),
            others => panic!("{} certificates", others.len()),
        }
    }

    fn problem(text: &str) -> String {
        Certificate::parse_all(text).unwrap_err().0
    }

    #[test]
    fn every_kind_of_key() {
        let kinds = [
            (file!("rsa.pem"), octets!("rsa.spki.der"), Algorithm::PS256),
            (file!("p256.pem"), octets!("p256.spki.der"), Algorithm::ES256),
            (file!("p384.pem"), octets!("p384.spki.der"), Algorithm::ES384),
            (file!("p521.pem"), octets!("p521.spki.der"), Algorithm::ES512),
            (file!("ed25519.pem"), octets!("ed25519.spki.der"), Algorithm::EdDSA),
        ];
        for (pem, spki, alg) in kinds {
            let key = one(pem).key;
            assert!(key.fits(alg));
            assert_eq!(key.to_spki_der(), spki);
        }
    }

    #[test]
    fn validity_includes_both_ends() {
        let certificate = one(file!("expired.pem"));
        assert_eq!(certificate.not_before, Timestamp(1_577_836_800));
        assert_eq!(certificate.not_after, Timestamp(1_577_836_800 + 366 * DAY));
        assert!(certificate.valid_at(certificate.not_before));
        assert!(certificate.valid_at(certificate.not_after));
        assert!(!certificate.valid_at(Timestamp(certificate.not_before.0 - 1)));
        assert!(!certificate.valid_at(certificate.not_after.plus(1)));
        assert!(one(file!("rsa.pem")).valid_at(IN_2024.plus(DAY)));
    }

    #[test]
    fn one_certificate_in_every_wrapping() {
        let pem = file!("p256.pem");
        let expected = one(pem);
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let texts = [
            pem.replace('\n', "\r\n"),
            format!("\u{feff}what my provider sent me:\n\n{pem}\nbest regards"),
            file!("bag-attributes-crlf.pem").into(),
            file!("p256.pem.base64").into(),
            body.clone(),
            format!("  {}\n", body.replace('A', "A\r\n")),
            body.trim_end_matches('=').into(),
            pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
        ];
        for text in texts {
            assert_eq!(one(&text), expected, "{text}");
        }
        let der = octets!("rsa.der");
        assert_eq!(Certificate::parse_der(der), Ok(one(file!("rsa.pem"))));
        assert_eq!(Certificate::parse_all(file!("p384.pem")).unwrap().len(), 1);
    }

    #[test]
    fn several_certificates_keep_their_order() {
        let parts = [file!("p256.pem"), file!("rsa.pem"), file!("expired.pem")];
        let expected: Vec<_> = parts.into_iter().map(one).collect();
        assert_eq!(Certificate::parse_all(file!("chain.pem")), Ok(expected));
    }

    #[test]
    fn what_is_pasted_instead_is_named() {
        assert_eq!(problem(file!("wrong-request.pem")), REQUEST);
        assert_eq!(problem(file!("wrong-public-key.pem")), PUBLIC_KEY);
        // The private key of RFC 8410 section 10.3.
        let private = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        assert_eq!(problem(private), PRIVATE_KEY);
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS"] {
            let pem = format!("-----BEGIN {label}-----\n{private}\n-----END {label}-----\n");
            assert_eq!(problem(&pem), PRIVATE_KEY);
            assert_eq!(problem(&(pem + file!("p256.pem"))), format!("block 1: {PRIVATE_KEY}"));
        }
        let bare =
            |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        assert_eq!(problem(&bare(file!("wrong-request.pem"))), REQUEST);
        assert_eq!(problem(&bare(file!("wrong-public-key.pem"))), PUBLIC_KEY);
    }

    #[test]
    fn problems_say_what_was_expected() {
        let pem = file!("p256.pem");
        let cases = [
            ("", "the text is empty: expected a certificate in PEM or base64"),
            ("  \r\n", "the text is empty: expected a certificate in PEM or base64"),
            ("https://idp.example/cert", "neither PEM (`BEGIN CERTIFICATE`) nor base64"),
            (file!("rsa1024.pem"), "the RSA modulus has 1024 bits: expected 2048 to 4096"),
            (file!("k256.pem"), "the curve is not P-256, P-384 or P-521"),
            (
                pem.split_once("-----END").unwrap().0,
                "a PEM block has no `-----END CERTIFICATE-----`: is it cut off?",
            ),
            (&pem.replace("MII", "M?I"), "the PEM block is not base64 between its lines"),
            (
                &pem.replace("CERTIFICATE", "PKCS7"),
                "this is a PEM block `PKCS7`: expected `CERTIFICATE`",
            ),
            (
                &format!("{pem}{}", file!("rsa1024.pem")),
                "block 2: the RSA modulus has 1024 bits: expected 2048 to 4096",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(problem(text), expected);
        }
        assert!(problem("bm90IGEgY2VydGlmaWNhdGU=").starts_with("not a DER certificate: "));
        assert!(problem(&pem.repeat(101)).starts_with("more than 100 certificates"));
        assert!(problem(&"A".repeat(MAX_TEXT + 1)).ends_with("expected at most 262144"));
    }

    #[test]
    fn cut_and_garbled_certificates_do_no_harm() {
        let der = octets!("rsa.der");
        for end in 0..der.len() {
            assert!(Certificate::parse_der(&der[..end]).is_err());
        }
        for at in 0..der.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut garbled = der.to_vec();
                garbled[at] = value;
                // Any answer will do, as long as it is one.
                let _ = Certificate::parse_der(&garbled);
            }
        }
    }
}
