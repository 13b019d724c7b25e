//! Client authentication (RFC 6749 section 2.3).
//!
//! A client authenticates in one way, the way that its application is
//! registered for. Client ids are public, so a reply may tell an unknown one
//! from a wrong secret in its trace; secrets are compared in constant time.

use alloc::string::String;
use alloc::sync::Arc;

use super::Trust;
use super::applications::Applications;
use super::client_assertion::{self, AssertionType};
use super::platform_token::PlatformClients;
use crate::audit::{Detail, Named, Parties, Trace};
use crate::config::{Application, ClientAuthentication};
use crate::host::Host;
use crate::limits::{Attempt, Gate};
use crate::mtls::ClientCertificate;
use crate::reason::{self, Reason};
use crate::refusal::{OAuthError, Refusal};
use crate::time::Timestamp;

/// A client as it presents itself: a client id, credentials, or both.
#[derive(Clone)]
pub struct Client {
    /// `client_id`, where it was sent beside credentials or alone.
    pub(crate) client_id: Option<String>,
    pub(crate) credentials: Credentials,
    /// The client certificate of the connection.
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
}

/// How a client proves who it is.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// The embedding program speaks for the application.
    Embedder,
    /// Nobody proves anything: a rehearsal for an administrator.
    Assumed,
    /// `client_secret_basic`: user and password as they came.
    Basic { id: String, secret: String },
    /// `client_secret_post`.
    Post { id: String, secret: String },
    /// A client assertion: `private_key_jwt`, or a token of a trusted token issuer.
    Assertion(String, AssertionType),
    /// Only a `client_id`, or nothing.
    None,
}

impl Client {
    /// The application of this client id, for which the embedding program
    /// speaks. It needs no secret. Never make one from network input.
    #[must_use]
    pub fn embedder(client_id: impl Into<String>) -> Self {
        Self {
            client_id: Some(client_id.into()),
            credentials: Credentials::Embedder,
            certificate: None,
        }
    }

    /// A client with its secret (RFC 6749 section 2.3.1).
    #[must_use]
    pub fn with_secret(client_id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (id, secret) = (client_id.into(), secret.into());
        Self { client_id: None, credentials: Credentials::Post { id, secret }, certificate: None }
    }

    /// A client with a JWT as client assertion (RFC 7523 section 2.2): one that it
    /// signed, or a token of a trusted token issuer. For a client that the store
    /// keeps, the latter needs [`Client::named`] as well.
    #[must_use]
    pub fn with_assertion(client_assertion: impl Into<String>) -> Self {
        let credentials = Credentials::Assertion(client_assertion.into(), AssertionType::Jwt);
        Self { client_id: None, credentials, certificate: None }
    }

    /// A client with a JWT-SVID as client assertion
    /// (draft-ietf-oauth-spiffe-client-auth).
    #[must_use]
    pub fn with_jwt_svid(client_assertion: impl Into<String>) -> Self {
        let credentials = Credentials::Assertion(client_assertion.into(), AssertionType::JwtSvid);
        Self { client_id: None, credentials, certificate: None }
    }

    /// The same with its `client_id`, which has to be that of the client that
    /// authenticates.
    #[must_use]
    pub fn named(self, client_id: impl Into<String>) -> Self {
        Self { client_id: Some(client_id.into()), ..self }
    }

    /// A public client, which has no secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn public(client_id: impl Into<String>) -> Self {
        Self {
            client_id: Some(client_id.into()),
            credentials: Credentials::None,
            certificate: None,
        }
    }

    /// Whether somebody on the network presents it, whose failures count.
    pub(crate) fn is_presented(&self) -> bool {
        !matches!(self.credentials, Credentials::Embedder | Credentials::Assumed)
    }

    /// The application whose request an administrator rehearses.
    pub(crate) fn assumed(self) -> Self {
        Self { credentials: Credentials::Assumed, ..self }
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Client(…)")
    }
}

