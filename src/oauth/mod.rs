//! OAuth 2.0: who the client is, what it asks for, and what it gets.

mod client;
mod client_assertion;
mod issue;
mod refusal;
mod token_exchange;

pub(crate) use client::authenticate;
pub(crate) use issue::Issued;
pub(crate) use refusal::{OAuthError, Refusal};
pub(crate) use token_exchange::exchange;

/// RFC 8693 section 2.1.
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// RFC 7523 section 2.2.
pub(crate) const CLIENT_ASSERTION_TYPE: &str =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
