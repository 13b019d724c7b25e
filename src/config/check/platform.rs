//! Tokens of a trusted token issuer that authenticate a client.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use super::super::document;
use super::super::model::PlatformToken;
use super::super::problem::{At, Report, shown};
use super::condition;
use super::issuer::Known;
use super::values::or_known;

/// How SPIFFE ids and trust domains begin (SPIFFE-ID section 2).
const SPIFFE: &str = "spiffe://";
/// Longest subject, in bytes: that of a SPIFFE id.
const MAX_SUBJECT: usize = 2048;

/// Which application a subject of an issuer stands for: by both, the place in the
/// document.
pub(super) type Subjects = BTreeMap<(String, String), String>;

/// Puts the id of the issuer in the place of its name.
pub(super) fn name_by_id(
    assertion: &mut document::ClientAssertion,
    known: &Known,
    subjects: &mut Subjects,
    at: &At,
    report: &mut Report,
) {
    let Some(name) = &mut assertion.issuer else { return };
    let issuer_at = at.field("issuer");
    match known.named(name) {
        Some(Some(issuer)) => {
            if !issuer.enabled {
                report.note(
                    &issuer_at,
                    format!("{} is disabled, so the client cannot authenticate", shown(name)),
                    "enable the issuer, or give the client another way to prove who it is",
                );
            }
            name.clone_from(&issuer.id);
            if let Some(subject) = &assertion.subject {
                let subject_at = at.field("subject");
                of_trust_domain(&issuer.issuer, subject, &subject_at, report);
                once(subjects, (issuer.id.clone(), subject.clone()), &subject_at, report);
            }
        }
        // What is wrong with the issuer has been said where it stands.
        Some(None) => {}
        None => report.problem(
            &issuer_at,
            format!("there is no trusted token issuer named {}", shown(name)),
            or_known(name, known.names(), "add it to `trustedTokenIssuers` of the document"),
        ),
    }
}

/// A token stands for one client, so that it need not say which.
fn once(subjects: &mut Subjects, subject: (String, String), at: &At, report: &mut Report) {
    if let Some(first) = subjects.get(&subject) {
        report.problem(
            at,
            format!("is also that of `{first}`, at the same issuer: a token with it would stand for two clients"),
            "give one of the two applications a subject of its own",
        );
    } else {
        subjects.insert(subject, at.to_string());
    }
}

/// The path of a SPIFFE id begins behind the trust domain, which signs for it.
fn of_trust_domain(issuer: &str, subject: &str, at: &At, report: &mut Report) {
    if !issuer.starts_with(SPIFFE) {
        return;
    }
    let path = subject.strip_prefix(issuer).and_then(|rest| rest.strip_prefix('/'));
    if path.is_none_or(str::is_empty) {
        report.problem(
            at,
            format!("{} is no SPIFFE id of the trust domain {}", shown(subject), shown(issuer)),
            format!("write the whole SPIFFE id, such as `{issuer}/ns/ci/sa/deployer`"),
        );
    }
}

/// The tokens that authenticate a client, if any do; the inner `None` when
/// something about them is wrong. The issuer is named by its id.
pub(super) fn token(
    assertion: Option<&mut document::ClientAssertion>,
    at: &At,
    report: &mut Report,
) -> Option<Option<Arc<PlatformToken>>> {
    let assertion = assertion?;
    let conditions_at = at.field("conditions");
    let has_conditions = !assertion.conditions.is_empty();
    let conditions = core::mem::take(&mut assertion.conditions);
    let conditions = condition::conditions(conditions, &conditions_at, report);
    match (assertion.issuer.take(), assertion.subject.take()) {
        (Some(issuer), Some(subject)) => {
            if subject.is_empty() || subject.len() > MAX_SUBJECT || subject.trim() != subject {
                report.problem(
                    &at.field("subject"),
                    format!("is empty, longer than {MAX_SUBJECT} bytes, or has a space or a line break at its beginning or end"),
                    "give exactly the `sub` of the client's tokens",
                );
            }
            if assertion.allow_token_endpoint_audience {
                report.problem(
                    &at.field("allowTokenEndpointAudience"),
                    "is for assertions that the client signs itself, and these are the tokens of an issuer",
                    "remove it, and have the tokens made for the audience that is the `issuer` of this server",
                );
            }
            Some(Some(Arc::new(PlatformToken { issuer, subject, conditions })))
        }
        (None, None) => {
            if has_conditions {
                report.problem(
                    &conditions_at,
                    "are about tokens of an issuer, and there is no `issuer`",
                    "add `issuer` and `subject`, or remove the conditions",
                );
            }
            None
        }
        (Some(_), None) => {
            report.problem(
                at,
                "names an issuer, and not whose tokens of it authenticate the client",
                "add `subject`: the `sub` of the client's tokens, such as `system:serviceaccount:ci:deployer`",
            );
            Some(None)
        }
        (None, Some(_)) => {
            report.problem(
                at,
                "has a `subject`, and does not say which issuer's tokens are meant",
                "add `issuer`: the name of a trusted token issuer",
            );
            Some(None)
        }
    }
}