impl Named for Application {
    fn name(&self) -> &str {
        &self.name
    }
}

/// What client authentication reads.
#[derive(Clone, Copy)]
pub(crate) struct Clients<'a> {
    pub(crate) applications: &'a Applications,
    pub(crate) platform_clients: &'a PlatformClients,
    pub(crate) trust: &'a Trust,
    /// The issuer identifier of this server.
    pub(crate) issuer: &'a str,
    pub(crate) token_endpoint: &'a str,
    /// How often authentication may fail.
    pub(crate) gate: Gate<'a>,
}

/// What a request tells the audit log about its client.
pub(crate) struct Noted<'a> {
    pub(crate) parties: &'a mut Parties,
    pub(crate) trace: &'a mut Trace,
}

impl Clients<'_> {
    /// The application that a request comes from.
    ///
    /// # Errors
    /// `invalid_client` when the client does not authenticate in the way that
    /// its application is registered for.
    pub(crate) async fn authenticate(
        &self,
        host: &Host,
        noted: &mut Noted<'_>,
        client: &Client,
    ) -> Result<Arc<Application>, Refusal> {
        let id = client.client_id.as_deref();
        let claimed = || id.ok_or_else(missing);
        let (application, method) = match &client.credentials {
            Credentials::Embedder => (self.known(host, noted, claimed()?).await?, "embedder"),
            Credentials::Assumed => (self.known(host, noted, claimed()?).await?, "assumed"),
            Credentials::Basic { id, secret } if secret.is_empty() => {
                (self.by_basic(host, noted, id, secret).await?, "none")
            }
            Credentials::Basic { id, secret } => {
                (self.by_basic(host, noted, id, secret).await?, "client_secret_basic")
            }
            Credentials::Post { id, secret } => {
                (self.by_secret(host, noted, id, secret).await?, "client_secret_post")
            }
            Credentials::Assertion(token, kind) => {
                client_assertion::authenticate(self, host, noted, id, (token, *kind)).await?
            }
            Credentials::None => {
                let application = self.named(host, noted, claimed()?).await?;
                let method =
                    without_credentials(&application, client.certificate.as_deref(), host.now)?;
                (application, method)
            }
        };
        if id.is_some_and(|id| id != application.client_id) {
            return Err(refused(
                &reason::CLIENT_SECRET,
                "`client_id` names another client than the one that authenticated",
            ));
        }
        let authenticated = Detail::Client(method, application.clone());
        noted.trace.pass("client", "authentication", authenticated);
        Ok(application)
    }

    /// The application with this client id, if its authentication has not failed too
    /// often from where the request comes. No credentials are looked at before.
    pub(super) async fn named(
        &self,
        host: &Host,
        noted: &mut Noted<'_>,
        id: &str,
    ) -> Result<Arc<Application>, Refusal> {
        let found = self.known(host, noted, id).await;
        match &found {
            Ok(application) => self.gate.check(Attempt::Client(&application.client_id))?,
            Err(refusal) if refusal.catalogued() == &reason::CLIENT_UNKNOWN => {
                self.gate.check(Attempt::UnknownClient)?;
            }
            Err(_) => {}
        }
        found
    }

    /// The application with this client id. From here on the audit log names
    /// it; a client id that names no application is never logged, because
    /// swapped credentials make it a secret.
    async fn known(
        &self,
        host: &Host,
        noted: &mut Noted<'_>,
        id: &str,
    ) -> Result<Arc<Application>, Refusal> {
        let found = self.applications.named(host, id).await.map_err(Refusal::of_store)?;
        let application = found.ok_or_else(|| {
            refused(&reason::CLIENT_UNKNOWN, "no application has this `client_id`")
        })?;
        noted.parties.client_id = Some(application.client_id.clone());
        Ok(application)
    }

    /// RFC 6749 section 2.3.1 wants both form-encoded first; some clients do
    /// and some do not. Either reading may be the right one.
    async fn by_basic(
        &self,
        host: &Host,
        noted: &mut Noted<'_>,
        id: &str,
        secret: &str,
    ) -> Result<Arc<Application>, Refusal> {
        let as_sent = self.by_secret(host, noted, id, secret).await;
        if as_sent.is_ok() || !(id.contains(['%', '+']) || secret.contains(['%', '+'])) {
            return as_sent;
        }
        match self.by_secret(host, noted, &decoded(id), &decoded(secret)).await {
            Err(refusal) if refusal.error() != OAuthError::TooManyRequests => as_sent,
            by_decoded => by_decoded,
        }
    }

    async fn by_secret(
        &self,
        host: &Host,
        noted: &mut Noted<'_>,
        id: &str,
        secret: &str,
    ) -> Result<Arc<Application>, Refusal> {
        let application = self.named(host, noted, id).await?;
        match &application.authentication {
            ClientAuthentication::Secret(registered) if registered.matches(secret) => {
                Ok(application)
            }
            ClientAuthentication::Secret(_) => {
                Err(refused(&reason::CLIENT_SECRET, "the client secret is not the registered one"))
            }
            // An empty password is none: so google-auth says who a public client is.
            ClientAuthentication::None if secret.is_empty() => Ok(application),
            ClientAuthentication::PrivateKeyJwt(_)
            | ClientAuthentication::PlatformToken(_)
            | ClientAuthentication::Certificate(_)
            | ClientAuthentication::None => Err(refused(
                &reason::CLIENT_METHOD,
                "the application is not registered with a client secret",
            )),
        }
    }
}

