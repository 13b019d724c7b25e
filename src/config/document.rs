//! The configuration document as an operator writes it.
//!
//! Only its shape is known here; what the values mean to each other is
//! `check`'s business. The comments are the descriptions in the JSON Schema,
//! so they are written for an operator.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{AccessTokenType, ApplicationType, Mode, ReplayProtection};
use super::secret::Secret;

/// The configuration of an Exchequer security token service.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "Exchequer configuration"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Root {
    /// The URL of this schema, for editors. It changes nothing.
    #[serde(rename = "$schema", default)]
    #[allow(dead_code, reason = "read by editors only")]
    schema: Option<String>,
    /// Our issuer identifier: the `iss` of the tokens issued here and the URL
    /// under which clients find the service (RFC 8414 section 2). `https:`,
    /// without query and fragment; `http:` on a loopback host only.
    pub(super) issuer: String,
    /// Keys that sign our tokens: private JWKs (RFC 7517). The first signs,
    /// all are published, so the next one can be published ahead. Left out: a
    /// host with a store makes a key on first start and keeps it there.
    #[serde(default)]
    pub(super) keys: Vec<Secret<Map<String, Value>>>,
    /// Third parties whose tokens may be exchanged.
    #[serde(default)]
    pub(super) trusted_token_issuers: Vec<TrustedTokenIssuer>,
    /// The clients (RFC 6749 section 2).
    #[serde(default)]
    pub(super) applications: Vec<Application>,
    /// Roles of local users.
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    /// Local users, to whom subjects of trusted token issuers may be linked.
    #[serde(default)]
    pub(super) users: Vec<User>,
}

/// A third party whose tokens may be exchanged.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TrustedTokenIssuer {
    /// Its name for people and for applications; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) name: String,
    /// Exactly the `iss` of its tokens: every character counts, a slash at
    /// the end and letter case too. Unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) issuer: String,
    /// The name by which it knows us: an `aud` that counts as ours, besides
    /// our issuer and our token endpoint.
    #[serde(default)]
    pub(super) alias: Option<String>,
    /// Whether its tokens are accepted. Default: true.
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    /// Where its public keys come from.
    pub(super) certificate: Certificate,
    /// The signature algorithms (`alg`) that its tokens may use. Left out:
    /// every asymmetric algorithm that its keys can be used with. `none` and
    /// the HMAC algorithms do not exist here.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<crate::crypto::Algorithm>>", length(min = 1))
    )]
    pub(super) algorithms: Option<Vec<String>>,
    /// How long fetching its keys may take, in milliseconds. 1 to 30000;
    /// default: 1000.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30_000)))]
    pub(super) read_timeout_ms: Option<u64>,
    /// How far its clock and ours may be apart, in seconds: leeway for `exp`,
    /// `nbf` and `iat`. 0 to 300; default: 30.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 300)))]
    pub(super) clock_skew_seconds: Option<u64>,
    /// How old its tokens may be by their `iat`, in seconds. 1 to 31536000.
    /// Left out: no limit for token exchange, 1800 for the JWT bearer grant.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub(super) max_token_age_seconds: Option<u64>,
    /// Whether one of its tokens may be exchanged more than once. Default: `off`.
    #[serde(default)]
    pub(super) replay_protection: ReplayProtection,
    /// What must hold of the claims of its tokens, all of it.
    #[serde(default)]
    pub(super) conditions: Vec<Condition>,
    /// The claims of its tokens that may reach ours, besides `sub`.
    #[serde(default)]
    pub(super) claims: Vec<ClaimMapping>,
    /// Whether local users are linked to its subjects on first sight.
    #[serde(default)]
    pub(super) implicit_association: Option<ImplicitAssociation>,
    /// Allows plain `http:` for its keys, on any host. Whoever sits on the way
    /// can then replace the keys: for tests in closed networks. Default: false.
    #[serde(default)]
    pub(super) danger_allow_http: bool,
}

/// Where the public keys of an issuer come from: exactly one of these.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Certificate {
    /// The URL of its JWK set (RFC 7517 section 5).
    #[serde(default)]
    pub(super) jwks_uri: Option<String>,
    /// Certificates with its keys, as PEM text or base64 of DER; several for
    /// the time when an old and a new one overlap.
    #[serde(default)]
    pub(super) certificates: Option<Vec<String>>,
    /// Its JWK set, written out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Jwks>"))]
    pub(super) jwks: Option<Value>,
    /// True: the JWK set that its discovery document names
    /// (`<issuer>/.well-known/openid-configuration`).
    #[serde(default)]
    pub(super) discovery: Option<bool>,
}

