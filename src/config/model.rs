//! The configuration after every check: what the rest of the engine reads.
//!
//! Values here are parsed, bounded and agree with each other. The document an
//! operator writes is in `document`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::crypto::certificate::Certificate;
use crate::crypto::{Algorithm, SigningKey};
use crate::jose::JwkSet;

/// A configuration in which nothing is wrong.
#[derive(Clone)]
pub struct Config {
    /// Our issuer identifier: the `iss` of tokens of ours.
    pub(crate) issuer: String,
    /// Keys of ours; the first signs, all are published. Empty: the store
    /// keeps one.
    pub(crate) keys: Vec<Arc<SigningKey>>,
    pub(crate) trusted_token_issuers: Vec<Arc<TrustedTokenIssuer>>,
    /// By client id.
    pub(crate) applications: BTreeMap<String, Arc<Application>>,
}

/// A third party whose tokens may be exchanged.
#[derive(Debug)]
pub(crate) struct TrustedTokenIssuer {
    pub(crate) name: String,
    /// Exactly the `iss` of its tokens.
    pub(crate) issuer: String,
    /// The name it knows us by: an `aud` that counts as ours.
    pub(crate) alias: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) keys: KeySource,
    /// Never empty.
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) read_timeout_ms: u32,
    pub(crate) clock_skew_seconds: u64,
    /// `None`: the default of the grant.
    pub(crate) max_token_age_seconds: Option<u64>,
    pub(crate) replay_protection: ReplayProtection,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) claims: Vec<ClaimMapping>,
    /// Plain `http:` is allowed for this issuer's documents.
    pub(crate) danger_allow_http: bool,
}

/// Where the keys of an issuer, or of an application, come from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// A JWK set at this URL.
    JwksUri(String),
    /// The `jwks_uri` of the discovery document of this issuer URL.
    Discovery(String),
    /// A JWK set in the configuration.
    Jwks(JwkSet),
    /// Certificates in the configuration.
    Certificates(Vec<Certificate>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayProtection {
    Off,
    /// Each (issuer, `jti`) counts once.
    Jti,
}

/// Something that must hold of a claim.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The claim by its path, outermost member first.
    pub(crate) claim: Vec<String>,
    pub(crate) test: Test,
    pub(crate) mode: Mode,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Equals(Value),
    OneOf(Vec<Value>),
    /// A whole-string glob; `*` stands for any characters, `/` included.
    Like(String),
    /// The claim is an array with this member.
    Contains(Value),
    Present(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Enforce,
    /// Recorded only.
    Audit,
}

/// A claim of the foreign token that may reach ours, and its name there.
#[derive(Clone, Debug)]
pub(crate) struct ClaimMapping {
    pub(crate) from: Vec<String>,
    pub(crate) to: String,
}

/// A client of ours (RFC 6749 section 2).
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) client_id: String,
    pub(crate) authentication: ClientAuthentication,
    pub(crate) kind: ApplicationType,
    pub(crate) grant_types: Vec<GrantType>,
    /// The issuers it may exchange tokens of.
    pub(crate) trusted_token_issuers: Vec<IssuerGrant>,
    pub(crate) audiences: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) access_token_lifetime_seconds: u64,
    /// Mapped claims that reach its tokens.
    pub(crate) attributes: Vec<String>,
    /// Its access tokens may live on when the subject token has expired.
    pub(crate) outlive_subject: bool,
    /// A subject token with `may_act` is accepted without an actor.
    pub(crate) allow_without_actor: bool,
}

/// How a client proves that it is itself (RFC 6749 section 2.3, RFC 7523
/// section 2.2).
pub(crate) enum ClientAuthentication {
    /// `client_secret_basic` or `client_secret_post`.
    Secret(Zeroizing<String>),
    PrivateKeyJwt(KeySource),
    /// A public client.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApplicationType {
    Web,
    Mobile,
    Machine,
    Spa,
}

/// An issuer on an application's list, with what the application adds.
#[derive(Debug)]
pub(crate) struct IssuerGrant {
    pub(crate) issuer: Arc<TrustedTokenIssuer>,
    pub(crate) conditions: Vec<Condition>,
}

/// The grant types there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantType {
    TokenExchange,
    JwtBearer,
    RefreshToken,
}
