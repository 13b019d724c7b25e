//! The types of `wit/tokens.wit` and those of the engine, each way.

use exchequer::{
    AccessCredentials, AccessRequirements, AccessToken, Check, Client, Decided, DpopProof,
    GrantRequest, Introspection, Issued, JwtBearer, Outcome, Refresh, Refusal, Rehearsal, Target,
    TokenExchange, TokenRequest, TokenType, Unauthorized,
};

use crate::tokens;

/// A request for a token.
#[must_use]
pub fn token_request(request: tokens::TokenRequest) -> TokenRequest {
    let grant = match request.grant {
        tokens::Grant::TokenExchange(exchange) => {
            GrantRequest::TokenExchange(token_exchange(exchange))
        }
        tokens::Grant::JwtBearer(tokens::JwtBearer { assertion, target: to }) => {
            GrantRequest::JwtBearer(JwtBearer {
                assertion,
                target: target(to),
                ..JwtBearer::default()
            })
        }
        tokens::Grant::RefreshToken(tokens::Refresh { refresh_token, target: to }) => {
            GrantRequest::RefreshToken(Refresh { refresh_token, target: target(to) })
        }
        tokens::Grant::ClientCredentials(to) => GrantRequest::ClientCredentials(target(to)),
    };
    let made = TokenRequest::new(client(request.client), grant);
    match request.dpop {
        Some(sent) => made.with_dpop(proof(sent)),
        None => made,
    }
}

fn proof(proof: tokens::DpopProof) -> DpopProof {
    match proof.url {
        Some(url) => DpopProof::new(proof.jwt, &proof.method, url),
        None => DpopProof::of_token_request(proof.jwt),
    }
}

/// What a request to an API brings.
#[must_use]
pub fn credentials(access_token: String, dpop: Option<tokens::DpopProof>) -> AccessCredentials {
    match dpop {
        Some(sent) => AccessCredentials::with_dpop(access_token, proof(sent)),
        None => access_token.into(),
    }
}

/// A client as it presents itself.
#[must_use]
pub fn client(client: tokens::Client) -> Client {
    match client {
        tokens::Client::Embedder(id) => Client::embedder(id),
        tokens::Client::Secret(tokens::ClientSecret { client_id, secret }) => {
            Client::with_secret(client_id, secret)
        }
        tokens::Client::Assertion(assertion) => Client::with_assertion(assertion),
        tokens::Client::Public(id) => Client::public(id),
    }
}

/// What an access token must have to be let in.
#[must_use]
pub fn requirements(requirements: tokens::Requirements) -> AccessRequirements {
    let tokens::Requirements { scopes, audiences, origin } = requirements;
    AccessRequirements { scopes, audiences, origin }
}

fn token_exchange(request: tokens::TokenExchange) -> TokenExchange {
    let tokens::TokenExchange { subject, actor, requested, target: to } = request;
    TokenExchange {
        subject_token: subject.token,
        subject_token_type: from_host(subject.token_type),
        actor_token: actor.map(|actor| (actor.token, from_host(actor.token_type))),
        requested_token_type: requested.map(from_host),
        target: target(to),
    }
}

fn target(target: tokens::Target) -> Target {
    let tokens::Target { audience, scope } = target;
    Target { audience, scope }
}

fn from_host(kind: tokens::TokenType) -> TokenType {
    match kind {
        tokens::TokenType::AccessToken => TokenType::AccessToken,
        tokens::TokenType::Jwt => TokenType::Jwt,
        tokens::TokenType::IdToken => TokenType::IdToken,
        tokens::TokenType::RefreshToken => TokenType::RefreshToken,
        tokens::TokenType::IdJag => TokenType::IdJag,
    }
}

fn to_host(kind: TokenType) -> tokens::TokenType {
    match kind {
        TokenType::AccessToken => tokens::TokenType::AccessToken,
        TokenType::Jwt => tokens::TokenType::Jwt,
        TokenType::IdToken => tokens::TokenType::IdToken,
        TokenType::RefreshToken => tokens::TokenType::RefreshToken,
        TokenType::IdJag => tokens::TokenType::IdJag,
    }
}

/// The result of an exchange.
#[must_use]
pub fn exchanged(decided: Decided<Issued>) -> tokens::Exchanged {
    let audit = decided.audit.to_json();
    let Decided { result, dpop_nonce, .. } = decided;
    tokens::Exchanged { outcome: result.map(issued).map_err(|it| refusal(&it)), audit, dpop_nonce }
}

