//! The configuration document as an operator writes it.
//!
//! Only its shape is known here; what the values mean to each other is
//! `check`'s business. The comments are the descriptions in the JSON Schema,
//! so they are written for an operator.

#[macro_use]
pub(crate) mod object;
mod account;
mod application;
mod audit;
mod caches;
mod certificates;
mod claims;
mod client_id_metadata;
mod console;
mod issuer;
mod issuer_grant;
mod key_rotation;
mod limits;
mod telemetry;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::secret::Secret;

pub(crate) use account::{Role, User};
pub(crate) use application::{
    Application, ClientAssertion, DpopNonce, IdJag, Mtls, Profile, RefreshToken, Subject,
};
pub(crate) use audit::{Audit, SubjectShown};
pub(crate) use caches::Caches;
pub(crate) use certificates::{CertificateHeader, ClientCertificates};
pub(crate) use claims::{ClaimMapping, Condition};
pub(crate) use client_id_metadata::ClientIdMetadata;
pub(crate) use console::{Console, SignIn};
pub(crate) use issuer::{Certificate, ImplicitAssociation, TrustedTokenIssuer};
pub(crate) use issuer_grant::IssuerGrant;
pub(crate) use key_rotation::KeyRotation;
pub(crate) use limits::{ClientAddress, Limits, Rates};
pub(crate) use telemetry::Telemetry;

/// The configuration of an Exchequer security token service.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "Exchequer configuration"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Root {
    /// The URL of this schema, for editors. It changes nothing.
    #[serde(rename = "$schema", default)]
    #[allow(dead_code, reason = "read by editors only")]
    schema: Option<String>,
    /// A note to readers of the document. It changes nothing.
    #[serde(rename = "$comment", default)]
    #[allow(dead_code, reason = "read by people only")]
    comment: Option<String>,
    /// The issuer identifier of this server: the `iss` of issued tokens, and the URL under
    /// which clients find the service (RFC 8414 section 2). `https:`, without query and
    /// fragment; `http:` on a loopback host only.
    pub(crate) issuer: String,
    /// Keys that sign the issued tokens: private JWKs (RFC 7517). The first one signs. All are
    /// published, so you can publish the next key before it signs. Left out: a host with a
    /// store makes a key when it first starts, and keeps it in the store.
    #[serde(default)]
    pub(crate) keys: Vec<Secret<Map<String, Value>>>,
    /// How the keys that the server makes are rotated.
    #[serde(default)]
    pub(crate) key_rotation: Option<KeyRotation>,
    /// Third parties whose tokens may be exchanged.
    #[serde(default)]
    pub(crate) trusted_token_issuers: Vec<TrustedTokenIssuer>,
    /// The clients (RFC 6749 section 2).
    #[serde(default)]
    pub(crate) applications: Vec<Application>,
    /// Clients that are not registered, and say who they are by a document at their
    /// client id. None, unless they are allowed here.
    #[serde(default)]
    pub(crate) client_id_metadata: Option<ClientIdMetadata>,
    /// How client certificates reach this server (RFC 8705). Without it, those of the
    /// connections of a host that ends TLS itself count, and no header field does.
    #[serde(default)]
    pub(crate) client_certificate: Option<ClientCertificates>,
    /// Roles of local users.
    #[serde(default)]
    pub(crate) roles: Vec<Role>,
    /// Local users, to whom subjects of trusted token issuers may be linked.
    #[serde(default)]
    pub(crate) users: Vec<User>,
    /// Caches for tokens. Each is off unless it is configured here.
    #[serde(default)]
    pub(crate) caches: Option<Caches>,
    /// How often callers may fail to authenticate, and how many requests clients may
    /// send. `"off"`: as often as they like.
    #[serde(default)]
    pub(crate) limits: Option<Limits>,
    /// What the store keeps for administrators to look at.
    #[serde(default)]
    pub(crate) audit: Audit,
    /// Where traces and metrics are sent. Left out: nowhere.
    #[serde(default)]
    pub(crate) telemetry: Option<Telemetry>,
    /// The console.
    #[serde(default)]
    pub(crate) console: Console,
}

objects!(Root);

/// A JWK set (RFC 7517 section 5).
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `JwkSet` reads")]
pub(super) struct Jwks {
    /// The public JWKs.
    keys: Vec<Map<String, Value>>,
}
