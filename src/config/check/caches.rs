//! What is remembered of tokens: bounds.

use super::super::document;
use super::super::model::{Caches, IssuedTokens};
use super::super::problem::{At, Report};
use super::bounded;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// What is kept; a cache that the document does not name is off.
pub(super) fn caches(caches: Option<document::Caches>, report: &mut Report) -> Caches {
    let at = At::top("caches");
    let Some(document::Caches { verified_tokens, issued_tokens }) = caches else {
        return Caches::default();
    };
    let verified_tokens = verified_tokens
        .map(|verified| bytes(verified.max_bytes, 8 * MIB, &at.field("verifiedTokens"), report));
    let issued_tokens = issued_tokens.map(|issued| {
        let at = at.field("issuedTokens");
        let margin = at.field("marginSeconds");
        IssuedTokens {
            max_bytes: bytes(issued.max_bytes, 4 * MIB, &at, report),
            margin_seconds: bounded(
                issued.margin_seconds,
                30,
                1..=3600,
                "seconds",
                &margin,
                report,
            ),
        }
    });
    Caches { verified_tokens, issued_tokens }
}

fn bytes(value: Option<u64>, default: u64, at: &At, report: &mut Report) -> usize {
    let bounds = 64 * KIB..=256 * MIB;
    let bytes = bounded(value, default, bounds, "bytes", &at.field("maxBytes"), report);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
