//! The client certificate of one request. It is an argument of the call that it belongs
//! to and is kept nowhere, so that no other request can come with it.

use exchequer::{KnownCertificate, TlsCertificate};
use wasm_bindgen::prelude::*;

/// What the host knows of a client certificate. A call that takes it uses it up.
#[wasm_bindgen]
pub struct Certificate(TlsCertificate);

#[wasm_bindgen]
impl Certificate {
    /// One that is there in DER.
    pub fn whole(der: Vec<u8>, verified: bool) -> Self {
        Self(TlsCertificate { known: KnownCertificate::Der(der), verified })
    }

    /// One of which the SHA-256 in hex and the subject are known.
    pub fn described(sha256: String, subject: Option<String>, verified: bool) -> Self {
        let known = KnownCertificate::Described { sha256, subject };
        Self(TlsCertificate { known, verified })
    }
}

impl From<Certificate> for TlsCertificate {
    fn from(Certificate(certificate): Certificate) -> Self {
        certificate
    }
}
