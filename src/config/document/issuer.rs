//! Trusted token issuers in the document.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use super::claims::{ClaimMapping, Condition};
use crate::config::model::{BoundTokens, ReplayProtection};

/// A third party whose tokens may be exchanged.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct TrustedTokenIssuer {
    /// Its name for people and for applications; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) name: String,
    /// Exactly the `iss` of its tokens: every character counts, a slash at
    /// the end and letter case too. Unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) issuer: String,
    /// Another audience to accept: an `aud` of its tokens that stands for this server, besides
    /// the issuer and the token endpoint of this server.
    #[serde(default)]
    pub(crate) alias: Option<String>,
    /// Whether its tokens are accepted. Default: true.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Where its public keys come from.
    pub(crate) certificate: Certificate,
    /// The signature algorithms (`alg`) that its tokens may use. Left out:
    /// every asymmetric algorithm that its keys can be used with. `none` and
    /// the HMAC algorithms do not exist here.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<crate::crypto::Algorithm>>", length(min = 1))
    )]
    pub(crate) algorithms: Option<Vec<String>>,
    /// How long fetching its keys may take, in milliseconds. 1 to 30000;
    /// default: 1000.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30_000), extend("default" = 1000)))]
    pub(crate) read_timeout_ms: Option<u64>,
    /// How far its clock and the clock of this server may be apart, in seconds: leeway for
    /// `exp`, `nbf` and `iat`. 0 to 300; default: 30.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 300), extend("default" = 30)))]
    pub(crate) clock_skew_seconds: Option<u64>,
    /// How old its tokens may be by their `iat`, in seconds. 1 to 31536000.
    /// A token without `iat` is then refused. Left out: 3600 for token exchange,
    /// 1800 for the JWT bearer grant, for tokens that have `iat`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub(crate) max_token_age_seconds: Option<u64>,
    /// Whether one of its tokens may be exchanged more than once. Left out: it may,
    /// but for identity assertion grants (ID-JAG), each of which counts once.
    #[serde(default)]
    pub(crate) replay_protection: Option<ReplayProtection>,
    /// What becomes of its tokens that are bound to a key or a certificate (`cnf`). `require`:
    /// the sender has to prove that it has the key or the certificate, and what is issued is
    /// bound to it. `refuse`: they are refused. `ignore`: nobody has to prove anything, so a
    /// thief may use one; meant for a gateway that cannot prove the key of a user, and whose tokens
    /// name it in `may_act`. Identity assertion grants (ID-JAG) always need their key. Default:
    /// `require`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("default" = "require")))]
    pub(crate) bound_tokens: BoundTokens,
    /// Conditions on the claims of its tokens. Every one of them must hold.
    #[serde(default)]
    pub(crate) conditions: Vec<Condition>,
    /// The claims of its tokens that may be copied into issued tokens, besides `sub`.
    #[serde(default)]
    pub(crate) claims: Vec<ClaimMapping>,
    /// Whether local users are linked to its subjects automatically.
    #[serde(default)]
    pub(crate) implicit_association: Option<ImplicitAssociation>,
    /// Allows plain `http:` for its identifier and its keys, on any host. Anybody on the
    /// network path can then replace the keys: only for tests in closed networks. Default:
    /// false.
    #[serde(default)]
    pub(crate) danger_allow_http: bool,
}

/// Where the public keys of an issuer come from: exactly one of these.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
#[cfg_attr(feature = "schema", schemars(extend("oneOf" = [
    { "required": ["jwksUri"], "properties": { "jwksUri": { "type": "string" } } },
    { "required": ["certificates"], "properties": { "certificates": { "type": "array" } } },
    { "required": ["jwks"], "properties": { "jwks": { "type": "object" } } },
    { "required": ["discovery"], "properties": { "discovery": { "const": true } } }
])))]
pub(crate) struct Certificate {
    /// The URL of its JWK set (RFC 7517 section 5).
    #[serde(default)]
    pub(crate) jwks_uri: Option<String>,
    /// Certificates with its keys, or its public keys, as PEM text or base64 of
    /// DER; several for the time when an old and a new one overlap.
    #[serde(default)]
    pub(crate) certificates: Option<Vec<String>>,
    /// Its JWK set, written out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::Jwks>"))]
    pub(crate) jwks: Option<Value>,
    /// True: the JWK set that its discovery document names
    /// (`<issuer>/.well-known/openid-configuration`).
    #[serde(default)]
    pub(crate) discovery: Option<bool>,
}

/// Whether local users are linked to the subjects of an issuer automatically.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ImplicitAssociation {
    /// Whether they are.
    pub(crate) is_enabled: bool,
    /// The attributes by which the local user is found, tried in order; at
    /// most two. Addresses count when the token says that they were verified
    /// (`email_verified`, `phone_number_verified`); user names as they are.
    /// `username`, `email`, `phone_number`, or WSO2's names for
    /// them: `http://wso2.org/claims/username`, `…/emailaddress`, `…/mobile`.
    /// Default: `["email"]`.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<LookupAttributeName>>", length(max = 2))
    )]
    pub(crate) lookup_attribute: Option<Vec<String>>,
    /// Whether an address counts that a token does not call verified: only for an issuer that
    /// verifies every address and sends no `email_verified` or `phone_number_verified`. At any
    /// other issuer, a user could enter the address of somebody else and take over their
    /// account. Addresses with `email_verified: false` never count. Default: false.
    #[serde(default)]
    pub(crate) trust_unverified: bool,
}

/// An attribute by which a local user is found.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `check` accepts")]
enum LookupAttributeName {
    #[schemars(rename = "username")]
    Username,
    #[schemars(rename = "email")]
    Email,
    #[schemars(rename = "phone_number")]
    PhoneNumber,
    #[schemars(rename = "http://wso2.org/claims/username")]
    Wso2Username,
    #[schemars(rename = "http://wso2.org/claims/emailaddress")]
    Wso2EmailAddress,
    #[schemars(rename = "http://wso2.org/claims/mobile")]
    Wso2Mobile,
}

objects!(TrustedTokenIssuer, Certificate, ImplicitAssociation);

fn yes() -> bool {
    true
}
