//! Tokens that one application passes on to another: nothing here is wrong by
//! itself, and what is refused at run time is said beforehand.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::conditions_digest::conditions_digest;
use super::super::model::{Application, ClientAuthentication, GrantType, SubjectMode};
use super::super::problem::{At, Report, shown};
use super::issuer::Known;
use crate::gather::gathered;

/// Says which issued tokens an application cannot introspect or exchange
/// although other applications get them for it.
pub(super) fn note(known: &Known, applications: &[Application], report: &mut Report) {
    nobody_is(applications, report);
    let asking = Asking::of(applications);
    for (index, relay) in applications.iter().enumerate() {
        if !exchanges(relay) {
            continue;
        }
        let at = At::top("applications").item(index);
        for front in asking.fronts_of(relay) {
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
    let resources = applications.iter().flat_map(|application| &application.resources);
    let known: BTreeSet<&str> = gathered(resources.map(String::as_str));
    let asking = Asking::of(applications);
    for (index, application) in applications.iter().enumerate() {
        for (item, audience) in application.audiences.iter().enumerate() {
            let all = asking.for_audience(audience);
            let is_first = all.first().is_some_and(|first| core::ptr::eq(*first, application));
            if all.len() > 1 && is_first && !known.contains(audience.as_str()) {
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

/// Applications by what they ask for tokens for.
struct Asking<'a>(BTreeMap<&'a str, Vec<&'a Application>>);

impl<'a> Asking<'a> {
    fn of(applications: &'a [Application]) -> Self {
        let mut asking = BTreeMap::<&str, Vec<&Application>>::new();
        for application in applications {
            for audience in &application.audiences {
                asking.entry(audience).or_default().push(application);
            }
        }
        Self(asking)
    }

    /// In the order of the document.
    fn for_audience(&self, audience: &str) -> &[&'a Application] {
        self.0.get(audience).map_or(&[], Vec::as_slice)
    }

    /// The applications that get tokens whose audience is this one.
    fn fronts_of(&self, relay: &Application) -> impl Iterator<Item = &'a Application> {
        let fronts = relay.resources.iter().flat_map(|resource| self.for_audience(resource));
        let others = fronts.filter(|front| front.client_id != relay.client_id);
        // They stand in one list, so that their order is that of the document.
        let by_place: BTreeMap<*const Application, &Application> =
            gathered(others.map(|front| (core::ptr::from_ref(*front), *front)));
        by_place.into_values()
    }
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
        let issuer = known.with_id(&listed.issuer);
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