/// The method of a request without credentials: it is of a public client, or its
/// connection has the certificate of the client (RFC 8705 section 2).
fn without_credentials(
    application: &Application,
    certificate: Option<&ClientCertificate>,
    now: Timestamp,
) -> Result<&'static str, Refusal> {
    match &application.authentication {
        ClientAuthentication::None => Ok("none"),
        ClientAuthentication::Certificate(identity) => {
            let certificate = certificate.ok_or_else(|| {
                refused(
                    &reason::CERTIFICATE_OF_CLIENT_MISSING,
                    "the application authenticates with a client certificate, and the request has none",
                )
            })?;
            certificate
                .check(identity, now)
                .map_err(|fault| Refusal::of_fault("", OAuthError::InvalidClient, fault))?;
            Ok(identity.method())
        }
        ClientAuthentication::Secret(_)
        | ClientAuthentication::PrivateKeyJwt(_)
        | ClientAuthentication::PlatformToken(_) => Err(refused(
            &reason::CLIENT_MISSING,
            "the application has to authenticate, and the request has no credentials",
        )),
    }
}

/// An application that can keep a secret, for an endpoint that requires one.
///
/// # Errors
/// `invalid_client` for a public application.
pub(crate) fn confidential(application: Arc<Application>) -> Result<Arc<Application>, Refusal> {
    match application.authentication {
        ClientAuthentication::None => Err(refused(
            &reason::CLIENT_METHOD,
            "a public client cannot authenticate, which this endpoint requires",
        )),
        ClientAuthentication::Secret(_)
        | ClientAuthentication::PrivateKeyJwt(_)
        | ClientAuthentication::PlatformToken(_)
        | ClientAuthentication::Certificate(_) => Ok(application),
    }
}

fn decoded(text: &str) -> String {
    // The form decoder reads names and values; without `&` and `=` the whole
    // text is one name.
    let safe = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(safe.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// A client that is not the one it claims to be.
pub(crate) fn refused(reason: &'static Reason, message: &str) -> Refusal {
    Refusal::new(OAuthError::InvalidClient, reason, message)
}

/// The request names no client.
pub(crate) fn missing() -> Refusal {
    refused(
        &reason::CLIENT_MISSING,
        "the request does not say which application it comes from: no credentials and no `client_id`",
    )
}
