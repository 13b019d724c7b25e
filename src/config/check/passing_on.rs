//! Tokens that one application passes on to another: nothing here is wrong by
//! itself, and what is refused at run time is said beforehand.

use alloc::format;

use super::super::conditions_digest::conditions_digest;
use super::super::model::{Application, ClientAuthentication, GrantType, SubjectMode};
use super::super::problem::{At, Report, shown};
use super::issuer::Known;

/// Says which issued tokens an application cannot introspect or exchange
/// although other applications get them for it.
pub(super) fn note(known: &Known, applications: &[Application], report: &mut Report) {
    nobody_is(applications, report);
    for (index, relay) in applications.iter().enumerate() {
        if !exchanges(relay) {
            continue;
        }
        let at = At::top("applications").item(index);
        for front in applications.iter().filter(|front| passes_on(front, relay)) {
            conditions(known, front, relay, &at, report);
            if front.subject != SubjectMode::Off && relay.subject == SubjectMode::Off {
                report.note(
                    &at.field("subject"),
                    format!(
                        "tokens about local accounts that {} gets for it cannot be exchanged by it, because it uses no local accounts",
                        shown(&front.client_id)
                    ),
                    "set `subject.useMappedLocalSubject`",
                );
            }
        }
    }
}

/// An audience that several applications ask for, and that none of them is.
fn nobody_is(applications: &[Application], report: &mut Report) {
    for (index, application) in applications.iter().enumerate() {
        for (item, audience) in application.audiences.iter().enumerate() {
            let asks = |other: &&Application| other.audiences.contains(audience);
            let asked_before = applications.iter().take(index).any(|other| asks(&other));
            let several = applications.iter().filter(asks).count() > 1;
            let known = applications.iter().any(|other| other.resources.contains(audience));
            if several && !asked_before && !known {
                report.note(
                    &At::top("applications").item(index).field("audiences").item(item),
                    format!(
                        "several applications ask for tokens for {}, and none says that it is this API",
                        shown(audience)
                    ),
                    "if one of them serves it, add it to the `resources` of that application: only then it may introspect and exchange tokens that others get for it",
                );
            }
        }
    }
}

fn exchanges(application: &Application) -> bool {
    application.grant_types.contains(&GrantType::TokenExchange)
        && !matches!(application.authentication, ClientAuthentication::None)
}

/// Whether one application gets tokens whose audience is another one.
fn passes_on(front: &Application, relay: &Application) -> bool {
    front.client_id != relay.client_id
        && front.audiences.iter().any(|audience| relay.resources.contains(audience))
}

/// Conditions cannot be checked again on an issued token, so that both have to
/// have the same.
fn conditions(
    known: &Known,
    front: &Application,
    relay: &Application,
    at: &At,
    report: &mut Report,
) {
    for (item, listed) in relay.trusted_token_issuers.iter().enumerate() {
        let others = front.trusted_token_issuers.iter().find(|one| one.issuer == listed.issuer);
        let issuer = known.issuers.iter().flatten().find(|one| one.id == listed.issuer);
        let (Some(others), Some(issuer)) = (others, issuer) else { continue };
        let digest = |added| conditions_digest(issuer, added);
        if digest(&others.conditions) != digest(&listed.conditions) {
            report.note(
                &at.field("trustedTokenIssuers").item(item),
                format!(
                    "tokens that {} gets for it cannot be exchanged by it, because its conditions on tokens of {} are others",
                    shown(&front.client_id),
                    shown(&issuer.name)
                ),
                "give both applications the same `conditions` for the issuer, or move them to the issuer",
            );
        }
    }
}
