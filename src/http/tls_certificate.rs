//! The client certificate of a TLS connection, as a host hands it in.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

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
