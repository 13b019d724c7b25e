//! `POST /oauth2/explain`: how a token request would be decided, and why.
//! Nothing is minted and nothing is stored.
//!
//! An administrator sends the form of a token request with the `client_id` of
//! the application it would come from, which needs no secret here.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::token;
use crate::administrator;
use crate::audit::Audit;
use crate::exchange::{Refusal, RequestContext};
use crate::host::Host;
use crate::http::{Caller, Reply, Request};
use crate::state::State;

pub(super) async fn post(state: &State, host: &Host, request: &Request) -> Reply {
    let caller = match administrator::authorize(state, host, request).await {
        Ok(caller) => caller,
        Err(denied) => return administrator::refuse(host, denied),
    };
    let host = &host.rehearsal();
    let mut context = RequestContext::new(state, host);
    // The administrator speaks for the application that the form names.
    let rehearsed =
        Request { headers: form_headers(request), caller: Caller::Embedder, ..request.clone() };
    let decided = token::decide(&mut context, &rehearsed).await;
    if let Err(refusal) = &decided {
        refusal.note(&mut context.trace);
    }
    let issued = context.rehearsed.take();
    let mut audit = token::audit(host, context, "explain".into());
    let body = match decided {
        Ok(reply) => granted(&reply, issued.unwrap_or_default(), &audit),
        Err(refusal) => {
            refusal.record(&mut audit);
            explained(&refusal, &audit)
        }
    };
    audit.administrator = Some(caller.name());
    Reply { audit: Some(audit), ..Reply::json(200, &body) }.with("cache-control", "no-store")
}

/// Only what says that the body is a form: the administrator's own credentials
/// are not the client's.
fn form_headers(request: &Request) -> Vec<(String, String)> {
    let content_type = request.values("content-type").next();
    content_type.map(|value| ("content-type".into(), value.into())).into_iter().collect()
}

fn granted(reply: &impl serde::Serialize, claims: Value, audit: &Audit) -> Value {
    let mut reply = serde_json::to_value(reply).unwrap_or_default();
    let mut has_refresh_token = false;
    if let Some(members) = reply.as_object_mut() {
        members.remove("access_token");
        has_refresh_token = members.remove("refresh_token").is_some();
    }
    json!({
        "granted": true,
        "status": 200,
        "issued": { "reply": reply, "refreshToken": has_refresh_token, "claims": claims },
        "parties": audit.parties,
        "checks": audit.checks,
    })
}

fn explained(refusal: &Refusal, audit: &Audit) -> Value {
    json!({
        "granted": false,
        "status": refusal.reply().status,
        "error": audit.error,
        "error_description": audit.message,
        "reason": audit.reason,
        "claim": audit.claim,
        "cause": refusal.catalogued().cause,
        "remedy": refusal.catalogued().remedy,
        "parties": audit.parties,
        "checks": audit.checks,
    })
}
