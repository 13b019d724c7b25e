//! The configuration after every check: what the rest of the engine reads.
//!
//! Values here are parsed, bounded and agree with each other. The document an
//! operator writes is in `document`.

mod application;
mod issuer;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub(crate) use self::application::{
    AccessTokenType, Application, ApplicationType, CertificateIdentity, ClientAuthentication,
    ClientCertificates, Dpop, IdJagAudience, IssuerGrant, PlatformToken, SubjectIdentifier,
    SubjectMode,
};
pub(crate) use self::issuer::{
    BoundTokens, ClaimMapping, ImplicitAssociation, KeySource, LookupAttribute, ReplayProtection,
    TrustedTokenIssuer,
};
use super::Problem;
use super::audit_policy::AuditPolicy;
use super::client_id_metadata::ClientIdMetadata;
pub(crate) use super::condition::{Condition, Mode, Test};
use super::console::SignIn;
pub(crate) use super::grant_type::GrantType;
use super::protected_resources::ProtectedResources;
#[cfg(feature = "admin")]
use super::redacted::Documents;
use crate::crypto::{SecretHash, SigningKey, WrappingKeys};
use crate::http::Proxies;

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
    pub(crate) protected_resources: Arc<ProtectedResources>,
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
