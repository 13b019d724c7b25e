//! How client certificates reach this server, in the document.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

/// Client certificates of a proxy that ends TLS.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClientCertificates {
    /// The header field in which the proxy hands in the certificate. The proxy has to
    /// remove the field from what clients send. Needs `from`.
    #[serde(default)]
    pub(crate) header: Option<CertificateHeader>,
    /// The IP addresses of the proxies whose header field is believed, or ranges of
    /// them, such as `10.0.0.0/8`. From anybody else the field is not looked at.
    #[serde(default)]
    pub(crate) from: Vec<String>,
    /// Whether these proxies let only certificates pass whose chain they verified.
    /// Where they also let others pass, such as self-signed ones, it has to be false:
    /// names in a certificate then do not authenticate a client. Default: false.
    #[serde(default)]
    pub(crate) verifies_chains: bool,
    /// Scheme and authority at which the endpoints ask for client certificates, where
    /// it is another than that of `issuer`, such as `https://mtls.sts.example.com`:
    /// published as `mtls_endpoint_aliases` (RFC 8705 section 5).
    #[serde(default)]
    pub(crate) origin: Option<String>,
}

/// A header field with a client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum CertificateHeader {
    /// RFC 9440: base64 of DER between colons.
    #[serde(rename = "client-cert")]
    ClientCert,
    /// Envoy's, with `Hash`, or `Cert`; its last element counts.
    #[serde(rename = "x-forwarded-client-cert")]
    Envoy,
}

impl CertificateHeader {
    /// The name of the field, in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClientCert => "client-cert",
            Self::Envoy => "x-forwarded-client-cert",
        }
    }
}

objects!(ClientCertificates);
