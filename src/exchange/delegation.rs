//! Who acts for whom (RFC 8693 sections 4.1 and 4.4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::policy::Evidence;
use crate::config::Application;
use crate::reason::{self, Fault};

/// Deepest chain of actors there may be.
const MAX_ACTORS: usize = 8;

/// The `act` of the token to be issued: the actor, and the actors before.
/// Without an actor the chain of the subject token is carried on, for dropping
/// it would turn delegation into impersonation.
///
/// # Errors
/// A [`Fault`] when the actor may not act for the subject.
pub(super) fn act(
    application: &Application,
    our_issuer: &str,
    subject: &Evidence,
    actor: Option<&Evidence>,
) -> Result<Option<Value>, Fault> {
    let mut chain = chain(our_issuer, subject)?;
    // What the token says routes, not which parameters were sent.
    if let Some(may_act) = &subject.may_act {
        check_may_act(application, subject, may_act, actor)?;
    }
    if let Some(actor) = actor {
        if actor.act.is_some() {
            return Err(Fault::new(
                &reason::ACTOR_DELEGATED,
                "the actor token is itself about somebody for whom another acts",
            ));
        }
        let newest = named(actor);
        if chain.first() != Some(&newest) {
            chain.insert(0, newest);
        }
    }
    if chain.len() > MAX_ACTORS {
        return Err(Fault::new(&reason::ACT_DEPTH, "the chain of actors is longer than 8"));
    }
    Ok(chain.into_iter().rev().fold(None, |inner, mut actor| {
        if let Some(inner) = inner {
            actor.insert("act".to_string(), inner);
        }
        Some(Value::Object(actor))
    }))
}

/// Every member of `may_act` names something of the actor: `sub`, `iss`, or
/// another claim. Where it leaves `iss` out, the issuer is the subject's own:
/// a name says nothing without whose name it is.
fn check_may_act(
    application: &Application,
    subject: &Evidence,
    may_act: &Value,
    actor: Option<&Evidence>,
) -> Result<(), Fault> {
    let Some(actor) = actor else {
        if application.allow_without_actor {
            return Ok(());
        }
        return Err(Fault::new(
            &reason::MAY_ACT,
            "the subject token has `may_act`, and no actor token was sent",
        ));
    };
    let members = may_act.as_object().filter(|members| members.contains_key("sub"));
    let Some(members) = members else {
        return Err(Fault::new(
            &reason::CLAIM_TYPE,
            "the subject token's claim `may_act` names no actor by `sub`",
        )
        .of_claim("may_act"));
    };
    let iss = members.get("iss").or_else(|| subject.claims.get("iss"));
    let agrees = actor.claims.get("iss") == iss
        && members.iter().all(|(name, value)| actor.claims.get(name) == Some(value));
    if agrees {
        return Ok(());
    }
    Err(Fault::new(
        &reason::ACTOR_NOT_ALLOWED,
        "the actor is not the one that the subject token's `may_act` names",
    )
    .comparing(format!("may_act {}", crate::audit::shown(&may_act.to_string()))))
}

/// How an actor is named: by `sub`, and by `iss` whose name that is.
fn named(actor: &Evidence) -> Map<String, Value> {
    ["sub", "iss"]
        .into_iter()
        .filter_map(|name| Some((name.to_string(), actor.claims.get(name)?.clone())))
        .collect()
}

/// The actors that a token names, the newest first, each by `sub` and `iss`
/// alone: other claims "are not meaningful when used within an `act` claim".
///
/// In a foreign token an actor without `iss` is the issuer's own, and is so
/// named here, where a name without `iss` would be ours. No issuer names our
/// users as actors.
fn chain(our_issuer: &str, subject: &Evidence) -> Result<Vec<Map<String, Value>>, Fault> {
    let malformed = |what: &str| {
        Fault::new(&reason::CLAIM_TYPE, format!("the subject token's claim `act` {what}"))
            .of_claim("act")
    };
    let is_foreign = subject.scope.is_none();
    let mut actors: Vec<Map<String, Value>> = Vec::new();
    let mut next = subject.act.as_ref();
    while let Some(act) = next {
        let act = act.as_object().ok_or_else(|| malformed("is not an object"))?;
        if actors.len() == MAX_ACTORS {
            return Err(malformed("is nested deeper than 8 actors"));
        }
        let mut actor = Map::new();
        match act.get("sub") {
            Some(Value::String(sub)) if !sub.is_empty() => {
                actor.insert("sub".into(), sub.as_str().into());
            }
            _ => return Err(malformed("names no actor by `sub`")),
        }
        match act.get("iss").or_else(|| subject.claims.get("iss").filter(|_| is_foreign)) {
            Some(Value::String(iss)) if is_foreign && iss == our_issuer => {
                return Err(malformed("names an actor of this server"));
            }
            Some(Value::String(iss)) if !iss.is_empty() => {
                actor.insert("iss".into(), iss.as_str().into());
            }
            None => {}
            Some(_) => return Err(malformed("has an `iss` that is no string")),
        }
        actors.push(actor);
        next = act.get("act");
    }
    Ok(actors)
}
