//! The administration API: trusted token issuers, applications, users and
//! their links, over HTTP. WSO2's paths, shapes and codes where it has them;
//! users by SCIM 2.0 (RFC 7643, RFC 7644).
//!
//! Objects of the configuration document are shown and cannot be written here:
//! whoever changes the document would not know. Every write is one atomic
//! batch, and stands in the audit log with who, what, before and after.

mod applications;
mod associations;
mod call;
mod caller;
mod error;
mod filter;
mod implicit_association;
mod issuers;
mod jwks;
mod refusals;
mod refused;
mod resources;
mod scim;
mod time;
mod version;

use alloc::string::String;
use alloc::vec::Vec;

use self::call::Call;
use self::caller::Caller;
pub(crate) use self::caller::{Denied, administrator};
use self::error::Error;
use self::refused::Refused;
use crate::audit::{Audit, Parties, Trace};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::state::State;

/// Whether this path is one of the administration API's.
pub(crate) fn owns(path: &str) -> bool {
    ["/api/server/v1/", "/api/users/v1/", "/scim2/"].iter().any(|base| path.starts_with(base))
}

/// Answers a call. `path` is below our issuer.
pub(crate) async fn respond(state: &State, host: &Host, request: &Request, path: &str) -> Reply {
    let mut call = Call { state, host, request, caller: None, change: None };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let outcome = serve(&mut call, &segments).await;
    let trace_id = host.entropy.identifier("trace");
    let reply = match &outcome {
        Ok(reply) => reply.clone(),
        Err(refused) => refused.reply(&trace_id),
    };
    let Call { caller, change, .. } = call;
    let silent = reply.status < 400 && change.is_none();
    let audit = audit(host, &reply, outcome.err(), caller, change, trace_id);
    Reply { audit: (!silent).then_some(audit), ..reply }.with("cache-control", "no-store")
}

/// Who calls is known before anything else is. A user reaches what is below
/// `me`, which is always whoever calls; everything else takes an administrator.
async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Refused> {
    let (state, host, request) = (call.state, call.host, call.request);
    if let ["api", "users", "v1", "me", rest @ ..] = path {
        let caller = caller::user(state, host, request).await;
        let (who, user_id) = caller.map_err(|denied| denied_to(call, denied))?;
        call.caller = Some(who);
        return Ok(associations::serve_own(call, user_id, rest).await?);
    }
    let administrator = caller::administrator(state, host, request).await;
    let administrator = administrator.map_err(|denied| denied_to(call, denied));
    if let ["scim2", rest @ ..] = path {
        call.caller = Some(administrator.map_err(scim::Problem::from)?);
        return Ok(scim::serve(call, rest).await?);
    }
    let administrator = administrator?;
    let name = administrator.name();
    call.caller = Some(administrator);
    Ok(match path {
        ["api", "server", "v1", "trusted-token-issuers", rest @ ..] => {
            issuers::serve(call, rest).await
        }
        ["api", "server", "v1", "applications", rest @ ..] => applications::serve(call, rest).await,
        ["api", "server", "v1", "identity-providers", id, "implicit-association"] => {
            implicit_association::serve(call, id).await
        }
        ["api", "server", "v1", "refusals"] => refusals::serve(call),
        ["api", "users", "v1", rest @ ..] => associations::serve(call, &name, rest).await,
        _ => Err(Error::new(
            &error::NO_SUCH_PATH,
            "the administration API has no such path; it has /api/server/v1/trusted-token-issuers, \
             /api/server/v1/applications, /api/server/v1/refusals, /scim2/Users and /api/users/v1/{user-id}/federated-associations",
        )),
    }?)
}

/// Who was turned away is in the audit log, if they said who they are.
fn denied_to(call: &mut Call<'_>, denied: Denied) -> Error {
    call.caller = denied.caller;
    denied.error
}

/// The reply to somebody who may not do what only administrators may.
pub(crate) fn refuse(host: &Host, denied: Denied) -> Reply {
    let Denied { error, caller } = denied;
    let trace_id = host.entropy.identifier("trace");
    let reply = error.reply(&trace_id);
    let audit = audit(host, &reply, Some(error.into()), caller, None, trace_id);
    Reply { audit: Some(audit), ..reply }.with("cache-control", "no-store")
}

/// The line of the audit log. What was only read is not in it.
fn audit(
    host: &Host,
    reply: &Reply,
    refused: Option<Refused>,
    caller: Option<Caller>,
    change: Option<crate::audit::Change>,
    trace_id: String,
) -> Audit {
    let administrator = caller.as_ref().map(Caller::name);
    let mut parties = Parties::default();
    if let Some(Caller::Bearer { client_id, .. }) = caller {
        parties.client_id = Some(client_id);
    }
    Audit {
        time: host.now,
        event: "administration".into(),
        status: reply.status,
        error: refused.as_ref().map(Refused::code),
        reason: None,
        claim: None,
        message: refused.map(|refused| refused.description().into()),
        parties,
        checks: Trace::default(),
        administrator,
        change,
        trace_id: Some(trace_id),
    }
}
