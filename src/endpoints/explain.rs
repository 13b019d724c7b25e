//! `POST /oauth2/explain`: how a token request would be decided, and why.
//! Nothing is issued and nothing is stored.
//!
//! An administrator sends the form of a token request with the `client_id` of
//! the application it would come from, which needs no secret here.

use alloc::string::String;

use super::grant::grant;
use crate::administrator::{self, Right};
use crate::audit::Audit;
use crate::exchange::{self, Explanation, RequestContext};
use crate::host::Host;
use crate::http::{Form, Reply, Request};
use crate::identity::Client;
use crate::identity::client::Credentials;
use crate::refusal::Refusal;
use crate::state::State;

pub(super) async fn post(state: &State, host: &Host, request: &Request) -> Reply {
    let caller = match administrator::authorize(state, host, request, Right::Read).await {
        Ok(caller) => caller,
        Err(denied) => return administrator::refuse(host, denied),
    };
    let host = &host.clone().without_writes();
    let mut context = RequestContext::new(state, host);
    let result = match Form::parse(request) {
        Ok(form) => {
            // The administrator's own credentials are not the client's.
            let client_id = form.value("client_id").map(String::from);
            let client = Client { client_id, credentials: Credentials::Assumed, certificate: None };
            exchange::rehearse(&mut context, client, grant(&form)).await
        }
        Err(fault) => Err(Refusal::from(fault)),
    };
    let decided = context.decided("explain", result);
    let body = Explanation::from(&decided);
    // The explanation itself succeeded.
    let audit = Audit { status: 200, administrator: Some(caller.name()), ..decided.audit };
    Reply { audit: Some(audit), ..Reply::json(200, &body) }.with("cache-control", "no-store")
}
