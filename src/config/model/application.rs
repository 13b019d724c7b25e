//! The applications of the configuration, and how each authenticates.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use serde::Deserialize;

use super::issuer::KeySource;
use crate::config::condition::Condition;
use crate::config::document::CertificateHeader;
use crate::config::grant_type::GrantType;
use crate::crypto::{Dn, SecretHash};
use crate::http::AddressRange;

/// A client (RFC 6749 section 2).
#[derive(Clone, Debug)]
pub(crate) struct Application {
    /// What the API calls it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    /// The `aud` of its assertions may be our token endpoint.
    pub(crate) allow_token_endpoint_audience: bool,
    pub(crate) grant_types: Vec<GrantType>,
    /// The issuers it may exchange tokens of.
    pub(crate) trusted_token_issuers: Vec<IssuerGrant>,
    pub(crate) audiences: Vec<String>,
    /// The resources that it serves; never empty.
    pub(crate) resources: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) access_token_type: AccessTokenType,
    pub(crate) access_token_lifetime_seconds: u64,
    pub(crate) refresh_token_lifetime_seconds: u64,
    /// How long a family of refresh tokens lives.
    pub(crate) refresh_token_absolute_lifetime_seconds: u64,
    /// How long the newest refresh token may be used again; 0: not at all.
    pub(crate) refresh_token_reuse_grace_seconds: u64,
    /// Mapped claims that reach its tokens.
    pub(crate) attributes: Vec<String>,
    /// Its access tokens may live on when the subject token has expired.
    pub(crate) outlive_subject: bool,
    /// A subject token with `may_act` is accepted without an actor.
    pub(crate) allow_without_actor: bool,
    pub(crate) subject: SubjectMode,
    pub(crate) subject_identifier: SubjectIdentifier,
    pub(crate) dpop: Dpop,
    /// Every token is bound to a client certificate.
    pub(crate) needs_certificate: bool,
    /// It keeps FAPI 2.0: every token is bound to a key or a client certificate, and
    /// assertions are what that profile wants.
    pub(crate) keeps_fapi: bool,
    /// The authorization servers that it may ask for identity assertion grants for.
    pub(crate) id_jag: Vec<IdJagAudience>,
}

impl Application {
    /// Whether it may bring identity assertion grants of others: "it is RECOMMENDED
    /// that [...] only confidential clients" use them.
    pub(crate) fn may_bring_id_jags(&self) -> bool {
        !matches!(self.authentication, ClientAuthentication::None)
            && self.grant_types.contains(&GrantType::JwtBearer)
            && !self.trusted_token_issuers.is_empty()
    }
}

/// An authorization server of another domain, and what may be granted there.
#[derive(Clone, Debug)]
pub(crate) struct IdJagAudience {
    /// Its issuer identifier.
    pub(crate) issuer: String,
    /// What the application is called there.
    pub(crate) client_id: String,
    pub(crate) resources: Vec<String>,
    pub(crate) scopes: Vec<String>,
}

/// How the tokens of an application are bound to keys by DPoP (RFC 9449).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dpop {
    /// Without a proof nothing is issued.
    pub(crate) required: bool,
    /// Its own key may take the place of the key of a subject token.
    pub(crate) rebind: bool,
    /// Its proofs need a nonce of this server.
    pub(crate) needs_nonce: bool,
}

/// Whether the subject of the tokens it gets is a local user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectMode {
    /// Never: it is the federated subject.
    Off,
    /// The linked local user, else the federated subject.
    Preferred,
    /// The linked local user, else nothing is issued.
    Required,
}

/// What the `sub` of a federated subject is in issued tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum SubjectIdentifier {
    /// The `sub` of the foreign token, unchanged; `idp` says whose it is.
    #[default]
    Sub,
    /// `<issuer id>|<sub>`, which no other issuer's subject has.
    Qualified,
}

/// The form of access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessTokenType {
    /// A JWT (RFC 9068), which anyone can verify with the public keys of this server.
    #[default]
    Jwt,
    /// A random string; its meaning is available at the introspection endpoint.
    Opaque,
}

/// How a client proves that it is itself (RFC 6749 section 2.3, RFC 7523
/// section 2.2).
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// `client_secret_basic` or `client_secret_post`.
    Secret(SecretHash),
    PrivateKeyJwt(KeySource),
    /// Tokens of a trusted token issuer, as assertions.
    PlatformToken(Arc<PlatformToken>),
    /// A client certificate (RFC 8705 section 2).
    Certificate(CertificateIdentity),
    /// A public client.
    None,
}

/// Which client certificate is a client's.
#[derive(Clone, Debug)]
pub(crate) enum CertificateIdentity {
    /// `tls_client_auth`: one with this subject, or one of the other names.
    Subject(Dn),
    Dns(String),
    Uri(String),
    Ip(IpAddr),
    Email(String),
    /// `self_signed_tls_client_auth`: those with these thumbprints.
    Registered(Vec<Arc<str>>),
}

impl CertificateIdentity {
    /// The name of the method.
    pub(crate) const fn method(&self) -> &'static str {
        match self {
            Self::Registered(_) => "self_signed_tls_client_auth",
            _ => "tls_client_auth",
        }
    }
}

/// How client certificates reach this server.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertificates {
    pub(crate) header: Option<CertificateHeader>,
    pub(crate) from: Vec<AddressRange>,
    pub(crate) verifies_chains: bool,
    /// Without a slash at its end.
    pub(crate) origin: Option<String>,
}

/// The tokens of a trusted token issuer that authenticate a client: those that
/// its platform gives it.
#[derive(Clone, Debug)]
pub(crate) struct PlatformToken {
    /// The issuer, by id.
    pub(crate) issuer: String,
    /// Exactly their `sub`.
    pub(crate) subject: String,
    /// What must hold besides the issuer's own conditions.
    pub(crate) conditions: Vec<Condition>,
}

/// What kind of client an application is (RFC 6749 section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum ApplicationType {
    /// Runs on a server and keeps a secret.
    #[default]
    Web,
    /// Runs on a user's device: a public client, without a secret.
    Mobile,
    /// Acts for itself, without a user: a service or a job.
    Machine,
    /// Runs in a browser: a public client, refused for the exchange grants.
    Spa,
}

impl ApplicationType {
    /// Whether it cannot keep a secret (RFC 6749 section 2.1).
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Mobile | Self::Spa)
    }
}

/// An issuer on an application's list, with what the application adds.
#[derive(Clone, Debug)]
pub(crate) struct IssuerGrant {
    /// The issuer, by id: another one that takes over its name takes over
    /// nothing else.
    pub(crate) issuer: String,
    /// What the issuer calls the application: an `aud` of ID tokens that counts when
    /// the application presents them.
    pub(crate) client_id: Option<String>,
    pub(crate) conditions: Vec<Condition>,
}
