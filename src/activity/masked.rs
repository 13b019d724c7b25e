//! What of a decision may be stored: values of claims that the operator marked
//! private are left out, and subjects are shown as configured.
//!
//! Whatever may hold such a value is left out as a whole, with what else is
//! beside it: in doubt a detail is missing.

use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::Check;
use crate::config::{AuditPolicy, SubjectShown};

/// Stands for a detail that is not stored.
const PRIVATE: &str = "(private)";

/// A subject, as it is stored.
pub(crate) fn subject(policy: &AuditPolicy, name: &str) -> Option<String> {
    let shown = match policy.activity.subject {
        _ if is_private(policy, "sub") => SubjectShown::Hidden,
        shown => shown,
    };
    match shown {
        SubjectShown::Shown => Some(name.into()),
        SubjectShown::Masked => {
            // Of a short name two characters would be most of it.
            let shown = if name.chars().count() < 6 { 0 } else { 2 };
            let mut masked: String = name.chars().take(shown).collect();
            masked.push('…');
            Some(masked)
        }
        SubjectShown::Hidden => None,
    }
}

/// The checks of a decision, as they are stored.
pub(super) fn checks(policy: &AuditPolicy, checks: impl Iterator<Item = Check>) -> Vec<Check> {
    let masked = |mut check: Check| {
        if check.detail.as_deref().is_some_and(|detail| hides(policy, &check.code, detail)) {
            check.detail = Some(PRIVATE.into());
        }
        check
    };
    checks.map(masked).collect()
}

fn hides(policy: &AuditPolicy, code: &str, detail: &str) -> bool {
    let masks_subject = policy.activity.subject != SubjectShown::Shown;
    let is_about = |names: &[&str]| code.split(['.', '_']).any(|part| names.contains(&part));
    // Local users by id, and attributes that they were looked up by; actors.
    if is_about(&["account", "link", "delegation", "actor", "actors", "may"])
        && (masks_subject || !policy.private_claims.is_empty())
        && detail.chars().any(|c| !c.is_whitespace())
    {
        return true;
    }
    let mut claims = policy.private_claims.iter().map(String::as_str);
    claims.any(|claim| is_named(claim, code, detail))
        || (masks_subject && is_named("sub", code, detail))
}

/// Whether a check is about this claim, or about one that holds it or that it
/// holds.
fn is_named(claim: &str, code: &str, detail: &str) -> bool {
    let top = claim.split('.').next().unwrap_or_default();
    if let Some((_, checked)) = code.split_once("claim.")
        && checked.split('.').next() == Some(top)
    {
        return true;
    }
    if top == "iss" && code.contains("issuer") {
        return true;
    }
    // Details name claims in backticks: "`ref` is …", "`ref` like …".
    let named = detail.split('`').skip(1).step_by(2);
    named.into_iter().any(|name| within(name, claim) || within(claim, name))
}

/// Whether a path is this one, or leads into it.
fn within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_private(policy: &AuditPolicy, claim: &str) -> bool {
    policy.private_claims.iter().any(|private| private == claim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Outcome;
    use crate::config::{ActivityPolicy, ChangesPolicy};

    fn policy(subject: SubjectShown, claims: &[&str]) -> AuditPolicy {
        AuditPolicy {
            activity: ActivityPolicy { enabled: true, days: 1, max_per_minute: 10, subject },
            changes: ChangesPolicy { days: 1, max_records: 1 },
            private_claims: claims.iter().map(|claim| String::from(*claim)).collect(),
        }
    }

    fn detail(policy: &AuditPolicy, code: &str, detail: &str) -> String {
        let check =
            Check { code: code.into(), outcome: Outcome::Fail, detail: Some(detail.into()) };
        checks(policy, [check].into_iter()).remove(0).detail.unwrap_or_default()
    }

    #[test]
    fn what_may_hold_a_private_value_is_left_out() {
        let policy = policy(SubjectShown::Shown, &["email", "address.city", "aud"]);
        for (code, text) in [
            ("subject_token.condition.failed", "`email` is \"a@b\"; wanted: like `*@c`"),
            ("subject_token.condition", "`address` equals {}"),
            ("subject_token.condition", "`address.city.part` present"),
            ("subject_token.claim.aud.mismatch", "somebody"),
            ("account.link.ambiguous", "2 accounts by `a@b`"),
            ("subject_token.account.locked", "u-1"),
        ] {
            assert_eq!(detail(&policy, code, text), PRIVATE, "{code}");
        }
        for (code, text) in [
            ("subject_token.condition", "`ref` is \"main\"; wanted: equals \"x\""),
            ("subject_token.condition", "`address2` present"),
            ("subject_token.claim.exp", "5 s left"),
            ("client.authentication", "none, `shop`"),
        ] {
            assert_eq!(detail(&policy, code, text), text, "{code}");
        }
    }

    #[test]
    fn a_subject_is_stored_as_configured_and_nowhere_else() {
        let shown = policy(SubjectShown::Shown, &[]);
        assert_eq!(subject(&shown, "somebody").as_deref(), Some("somebody"));
        assert_eq!(detail(&shown, "account.link", "linked to `u-1`"), "linked to `u-1`");
        let masked = policy(SubjectShown::Masked, &[]);
        assert_eq!(subject(&masked, "somebody").as_deref(), Some("so…"));
        assert_eq!(subject(&masked, "u-ada").as_deref(), Some("…"));
        assert_eq!(detail(&masked, "account.link", "linked to `u-1`"), PRIVATE);
        assert_eq!(detail(&masked, "subject_token.condition", "`sub` equals \"u\""), PRIVATE);
        assert_eq!(subject(&policy(SubjectShown::Hidden, &[]), "somebody"), None);
        assert_eq!(subject(&policy(SubjectShown::Shown, &["sub"]), "somebody"), None);
    }
}
