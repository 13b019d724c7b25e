//! What lets in more than is probably meant: nothing here is wrong by itself.

use alloc::collections::BTreeSet;
use alloc::format;

use super::super::model::{Application, Mode, SubjectMode, TrustedTokenIssuer};
use super::super::problem::{At, Report, shown};
use super::issuer::Known;
use crate::gather::gathered;

/// Issuers at which anybody can have an account, and with it tokens for any
/// audience; and the claim that says whose account it is.
const SHARED: [(&str, &str); 7] = [
    ("https://token.actions.githubusercontent.com", "repository_owner_id"),
    ("https://gitlab.com", "namespace_path"),
    ("https://accounts.google.com", "hd"),
    ("https://agent.buildkite.com", "organization_slug"),
    ("https://app.terraform.io", "terraform_organization_name"),
    ("https://appleid.apple.com", "sub"),
    // The tenant of Microsoft's personal accounts.
    ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "sub"),
];

/// Audiences that tokens carry when nobody asked for one, or for somebody else.
const NOT_OURS: [&str; 5] = [
    "account",
    "api://AzureADTokenExchange",
    "sts.amazonaws.com",
    "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local",
];

/// Says which issuers and applications are open to more than is probably meant.
pub(super) fn note(known: &Known, applications: &[Application], report: &mut Report) {
    // Links are made only for applications whose tokens are about local users.
    let linking = applications.iter().filter(|one| one.subject != SubjectMode::Off);
    let linking = linking.flat_map(|application| &application.trusted_token_issuers);
    let linking: BTreeSet<&str> = gathered(linking.map(|grant| grant.issuer.as_str()));
    for (index, issuer) in known.issuers.iter().enumerate() {
        let Some(issuer) = issuer.as_deref().filter(|issuer| issuer.enabled) else {
            continue;
        };
        let at = At::top("trustedTokenIssuers").item(index);
        audience(issuer, &at, report);
        if issuer.implicit_association.enabled && !linking.contains(issuer.id.as_str()) {
            nobody_links(&at, report);
        }
    }
    for (index, application) in applications.iter().enumerate() {
        let at = At::top("applications").item(index).field("trustedTokenIssuers");
        conditions(application, known, &at, report);
    }
}

/// The audience is what keeps a token that was made for somebody else from
/// counting here.
fn audience(issuer: &TrustedTokenIssuer, at: &At, report: &mut Report) {
    let Some(alias) = &issuer.alias else {
        return;
    };
    if *alias == issuer.issuer || NOT_OURS.contains(&alias.as_str()) {
        report.note(
            &at.field("alias"),
            format!(
                "tokens that are not meant for us carry the audience {}, so it restricts nothing",
                shown(alias)
            ),
            "choose an audience that stands for this server alone, and have the issuer put it into its tokens",
        );
    }
}

fn nobody_links(at: &At, report: &mut Report) {
    report.note(
        &at.field("implicitAssociation"),
        "nobody is ever linked: no application that may exchange its tokens uses local accounts",
        "set `subject.useMappedLocalSubject` of an application, or `isEnabled` to false",
    );
}

/// Conditions are what tells one customer of a shared issuer from another.
fn conditions(application: &Application, known: &Known, at: &At, report: &mut Report) {
    for (index, grant) in application.trusted_token_issuers.iter().enumerate() {
        let Some(issuer) = known.with_id(&grant.issuer).filter(|issuer| issuer.enabled) else {
            continue;
        };
        let mut all = issuer.conditions.iter().chain(&grant.conditions).peekable();
        let is_tried = all.peek().is_some();
        if all.any(|condition| condition.mode == Mode::Enforce) {
            continue;
        }
        let shared = SHARED.iter().find(|(shared, _)| *shared == issuer.issuer);
        if let Some((_, claim)) = shared {
            report.note(
                &at.item(index),
                format!(
                    "anybody can have an account at {}, and no condition says whose tokens are meant",
                    shown(&issuer.issuer)
                ),
                format!("add `conditions` to the issuer, or to it here; first of all one on `{claim}`"),
            );
        } else if is_tried {
            report.note(
                &at.item(index),
                format!(
                    "every condition on the tokens of {} is in audit mode, so none restricts them",
                    shown(&issuer.name)
                ),
                "remove `\"mode\": \"audit\"` once the audit log shows that the right tokens pass",
            );
        }
    }
}
