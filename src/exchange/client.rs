//! Client authentication (RFC 6749 section 2.3).
//!
//! A request authenticates in one way, and in the way its application is
//! registered for. Client ids are public and may be told apart; secrets are
//! compared in constant time.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use base64ct::{Base64, Encoding};

use super::RequestContext;
use super::application::{named, refused};
use super::client_assertion;
use super::refusal::{OAuthError, Refusal};
use crate::config::{Application, ClientAuthentication, GrantType};
use crate::host::Host;
use crate::http::{Caller, Form, Request};
use crate::jose::Jws;
use crate::reason;
use crate::state::State;

/// What a request shows of its client.
enum Presented<'a> {
    /// The embedding program speaks for the application it names.
    Embedder(&'a str),
    /// `client_secret_basic`: user and password as they came.
    Basic(String, String),
    /// `client_secret_post`.
    Post(&'a str, &'a str),
    /// `private_key_jwt`.
    Assertion(&'a str),
    /// Only a `client_id`.
    Id(Cow<'a, str>),
}

/// The application a request comes from.
///
/// # Errors
/// `invalid_client` when it does not authenticate as it is registered;
/// `invalid_request` when it authenticates in several ways.
pub(crate) async fn authenticate(
    context: &mut RequestContext<'_>,
    request: &Request,
    form: &Form,
) -> Result<Arc<Application>, Refusal> {
    let (state, host) = (context.state, context.host);
    note_client(context, form.value("client_id")).await;
    let presented = presented(request, form)?;
    if let Presented::Basic(id, _) = &presented {
        note_client(context, Some(id)).await;
    }
    let (application, method) = match presented {
        Presented::Embedder(id) => {
            let method = if host.rehearsing { "assumed" } else { "embedder" };
            (named(state, host, id).await?, method)
        }
        Presented::Basic(id, secret) if secret.is_empty() => {
            (by_basic(state, host, &id, "").await?, "none")
        }
        Presented::Basic(id, secret) => {
            (by_basic(state, host, &id, &secret).await?, "client_secret_basic")
        }
        Presented::Post(id, secret) => {
            (by_secret(state, host, id, secret).await?, "client_secret_post")
        }
        Presented::Assertion(token) => {
            (client_assertion::authenticate(context, token).await?, "private_key_jwt")
        }
        Presented::Id(id) => (public(state, host, &id).await?, "none"),
    };
    if form.value("client_id").is_some_and(|id| id != application.client_id) {
        return Err(refused(
            &reason::CLIENT_SECRET,
            "`client_id` names another client than the one that authenticated",
        ));
    }
    context.parties.client_id = Some(application.client_id.clone());
    context.pass("client", "authentication", format!("{method}, `{}`", application.name));
    Ok(application)
}

/// Notes for the audit log who asks, also if authentication fails, but only if
/// there is such an application: any other text may be a secret that was sent
/// in the wrong place.
async fn note_client(context: &mut RequestContext<'_>, id: Option<&str>) {
    if let Some(id) = id
        && named(context.state, context.host, id).await.is_ok()
    {
        context.parties.client_id = Some(id.into());
    }
}

/// The same, for what only an application that can keep a secret may do.
///
/// # Errors
/// Also `invalid_client` for a public one.
pub(crate) async fn authenticate_confidential(
    context: &mut RequestContext<'_>,
    request: &Request,
    form: &Form,
) -> Result<Arc<Application>, Refusal> {
    let application = authenticate(context, request, form).await?;
    match application.authentication {
        ClientAuthentication::None => Err(refused(
            &reason::CLIENT_METHOD,
            "a public client cannot authenticate, which this endpoint requires",
        )),
        _ => Ok(application),
    }
}

/// Exactly one way of authenticating.
fn presented<'a>(request: &Request, form: &'a Form) -> Result<Presented<'a>, Refusal> {
    let id = form.value("client_id");
    if request.caller == Caller::Embedder {
        return id.map(Presented::Embedder).ok_or_else(missing);
    }
    let secret = form.value("client_secret");
    let assertion = form.value("client_assertion");
    let mut headers = request.values("authorization");
    let header = headers.next();
    // "The client MUST NOT use more than one authentication method in each
    // request" (RFC 6749 section 2.3).
    let ways = usize::from(header.is_some())
        + headers.count()
        + usize::from(secret.is_some())
        + usize::from(assertion.is_some());
    if ways > 1 {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            &reason::CLIENT_SEVERAL,
            "the client authenticates in more than one way",
        ));
    }
    match (header, secret, assertion, id) {
        (Some(header), ..) => basic(header),
        (_, Some(secret), _, Some(id)) => Ok(Presented::Post(id, secret)),
        (_, _, Some(assertion), _) => {
            client_assertion::check_type(form)?;
            Ok(Presented::Assertion(assertion))
        }
        (None, None, None, Some(id)) => Ok(Presented::Id(id.into())),
        (None, None, None, None) => of_assertion(form).map(Presented::Id).ok_or_else(missing),
        _ => Err(missing()),
    }
}

