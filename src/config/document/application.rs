//! Applications in the document.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::claims::Condition;
use super::issuer_grant::IssuerGrant;
use crate::config::model::{AccessTokenType, ApplicationType, SubjectIdentifier};
use crate::config::secret::Secret;

/// A client (RFC 6749 section 2).
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Application {
    /// Its name for people. Default: its client id.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Its `client_id`: printable ASCII, unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 255)))]
    pub(crate) client_id: String,
    /// Its `client_secret`: printable ASCII, at least 16 characters. Applications
    /// of type `web` and `machine` have exactly one of this, `jwks`, `jwksUri`,
    /// `clientAssertion.issuer` and a client certificate (`mtls`).
    #[serde(default)]
    pub(crate) client_secret: Option<Secret<Zeroizing<String>>>,
    /// Its public keys as a JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::Jwks>"))]
    pub(crate) jwks: Option<Value>,
    /// The URL of its JWK set, for `private_key_jwt` (RFC 7523 section 2.2).
    #[serde(default)]
    pub(crate) jwks_uri: Option<String>,
    /// How its client assertions are taken (RFC 7523 section 2.2): those that it
    /// signs itself, or the tokens that its platform gives it.
    #[serde(default)]
    pub(crate) client_assertion: Option<ClientAssertion>,
    /// What kind of client it is. Default: `web`.
    #[serde(default, rename = "type")]
    pub(crate) kind: ApplicationType,
    /// The grant types it may use.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<GrantTypeName>", length(min = 1)))]
    pub(crate) grant_types: Vec<String>,
    /// The issuers whose tokens it may exchange, by name.
    #[serde(default)]
    pub(crate) trusted_token_issuers: Vec<IssuerGrant>,
    /// The audiences and resources it may ask for (RFC 8693 section 2.1).
    /// It asks for none: all of these, or its client id when there are none.
    #[serde(default)]
    pub(crate) audiences: Vec<String>,
    /// The APIs that it serves (RFC 8707): absolute URIs without a fragment, or
    /// plain names as in `audiences`. It may introspect and exchange tokens that
    /// other applications were issued for them. Those that are `https:` URLs have
    /// metadata (RFC 9728). Default: its client id.
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    /// The scopes it may ask for.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The scopes it gets when it asks for none, out of `scopes`.
    #[serde(default)]
    pub(crate) default_scopes: Vec<String>,
    /// Its access tokens.
    #[serde(default)]
    pub(crate) access_token: AccessToken,
    /// Its refresh tokens.
    #[serde(default)]
    pub(crate) refresh_token: RefreshToken,
    /// Who its tokens are about.
    #[serde(default)]
    pub(crate) subject: Subject,
    /// Who may act for whom (RFC 8693 section 4).
    #[serde(default)]
    pub(crate) delegation: Delegation,
    /// How its tokens are bound to keys (RFC 9449).
    #[serde(default)]
    pub(crate) dpop: Dpop,
    /// A security profile that it keeps. What the profile demands is turned on, and
    /// what contradicts it is a problem.
    #[serde(default)]
    pub(crate) profile: Option<Profile>,
    /// Client certificates (RFC 8705): how it authenticates with one, and whether its
    /// tokens are bound to it.
    #[serde(default)]
    pub(crate) mtls: Mtls,
    /// The identity assertion grants (ID-JAG) that it may ask for: with one of them
    /// it gets an access token at the authorization server of another domain.
    #[serde(default)]
    pub(crate) id_jag: Option<IdJag>,
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
    /// Client credentials (RFC 6749 section 4.4): an access token about the
    /// application itself. Only for applications of type `web` and `machine`.
    #[schemars(rename = "client_credentials")]
    ClientCredentials,
}

/// How the assertions of a client are taken (RFC 7523 section 3).
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct ClientAssertion {
    /// Whether their `aud` may be the URL of the token endpoint instead of the issuer of this
    /// server: for client libraries that send nothing else. A malicious server that claims this
    /// token endpoint as its own can then use the client's assertion here. Default: false.
    #[serde(default)]
    pub(crate) allow_token_endpoint_audience: bool,
    /// The name of the trusted token issuer whose tokens authenticate the client,
    /// so that it needs neither a secret nor keys: a Kubernetes cluster, a CI
    /// service, or a SPIFFE trust domain (an issuer whose `issuer` is
    /// `spiffe://trust.domain`). The token's only `aud` must be the issuer of this
    /// server. Needs `subject`.
    #[serde(default)]
    pub(crate) issuer: Option<String>,
    /// Exactly the `sub` of those tokens, such as
    /// `system:serviceaccount:ci:deployer`. Unique for each `issuer`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) subject: Option<String>,
    /// What must hold of the claims of those tokens besides the issuer's own
    /// conditions.
    #[serde(default)]
    pub(crate) conditions: Vec<Condition>,
}

/// The access tokens of an application.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct AccessToken {
    /// Their form. Default: `jwt`.
    #[serde(default, rename = "type")]
    pub(crate) kind: AccessTokenType,
    /// How long they live, in seconds; never beyond the subject token, unless
    /// `outliveSubject`. 1 to 2592000; default: 3600.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 2_592_000), extend("default" = 3600)))]
    pub(crate) lifetime_seconds: Option<u64>,
    /// The claims that they carry, of those that the issuer's `claims` map or
    /// the local user has.
    #[serde(default)]
    pub(crate) attributes: Vec<String>,
    /// Whether they may live on when the subject token has expired. Default: false.
    #[serde(default)]
    pub(crate) outlive_subject: bool,
}

