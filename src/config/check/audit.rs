//! What the store keeps of decisions and changes.

use super::super::audit_policy::{ActivityPolicy, AuditPolicy, ChangesPolicy};
use super::super::document;
use super::super::problem::{At, Report};
use super::values::{bounded, name};

/// Most private claims.
const MAX_CLAIMS: usize = 100;

pub(super) fn policy(audit: document::Audit, report: &mut Report) -> AuditPolicy {
    let at = At::top("audit");
    let document::Audit { activity, changes, private_claims } = audit;
    let claims = at.field("privateClaims");
    if private_claims.len() > MAX_CLAIMS {
        report.problem(&claims, "has more than 100 claims", "list the objects that hold them");
    }
    for (index, claim) in private_claims.iter().enumerate() {
        name(claim, &claims.item(index), report);
    }
    let of = at.field("activity");
    let activity = ActivityPolicy {
        enabled: activity.enabled,
        days: bounded(activity.days, 7, 1..=400, "days", &of.field("days"), report),
        max_per_minute: bounded(
            activity.max_per_minute,
            120,
            2..=6000,
            "decisions",
            &of.field("maxPerMinute"),
            report,
        ),
        subject: activity.subject,
    };
    let of = at.field("changes");
    let changes = ChangesPolicy {
        days: bounded(changes.days, 365, 1..=3650, "days", &of.field("days"), report),
        max_records: bounded(
            changes.max_records,
            1000,
            1..=100_000,
            "changes",
            &of.field("maxRecords"),
            report,
        ),
    };
    AuditPolicy { activity, changes, private_claims }
}
