//! What a table must keep to.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::root;
use super::table::{Row, Shown, Table};

/// A sentence for everything that is wrong with a table.
pub(super) fn problems(table: &Table) -> Vec<String> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for row in table.rows() {
        let mut say = |what: &str| problems.push(format!("{}: {what}", row.id));
        if !ids.insert(&row.id) {
            say("two rows have this id");
        }
        let reason = row.not_done.as_deref();
        if row.shown_by.is_empty() && reason.is_none_or(str::is_empty) {
            say("name a vector or a test in `shownBy`, or say in `notDone` why not");
        }
        if row.instead.is_some() && reason.is_none() {
            say("`instead` belongs to `notDone`");
        }
        for shown in &row.shown_by {
            match shown {
                Shown::Vector(name) if is_vector(name) => {}
                Shown::Case { file, case } if is_case(file, case) => {}
                Shown::Vector(name) => say(&format!("there is no vector `{name}`")),
                Shown::Case { file, case } => say(&format!("{file} has no test `{case}`")),
            }
        }
    }
    let named: BTreeSet<&String> =
        table.summary.standards.iter().flat_map(|standard| &standard.topics).collect();
    let found: BTreeSet<&String> = table.topics.keys().collect();
    problems.extend(named.symmetric_difference(&found).map(|topic| {
        format!("{topic}: the summary has to name every topic, and every topic needs its file")
    }));
    problems
}

/// Whether there is such a vector, or such a case of `tests/config`.
fn is_vector(name: &str) -> bool {
    let folder = if name.starts_with("config/") { "tests" } else { "tests/vectors" };
    root(folder).join(format!("{name}.json")).is_file()
}

/// Whether a file has a test of exactly this name.
fn is_case(file: &str, case: &str) -> bool {
    let Ok(text) = fs::read_to_string(root(file)) else { return false };
    match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => {
            let before = text.split_once(&format!("fn {case}(")).map(|(before, _)| before);
            // Between the attribute of a test and its function there is no other one.
            before.is_some_and(|before| {
                let item = before.rsplit("\n\n").next().unwrap_or_default();
                item.lines().any(|line| line.trim() == "#[test]")
            })
        }
        Some("py") => case.starts_with("test_") && text.contains(&format!("def {case}(")),
        _ => ["it", "test", "describe"].iter().any(|call| {
            ['\'', '"', '`'].iter().any(|q| text.contains(&format!("{call}({q}{case}{q}")))
        }),
    }
}

/// How many vectors name a row of the table or a section of an RFC in `about`, and those
/// that the table leaves out: the row names the vector, or a row of that RFC does.
pub(super) fn vectors_left_out(table: &Table) -> (usize, Vec<String>) {
    let (mut seen, mut problems) = (0, Vec::new());
    for (name, about) in vectors() {
        let (ids, rfcs) = (ids_in(&about), rfcs_in(&about));
        seen += usize::from(!ids.is_empty() || !rfcs.is_empty());
        let naming: Vec<&Row> = table.rows().filter(|row| names(row, &name)).collect();
        for id in ids.iter().filter(|id| !naming.iter().any(|row| row.id == **id)) {
            problems.push(format!("{name} is about {id}, and that row does not name it"));
        }
        for rfc in rfcs.iter().filter(|rfc| !naming.iter().any(|row| is_of(row, rfc))) {
            problems.push(format!("{name} is about {rfc}, and no row of that RFC names it"));
        }
    }
    (seen, problems)
}

/// How many rows tests name outside of the vectors, and those that the table lacks.
pub(super) fn unknown_rows(table: &Table) -> (usize, Vec<String>) {
    let known: BTreeSet<&str> = table.rows().map(|row| row.id.as_str()).collect();
    let prefixes: BTreeSet<&str> = known.iter().filter_map(|id| id.split('-').next()).collect();
    let (mut seen, mut problems) = (0, Vec::new());
    for folder in ["tests", "tests/node", "tests/clients", "tests/envoy", "tests/component"] {
        for entry in fs::read_dir(root(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let ids = ids_in(&text).into_iter();
            for id in ids.filter(|id| id.split('-').next().is_some_and(|p| prefixes.contains(p))) {
                seen += 1;
                if !known.contains(id.as_str()) {
                    problems.push(format!("{} names {id}, which is no row", path.display()));
                }
            }
        }
    }
    (seen, problems)
}

fn names(row: &Row, vector: &str) -> bool {
    row.shown_by.iter().any(|shown| matches!(shown, Shown::Vector(name) if name == vector))
}

fn is_of(row: &Row, rfc: &str) -> bool {
    row.from.split(|c: char| !c.is_ascii_digit()).any(|number| number == &rfc[4..])
}

/// The names of all vectors and what they are about.
fn vectors() -> Vec<(String, String)> {
    let mut vectors = Vec::new();
    for group in fs::read_dir(root("tests/vectors")).unwrap().map(|entry| entry.unwrap().path()) {
        let folder = group.file_name().unwrap().to_string_lossy().into_owned();
        if !group.is_dir() || matches!(folder.as_str(), "configs" | "keys" | "forge" | "runner") {
            continue;
        }
        for case in fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&case).unwrap();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let name = case.file_stem().unwrap().to_string_lossy();
            vectors.push((format!("{folder}/{name}"), value["about"].as_str().unwrap().into()));
        }
    }
    vectors
}

/// The ids in a text: `DPOP-08`, and both of `IDJAG-03, 17`. UTF-16 is none.
fn ids_in(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut prefix = String::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        let (before, number) = word.rsplit_once('-').unwrap_or(("", word));
        if number.len() != 2 || !number.bytes().all(|b| b.is_ascii_digit()) {
            // “DPOP-08, 09” goes on; a word ends it, and the space behind a comma does not.
            if !word.is_empty() {
                prefix.clear();
            }
            continue;
        }
        let is_prefix = before.len() >= 2 && before.bytes().all(|b| b.is_ascii_uppercase());
        if is_prefix && before != "UTF" {
            prefix = before.into();
        }
        if !prefix.is_empty() && (before.is_empty() || before == prefix) {
            ids.push(format!("{prefix}-{number}"));
        }
    }
    ids
}

/// The RFCs of which a text names a section or an appendix: `RFC 7519`.
fn rfcs_in(text: &str) -> Vec<String> {
    let mut rfcs = Vec::new();
    for rest in text.split("RFC ").skip(1) {
        let (number, rest) = rest.split_once(' ').unwrap_or_default();
        if rest.starts_with("section") || rest.starts_with("appendix") {
            rfcs.push(format!("RFC {number}"));
        }
    }
    rfcs
}
