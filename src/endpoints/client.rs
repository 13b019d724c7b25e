//! How a request says which client it comes from (RFC 6749 section 2.3.1, RFC
//! 7521 section 4.2): read here, decided in `identity`.

use alloc::string::{String, ToString};

use base64ct::{Base64, Encoding};

use crate::http::{Caller, Form, Request};
use crate::identity::Client;
use crate::identity::client::{Credentials, missing, refused};
use crate::identity::client_assertion::AssertionType;
use crate::mtls;
use crate::reason;
use crate::refusal::{OAuthError, Refusal};
use crate::state::State;

/// The types of client assertions: RFC 7523 section 2.2, and
/// draft-ietf-oauth-spiffe-client-auth section 3.1.
const ASSERTION_TYPES: [(&str, AssertionType); 2] = [
    ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", AssertionType::Jwt),
    ("urn:ietf:params:oauth:client-assertion-type:jwt-spiffe", AssertionType::JwtSvid),
];

/// The client, as the request presents it.
///
/// # Errors
/// `invalid_request` when it authenticates in several ways; `invalid_client`
/// when its credentials are malformed.
pub(super) fn client(state: &State, request: &Request, form: &Form<'_>) -> Result<Client, Refusal> {
    let client_id = form.value("client_id").map(String::from);
    let certificate = mtls::presented(request, state.config.client_certificates.as_ref())?;
    if request.caller == Caller::Embedder {
        return Ok(Client { client_id, credentials: Credentials::Embedder, certificate });
    }
    let credentials = credentials(request, form, client_id.as_deref())?;
    Ok(Client { client_id, credentials, certificate })
}

/// Exactly one way of authenticating.
fn credentials(
    request: &Request,
    form: &Form<'_>,
    client_id: Option<&str>,
) -> Result<Credentials, Refusal> {
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
    if let Some(header) = header {
        return basic(header);
    }
    if let Some(assertion) = assertion {
        return Ok(Credentials::Assertion(assertion.into(), assertion_type(form)?));
    }
    match (secret, client_id) {
        (Some(secret), Some(id)) => Ok(Credentials::Post { id: id.into(), secret: secret.into() }),
        (Some(_), None) => Err(missing()),
        (None, _) => Ok(Credentials::None),
    }
}

fn assertion_type(form: &Form<'_>) -> Result<AssertionType, Refusal> {
    let declared = form.value("client_assertion_type");
    let known = ASSERTION_TYPES.into_iter().find(|(name, _)| declared == Some(name));
    known.map(|(_, kind)| kind).ok_or_else(|| {
        refused(
            &reason::CLIENT_METHOD,
            "`client_assertion_type` must be `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, or `urn:ietf:params:oauth:client-assertion-type:jwt-spiffe` for a JWT-SVID",
        )
    })
}

/// The user and password of an `Authorization` header (RFC 7617).
fn basic(header: &str) -> Result<Credentials, Refusal> {
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
    Ok(Credentials::Basic { id: id.to_string(), secret: secret.to_string() })
}
