//! The grant types (RFC 6749 section 4, RFC 7523, RFC 8693).

use serde::{Deserialize, Serialize};

/// The grant types there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantType {
    TokenExchange,
    JwtBearer,
    RefreshToken,
    ClientCredentials,
}

impl GrantType {
    pub(crate) const ALL: [Self; 4] =
        [Self::TokenExchange, Self::JwtBearer, Self::RefreshToken, Self::ClientCredentials];

    /// Its `grant_type`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Whether it takes a token of a trusted token issuer, or one that was issued.
    pub(crate) const fn exchanges(self) -> bool {
        matches!(self, Self::TokenExchange | Self::JwtBearer)
    }

    /// The grant type of exactly this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}
