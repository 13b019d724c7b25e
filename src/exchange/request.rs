//! What a client asks for, well formed: the typed requests of the grants.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::GrantType;
use crate::identity::Client;
use crate::refusal::Refusal;
use crate::token_type::TokenType;

/// A request for a token: which client asks, and by which grant.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The client.
    pub client: Client,
    /// The grant.
    pub grant: GrantRequest,
}

/// The grants, each with its parameters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GrantRequest {
    /// RFC 8693.
    TokenExchange(TokenExchange),
    /// RFC 7523 section 2.1.
    JwtBearer(JwtBearer),
    /// RFC 6749 section 6.
    RefreshToken(Refresh),
}

impl GrantRequest {
    pub(crate) const fn grant_type(&self) -> GrantType {
        match self {
            Self::TokenExchange(_) => GrantType::TokenExchange,
            Self::JwtBearer(_) => GrantType::JwtBearer,
            Self::RefreshToken(_) => GrantType::RefreshToken,
        }
    }
}

/// A grant as it was asked for: its type, if this server has it, and the
/// request, if that is well formed. The client is authenticated before it
/// learns what is wrong with its request.
pub(crate) struct AskedGrant {
    pub(crate) grant_type: Option<GrantType>,
    pub(crate) request: Result<GrantRequest, Refusal>,
}

impl From<GrantRequest> for AskedGrant {
    fn from(request: GrantRequest) -> Self {
        Self { grant_type: Some(request.grant_type()), request: Ok(request) }
    }
}

/// A token exchange (RFC 8693 section 2.1).
#[derive(Clone, Default)]
pub struct TokenExchange {
    /// The token to be exchanged, as it came.
    pub subject_token: String,
    /// What the client says that it is.
    pub subject_token_type: TokenType,
    /// The token of the party that acts for the subject, and its type.
    pub actor_token: Option<(String, TokenType)>,
    /// What is to be issued; `None`: an access token.
    pub requested_token_type: Option<TokenType>,
    /// Where the issued token is to be used.
    pub target: Target,
}

/// A JWT as an authorization grant.
#[derive(Clone, Default)]
pub struct JwtBearer {
    /// The JWT, as it came.
    pub assertion: String,
    /// Where the issued token is to be used.
    pub target: Target,
}

/// The use of a refresh token.
#[derive(Clone, Default)]
pub struct Refresh {
    /// The refresh token, as it came.
    pub refresh_token: String,
    /// Less than what was granted at first; empty: the same.
    pub target: Target,
}

/// Where an issued token is to be used, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// `audience` and `resource` (RFC 8693 section 2.1), in the order they
    /// came; empty: the application's own audiences.
    pub audience: Vec<String>,
    /// The scopes; `None`: the application's default scopes.
    pub scope: Option<Vec<String>>,
}

macro_rules! without_tokens {
    ($($name:ident),*) => {
        $(impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).field("target", &self.target).finish_non_exhaustive()
            }
        })*
    };
}
without_tokens!(TokenExchange, JwtBearer, Refresh);
