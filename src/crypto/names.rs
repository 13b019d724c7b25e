//! Whom a certificate is about: its subject and its alternative names (RFC 5280
//! sections 4.1.2.6 and 4.2.1.6).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::dn::Dn;

/// The names in a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) subject: Option<Dn>,
    pub(crate) dns: Vec<String>,
    pub(crate) uris: Vec<String>,
    pub(crate) ips: Vec<IpAddr>,
    pub(crate) emails: Vec<String>,
}

impl Names {
    /// Those of a certificate in DER; `None` when they cannot be read.
    pub(crate) fn of_der(der: &[u8]) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(der).ok()?;
        let body = certificate.tbs_certificate();
        let mut names = Self { subject: Dn::of(body.subject()), ..Self::default() };
        let others = body.get_extension::<SubjectAltName>().ok()?;
        for name in others.map(|(_, others)| others.0).unwrap_or_default() {
            match name {
                GeneralName::DnsName(name) => names.dns.push(name.to_string()),
                GeneralName::UniformResourceIdentifier(uri) => names.uris.push(uri.to_string()),
                GeneralName::Rfc822Name(address) => names.emails.push(address.to_string()),
                GeneralName::IpAddress(octets) => names.ips.extend(address(octets.as_bytes())),
                _ => {}
            }
        }
        Some(names)
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from)
}
