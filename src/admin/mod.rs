//! The administration API: trusted token issuers, applications, users and
//! their links, over HTTP. WSO2's paths, shapes and codes where it has them;
//! users by SCIM 2.0 (RFC 7643, RFC 7644).
//!
//! Objects of the configuration document are shown and cannot be written here:
//! whoever changes the document would not know. Every write is one atomic
//! batch, and stands in the audit log with who, what, before and after.

mod applications;
mod call;
mod caller;
mod error;
mod filter;
mod implicit_association;
mod issuers;
mod jwks;
mod objects;
mod scim;

use alloc::string::String;
use alloc::vec::Vec;

use self::call::Call;
use self::caller::Caller;
use self::error::Error;
use crate::http::{Reply, Request};
use crate::state::State;
use crate::trace::{Audit, Parties, Trace};
use crate::world::World;

/// Whether this path is one of the administration API's.
pub(crate) fn owns(path: &str) -> bool {
    ["/api/server/v1/", "/api/users/v1/", "/scim2/"].iter().any(|base| path.starts_with(base))
}

/// Answers a call. `path` is below our issuer.
pub(crate) async fn respond(state: &State, world: &World, request: &Request, path: &str) -> Reply {
    let mut call = Call { state, world, request, change: None };
    let mut caller = None;
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let outcome = serve(&mut call, &segments, &mut caller).await;
    let trace_id = world.entropy.identifier("trace");
    let reply = match &outcome {
        Ok(reply) => reply.clone(),
        Err(error) => error.reply(&trace_id),
    };
    let Call { change, .. } = call;
    let audit = audit(world, &reply, outcome.err(), caller, change, trace_id);
    let reading = matches!(&*request.method, "GET" | "HEAD") && reply.status < 400;
    Reply { audit: (!reading).then_some(audit), ..reply }.with("cache-control", "no-store")
}

async fn serve(
    call: &mut Call<'_>,
    path: &[&str],
    caller: &mut Option<Caller>,
) -> Result<Reply, Error> {
    let (state, world, request) = (call.state, call.world, call.request);
    *caller = Some(caller::administrator(state, world, request).await?);
    match path {
        ["api", "server", "v1", "trusted-token-issuers", rest @ ..] => {
            issuers::serve(call, rest).await
        }
        ["api", "server", "v1", "applications", rest @ ..] => applications::serve(call, rest).await,
        ["api", "server", "v1", "identity-providers", id, "implicit-association"] => {
            implicit_association::serve(call, id).await
        }
        _ => Err(Error::new(
            &error::NO_SUCH_PATH,
            "the administration API has no such path; it has /api/server/v1/trusted-token-issuers, \
             /api/server/v1/applications, /scim2/Users and /api/users/v1/{user-id}/federated-associations",
        )),
    }
}

/// The line of the audit log. What was only read is not in it.
fn audit(
    world: &World,
    reply: &Reply,
    error: Option<Error>,
    caller: Option<Caller>,
    change: Option<crate::trace::Change>,
    trace_id: String,
) -> Audit {
    let (mut parties, mut administrator) = (Parties::default(), None);
    match caller {
        Some(Caller::AdminToken) => administrator = Some("admin token".into()),
        Some(Caller::Bearer { client_id, subject }) => {
            administrator = Some(crate::trace::printable(subject.sub()));
            parties.client_id = Some(client_id);
        }
        None => {}
    }
    Audit {
        time: world.now,
        event: "administration".into(),
        status: reply.status,
        error: error.as_ref().map(|error| error.kind.code.into()),
        reason: None,
        claim: None,
        message: error.map(|error| error.description),
        parties,
        checks: Trace::default(),
        administrator,
        change,
        trace_id: Some(trace_id),
    }
}
