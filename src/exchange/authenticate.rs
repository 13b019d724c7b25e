//! Protecting an API with issued access tokens (RFC 6750, RFC 9449).

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Map, Value};

use super::binding::Sender;
use super::introspect::members;
use super::issued_token::{Form, recognise};
use super::law::Use;
use super::nonces::{self, Current};
use super::unauthorized::Unauthorized;
use crate::config::ClientCertificates;
use crate::dpop::{self, DpopProof, Expected, Proven};
use crate::grant::Grant;
use crate::host::Host;
use crate::http::{Request, TlsCertificate};
use crate::mtls::{self, ClientCertificate};
use crate::reason::{self, Fault};
use crate::state::State;

/// What an access token must have to be let in.
#[derive(Clone, Debug, Default)]
pub struct AccessRequirements {
    /// Every one of these scopes.
    pub scopes: Vec<String>,
    /// One of these audiences; empty: any, which is right only for an API
    /// that is the only one that tokens are issued for.
    pub audiences: Vec<String>,
    /// Scheme and authority by which clients reach the API, such as
    /// `https://api.example.com`, for [`Engine::protect`](crate::Engine::protect):
    /// DPoP proofs name the URL of a request. `None`: the API takes none.
    pub origin: Option<String>,
}

/// What a request to an API brings: an access token, and with the scheme `DPoP` a
/// proof that its sender has the key of the token (RFC 9449 section 7.1).
#[derive(Clone, Debug)]
pub struct AccessCredentials {
    token: Token,
    proof: Option<DpopProof>,
    certificate: Option<Arc<ClientCertificate>>,
}

/// An access token as it came. Debug output does not show it.
#[derive(Clone)]
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A bearer token.
impl From<String> for AccessCredentials {
    fn from(token: String) -> Self {
        Self { token: Token(token), proof: None, certificate: None }
    }
}

impl AccessCredentials {
    /// An access token that was presented with the scheme `DPoP`, and its proof.
    #[must_use]
    pub fn with_dpop(token: impl Into<String>, proof: DpopProof) -> Self {
        Self { token: Token(token.into()), proof: Some(proof), certificate: None }
    }

    /// The same over a TLS connection with this client certificate (RFC 8705 section
    /// 3). One that cannot be read is none.
    #[must_use]
    pub fn with_certificate(self, certificate: &TlsCertificate) -> Self {
        let certificate = ClientCertificate::of(certificate).map(Arc::new);
        Self { certificate, ..self }
    }

    /// Those in the header fields `Authorization` and `DPoP` of a request with this
    /// method. `url` is the one that the client sees; without it no proof can be
    /// checked. `None`: there is no access token.
    ///
    /// # Errors
    /// [`Unauthorized`] when the scheme is `DPoP` and there is no proof.
    pub fn of_headers(
        authorization: Option<&str>,
        dpop: Option<&str>,
        method: &str,
        url: Option<&str>,
    ) -> Result<Option<Self>, Unauthorized> {
        let mut request = Request::new(method, "/");
        for (name, value) in [("authorization", authorization), ("dpop", dpop)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        Self::of(&request, None, || url.map(Into::into))
    }

    /// Those of an HTTP request. `url` is the one that the client sees; without it
    /// no proof can be checked.
    ///
    /// # Errors
    /// [`Unauthorized`] when a request with the scheme `DPoP` has no proof, or
    /// another token beside.
    pub(crate) fn of(
        request: &Request,
        certificates: Option<&ClientCertificates>,
        url: impl FnOnce() -> Option<String>,
    ) -> Result<Option<Self>, Unauthorized> {
        let certificate = mtls::presented(request, certificates)
            .map_err(|fault| Unauthorized::InvalidRequest { message: fault.message })?;
        if let Some(token) = request.bearer() {
            return Ok(Some(Self { certificate, ..String::from(token).into() }));
        }
        let Some(token) = request.credentials_of("dpop") else { return Ok(None) };
        // "If the request includes [...] multiple schemes" (section 7.2).
        if request.values("authorization").count() > 1 {
            let message = "the request has more than one `Authorization`".into();
            return Err(Unauthorized::InvalidRequest { message });
        }
        let proofs: Vec<&str> = request.values("dpop").collect();
        let missing = |message: &str| {
            let fault = Fault::new(&reason::PROOF_MISSING, message);
            Unauthorized::of_proof(fault.into())
        };
        if proofs.is_empty() {
            return Err(missing("the request has no DPoP proof"));
        }
        let url = url().ok_or_else(|| {
            missing("this API takes no DPoP proofs, because it does not know its own URL")
        })?;
        let proof = DpopProof::new(proofs.join(","), &request.method, url);
        Ok(Some(Self { certificate, ..Self::with_dpop(token, proof) }))
    }

    /// The access token.
    pub(crate) fn token(&self) -> &str {
        &self.token.0
    }

    /// Whether it was presented as a bearer token.
    pub(crate) fn is_bearer(&self) -> bool {
        self.proof.is_none()
    }
}

/// An issued access token that counts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// Its claims, as introspection says them (RFC 7662 section 2.2).
    pub claims: Map<String, Value>,
    /// What it was granted. The scope is what still stands of it.
    pub(crate) grant: Grant,
}

