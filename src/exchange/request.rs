//! What a client asks for, well formed: the typed requests of the grants.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::token_exchange::requested_type_not_allowed;
use crate::audit::shown_urn;
use crate::config::{GrantType, is_scope};
use crate::dpop::DpopProof;
use crate::http::missing;
use crate::identity::{Client, id_jag};
use crate::jose::Jws;
use crate::mtls::ClientCertificate;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::token_type::TokenType;

/// A request for a token: which client asks, and by which grant.
///
/// A malformed request is a request, too: it is refused once its client is
/// authenticated, written to the audit log and counted like every other one.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(crate) client: Client,
    pub(crate) grant: AskedGrant,
    pub(crate) proof: Option<DpopProof>,
    /// The certificate of somebody whose request a gateway passes on.
    pub(crate) presented: Option<Arc<ClientCertificate>>,
}

impl TokenRequest {
    /// The request of a client for a grant.
    #[must_use]
    pub fn new(client: Client, grant: GrantRequest) -> Self {
        Self { client, grant: grant.into(), proof: None, presented: None }
    }

    /// The same with a DPoP proof (RFC 9449 section 5): what is issued is bound to
    /// its key.
    #[must_use]
    pub fn with_dpop(self, proof: DpopProof) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// The same for somebody who has this client certificate, and whose request a
    /// gateway passes on.
    pub(crate) fn presented_with(self, presented: Option<Arc<ClientCertificate>>) -> Self {
        Self { presented, ..self }
    }

    /// A token exchange whose parameters are text, for a host whose callers have
    /// text.
    #[must_use]
    pub fn token_exchange(client: Client, parameters: ExchangeParameters<'_>) -> Self {
        let request = TokenExchange::parse(parameters).map(GrantRequest::TokenExchange);
        let grant = AskedGrant::of(GrantType::TokenExchange, request);
        Self { client, grant, proof: None, presented: None }
    }
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
    /// RFC 6749 section 4.4: a token about the client itself.
    ClientCredentials(Target),
}

impl GrantRequest {
    pub(crate) const fn grant_type(&self) -> GrantType {
        match self {
            Self::TokenExchange(_) => GrantType::TokenExchange,
            Self::JwtBearer(_) => GrantType::JwtBearer,
            Self::RefreshToken(_) => GrantType::RefreshToken,
            Self::ClientCredentials(_) => GrantType::ClientCredentials,
        }
    }

    /// What a DPoP proof that does not count is: with a grant that is bound to a key,
    /// a grant that does not count.
    pub(crate) const fn proof_error(&self) -> OAuthError {
        match self {
            Self::JwtBearer(JwtBearer { is_bound: true, .. }) => OAuthError::InvalidGrant,
            _ => OAuthError::InvalidDpopProof,
        }
    }

    /// What a request is whose sender proves nothing, where what is issued has to be
    /// bound. With an identity assertion grant, "the request MUST fail with an
    /// `invalid_grant` error" (its draft, “Proof-of-Possession During ID-JAG Exchange”).
    pub(super) fn unbound_error(&self, otherwise: OAuthError) -> OAuthError {
        match self {
            Self::JwtBearer(request) if request.is_bound || request.is_id_jag() => {
                OAuthError::InvalidGrant
            }
            _ => otherwise,
        }
    }

    /// The request, unless it has no token, or asks for what cannot be a scope.
    fn well_formed(self) -> Result<Self, Refusal> {
        let target = match &self {
            Self::TokenExchange(request) => {
                given("subject_token", &request.subject_token)?;
                &request.target
            }
            Self::JwtBearer(request) => {
                given("assertion", &request.assertion)?;
                &request.target
            }
            Self::RefreshToken(request) => {
                given("refresh_token", &request.refresh_token)?;
                &request.target
            }
            Self::ClientCredentials(target) => target,
        };
        target.check_scope()?;
        Ok(self)
    }
}

/// A parameter that must be there. One without a value is treated as absent
/// (RFC 6749 section 3.2).
fn given(name: &str, value: &str) -> Result<(), Refusal> {
    if value.is_empty() { Err(missing(name).into()) } else { Ok(()) }
}

/// A grant as it was asked for: its type, if this server has it, and the
/// request, if that is well formed. The client is authenticated before it
/// learns what is wrong with its request.
#[derive(Clone, Debug)]
pub(crate) struct AskedGrant {
    pub(crate) grant_type: Option<GrantType>,
    pub(crate) request: Result<GrantRequest, Refusal>,
}

impl AskedGrant {
    /// A grant of this type, and what came with it. Every request comes through here,
    /// whether its parameters were typed or text.
    pub(crate) fn of(grant_type: GrantType, request: Result<GrantRequest, Refusal>) -> Self {
        let request = request.and_then(GrantRequest::well_formed);
        Self { grant_type: Some(grant_type), request }
    }
}