/// The refresh tokens of an application.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct RefreshToken {
    /// How long they live, in seconds. 1 to 31536000; default: 86400.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000), extend("default" = 86400)))]
    pub(crate) lifetime_seconds: Option<u64>,
    /// How long a family of refresh tokens lives, however often they are used,
    /// in seconds: no token that replaces another lives longer. 1 to 31536000;
    /// default: 2592000 (30 days).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000), extend("default" = 2_592_000)))]
    pub(crate) absolute_lifetime_seconds: Option<u64>,
    /// How long after its first use the newest refresh token may be used again,
    /// with the same new refresh token in the reply, in seconds: for clients
    /// that lose a reply or refresh twice at once. Later reuse revokes the
    /// family. 0 to 60; default: 0.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = 60), extend("default" = 0)))]
    pub(crate) reuse_grace_seconds: Option<u64>,
}

/// Who the tokens of an application are about.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Subject {
    /// They are about the linked local user, if there is one. Default: false.
    #[serde(default)]
    pub(crate) use_mapped_local_subject: bool,
    /// There must be a linked local user; needs `useMappedLocalSubject`.
    /// Default: false.
    #[serde(default)]
    pub(crate) mapped_local_subject_mandatory: bool,
    /// What the `sub` of a federated subject is. Default: `sub`.
    #[serde(default)]
    pub(crate) identifier: SubjectIdentifier,
}

/// Delegation and impersonation (RFC 8693 section 4).
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Delegation {
    /// Whether a subject token with `may_act` is accepted without an actor
    /// token. Default: false.
    #[serde(default)]
    pub(crate) allow_without_actor: bool,
}

/// DPoP (RFC 9449). Without it a proof is optional, and the tokens that are issued
/// for a request with a proof are bound to its key.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Dpop {
    /// Whether every token request needs a proof, so that every token is bound.
    /// Tokens that were issued without one stop working. Default: false.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether a subject token that is bound to another key may be exchanged with a proof of
    /// the application's own key: for a service that calls the next one with a key of its own.
    /// Otherwise the proof must be signed with the key of the token. Default: false.
    #[serde(default)]
    pub(crate) rebind: bool,
    /// Whether proofs need a nonce of this server: at the token endpoint, with a token of this
    /// application at APIs that this server protects, and at the gateway that speaks for it.
    /// That costs the client one more request every few minutes. Default: `off`.
    #[serde(default)]
    pub(crate) nonce: DpopNonce,
}

/// Identity assertion grants (draft-ietf-oauth-identity-assertion-authz-grant).
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct IdJag {
    /// The authorization servers that it may ask for grants for.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub(crate) audiences: Vec<IdJagAudience>,
}

/// An authorization server of another domain, and what may be granted there.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct IdJagAudience {
    /// Its issuer identifier (RFC 8414 section 2): the `audience` of the request and
    /// the `aud` of the grant.
    pub(crate) issuer: String,
    /// The client id that the application has there.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 255)))]
    pub(crate) client_id: String,
    /// The APIs there that it may ask for (RFC 8707). It asks for none: all of
    /// these.
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    /// The scopes there that it may ask for. It asks for none: all of these.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// Whether proofs need a nonce.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum DpopNonce {
    /// They do not.
    #[default]
    Off,
    /// They do.
    Required,
}

/// A security profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    /// FAPI 2.0 for client credentials: the client authenticates by `private_key_jwt`
    /// or a certificate, every token is bound to a key or a certificate, assertions
    /// have our issuer as their `aud`, as a text, and only PS256, ES256 and EdDSA
    /// sign.
    Fapi2,
}

/// Mutual TLS (RFC 8705). One of the names, or `certificates`, makes the client
/// authenticate with a certificate; without any, it authenticates in another way.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Mtls {
    /// Whether every token request needs a client certificate, so that every token is
    /// bound to it (`tls_client_certificate_bound_access_tokens`). Tokens that were
    /// issued without one stop working. Default: false.
    #[serde(default)]
    pub(crate) required: bool,
    /// `tls_client_auth`: the subject of its certificate (RFC 4514), such as
    /// `CN=deployer,O=Acme`. A name counts only if the chain of the certificate was
    /// verified where TLS ends.
    #[serde(default)]
    pub(crate) subject_dn: Option<String>,
    /// `tls_client_auth`: a DNS name in its certificate.
    #[serde(default)]
    pub(crate) san_dns: Option<String>,
    /// `tls_client_auth`: a URI in its certificate; a SPIFFE id has to be the only one.
    #[serde(default)]
    pub(crate) san_uri: Option<String>,
    /// `tls_client_auth`: an IP address in its certificate.
    #[serde(default)]
    pub(crate) san_ip: Option<String>,
    /// `tls_client_auth`: an e-mail address in its certificate.
    #[serde(default)]
    pub(crate) san_email: Option<String>,
    /// `self_signed_tls_client_auth`: its certificates, as PEM text or base64 of DER;
    /// several for the time when an old and a new one overlap.
    #[serde(default)]
    pub(crate) certificates: Option<Vec<String>>,
}

objects!(
    Mtls,
    Application,
    ClientAssertion,
    AccessToken,
    RefreshToken,
    Subject,
    Delegation,
    Dpop,
    IdJag,
    IdJagAudience
);
