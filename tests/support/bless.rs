//! `BLESS=1`: writes what was seen into the case files, to be reviewed.
//!
//! Only `expect.reason` and `expect.checks` are written again. The text around
//! them stays as it is; the forge writes one `"reason": "…"` line and one
//! `"checks": […]` list for each `"expect": {`, and this relies on it.

use std::path::Path;

/// What one step did.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) reason: Option<String>,
    pub(crate) checks: Vec<String>,
}

pub(crate) fn wanted() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Writes what was seen of each step into the file.
pub(crate) fn bless(file: &Path, seen: &[Seen]) {
    let before = std::fs::read_to_string(file).expect("the case can be read");
    let mut steps = before.split("\"expect\": {");
    let mut after = steps.next().unwrap_or_default().to_string();
    for (step, seen) in steps.zip(seen) {
        after.push_str("\"expect\": {");
        after.push_str(&blessed(step, seen));
    }
    if after != before {
        std::fs::write(file, after).expect("the case can be written");
    }
}

fn blessed(step: &str, seen: &Seen) -> String {
    let reason = seen.reason.as_deref().unwrap_or_default();
    let step = between(step, "\"reason\": \"", "\"", reason);
    let indent = step
        .split_once("\"checks\": [")
        .and_then(|(before, _)| before.rsplit_once('\n'))
        .map_or("", |(_, indent)| indent);
    let lines: Vec<String> =
        seen.checks.iter().map(|check| format!("\n{indent}  \"{check}\"")).collect();
    let list = if lines.is_empty() { String::new() } else { lines.join(",") + "\n" + indent };
    between(&step, "\"checks\": [", "]", &list)
}

/// The text with something else between the first `start` and the `end` after it.
fn between(text: &str, start: &str, end: &str, inside: &str) -> String {
    let Some((before, rest)) = text.split_once(start) else { return text.into() };
    let Some((_, after)) = rest.split_once(end) else { return text.into() };
    format!("{before}{start}{inside}{end}{after}")
}
