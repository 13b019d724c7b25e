//! The notes of a release: its section of CHANGELOG.md, or, before the version is cut,
//! the unreleased part.

use anyhow::{Context, Result};

/// The part of the changelog about a version.
pub(super) fn notes(changelog: &str, version: &str) -> Result<String> {
    let sections = changelog.split("\n## ").skip(1);
    let of = |word: &str| sections.clone().find(|section| title(section).contains(word));
    let section = of(version).or_else(|| of("Unreleased"));
    let section = section.with_context(|| {
        format!("CHANGELOG.md has no section about {version} and none unreleased")
    })?;
    let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
    let draft = if heading.contains(version) { "" } else { " (draft)" };
    Ok(format!("# Exchequer {version}{draft}\n\n{}\n", body.trim()))
}

fn title(section: &str) -> &str {
    section.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::notes;

    const CHANGELOG: &str =
        "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.1.0 - 2026-11-28\n\n- first\n";

    #[test]
    fn the_notes_are_the_section_of_the_version() {
        assert_eq!(notes(CHANGELOG, "0.1.0").unwrap(), "# Exchequer 0.1.0\n\n- first\n");
    }

    #[test]
    fn a_version_that_is_not_cut_has_a_draft() {
        assert_eq!(notes(CHANGELOG, "0.2.0").unwrap(), "# Exchequer 0.2.0 (draft)\n\n- new\n");
        assert!(notes("# Changelog\n", "0.2.0").is_err());
    }
}