/// The access token, if it counts and has what is required.
///
/// # Errors
/// [`Unauthorized`].
pub(crate) async fn authenticate(
    state: &State,
    host: &Host,
    credentials: Option<&AccessCredentials>,
    requirements: &AccessRequirements,
) -> Result<AccessToken, Unauthorized> {
    let credentials = credentials.ok_or(Unauthorized::Missing)?;
    let token = access_token(state, host, credentials).await?;
    let AccessRequirements { scopes, audiences, .. } = requirements;
    let Grant { audience, scope, .. } = &token.grant;
    if !audiences.is_empty() && !audience.iter().any(|aud| audiences.contains(aud)) {
        let message = "the token is meant for another audience";
        return Err(Fault::new(&reason::AUD_MISMATCH, message).into());
    }
    if scopes.iter().any(|required| !scope.contains(required)) {
        return Err(Unauthorized::InsufficientScope { required: scopes.clone() });
    }
    Ok(token)
}

/// An issued access token that counts, from somebody who has the key that it is
/// bound to. Its proof is spent when everything else is good.
///
/// # Errors
/// [`Unauthorized`] for any other token, or when the store fails.
pub(crate) async fn access_token(
    state: &State,
    host: &Host,
    credentials: &AccessCredentials,
) -> Result<AccessToken, Unauthorized> {
    let AccessCredentials { token: Token(token), proof, certificate } = credentials;
    let (proven, used) = match proof {
        None => (Proven::Nothing, None),
        Some(proof) => {
            let token_endpoint = &state.token_endpoint;
            let expected = Expected {
                token_endpoint,
                alias: None,
                access_token: Some(token),
                is_fapi: false,
                nonces: None,
            };
            let checked = dpop::check(host, proof, &expected).await;
            let checked = checked.map_err(Unauthorized::of_proof)?;
            (Proven::Key(checked.jkt), Some((checked.nonce, checked.spend)))
        }
    };
    let certificate = certificate.as_ref().map(|one| &*one.thumbprint);
    let sender = Sender { proven: &proven, certificate, is_presenter: false };
    let (token, standing) = recognise(state, host, token, Use::Access, &sender).await?;
    if matches!(token.form, Form::Refresh(_)) {
        return Err(Fault::new(&reason::TYP_MISMATCH, "the token is not an access token").into());
    }
    if proof.is_some() && token.grant.jkt.is_none() {
        let message = "the token is not bound to a key, and was presented with the scheme `DPoP`";
        return Err(Fault::new(&reason::NOT_BOUND, message).into());
    }
    if let Some((nonce, spend)) = used {
        if standing.needs_nonce {
            check_nonce(state, host, nonce.as_deref()).await?;
        }
        dpop::spend(host, spend).await.map_err(Unauthorized::of_proof)?;
    }
    let grant = Grant { scope: standing.scope.clone().into(), ..token.grant.clone() };
    Ok(AccessToken { claims: members(state, token, &standing), grant })
}

/// Checks the nonce of a proof by the client of the token.
async fn check_nonce(state: &State, host: &Host, nonce: Option<&str>) -> Result<(), Unauthorized> {
    let current = nonces::current(state, host).await;
    let Current { nonces, next } = current.map_err(|_| {
        let message = "a nonce cannot be made at the moment; try again later".into();
        Unauthorized::Unavailable { message, retry_after: 1 }
    })?;
    let checked = dpop::check_nonce(&nonces, nonce, host.now);
    checked.map_err(|Fault { message, .. }| Unauthorized::NonceRequired { nonce: next, message })
}

impl AccessToken {
    /// The `sub` of the token (RFC 7519 section 4.1.2).
    #[must_use]
    pub fn sub(&self) -> String {
        self.grant.sub().to_string()
    }
}