impl From<GrantRequest> for AskedGrant {
    fn from(request: GrantRequest) -> Self {
        Self::of(request.grant_type(), Ok(request))
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

/// The parameters of a token exchange in their text form (RFC 8693 section
/// 2.1), for an endpoint, or for a host whose callers have text.
#[derive(Clone, Default)]
pub struct ExchangeParameters<'a> {
    /// `subject_token`.
    pub subject_token: &'a str,
    /// `subject_token_type`: a token type identifier.
    pub subject_token_type: &'a str,
    /// `actor_token`.
    pub actor_token: Option<&'a str>,
    /// `actor_token_type`: a token type identifier.
    pub actor_token_type: Option<&'a str>,
    /// `requested_token_type`: a token type identifier.
    pub requested_token_type: Option<&'a str>,
    /// `audience`, `resource` and `scope`.
    pub target: Target,
}

impl TokenExchange {
    /// The request that these parameters make.
    ///
    /// # Errors
    /// A [`Refusal`] when the subject token or its type is missing, when a token
    /// type is not one that this server knows, or when an actor token or its
    /// type comes alone.
    pub(crate) fn parse(parameters: ExchangeParameters<'_>) -> Result<Self, Refusal> {
        given("subject_token", parameters.subject_token)?;
        given("subject_token_type", parameters.subject_token_type)?;
        let subject_token_type = declared(parameters.subject_token_type)?;
        let actor_token = match (parameters.actor_token, parameters.actor_token_type) {
            (None, None) => None,
            (Some(token), Some(kind)) => Some((token.into(), declared(kind)?)),
            _ => {
                return Err(Refusal::new(
                    OAuthError::InvalidRequest,
                    &reason::ACTOR,
                    "`actor_token` and `actor_token_type` come together or not at all",
                ));
            }
        };
        let requested_token_type = match parameters.requested_token_type {
            None => None,
            Some(uri) => {
                Some(TokenType::from_uri(uri).ok_or_else(|| requested_type_not_allowed(uri))?)
            }
        };
        Ok(Self {
            subject_token: parameters.subject_token.into(),
            subject_token_type,
            actor_token,
            requested_token_type,
            target: parameters.target,
        })
    }
}

fn declared(uri: &str) -> Result<TokenType, Refusal> {
    let known = TokenType::from_uri(uri).filter(|kind| TokenType::PRESENTED.contains(kind));
    known.ok_or_else(|| match TokenType::from_short_name(uri) {
        Some(meant) if TokenType::PRESENTED.contains(&meant) => {
            let full = meant.uri();
            let message =
                format!("the declared token type is the last word of an identifier; send `{full}`");
            Refusal::new(OAuthError::InvalidRequest, &reason::TYPE_SHORT, message)
        }
        _ => {
            let known = TokenType::PRESENTED.map(TokenType::uri).join(", ");
            let message =
                format!("the declared token type is not supported; it must be one of {known}");
            let refusal = Refusal::new(OAuthError::InvalidRequest, &reason::TYPE, message);
            refusal.comparing(shown_urn(uri))
        }
    })
}

/// A JWT as an authorization grant.
#[derive(Clone, Default)]
pub struct JwtBearer {
    /// The JWT, as it came.
    pub assertion: String,
    /// The grant type says that it is bound to a key (`…:jwt-dpop`,
    /// draft-parecki-oauth-jwt-dpop-grant): without a proof of that key it is refused.
    pub is_bound: bool,
    /// Where the issued token is to be used.
    pub target: Target,
}

impl JwtBearer {
    /// Whether the JWT says that it is an identity assertion grant.
    pub(super) fn is_id_jag(&self) -> bool {
        Jws::parse(&self.assertion).is_ok_and(|jws| id_jag::is_one(&jws))
    }
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
    /// came; empty: the application's own audiences. For an identity assertion
    /// grant the first is the authorization server, and what follows are resources
    /// there.
    pub audience: Vec<String>,
    /// The scopes; `None`: the application's default scopes.
    pub scope: Option<Vec<String>>,
}

impl Target {
    /// A target whose scopes are text, space-delimited (RFC 6749 section 3.3).
    /// Text without a scope asks for the default scopes.
    #[must_use]
    pub fn new(audience: Vec<String>, scope: Option<&str>) -> Self {
        let scopes = scope.unwrap_or_default().split(' ').filter(|one| !one.is_empty());
        let scopes: Vec<String> = scopes.map(String::from).collect();
        Self { audience, scope: (!scopes.is_empty()).then_some(scopes) }
    }

    /// "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )" (RFC 6749 section 3.3), and a
    /// malformed scope is an `invalid_scope` (section 5.2).
    fn check_scope(&self) -> Result<(), Refusal> {
        if self.scope.iter().flatten().all(|scope| is_scope(scope)) {
            return Ok(());
        }
        Err(Refusal::new(
            OAuthError::InvalidScope,
            &reason::SCOPE_MALFORMED,
            "a requested scope has a character that no scope has; send printable ASCII \
             without quotation marks and backslashes, and spaces between scopes only",
        ))
    }
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
