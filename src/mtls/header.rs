//! Client certificates in header fields: `Client-Cert` (RFC 9440), and Envoy's
//! `x-forwarded-client-cert`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64ct::{Base64, Encoding};

use super::ClientCertificate;
use crate::config::{CertificateHeader, ClientCertificates};
use crate::crypto::{Dn, Names, certificate};
use crate::http::{Request, Sender};
use crate::reason::{self, Fault};

/// Longest value that is read, in bytes.
const MAX_VALUE: usize = 32 * 1024;

/// The certificate in the header field of a proxy that is trusted.
///
/// # Errors
/// A [`Fault`] when the field of such a proxy cannot be read.
pub(super) fn certificate(
    request: &Request,
    policy: &ClientCertificates,
) -> Result<Option<ClientCertificate>, Fault> {
    let Some(header) = policy.header else { return Ok(None) };
    let Sender::Peer(peer) = request.sender else { return Ok(None) };
    if !policy.from.iter().any(|range| range.contains(peer)) {
        return Ok(None);
    }
    let unreadable = |why: &str| {
        let message = format!("the header field `{}` {why}", header.name());
        Fault::new(&reason::CERTIFICATE_HEADER, message)
    };
    let mut values = request.values(header.name());
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unreadable("stands in the request twice"));
    }
    if value.len() > MAX_VALUE {
        return Err(unreadable("is too long"));
    }
    let verified = policy.verifies_chains;
    let found = match header {
        CertificateHeader::ClientCert => {
            binary(value).and_then(|der| ClientCertificate::of_der(&der, verified))
        }
        CertificateHeader::Envoy => return envoy(value, verified).map_err(unreadable),
    };
    found
        .map(Some)
        .ok_or_else(|| unreadable("is not a certificate in base64 between colons (RFC 9440)"))
}

/// A byte sequence (RFC 8941 section 3.3.5).
fn binary(value: &str) -> Option<Vec<u8>> {
    let text = value.trim().strip_prefix(':')?.strip_suffix(':')?;
    Base64::decode_vec(text).ok()
}

/// The last element is of the proxy that sent the request; those before it are what
/// somebody sent to that proxy. Without `Hash` and `Cert` there is no certificate.
fn envoy(value: &str, verified: bool) -> Result<Option<ClientCertificate>, &'static str> {
    let pairs = last_element(value)?;
    let all = |name: &str| {
        let named = pairs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    let one = |name: &str| match *all(name) {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err("names a certificate twice"),
    };
    let of_cert = match one("Cert")? {
        Some(escaped) => Some(pem(escaped, verified).ok_or("has a `Cert` that is no certificate")?),
        None => None,
    };
    let Some(hash) = one("Hash")? else { return Ok(of_cert) };
    let subject = match one("Subject")? {
        Some("") | None => None,
        Some(text) => {
            Some(Dn::parse(text).map_err(|_| "has a `Subject` that is no distinguished name")?)
        }
    };
    let texts = |name| all(name).into_iter().map(String::from).collect();
    let names = Names { subject, dns: texts("DNS"), uris: texts("URI"), ..Names::default() };
    let described = ClientCertificate::described(hash, names, verified)
        .ok_or("has a `Hash` that is not SHA-256 in hex")?;
    match of_cert {
        Some(certificate) if certificate.thumbprint != described.thumbprint => {
            Err("has a `Hash` and a `Cert` that do not belong together")
        }
        Some(certificate) => Ok(Some(certificate)),
        None => Ok(Some(described)),
    }
}

/// A certificate as PEM text that is escaped as in a URL.
fn pem(escaped: &str, verified: bool) -> Option<ClientCertificate> {
    let text = percent_encoding::percent_decode_str(escaped).decode_utf8().ok()?;
    let body = text.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
    let body = body.strip_suffix("-----END CERTIFICATE-----")?;
    ClientCertificate::of_der(&certificate::base64(body)?, verified)
}

/// The pairs of the last element: elements end with `,`, pairs with `;`, and a value
/// may be in quotes, with `\"` in it.
fn last_element(value: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut pairs = Vec::new();
    let mut characters = value.chars().peekable();
    loop {
        let mut key = String::new();
        while let Some(next) = characters.next_if(|c| !matches!(c, '=' | ';' | ',')) {
            key.push(next);
        }
        let key = key.trim().to_string();
        if characters.next() != Some('=') || key.is_empty() {
            return Err("is not a list of pairs as Envoy writes it");
        }
        let mut text = String::new();
        if characters.next_if_eq(&'"').is_some() {
            loop {
                match characters.next() {
                    Some('"') => break,
                    Some('\\') if characters.peek() == Some(&'"') => text.extend(characters.next()),
                    Some(other) => text.push(other),
                    None => return Err("has a quote that does not end"),
                }
            }
        } else {
            while let Some(next) = characters.next_if(|c| !matches!(c, ';' | ',')) {
                text.push(next);
            }
        }
        pairs.push((key, text));
        match characters.next() {
            None => return Ok(pairs),
            Some(';') if characters.peek().is_none() => return Ok(pairs),
            Some(';') => {}
            Some(',') => pairs.clear(),
            Some(_) => return Err("has text behind a quote"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_element_counts_and_quotes_hide_separators() {
        let read = |value| last_element(value).map(|pairs| format!("{pairs:?}"));
        assert_eq!(read("Hash=aa;URI=b").unwrap(), r#"[("Hash", "aa"), ("URI", "b")]"#);
        assert_eq!(
            read("Hash=aa;URI=b, By=c;hash=dd").unwrap(),
            r#"[("By", "c"), ("hash", "dd")]"#
        );
        let quoted = r#"Hash=aa;Subject="CN=a\",b;Hash=ff,O=c";URI="#;
        assert_eq!(
            read(quoted).unwrap(),
            r#"[("Hash", "aa"), ("Subject", "CN=a\",b;Hash=ff,O=c"), ("URI", "")]"#
        );
        for broken in [
            "",
            "a",
            "=a",
            "Hash",
            "Hash=a;b",
            "Subject=\"a",
            "Subject=\"a\"b",
            "Hash=a,,Hash=b",
            ",",
        ] {
            assert!(last_element(broken).is_err(), "{broken}");
        }
    }
}