/// A JWK set (RFC 7517 section 5).
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `JwkSet` reads")]
struct Jwks {
    /// The public JWKs.
    keys: Vec<Map<String, Value>>,
}

/// Something that must hold of a claim: a claim and exactly one test. A claim
/// that is missing or of another type does not pass any test but
/// `"present": false`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Condition {
    /// The claim. A dot goes into an object (`realm_access.roles`) where no
    /// name goes on with it (`kubernetes.io.namespace`).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) claim: String,
    /// It is this string, number or boolean.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Scalar>"))]
    pub(super) equals: Option<Value>,
    /// It is one of these strings, numbers or booleans.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<Scalar>>", length(min = 1)))]
    pub(super) one_of: Option<Vec<Value>>,
    /// It is a string that this pattern matches from beginning to end; `*`
    /// stands for any characters, none and `/` included. At most 256
    /// characters and 8 stars.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub(super) like: Option<String>,
    /// It is an array with this string, number or boolean in it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Scalar>"))]
    pub(super) contains: Option<Value>,
    /// True: it is there, whatever it is. False: it is not.
    #[serde(default)]
    pub(super) present: Option<bool>,
    /// `audit` lets the token pass and records what would have been refused.
    /// Default: `enforce`.
    #[serde(default)]
    pub(super) mode: Mode,
}

/// A string, a number or a boolean.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "describes what `check` accepts")]
enum Scalar {
    String(String),
    Number(f64),
    Boolean(bool),
}

/// A claim of the issuer's tokens, and its name in ours.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClaimMapping {
    /// The claim in the issuer's token; dots as in a condition's `claim`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) from: String,
    /// The claim in our token. It reaches the tokens of an application that
    /// lists it in `accessToken.attributes`. Claims that our tokens are made
    /// of (`sub`, `aud`, `scope` and the like) cannot be mapped.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) to: String,
}

/// Whether local users are linked to the subjects of an issuer on first sight.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImplicitAssociation {
    /// Whether they are.
    pub(super) is_enabled: bool,
    /// The attributes by which the local user is found, tried in order; at
    /// most two. `username`, `email`, `phone_number`, or WSO2's names for
    /// them: `http://wso2.org/claims/username`, `…/emailaddress`, `…/mobile`.
    /// Default: `["email"]`.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<LookupAttributeName>>", length(max = 2))
    )]
    pub(super) lookup_attribute: Option<Vec<String>>,
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

/// A client (RFC 6749 section 2).
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Application {
    /// Its name for people. Default: its client id.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// Its `client_id`: printable ASCII, unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 255)))]
    pub(super) client_id: String,
    /// Its `client_secret`: printable ASCII, at least 16 characters. Applications
    /// of type `web` and `machine` have exactly one of this, `jwks` and `jwksUri`.
    #[serde(default)]
    pub(super) client_secret: Option<Secret<Zeroizing<String>>>,
    /// Its public keys as a JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Jwks>"))]
    pub(super) jwks: Option<Value>,
    /// The URL of its JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
    #[serde(default)]
    pub(super) jwks_uri: Option<String>,
    /// What kind of client it is. Default: `web`.
    #[serde(default, rename = "type")]
    pub(super) kind: ApplicationType,
    /// The grant types it may use.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<GrantTypeName>", length(min = 1)))]
    pub(super) grant_types: Vec<String>,
    /// The issuers whose tokens it may exchange, by name.
    #[serde(default)]
    pub(super) trusted_token_issuers: Vec<IssuerGrant>,
    /// The audiences and resources it may ask for (RFC 8693 section 2.1).
    /// It asks for none: all of these, or its client id when there are none.
    #[serde(default)]
    pub(super) audiences: Vec<String>,
    /// The scopes it may ask for.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    /// The scopes it gets when it asks for none, out of `scopes`.
    #[serde(default)]
    pub(super) default_scopes: Vec<String>,
    /// Its access tokens.
    #[serde(default)]
    pub(super) access_token: AccessToken,
    /// Its refresh tokens.
    #[serde(default)]
    pub(super) refresh_token: RefreshToken,
    /// Who its tokens are about.
    #[serde(default)]
    pub(super) subject: Subject,
    /// Who may act for whom (RFC 8693 section 4).
    #[serde(default)]
    pub(super) delegation: Delegation,
}

