//! What a host knows of the connection that a request came by.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The connection of a request. A host fills it in from the connection itself, never
/// from anything in the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The address of the other end, such as `127.0.0.1`: a header field with a
    /// client certificate counts only from the proxies of the configuration.
    #[serde(default)]
    pub peer: Option<String>,
    /// The certificate that the client showed in TLS (RFC 8705), where the host, or
    /// the platform it runs on, ends TLS.
    #[serde(default)]
    pub certificate: Option<TlsCertificate>,
}

/// A client certificate, as whoever ended TLS hands it in. The client proved that it
/// has the private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsCertificate {
    /// What is known of it.
    pub known: KnownCertificate,
    /// Whether its chain was verified up to an authority that is trusted for clients.
    /// A certificate that was not verified is only good for its thumbprint.
    pub verified: bool,
}

/// What is known of a client certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KnownCertificate {
    /// All of it, in DER.
    Der(Vec<u8>),
    /// What a platform says of it that does not hand it in.
    Described {
        /// Its SHA-256 thumbprint, in hex.
        sha256: String,
        /// Its subject, by RFC 4514.
        subject: Option<String>,
    },
}
