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

const DAY: u64 = 24 * 60 * 60;

/// The end of what has none: no certificate can name it.
const FOREVER: Timestamp = Timestamp(u64::MAX);

/// How long before its end a certificate is spoken of, in seconds.
pub(crate) const SOON: u64 = 30 * DAY;

const PRIVATE_KEY: &str = "this is a private key: expected the certificate that belongs to it, \
     `BEGIN CERTIFICATE`; a private key should not leave its owner";
const REQUEST: &str = "this is a certificate request: expected the certificate that the \
     authority issued for it, `BEGIN CERTIFICATE`";
/// The key of a certificate, and when the certificate is valid. A bare public key
/// is always valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) key: Arc<PublicKey>,
    pub(crate) thumbprints: Thumbprints,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl Certificate {
    /// Every certificate in a text an operator gave: PEM (one or several),
    /// or bare base64 of DER with or without line breaks, or base64 of PEM. A
    /// public key (`BEGIN PUBLIC KEY`) may stand in the place of a certificate.
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
            return Err(
                "the text is empty: expected a certificate or a public key in PEM or base64".into(),
            );
        }
        let octets = base64(text).ok_or("neither PEM (`BEGIN CERTIFICATE`) nor base64")?;
        match core::str::from_utf8(&octets) {
            Ok(text) if is_pem(text) => parse_pem(text),
            _ if is_public_key(&octets) => {
                Ok(alloc::vec![Self::bare(PublicKey::from_spki_der(&octets)?)])
            }
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

    /// A public key without a certificate.
    fn bare(key: PublicKey) -> Self {
        Self {
            key: Arc::new(key),
            thumbprints: Thumbprints::default(),
            not_before: Timestamp(0),
            not_after: FOREVER,
        }
    }

    /// Whether it is a public key, which has no dates.
    #[cfg(any(test, feature = "admin"))]
    pub(crate) fn is_bare(&self) -> bool {
        self.not_after == FOREVER
    }

    pub(crate) fn valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// What is to be said of when it is valid, if that is not now or ends soon.
    pub(crate) fn lifetime(&self, now: Timestamp) -> Option<String> {
        let (from, to) = (self.not_before, self.not_after);
        if to < now {
            Some(format!("expired {} ago and is skipped", days(now.since(to))))
        } else if now < from {
            let until = days(from.since(now));
            Some(format!("is not valid for another {until} and is skipped until then"))
        } else if to <= now.plus(SOON) {
            Some(format!("expires in {}", days(to.since(now))))
        } else {
            None
        }
    }
}

fn days(seconds: u64) -> String {
    match seconds / DAY {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        days => format!("{days} days"),
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
    None
}

fn is_public_key(der: &[u8]) -> bool {
    SubjectPublicKeyInfoRef::from_der(der).is_ok()
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
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
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
        "CERTIFICATE" | "X509 CERTIFICATE" => Certificate::parse_der(&octets(body)?),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Err(REQUEST.into()),
        _ if label.ends_with("PRIVATE KEY") || label == "EC PARAMETERS" => Err(PRIVATE_KEY.into()),
        "PUBLIC KEY" => Ok(Certificate::bare(PublicKey::from_spki_der(&octets(body)?)?)),
        "RSA PUBLIC KEY" => Ok(Certificate::bare(PublicKey::from_pkcs1_der(&octets(body)?)?)),
        _ => Err(KeyProblem(format!(
            "this is a PEM block `{}`: expected `CERTIFICATE` or `PUBLIC KEY`",
            clipped(label)
        ))),
    }
}

fn octets(body: &str) -> Result<Vec<u8>, KeyProblem> {
    base64(body).ok_or_else(|| "the PEM block is not base64 between its lines".into())
}

/// What is quoted of a text that may be anything.
fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests;