/// The name of a grant type.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `check` accepts")]
enum GrantTypeName {
    /// Token exchange (RFC 8693).
    #[schemars(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// JWT bearer (RFC 7523 section 2.1).
    #[schemars(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// Refresh token (RFC 6749 section 6).
    #[schemars(rename = "refresh_token")]
    RefreshToken,
}

/// An issuer whose tokens an application may exchange: its name, or its name
/// with conditions that must hold besides the issuer's own.
pub(super) struct IssuerGrant {
    pub(super) name: String,
    pub(super) conditions: Vec<Condition>,
}

/// An issuer by name, with conditions.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConditionalIssuerGrant {
    /// The name of the trusted token issuer.
    name: String,
    /// What must hold of the claims besides the issuer's own conditions.
    #[serde(default)]
    conditions: Vec<Condition>,
}

impl<'de> Deserialize<'de> for IssuerGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GrantVisitor;

        impl<'de> Visitor<'de> for GrantVisitor {
            type Value = IssuerGrant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a trusted token issuer, or `{\"name\": …, \"conditions\": […]}`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<IssuerGrant, E> {
                Ok(IssuerGrant { name: name.into(), conditions: Vec::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<IssuerGrant, A::Error> {
                let ConditionalIssuerGrant { name, conditions } =
                    Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(IssuerGrant { name, conditions })
            }
        }

        deserializer.deserialize_any(GrantVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IssuerGrant {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "IssuerGrant".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let name = generator.subschema_for::<String>();
        let conditional = generator.subschema_for::<ConditionalIssuerGrant>();
        schemars::json_schema!({ "anyOf": [name, conditional] })
    }
}

/// The access tokens of an application.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AccessToken {
    /// Their form. Default: `jwt`.
    #[serde(default, rename = "type")]
    pub(super) kind: AccessTokenType,
    /// How long they live, in seconds; never beyond the subject token, unless
    /// `outliveSubject`. 1 to 2592000; default: 3600.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 2_592_000)))]
    pub(super) lifetime_seconds: Option<u64>,
    /// The claims that they carry, of those that the issuer's `claims` map or
    /// the local user has.
    #[serde(default)]
    pub(super) attributes: Vec<String>,
    /// Whether they may live on when the subject token has expired. Default: false.
    #[serde(default)]
    pub(super) outlive_subject: bool,
}

/// The refresh tokens of an application.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RefreshToken {
    /// How long they live, in seconds. 1 to 31536000; default: 86400.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub(super) lifetime_seconds: Option<u64>,
}

/// Who the tokens of an application are about.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Subject {
    /// They are about the linked local user, if there is one. Default: false.
    #[serde(default)]
    pub(super) use_mapped_local_subject: bool,
    /// There must be a linked local user; needs `useMappedLocalSubject`.
    /// Default: false.
    #[serde(default)]
    pub(super) mapped_local_subject_mandatory: bool,
}

/// Delegation and impersonation (RFC 8693 section 4).
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Delegation {
    /// Whether a subject token with `may_act` is accepted without an actor
    /// token. Default: false.
    #[serde(default)]
    pub(super) allow_without_actor: bool,
}

/// A role of local users.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Role {
    /// Its name; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) name: String,
    /// The scopes it grants, besides those of the application.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
}

/// A local user.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct User {
    /// The `sub` of tokens about this user; unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) id: String,
    /// The user store the user belongs to. Default: `PRIMARY`.
    #[serde(default)]
    pub(super) user_store: Option<String>,
    /// The user name; unique in the user store.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(super) username: String,
    /// The user's claims by name, like `email`.
    #[serde(default)]
    pub(super) claims: Map<String, Value>,
    /// The names of the user's roles.
    #[serde(default)]
    pub(super) roles: Vec<String>,
    /// Whether the account is locked. Default: false.
    #[serde(default)]
    pub(super) locked: bool,
    /// Whether the account is disabled. Default: false.
    #[serde(default)]
    pub(super) disabled: bool,
}

fn yes() -> bool {
    true
}
