//! Token type identifiers (RFC 8693 section 3).

use serde::{Deserialize, Serialize};

/// A type of token: what a client says that it presents, what it asks for, and
/// what was issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// An OAuth 2.0 access token, in the form that its issuer gave it.
    #[default]
    AccessToken,
    /// Any JWT.
    Jwt,
    /// An ID token (OpenID Connect Core section 2).
    IdToken,
    /// A refresh token of this server.
    RefreshToken,
    /// An identity assertion grant for the authorization server of another domain
    /// (ID-JAG): may be asked for, and is never exchanged.
    IdJag,
}

impl TokenType {
    /// Every type there is.
    pub(crate) const ALL: [Self; 5] =
        [Self::AccessToken, Self::Jwt, Self::IdToken, Self::RefreshToken, Self::IdJag];

    /// Those that may be exchanged.
    pub(crate) const PRESENTED: [Self; 4] =
        [Self::AccessToken, Self::Jwt, Self::IdToken, Self::RefreshToken];

    /// The identifier on the wire, such as
    /// `urn:ietf:params:oauth:token-type:access_token`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
            Self::RefreshToken => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::IdJag => "urn:ietf:params:oauth:token-type:id-jag",
        }
    }

    /// The type whose identifier ends with this word, in any letter case. No such
    /// word is an identifier.
    pub(crate) fn from_short_name(name: &str) -> Option<Self> {
        let word = |one: &Self| one.uri().rsplit(':').next() == Some(&*name.to_ascii_lowercase());
        Self::ALL.into_iter().find(word)
    }

    /// The type of exactly this identifier; `None` for any other.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.uri() == uri)
    }
}
