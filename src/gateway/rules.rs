//! Which rule a request falls under.

use alloc::string::String;
use alloc::sync::Arc;

use super::config::{GatewayRules, Treatment};
use crate::http::path::{self, Unreadable};

/// The treatment of a request, if every reading of its path has the same.
///
/// # Errors
/// [`Unreadable`] when the path may mean several things that are treated
/// differently.
pub(super) fn treatment(rules: &GatewayRules, target: &str) -> Result<Arc<Treatment>, Unreadable> {
    let path = path::of_target(target);
    // Other forms of a target (`*`, an authority) are below no prefix.
    if !path.starts_with('/') {
        return Ok(Arc::clone(&rules.otherwise));
    }
    let found = longest(rules, path.as_bytes(), Case::Counts);
    let same = |reading: &[u8]| {
        [Case::Counts, Case::Ignored].iter().all(|case| longest(rules, reading, *case) == found)
    };
    let one_meaning = if path::is_one_path(path) {
        same(path.as_bytes())
    } else {
        path::readings(path)?.iter().all(|reading| same(reading))
    };
    if one_meaning { Ok(Arc::clone(found)) } else { Err(Unreadable) }
}

/// Whether an upstream tells `/Admin` from `/admin` is not known here.
#[derive(Clone, Copy)]
enum Case {
    Counts,
    Ignored,
}

/// The longest prefix comes first. A prefix ends where a segment ends.
fn longest<'a>(rules: &'a GatewayRules, path: &[u8], case: Case) -> &'a Arc<Treatment> {
    let below = |prefix: &String| {
        let Some((head, rest)) = path.split_at_checked(prefix.len()) else { return false };
        let same = match case {
            Case::Counts => head == prefix.as_bytes(),
            Case::Ignored => head.eq_ignore_ascii_case(prefix.as_bytes()),
        };
        same && matches!(rest.first(), None | Some(b'/'))
    };
    let found = rules.rules.iter().find(|rule| below(&rule.prefix));
    found.map_or(&rules.otherwise, |rule| &rule.treatment)
}