/// The description of a token.
#[must_use]
pub fn introspected(decided: Decided<Introspection>) -> tokens::Introspected {
    let audit = decided.audit.to_json();
    let outcome = decided.result.map(|introspection| match introspection {
        Introspection::Inactive => tokens::Introspection::Inactive,
        Introspection::Active(members) => tokens::Introspection::Active(json(&members)),
    });
    tokens::Introspected { outcome: outcome.map_err(|it| refusal(&it)), audit }
}

/// The result of a revocation.
#[must_use]
pub fn revoked(decided: Decided<()>) -> tokens::Revoked {
    let audit = decided.audit.to_json();
    tokens::Revoked { outcome: decided.result.map_err(|it| refusal(&it)), audit }
}

/// The result of a rehearsal.
#[must_use]
pub fn explained(decided: Decided<Rehearsal>) -> tokens::Explained {
    let audit = decided.audit.to_json();
    let Decided { result, audit: exchequer::Audit { parties, checks, .. }, .. } = decided;
    let parties = tokens::Parties {
        client_id: parties.client_id,
        grant_type: parties.grant_type,
        trusted_token_issuer: parties.trusted_token_issuer,
        subject: parties.subject,
    };
    let checks = checks.checks().map(check).collect();
    let outcome = result.map(rehearsal).map_err(|it| refusal(&it));
    tokens::Explained { outcome, parties, checks, audit }
}

/// The access token that was presented, if it lets its bearer in.
///
/// # Errors
/// Why it does not.
pub fn authenticated(
    result: Result<AccessToken, Unauthorized>,
) -> Result<tokens::AccessToken, tokens::Unauthorized> {
    let token = result.map_err(unauthorized)?;
    Ok(tokens::AccessToken { sub: token.sub(), claims: json(&token.claims) })
}

fn issued(issued: Issued) -> tokens::Issued {
    tokens::Issued {
        access_token: issued.access_token,
        issued_token_type: issued.issued_token_type.map(to_host),
        token_type: issued.token_type.into(),
        expires_in: issued.expires_in,
        scope: scopes(&issued.scope),
        refresh_token: issued.refresh_token,
    }
}

fn rehearsal(rehearsal: Rehearsal) -> tokens::Rehearsal {
    tokens::Rehearsal {
        issued_token_type: rehearsal.issued_token_type.map(to_host),
        token_type: rehearsal.token_type.into(),
        expires_in: rehearsal.expires_in,
        scope: scopes(&rehearsal.scope),
        has_refresh_token: rehearsal.has_refresh_token,
        claims: json(&rehearsal.claims),
    }
}

fn check(Check { code, outcome, detail }: Check) -> tokens::Check {
    let outcome = match outcome {
        Outcome::Pass => tokens::CheckOutcome::Pass,
        Outcome::Fail => tokens::CheckOutcome::Fail,
        Outcome::Audit => tokens::CheckOutcome::Audit,
        Outcome::Unavailable => tokens::CheckOutcome::Unavailable,
    };
    tokens::Check { code, outcome, detail }
}

fn refusal(refusal: &Refusal) -> tokens::Refusal {
    tokens::Refusal {
        error: refusal.error().code().into(),
        reason: refusal.reason(),
        message: refusal.message().into(),
        claim: refusal.claim().map(Into::into),
        cause: refusal.catalogued().cause.into(),
        remedy: refusal.catalogued().remedy.into(),
        status: refusal.status(),
        retry_after: refusal.retry_after(),
    }
}

fn unauthorized(unauthorized: Unauthorized) -> tokens::Unauthorized {
    let message = unauthorized.to_string();
    match unauthorized {
        Unauthorized::Missing => tokens::Unauthorized::Missing,
        Unauthorized::InvalidToken { reason, .. } => {
            let reason = reason.into();
            tokens::Unauthorized::InvalidToken(tokens::InvalidToken { reason, message })
        }
        Unauthorized::InvalidProof { reason, .. } => {
            let reason = reason.into();
            tokens::Unauthorized::InvalidProof(tokens::InvalidToken { reason, message })
        }
        Unauthorized::NonceRequired { nonce, .. } => {
            tokens::Unauthorized::NonceRequired(tokens::NonceRequired { nonce, message })
        }
        Unauthorized::InvalidRequest { message } => tokens::Unauthorized::InvalidRequest(message),
        Unauthorized::InsufficientScope { required } => {
            tokens::Unauthorized::InsufficientScope(required)
        }
        Unauthorized::Unavailable { retry_after, .. } => {
            tokens::Unauthorized::Unavailable(tokens::Unavailable { message, retry_after })
        }
        // Younger than the interface: nobody is let in.
        _ => tokens::Unauthorized::Missing,
    }
}

fn scopes(scope: &str) -> Vec<String> {
    scope.split(' ').filter(|one| !one.is_empty()).map(Into::into).collect()
}

fn json(members: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(members).unwrap_or_default()
}
