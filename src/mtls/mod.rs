//! Client certificates (RFC 8705): how they come in, whom they are about, and whether
//! they are the one of a client.
//!
//! Whoever ended TLS checked that the client has the private key, and verified the
//! chain or did not. No chain is built here.

mod header;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use crate::config::{CertificateIdentity, ClientCertificates};
use crate::crypto::certificate::Certificate;
use crate::crypto::{Dn, Names, unhex};
use crate::http::{KnownCertificate, Request, TlsCertificate};
use crate::reason::{self, Fault};
use crate::time::Timestamp;

/// The certificate of a client, and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientCertificate {
    /// Base64url of the SHA-256 of its DER (RFC 8705 section 3.1).
    pub(crate) thumbprint: Arc<str>,
    names: Names,
    /// From when until when it is valid, as far as that is known.
    valid: Option<(Timestamp, Timestamp)>,
    /// Whoever ended TLS verified its chain.
    verified: bool,
}

impl ClientCertificate {
    /// A certificate in DER; `None` when it cannot be read.
    pub(crate) fn of_der(der: &[u8], verified: bool) -> Option<Self> {
        let certificate = Certificate::parse_der(der).ok()?;
        Some(Self {
            thumbprint: Base64UrlUnpadded::encode_string(&Sha256::digest(der)).into(),
            names: Names::of_der(der)?,
            valid: Some((certificate.not_before, certificate.not_after)),
            verified,
        })
    }

    /// One that is described; `None` when the thumbprint is none.
    fn described(sha256: &str, names: Names, verified: bool) -> Option<Self> {
        let digits: String = sha256.chars().filter(|c| *c != ':').collect();
        let digest = unhex(&digits).filter(|digest| digest.len() == 32)?;
        let thumbprint = Base64UrlUnpadded::encode_string(&digest).into();
        Some(Self { thumbprint, names, valid: None, verified })
    }

    /// The one that a host hands in; `None` when it cannot be read.
    pub(crate) fn of(certificate: &TlsCertificate) -> Option<Self> {
        let TlsCertificate { known, verified } = certificate;
        match known {
            KnownCertificate::Der(der) => Self::of_der(der, *verified),
            KnownCertificate::Described { sha256, subject } => {
                let subject = subject.as_deref().map(Dn::parse).transpose().ok()?;
                Self::described(sha256, Names { subject, ..Names::default() }, *verified)
            }
        }
    }

    /// Checks that it is the one of a client.
    ///
    /// # Errors
    /// A [`Fault`] when it is another one, is not valid now, or when nobody
    /// verified what is to be verified.
    pub(crate) fn check(
        &self,
        identity: &CertificateIdentity,
        now: Timestamp,
    ) -> Result<(), Fault> {
        if let Some((from, to)) = self.valid
            && !(from <= now && now <= to)
        {
            let message = "the client certificate has expired or is not valid yet";
            let compared = format!("from {} to {}, now {}", from.0, to.0, now.0);
            return Err(
                Fault::new(&reason::CERTIFICATE_OF_CLIENT_EXPIRED, message).comparing(compared)
            );
        }
        let is_it = match identity {
            // "The client's certificate [...] is validated against one of the
            // certificates of the client" (section 2.2): no chain has a part in it.
            CertificateIdentity::Registered(all) => {
                return if all.iter().any(|one| **one == *self.thumbprint) {
                    Ok(())
                } else {
                    Err(self.another())
                };
            }
            CertificateIdentity::Subject(dn) => self.names.subject.as_ref() == Some(dn),
            CertificateIdentity::Dns(name) => {
                self.names.dns.iter().any(|one| one.eq_ignore_ascii_case(name))
            }
            // "An X.509 SVID MUST contain exactly one URI SAN" (SPIFFE X509-SVID
            // section 2).
            CertificateIdentity::Uri(uri) if uri.starts_with("spiffe://") => {
                matches!(&*self.names.uris, [only] if only == uri)
            }
            CertificateIdentity::Uri(uri) => self.names.uris.contains(uri),
            CertificateIdentity::Ip(address) => self.names.ips.contains(address),
            CertificateIdentity::Email(address) => self.names.emails.contains(address),
        };
        if !self.verified {
            return Err(Fault::new(
                &reason::CERTIFICATE_OF_CLIENT_UNVERIFIED,
                "nobody verified the chain of the client certificate, and its names count only then",
            ));
        }
        if is_it { Ok(()) } else { Err(self.another()) }
    }

    fn another(&self) -> Fault {
        let message = "the client certificate is not the one of this client";
        let compared = format!("x5t#S256 {}", self.thumbprint);
        Fault::new(&reason::CERTIFICATE_OF_ANOTHER, message).comparing(compared)
    }
}

/// The client certificate of a request, if it has one: from TLS, or from the header
/// field of a proxy that the configuration names. From anybody else the field is not
/// looked at.
///
/// # Errors
/// A [`Fault`] when it cannot be read, or when TLS and the header field say
/// different things.
pub(crate) fn presented(
    request: &Request,
    policy: Option<&ClientCertificates>,
) -> Result<Option<Arc<ClientCertificate>>, Fault> {
    let unreadable = || {
        Fault::new(
            &reason::CERTIFICATE_HEADER,
            "the client certificate of the connection cannot be read",
        )
    };
    let of_tls = match &request.certificate {
        Some(certificate) => Some(ClientCertificate::of(certificate).ok_or_else(unreadable)?),
        None => None,
    };
    let of_header = match policy {
        Some(policy) => header::certificate(request, policy)?,
        None => None,
    };
    match (of_tls, of_header) {
        (Some(one), Some(other)) if one.thumbprint != other.thumbprint => Err(Fault::new(
            &reason::CERTIFICATE_DIFFERS,
            "the request has two client certificates: one of the connection, and another in a header field",
        )),
        (Some(one), _) | (None, Some(one)) => Ok(Some(Arc::new(one))),
        (None, None) => Ok(None),
    }
}
