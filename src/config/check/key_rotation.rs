//! The rotation of keys: bounds, and whose keys are rotated.

use super::super::document;
use super::super::model::KeyRotation;
use super::super::problem::{At, Report};
use super::bounded;

/// The rotation. `has_keys`: the document has keys of its own.
pub(super) fn rotation(
    rotation: Option<document::KeyRotation>,
    has_keys: bool,
    report: &mut Report,
) -> Option<KeyRotation> {
    let document::KeyRotation { every_days, overlap_days } = rotation?;
    let at = At::top("keyRotation");
    if has_keys {
        report.problem(
            &at,
            "the keys stand in this document, and the server does not rotate those",
            "remove `keys`, so that the server makes its keys, or remove `keyRotation`",
        );
    }
    let every = at.field("everyDays");
    let overlap = at.field("overlapDays");
    let every_days = bounded(every_days, 90, 2..=3650, "days", &every, report);
    let overlap_days = bounded(overlap_days, 2, 1..=30, "days", &overlap, report);
    if overlap_days >= every_days {
        report.problem(
            &overlap,
            "is not less than `everyDays`: the next key would be due before this one signs",
            "make it less than `everyDays`",
        );
    }
    Some(KeyRotation { every_days, overlap_days })
}
