//! The administration API: trusted token issuers, applications, users and
//! their links, over HTTP. WSO2's paths, shapes and codes where it has them;
//! users by SCIM 2.0 (RFC 7643, RFC 7644).
//!
//! Objects of the configuration document are shown and cannot be written here:
//! whoever changes the document would not know. Every write is one atomic
//! batch, and stands in the audit log with who, what, before and after.

mod applications;
mod associations;
mod audit;
mod call;
mod caller;
mod collection;
mod configuration;
mod error;
mod filter;
mod grants;
mod implicit_association;
mod issuers;
mod jwks;
mod keys;
mod lists;
mod query;
mod records;
mod refusals;
mod refused;
mod resources;
mod routes;
mod scim;
mod segment;
mod sign_in;
mod time;
mod version;

use alloc::vec::Vec;

use serde_json::Value;

use self::call::Call;
use self::error::Error;
use self::refused::Refused;
use crate::administrator::{self, Caller, Denied};
use crate::audit::{Audit, Change, guarded};
use crate::host::Host;
use crate::http::{Reply, Request};
use crate::state::State;
use crate::step::cold;

/// Whether this path is one of the administration API's.
pub(crate) fn owns(path: &str) -> bool {
    ["/api/server/v1/", "/api/users/v1/", "/scim2/"].iter().any(|base| path.starts_with(base))
}

/// Answers a call. `path` is below our issuer.
pub(crate) async fn respond(state: &State, host: &Host, request: &Request, path: &str) -> Reply {
    let mut call = Call { state, host, request, caller: None, changes: Vec::new() };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let outcome = serve(&mut call, &segments).await;
    let trace_id = host.entropy.identifier("trace");
    let reply = match &outcome {
        Ok(reply) => reply.clone(),
        Err(refused) => refused.reply(&trace_id),
    };
    let Call { caller, changes, .. } = call;
    if !changes.is_empty() {
        let administrator = caller.as_ref().map(Caller::name).unwrap_or_default();
        let policy = state.config.audit.changes;
        let stored = records::changes::record(host, policy, &administrator, &trace_id, &changes);
        // What was done is done. The audit log has it in any case.
        let _ = cold(stored).await;
    }
    // Reading leaves no line in the audit log.
    let silent = reply.status < 400 && changes.is_empty();
    let refused = outcome.err();
    // The administrator is told what they sent. The audit log keeps no secret of it.
    let audit = Audit {
        error: refused.as_ref().map(Refused::code),
        message: refused.map(|refused| guarded(refused.description())),
        change: together(changes),
        ..administrator::audit(host, reply.status, caller, trace_id)
    };
    Reply { audit: (!silent).then_some(audit), ..reply }.with("cache-control", "no-store")
}

/// The change that stands in the audit log: a line has one.
fn together(mut changes: Vec<Change>) -> Option<Change> {
    if changes.len() < 2 {
        return changes.pop();
    }
    let list = |of: fn(&Change) -> Option<&Value>| {
        let states: Vec<Value> = changes.iter().filter_map(of).cloned().collect();
        (!states.is_empty()).then_some(Value::Array(states))
    };
    Some(Change {
        action: "update".into(),
        resource: "configuration".into(),
        id: "several".into(),
        before: list(|change| change.before.as_ref()),
        after: list(|change| change.after.as_ref()),
    })
}

/// Who calls is known before anything else is, but where people sign in. A user reaches what is below
/// `me`, which is always whoever calls; everything else takes an administrator.
async fn serve(call: &mut Call<'_>, path: &[&str]) -> Result<Reply, Refused> {
    let (state, host, request) = (call.state, call.host, call.request);
    if let ["api", "users", "v1", "me", rest @ ..] = path {
        let caller = caller::user(state, host, request).await;
        let (who, user_id) = caller.map_err(|denied| denied_to(call, denied))?;
        call.caller = Some(who);
        routes::check_parameters(request, path)?;
        return Ok(cold(associations::serve_own(call, user_id, rest)).await?);
    }
    // Nobody is signed in yet.
    if let ["api", "server", "v1", "sign-in"] = path {
        return Ok(cold(sign_in::serve(call)).await?);
    }
    let right = routes::right(&request.method, path);
    let administrator = administrator::authorize(state, host, request, right).await;
    let administrator = administrator.map_err(|denied| denied_to(call, denied));
    if let ["scim2", rest @ ..] = path {
        call.caller = Some(administrator.map_err(scim::Problem::from)?);
        return Ok(cold(scim::serve(call, rest)).await?);
    }
    let administrator = administrator?;
    let name = administrator.name();
    call.caller = Some(administrator);
    routes::check_parameters(request, path)?;
    Ok(match path {
        ["api", "server", "v1", "trusted-token-issuers", rest @ ..] => {
            cold(issuers::serve(call, rest)).await
        }
        ["api", "server", "v1", "applications", rest @ ..] => {
            cold(applications::serve(call, rest)).await
        }
        ["api", "server", "v1", "identity-providers", id, "implicit-association"] => {
            cold(implicit_association::serve(call, id)).await
        }
        ["api", "server", "v1", "administrator"] => routes::serve(call),
        ["api", "server", "v1", "refusals"] => refusals::serve(call),
        ["api", "server", "v1", "configuration", rest @ ..] => {
            cold(configuration::serve(call, rest)).await
        }
        ["api", "server", "v1", "audit", rest @ ..] => cold(audit::serve(call, rest)).await,
        ["api", "server", "v1", "keys", rest @ ..] => cold(keys::serve(call, rest)).await,
        ["api", "server", "v1", "grants", rest @ ..] => cold(grants::serve(call, rest)).await,
        ["api", "users", "v1", rest @ ..] => cold(associations::serve(call, &name, rest)).await,
        _ => Err(Error::new(
            &error::NO_SUCH_PATH,
            "the administration API has no such path; it has /api/server/v1/trusted-token-issuers, \
             /api/server/v1/administrator, /api/server/v1/applications, /api/server/v1/audit, /api/server/v1/configuration, /api/server/v1/grants, /api/server/v1/keys, /api/server/v1/refusals, /api/server/v1/sign-in, /scim2/Users and /api/users/v1/{user-id}/federated-associations",
        )),
    }?)
}

/// Who was turned away is in the audit log, if they said who they are.
fn denied_to(call: &mut Call<'_>, denied: Denied) -> Error {
    call.caller = denied.caller;
    denied.error
}
