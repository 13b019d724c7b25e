//! Conditions that can never hold, because the claim has another type in the
//! tokens of this issuer: allowed, since nothing passes that should not, and
//! hardly meant.

use alloc::format;

use super::super::model::{Condition, Test};
use super::super::problem::{At, Report, shown};
use crate::jose::Kind;

/// Claims whose types a standard says (RFC 7519 section 4.1, RFC 8693 section
/// 4, OpenID Connect Core sections 2 and 5.1).
const REGISTERED: [(&[&str], Kind); 3] = [
    (
        &[
            "iss",
            "sub",
            "jti",
            "client_id",
            "azp",
            "nonce",
            "acr",
            "sid",
            "email",
            "phone_number",
            "preferred_username",
            "name",
            "given_name",
            "family_name",
            "locale",
        ],
        Kind::Text,
    ),
    (&["exp", "nbf", "iat", "auth_time", "updated_at"], Kind::Number),
    (&["email_verified", "phone_number_verified"], Kind::Boolean),
];

/// It writes every claim of its own as text, numbers and booleans too.
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// It does so, too; but some of its claims are lists.
const GITLAB: &str = "https://gitlab.com";
const GITLAB_TEXTS: [&str; 9] = [
    "namespace_id",
    "project_id",
    "user_id",
    "pipeline_id",
    "job_id",
    "ref",
    "ref_protected",
    "environment_protected",
    "user_access_level",
];

/// Says which of these conditions on tokens of this issuer can never hold, and
/// which stop to hold with the next format of its `sub`.
pub(super) fn note(conditions: &[Condition], issuer: &str, at: &At, report: &mut Report) {
    for (index, condition) in conditions.iter().enumerate() {
        let at = at.item(index);
        if let Some(kind) = kind_of(&condition.claim, issuer)
            && !condition.test.may_hold_for(kind)
        {
            never_holds(condition, kind, &at, report);
        }
        if condition.claim == "scope" && matches!(condition.test, Test::Contains(_)) {
            report.note(
                &at,
                "holds for a list only, and in most tokens `scope` is one string with spaces between (RFC 9068 section 2.2.3)",
                "use `word`, which holds for one word of such a string and for one member of a list",
            );
        }
        if issuer == GITHUB && condition.claim == "sub" {
            names_only(&condition.test, &at, report);
        }
    }
}

/// The type that a claim has in the tokens of this issuer, if it is known.
fn kind_of(claim: &str, issuer: &str) -> Option<Kind> {
    let registered = REGISTERED.iter().find(|(names, _)| names.contains(&claim));
    match registered {
        Some((_, kind)) => Some(*kind),
        None if claim == "aud" => None,
        None if issuer == GITHUB => Some(Kind::Text),
        None if issuer == GITLAB && GITLAB_TEXTS.contains(&claim) => Some(Kind::Text),
        None => None,
    }
}

fn never_holds(condition: &Condition, kind: Kind, at: &At, report: &mut Report) {
    let remedy = match (&condition.test, kind) {
        (Test::Contains(_), Kind::Text) => {
            "use `word` for one word of a string with spaces between, or `equals`".into()
        }
        (Test::Equals(value), Kind::Text) => format!("write it as a string: `\"{value}\"`"),
        (Test::Like(_) | Test::Word(_), _) => format!("use `equals` with {kind}"),
        _ => format!("compare with {kind}"),
    };
    let claim = shown(&condition.claim);
    report.note(
        at,
        format!("can never hold: {claim} is {kind} in the tokens of this issuer"),
        remedy,
    );
}

/// The `sub` of GitHub's tokens has the ids of owner and repository behind their
/// names (`repo:octo-org@123456/octo-repo@456789:ref:…`) for every repository
/// that was created, renamed or transferred after 15 July 2026, and for those that
/// chose it. A value with the bare names is of the earlier format only.
fn names_only(test: &Test, at: &At, report: &mut Report) {
    let of_names = match test {
        Test::Equals(value) => value.as_str().is_some_and(is_of_names),
        Test::OneOf(values) => values.iter().any(|one| one.as_str().is_some_and(is_of_names)),
        Test::Like(pattern) => is_of_names(pattern),
        Test::Contains(_) | Test::Word(_) | Test::Present(_) => false,
    };
    if of_names {
        report.note(
            at,
            "holds for the earlier format of GitHub's `sub` only: repositories that were created, renamed or transferred after 15 July 2026 have `repo:OWNER@OWNER-ID/REPO@REPO-ID:…`",
            "put conditions on `repository_id` and `repository_owner_id` instead, which are in tokens of both formats and are never given to somebody else",
        );
    }
}

/// Whether owner and repository are named without their ids: up to the slash,
/// and from there to the colon, there is neither `@` nor a star that could stand
/// for it.
fn is_of_names(sub: &str) -> bool {
    let Some(rest) = sub.strip_prefix("repo:") else { return false };
    let (owner, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let repository = rest.split(':').next().unwrap_or_default();
    let may_have_id = |name: &str| name.contains(['@', '*']);
    !(may_have_id(owner) && (repository.is_empty() || may_have_id(repository)))
}