/// The JWT bearer grant needs no client authentication (RFC 7521 section 4.1):
/// the assertion may name a public client, by `client_id` or `azp`. It is only
/// believed when the assertion itself is.
fn of_assertion(form: &Form) -> Option<Cow<'static, str>> {
    if form.value("grant_type") != Some(GrantType::JwtBearer.name()) {
        return None;
    }
    let claims = Jws::parse(form.value("assertion")?).ok()?.claims;
    let named = claims.get("client_id").or_else(|| claims.get("azp"))?;
    named.as_str().map(|id| String::from(id).into())
}

/// The user and password of an `Authorization` header (RFC 7617).
fn basic<'a>(header: &str) -> Result<Presented<'a>, Refusal> {
    let malformed = || {
        refused(
            &reason::CLIENT_METHOD,
            "the `Authorization` header is not HTTP Basic with base64 of `client_id:client_secret`",
        )
    };
    let (scheme, credentials) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = Base64::decode_vec(credentials.trim()).map_err(|_| malformed())?;
    let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok(Presented::Basic(id.to_string(), secret.to_string()))
}

/// RFC 6749 section 2.3.1 wants both form-encoded first; some clients do and
/// some do not. Either reading may be the right one.
async fn by_basic(
    state: &State,
    host: &Host,
    id: &str,
    secret: &str,
) -> Result<Arc<Application>, Refusal> {
    let as_sent = by_secret(state, host, id, secret).await;
    if as_sent.is_ok() || !(id.contains(['%', '+']) || secret.contains(['%', '+'])) {
        return as_sent;
    }
    by_secret(state, host, &decoded(id), &decoded(secret)).await.or(as_sent)
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

async fn by_secret(
    state: &State,
    host: &Host,
    id: &str,
    secret: &str,
) -> Result<Arc<Application>, Refusal> {
    let application = named(state, host, id).await?;
    match &application.authentication {
        ClientAuthentication::Secret(registered) if registered.matches(secret) => Ok(application),
        ClientAuthentication::Secret(_) => {
            Err(refused(&reason::CLIENT_SECRET, "the client secret is not the registered one"))
        }
        // An empty password is none: so google-auth says who a public client is.
        ClientAuthentication::None if secret.is_empty() => Ok(application),
        ClientAuthentication::PrivateKeyJwt(_) | ClientAuthentication::None => Err(refused(
            &reason::CLIENT_METHOD,
            "the application is not registered with a client secret",
        )),
    }
}

async fn public(state: &State, host: &Host, id: &str) -> Result<Arc<Application>, Refusal> {
    let application = named(state, host, id).await?;
    match &application.authentication {
        ClientAuthentication::None => Ok(application),
        ClientAuthentication::Secret(_) | ClientAuthentication::PrivateKeyJwt(_) => Err(refused(
            &reason::CLIENT_MISSING,
            "the application has to authenticate, and the request has no credentials",
        )),
    }
}

fn missing() -> Refusal {
    refused(
        &reason::CLIENT_MISSING,
        "the request does not say which application it comes from: no credentials and no `client_id`",
    )
}
