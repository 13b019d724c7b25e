//! Which rule a request falls under.

use alloc::sync::Arc;

use super::config::{GatewayRules, PathRule, Treatment};
use super::path::Plain;

/// Servers may read the path in different ways, and the rules differ there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

/// The treatment of a request with this path.
///
/// # Errors
/// [`Ambiguous`] when an upstream may read it as a path of another treatment.
pub(super) fn treatment(rules: &GatewayRules, path: &str) -> Result<Arc<Treatment>, Ambiguous> {
    let GatewayRules { rules, otherwise, .. } = rules;
    if rules.iter().all(|rule| rule.treatment == *otherwise) {
        return Ok(Arc::clone(otherwise));
    }
    let path = Plain::parse(path).ok_or(Ambiguous)?;
    // The longest prefix comes first.
    let certain = rules.iter().position(|rule| path.is_below(&rule.prefix));
    let treatment = certain.and_then(|at| rules.get(at)).map_or(otherwise, |rule| &rule.treatment);
    let longer = rules.get(..certain.unwrap_or(rules.len())).unwrap_or_default();
    let may_differ =
        |rule: &PathRule| rule.treatment != *treatment && path.may_be_below(&rule.prefix);
    if longer.iter().any(may_differ) { Err(Ambiguous) } else { Ok(Arc::clone(treatment)) }
}
