//! The console: how people sign in.

use alloc::string::String;

use serde::Deserialize;

/// The console.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct Console {
    /// People sign in at a trusted token issuer, beside the admin token. Left
    /// out: with a token only.
    #[serde(default)]
    pub(crate) sign_in: Option<SignIn>,
}

/// Where people sign in: OpenID Connect, the authorization code flow with PKCE.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub(crate) struct SignIn {
    /// The name of the trusted token issuer of this document. It has a discovery
    /// document, and its `alias` is `clientId`.
    pub(crate) issuer: String,
    /// The client id of the console at that issuer: a public client, whose
    /// redirect URI is the URL of the console.
    pub(crate) client_id: String,
    /// The client id of the application of this document that exchanges the ID
    /// tokens: of type `mobile`, with the grant type token exchange and that issuer.
    /// Default: `clientId`.
    #[serde(default)]
    pub(crate) application: Option<String>,
}

objects!(Console, SignIn);
