//! The configuration after every check: what the rest of the engine reads.
//!
//! Values here are parsed, bounded and agree with each other. The document an
//! operator writes is in `document`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use spin::Once;

use super::Problem;
use super::audit_policy::AuditPolicy;
use super::client_id_metadata::ClientIdMetadata;
pub(crate) use super::condition::{Condition, Mode, Test};
use super::console::SignIn;
use super::document::CertificateHeader;
pub(crate) use super::grant_type::GrantType;
use super::protected_resources::ProtectedResource;
#[cfg(feature = "admin")]
use super::redacted::Documents;
use crate::crypto::certificate::Certificate;
use crate::crypto::{Algorithm, Dn, SecretHash, SigningKey, WrappingKeys};
use crate::http::{AddressRange, Proxies};
use crate::jose::JwkSet;

/// The scope of access tokens whose bearers administer this server.
pub(crate) const ADMIN_SCOPE: &str = "exchequer:admin";
/// Those that let their bearers see everything, change users, and change whom this
/// server trusts.
pub(crate) const ADMIN_READ_SCOPE: &str = "exchequer:admin:read";
pub(crate) const ADMIN_USERS_SCOPE: &str = "exchequer:admin:users";
pub(crate) const ADMIN_TRUST_SCOPE: &str = "exchequer:admin:trust";

/// Whether a scope lets its bearers administer this server, be it in part.
pub(crate) fn administers(scope: &str) -> bool {
    let below = scope.strip_prefix(ADMIN_SCOPE);
    below.is_some_and(|below| below.is_empty() || below.starts_with(':'))
}

/// The scope of access tokens with which users remove their own links.
pub(crate) const LINKS_SCOPE: &str = "exchequer:links";

/// The id of an object of the document, made from what it must not lose
/// without becoming another: an issuer's `iss`, an application's client id.
pub(super) fn id_of(kind: &str, identifier: &str) -> String {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(identifier);
    let digest = digest.finalize();
    Base64UrlUnpadded::encode_string(digest.get(..16).unwrap_or_default())
}

/// A configuration in which nothing is wrong.
#[derive(Clone)]
pub struct Config {
    /// The issuer identifier of this server: the `iss` of issued tokens.
    pub(crate) issuer: String,
    /// The keys of this server; the first signs, all are published. Empty: the store
    /// keeps one.
    pub(crate) keys: Vec<Arc<SigningKey>>,
    /// How the keys that the store has are rotated by themselves, if they are.
    pub(crate) key_rotation: Option<KeyRotation>,
    /// What encrypts the keys that the store has.
    pub(crate) wrapping_keys: Option<Arc<WrappingKeys>>,
    pub(crate) trusted_token_issuers: Vec<Arc<TrustedTokenIssuer>>,
    /// By client id.
    pub(crate) applications: BTreeMap<String, Arc<Application>>,
    /// The clients that are not registered, if there are any.
    pub(crate) client_id_metadata: Option<ClientIdMetadata>,
    /// The APIs of which metadata is published, by identifier.
    pub(crate) protected_resources: BTreeMap<String, ProtectedResource>,
    /// The scopes of each role, by the role's name.
    pub(crate) roles: BTreeMap<String, Vec<String>>,
    /// Local users by id.
    pub(crate) users: BTreeMap<String, Arc<User>>,
    /// What is remembered of tokens.
    pub(crate) caches: Caches,
    /// How client certificates reach this server, where that is said.
    pub(crate) client_certificates: Option<ClientCertificates>,
    /// How often callers may fail and ask.
    pub(crate) limits: RateLimits,
    /// The admin token, as a hash. Without it, only access tokens of this server
    /// let an administrator in.
    pub(crate) admin_token: Option<SecretHash>,
    /// What the store keeps of decisions and changes.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "nobody could look at it"))]
    pub(crate) audit: AuditPolicy,
    /// How people sign in to the console, beside the admin token.
    #[cfg_attr(not(feature = "admin"), allow(dead_code, reason = "there is no console"))]
    pub(crate) sign_in: Option<SignIn>,
    /// The issuers and applications as they stand in the document, in its
    /// order, for the administration API. Without secrets.
    #[cfg(feature = "admin")]
    pub(crate) documents: Arc<Documents>,
    /// What is allowed and probably not meant, as far as it needs no clock.
    pub(super) notes: Vec<Problem>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("issuer", &self.issuer)
            .field("trusted_token_issuers", &self.trusted_token_issuers)
            .field("applications", &self.applications)
            .finish_non_exhaustive()
    }
}

/// How the keys that the server makes are rotated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRotation {
    pub(crate) every_days: u64,
    /// Less than `every_days`.
    pub(crate) overlap_days: u64,
}

/// What is remembered of tokens; nothing by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Caches {
    /// Most bytes of tokens whose signature was found good.
    pub(crate) verified_tokens: Option<usize>,
    pub(crate) issued_tokens: Option<IssuedTokens>,
}

