//! Who acts for whom (RFC 8693 sections 4.1 and 4.4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::presented_token::{Origin, PresentedToken};
use crate::config::Application;
use crate::gather::gathered;
use crate::grant::ActorEvidence;
use crate::reason::{self, Fault};

/// Deepest chain of actors there may be.
const MAX_ACTORS: usize = 8;

/// Who acts, for the token to be issued.
pub(super) struct Acting {
    pub(super) act: Option<Value>,
    /// How many actors a foreign token named that are not its issuer's subjects.
    pub(super) dropped: usize,
}

struct Chain {
    actors: Vec<Map<String, Value>>,
    dropped: usize,
}

/// The `act` of the token to be issued: the actor, and the actors before.
/// Without an actor the chain of the subject token is carried on, for dropping
/// it would turn delegation into impersonation.
///
/// # Errors
/// A [`Fault`] when the actor may not act for the subject.
pub(super) fn act(
    application: &Application,
    subject: &PresentedToken,
    actor: Option<&PresentedToken>,
) -> Result<Acting, Fault> {
    let Chain { actors: mut chain, dropped } = chain(subject)?;
    // What the token says routes, not which parameters were sent.
    if let Some(may_act) = &subject.may_act {
        check_may_act(application, subject, may_act, actor)?;
    }
    if let Some(actor) = actor {
        if actor.act.is_some() {
            return Err(Fault::new(
                &reason::ACTOR_DELEGATED,
                "the actor token already has an `act` claim",
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
    let act = chain.into_iter().rev().fold(None, |inner, mut actor| {
        if let Some(inner) = inner {
            actor.insert("act".to_string(), inner);
        }
        Some(Value::Object(actor))
    });
    Ok(Acting { act, dropped })
}

/// Every member of `may_act` names something of the actor: `sub`, `iss`, or
/// another claim. Where it leaves `iss` out, the issuer is the subject's own:
/// a name says nothing without whose name it is.
fn check_may_act(
    application: &Application,
    subject: &PresentedToken,
    may_act: &Value,
    actor: Option<&PresentedToken>,
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
    let iss = members.get("iss").cloned().or_else(|| subject.claims.get("iss"));
    let agrees = actor.claims.get("iss") == iss
        && members.iter().all(|(name, value)| actor.claims.get(name).as_ref() == Some(value));
    if agrees {
        return Ok(());
    }
    Err(Fault::new(
        &reason::ACTOR_NOT_ALLOWED,
        "the actor is not the one that the subject token's `may_act` names",
    )
    .comparing(format!("may_act {}", crate::audit::shown(&may_act.to_string()))))
}

/// Why each actor may act whose token was presented, the newest first: the actor
/// now, and those for whom the subject token was issued.
pub(super) fn evidence(
    application: &Application,
    subject: &PresentedToken,
    actor: Option<&PresentedToken>,
) -> Vec<ActorEvidence> {
    let before = subject.actors.iter().cloned().map(|mut one| {
        one.application = one.application.filter(|(id, _)| *id != application.id);
        one
    });
    let Some(actor) = actor else { return before.collect() };
    let newest = ActorEvidence {
        application: None,
        conditions: actor.conditions.clone(),
        issuer: (!actor.issuer.is_empty()).then(|| actor.issuer.clone()),
        link: actor.link.clone(),
        client: actor.client.clone(),
        subject: actor.subject.clone(),
    };
    // The same actor again is the same actor, as in `act`.
    let is_same = subject.actors.first().is_some_and(|one| one.subject == newest.subject);
    core::iter::once(newest).chain(before.skip(usize::from(is_same))).collect()
}

/// How an actor is named: by `sub`, and by `iss` whose name that is.
fn named(actor: &PresentedToken) -> Map<String, Value> {
    let names = ["sub", "iss"].into_iter();
    gathered(names.filter_map(|name| Some((name.to_string(), actor.claims.get(name)?))))
}

/// The actors that a token names, the newest first, each by `sub` and `iss`
/// alone: other claims "are not meaningful when used within an `act` claim".
///
/// In a foreign token an actor without `iss` is the issuer's own subject, and
/// is named so here, where a name without `iss` would be a local user's. An
/// issuer speaks for its own subjects only: actors of other issuers are dropped.
fn chain(subject: &PresentedToken) -> Result<Chain, Fault> {
    let malformed = |what: &str| {
        Fault::new(&reason::CLAIM_TYPE, format!("the subject token's claim `act` {what}"))
            .of_claim("act")
    };
    let mut chain = Chain { actors: Vec::new(), dropped: 0 };
    let mut next = subject.act.as_ref();
    if next.is_none() {
        return Ok(chain);
    }
    let own_issuer = subject.claims.get("iss").filter(|_| subject.origin == Origin::External);
    let own_issuer = own_issuer.as_ref();
    while let Some(act) = next {
        let act = act.as_object().ok_or_else(|| malformed("is not an object"))?;
        if chain.actors.len() + chain.dropped == MAX_ACTORS {
            return Err(malformed("is nested deeper than 8 actors"));
        }
        let Some(sub) =
            act.get("sub").filter(|sub| sub.as_str().is_some_and(|sub| !sub.is_empty()))
        else {
            return Err(malformed("names no actor by `sub`"));
        };
        let iss = act.get("iss").or(own_issuer);
        if iss.is_some_and(|iss| iss.as_str().is_none_or(str::is_empty)) {
            return Err(malformed("has an `iss` that is no string"));
        }
        if own_issuer.is_some() && iss != own_issuer {
            chain.dropped += 1;
        } else {
            let members = [("sub", Some(sub)), ("iss", iss)];
            let members = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let members = members.map(|(name, value)| (name.into(), value.clone()));
            chain.actors.push(gathered(members));
        }
        next = act.get("act");
    }
    Ok(chain)
}

/// `may_act` for the issued token: where it names no issuer, the issuer of the
/// subject is meant, which the issued token may not show any more.
pub(super) fn carried_may_act(subject: &PresentedToken) -> Option<Value> {
    let mut may_act = subject.may_act.clone()?;
    if let (Some(members), Some(iss)) = (may_act.as_object_mut(), subject.claims.get("iss")) {
        members.entry("iss").or_insert(iss);
    }
    Some(may_act)
}
