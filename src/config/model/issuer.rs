//! The trusted token issuers of the configuration.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use spin::Once;

use crate::config::condition::Condition;
use crate::crypto::Algorithm;
use crate::crypto::certificate::Certificate;
use crate::jose::JwkSet;

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
    pub(crate) bound_tokens: BoundTokens,
    /// Each of its identity assertion grants counts once.
    pub(crate) id_jags_count_once: bool,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) claims: Vec<ClaimMapping>,
    /// Plain `http:` is allowed for this issuer's documents.
    pub(crate) danger_allow_http: bool,
    pub(crate) implicit_association: ImplicitAssociation,
    /// The digest of its own conditions, once somebody asked for it.
    pub(in crate::config) digest: Once<String>,
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

/// What becomes of a token of an issuer that is bound to a key or a certificate (`cnf`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum BoundTokens {
    /// Its sender has to prove that it has the key or the certificate.
    #[default]
    Require,
    /// It is refused.
    Refuse,
    /// Whoever has it may use it, as if it were not bound.
    Ignore,
}

impl BoundTokens {
    /// As the document says it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Refuse => "refuse",
            Self::Ignore => "ignore",
        }
    }
}

/// A claim of the foreign token that may reach ours, and its name there.
#[derive(Clone, Debug)]
pub(crate) struct ClaimMapping {
    /// By its dotted path, as written (see `jose::lookup`).
    pub(crate) from: String,
    pub(crate) to: String,
}
