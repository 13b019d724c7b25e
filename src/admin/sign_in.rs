//! `/api/server/v1/sign-in`: how people sign in to the console at a trusted token
//! issuer, and the ID token for the code that a browser brings back.
//!
//! Anybody may call it: who calls wants to sign in. It gives no access. The
//! console exchanges the ID token at the token endpoint, like any client.

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value, json};

use super::call::{Call, no_content};
use super::error::{Error, Kind, UNAVAILABLE};
use crate::config::{Problem, SignIn};
use crate::http::Reply;
use crate::identity::sign_in::{Code, NoToken};
use crate::limits::Attempt;

/// Longest member of a request, in bytes.
const MAX_TEXT: usize = 4096;

static NOT_CONFIGURED: Kind =
    Kind { status: 404, code: "EXQ-40404", message: "Sign-in is not configured." };
static INVALID: Kind = Kind { status: 400, code: "EXQ-40005", message: "Invalid sign-in." };
static REFUSED: Kind =
    Kind { status: 400, code: "EXQ-40004", message: "The sign-in was not accepted." };

/// Serves a call.
pub(super) async fn serve(call: &Call<'_>) -> Result<Reply, Error> {
    match (&*call.request.method, &call.state.config.sign_in) {
        ("GET" | "HEAD", Some(configured)) => place(call, configured).await,
        // No error: every page asks, and a refusal would stand in the audit log.
        ("GET" | "HEAD", None) => Ok(no_content()),
        ("POST", Some(configured)) => id_token(call, configured).await,
        ("POST", None) => Err(Error::new(
            &NOT_CONFIGURED,
            "people sign in with a token only; `console.signIn` of the configuration names a \
             trusted token issuer at which they can sign in",
        )),
        _ => Err(call.method_not_allowed("GET, POST")),
    }
}

/// Where the browser has to go.
async fn place(call: &Call<'_>, configured: &SignIn) -> Result<Reply, Error> {
    let SignIn { issuer, client_id, application } = configured;
    let endpoints = call.state.sign_in.endpoints(call.host, issuer).await;
    let endpoints = endpoints.map_err(|error| unavailable(configured, error.detail()))?;
    let body = json!({
        "name": issuer.name,
        "issuer": issuer.issuer,
        "clientId": client_id,
        "application": application,
        "authorizationEndpoint": endpoints.authorization,
    });
    Ok(Reply::json(200, &body))
}

async fn id_token(call: &Call<'_>, configured: &SignIn) -> Result<Reply, Error> {
    let sent = call.object(&INVALID)?;
    let code = Code {
        code: text(&sent, "code")?,
        verifier: text(&sent, "codeVerifier")?,
        redirect_uri: text(&sent, "redirectUri")?,
    };
    let gate = call.state.gate(call.host);
    gate.check_address().and_then(|()| gate.check(Attempt::SignIn)).map_err(Error::from)?;
    let SignIn { issuer, client_id, .. } = configured;
    let found = call.state.sign_in.id_token(call.host, issuer, client_id, &code).await;
    if let Err(NoToken::Refused(_)) = &found {
        gate.failed(call.host, Attempt::SignIn).await;
    }
    let id_token = found.map_err(|why| match why {
        NoToken::Unavailable(error) => unavailable(configured, error.detail()),
        NoToken::Refused(what) => {
            let name = &issuer.name;
            Error::new(
                &REFUSED,
                format!("{name} did not accept the sign-in: {what}; sign in again"),
            )
        }
        NoToken::Missing => Error::new(
            &REFUSED,
            format!(
                "{} answered without an ID token; allow the scope `openid` to the client",
                issuer.name
            ),
        ),
    })?;
    Ok(Reply::json(200, &json!({ "idToken": id_token })))
}

fn text<'a>(sent: &'a Map<String, Value>, name: &str) -> Result<&'a str, Error> {
    let value = sent.get(name).and_then(Value::as_str);
    let is_good = |value: &&str| !value.is_empty() && value.len() <= MAX_TEXT;
    value.filter(is_good).ok_or_else(|| {
        let problem = format!("must be a text of 1 to {MAX_TEXT} bytes");
        Error::about(&INVALID, Problem::new(name, problem, "send what the sign-in began with"))
    })
}

fn unavailable(SignIn { issuer, .. }: &SignIn, detail: &str) -> Error {
    let name = &issuer.name;
    Error::new(&UNAVAILABLE, format!("nobody can sign in at {name} now: {detail}"))
}