/// How often callers may fail and ask; nothing is limited by default here, and the
/// document has another default.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateLimits {
    /// Failed authentications of a client from an address.
    pub(crate) failures_per_minute: Option<u64>,
    /// Requests of a client.
    pub(crate) requests_per_second: Option<u64>,
    /// The proxies that say which address a request comes from.
    pub(crate) proxies: Option<Proxies>,
}

/// Issued tokens that a gateway gives out again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IssuedTokens {
    pub(crate) max_bytes: usize,
    /// How long before its end a token is not given out any more.
    pub(crate) margin_seconds: u64,
}

/// A third party whose tokens may be exchanged.
#[derive(Debug)]
pub(crate) struct TrustedTokenIssuer {
    /// What the API and applications call it: stays the same as long as its
    /// `iss` does.
    pub(crate) id: String,
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
    /// Each of its identity assertion grants counts once.
    pub(crate) id_jags_count_once: bool,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) claims: Vec<ClaimMapping>,
    /// Plain `http:` is allowed for this issuer's documents.
    pub(crate) danger_allow_http: bool,
    pub(crate) implicit_association: ImplicitAssociation,
    /// The digest of its own conditions, once somebody asked for it.
    pub(super) digest: Once<String>,
}

/// Whether local users are linked to subjects of an issuer on first sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImplicitAssociation {
    pub(crate) enabled: bool,
    /// At most two, tried in order; not empty when enabled.
    pub(crate) lookup: Vec<LookupAttribute>,
    /// The issuer verifies addresses although its tokens do not say so.
    pub(crate) trust_unverified: bool,
}

/// The attribute by which a local user is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LookupAttribute {
    Username,
    Email,
    PhoneNumber,
}

impl LookupAttribute {
    pub(crate) const ALL: [Self; 3] = [Self::Username, Self::Email, Self::PhoneNumber];

    /// Its short name, which is also that of the claim.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// A value as it is compared: e-mail addresses without letter case, as SCIM
    /// has them. Only ASCII letters have two cases here: further ones would make
    /// different addresses equal (`K`, the Kelvin sign, and `k`).
    pub(crate) fn compared(self, value: &str) -> String {
        match self {
            Self::Email => value.to_ascii_lowercase(),
            Self::Username | Self::PhoneNumber => value.into(),
        }
    }

    /// The names there are: short, and WSO2's.
    pub(crate) const NAMES: [&str; 6] = [
        "username",
        "email",
        "phone_number",
        "http://wso2.org/claims/username",
        "http://wso2.org/claims/emailaddress",
        "http://wso2.org/claims/mobile",
    ];

    /// The attribute of this name: short, or WSO2's claim URI.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "username" | "http://wso2.org/claims/username" => Some(Self::Username),
            "email" | "http://wso2.org/claims/emailaddress" => Some(Self::Email),
            "phone_number" | "http://wso2.org/claims/mobile" => Some(Self::PhoneNumber),
            _ => None,
        }
    }
}

/// Where the keys of an issuer, or of an application, come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeySource {
    /// A JWK set at this URL.
    JwksUri(String),
    /// The `jwks_uri` of the discovery document of this issuer URL.
    Discovery(String),
    /// What the metadata document of a client says, which is at its client id.
    ClientMetadata(String),
    /// A JWK set in the configuration.
    Jwks(JwkSet),
    /// Certificates in the configuration.
    Certificates(Vec<Certificate>),
}

/// Whether a token of an issuer may be exchanged more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReplayProtection {
    /// It may.
    #[default]
    Off,
    /// Each (issuer, `jti`) counts once; a token without `jti` is refused.
    Jti,
}

/// A claim of the foreign token that may reach ours, and its name there.
#[derive(Clone, Debug)]
pub(crate) struct ClaimMapping {
    /// By its dotted path, as written (see `jose::lookup`).
    pub(crate) from: String,
    pub(crate) to: String,
}

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

/// A local user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    /// The `sub` of tokens about this user.
    pub(crate) id: String,
    pub(crate) user_store: String,
    /// Unique in its user store.
    pub(crate) username: String,
    pub(crate) claims: Map<String, Value>,
    pub(crate) roles: Vec<String>,
    pub(crate) locked: bool,
    pub(crate) disabled: bool,
}

impl User {
    /// The value that the user is looked up by; `None` for an empty one, too.
    pub(crate) fn attribute(&self, attribute: LookupAttribute) -> Option<&str> {
        match attribute {
            LookupAttribute::Username => Some(self.username.as_str()),
            LookupAttribute::Email | LookupAttribute::PhoneNumber => {
                self.claims.get(attribute.name())?.as_str()
            }
        }
        .filter(|value| !value.is_empty())
    }
}
