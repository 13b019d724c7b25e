//! `POST` to `/oauth2/token`, `/oauth2/introspect` and `/oauth2/revoke`: a
//! form comes in, becomes a typed request, and the result becomes a reply.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::json;

use super::client::client;
use super::grant::grant;
use crate::dpop::DpopProof;
use crate::exchange::{self, Decided, RequestContext};
use crate::host::Host;
use crate::http::{Form, Reply, Request};
use crate::identity::Client;
use crate::refusal::{OAuthError, Refusal, plain};
use crate::state::State;

/// `POST /oauth2/token`.
pub(super) async fn token(state: &State, host: &Host, request: &Request) -> Reply {
    let mut context = RequestContext::new(state, host);
    let result = match read(state, request) {
        Ok((client, form)) => {
            context.proof = proof(request);
            exchange::token(&mut context, client, grant(&form)).await
        }
        Err(refusal) => Err(refusal),
    };
    reply(context.decided("token", result), |issued| Reply::of_json(200, issued.to_json()))
}

/// `POST /oauth2/introspect`.
pub(super) async fn introspect(state: &State, host: &Host, request: &Request) -> Reply {
    let mut context = RequestContext::new(state, host);
    let result = match read(state, request) {
        Ok((client, form)) => {
            exchange::introspect(&mut context, client, required_token(&form)).await
        }
        Err(refusal) => Err(refusal),
    };
    reply(context.decided("introspection", result), |described| Reply::json(200, described))
}

/// `POST /oauth2/revoke`.
pub(super) async fn revoke(state: &State, host: &Host, request: &Request) -> Reply {
    let mut context = RequestContext::new(state, host);
    let result = match read(state, request) {
        Ok((client, form)) => exchange::revoke(&mut context, client, required_token(&form)).await,
        Err(refusal) => Err(refusal),
    };
    reply(context.decided("revocation", result), |()| Reply::json(200, &json!({})))
}

/// The client and the form of a request.
fn read<'a>(state: &State, request: &'a Request) -> Result<(Client, Form<'a>), Refusal> {
    let form = Form::parse(request)?;
    Ok((client(state, request, &form)?, form))
}

/// The DPoP proof of a token request. Several make one that is none.
fn proof(request: &Request) -> Option<DpopProof> {
    let values: Vec<&str> = request.values("dpop").collect();
    (!values.is_empty()).then(|| DpopProof::of_token_request(values.join(",")))
}

fn required_token(form: &Form<'_>) -> Result<String, Refusal> {
    Ok(form.required("token").map(String::from)?)
}

fn reply<T>(decided: Decided<T>, granted: impl FnOnce(&T) -> Reply) -> Reply {
    let mut reply = match &decided.result {
        Ok(result) => granted(result),
        Err(refusal) => refused(refusal),
    };
    reply.audit = Some(decided.audit);
    // "at most one DPoP-Nonce" (RFC 9449 section 8).
    if let Some(nonce) = decided.dpop_nonce {
        reply = reply.with("dpop-nonce", nonce);
    }
    // "The authorization server MUST include the HTTP Cache-Control response
    // header field with a value of no-store [...] as well as the Pragma
    // response header field with a value of no-cache" (RFC 6749 section 5.1).
    reply.with("cache-control", "no-store").with("pragma", "no-cache")
}

/// The reply that says a refusal (RFC 6749 section 5.2).
fn refused(refusal: &Refusal) -> Reply {
    #[derive(Serialize)]
    struct Body<'a> {
        error: &'a str,
        error_description: String,
    }
    let error_description = plain(refusal.message());
    let body = Body { error: refusal.error().code(), error_description };
    let mut reply = Reply::json(refusal.status(), &body);
    if refusal.error() == OAuthError::InvalidClient {
        // "the authorization server MUST [...] include the
        // WWW-Authenticate response header field" (RFC 6749 section 5.2).
        reply = reply.with("www-authenticate", "Basic realm=\"token\", charset=\"UTF-8\"");
    }
    match refusal.retry_after() {
        Some(seconds) => reply.with("retry-after", format!("{seconds}")),
        None => reply,
    }
}
