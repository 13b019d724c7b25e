//! `docs/audit-log.md` names every member and every kind of an audit line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{compare_sets, in_sources};

const PAGE: &str = include_str!("../../docs/audit-log.md");

/// The names in the first column of the first table below a heading.
fn named(heading: &str) -> BTreeSet<String> {
    let (_, below) = PAGE.split_once(heading).unwrap();
    let rows = below.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let names = rows.map_while(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(String::from).collect()
}

/// The members that the engine may write, by the schema of the type.
fn written(of: &str) -> BTreeSet<String> {
    let schema = exchequer::schema::results();
    let members = schema["$defs"][of]["properties"].as_object();
    members.unwrap().keys().cloned().collect()
}

#[test]
fn every_member_of_an_audit_line_is_in_the_page() {
    compare_sets(&named("## Members of a line"), &written("Audit"), "members of a line");
    compare_sets(&named("### `checks`"), &written("Check"), "members of a check");
    compare_sets(&named("### `change`"), &written("Change"), "members of a change");
}

#[test]
fn every_event_of_an_audit_line_is_in_the_page_with_an_example() {
    let written: BTreeSet<String> = in_sources(&[".finish(\"", ".decided(\"", "event: \""]);
    compare_sets(&named("# The audit log"), &written, "events");
    for event in written {
        assert!(PAGE.contains(&format!("\"event\": \"{event}\"")), "no example of `{event}`");
    }
}

#[test]
fn every_outcome_and_every_kind_of_an_object_is_in_the_page() {
    let outcomes = exchequer::schema::results()["$defs"]["Outcome"].clone();
    for outcome in outcomes["oneOf"].as_array().unwrap() {
        let name = outcome["const"].as_str().unwrap();
        assert!(PAGE.contains(&format!("`{name}`:")), "outcome `{name}`");
    }
    let kinds = in_sources(&["resource: \"", "const RESOURCE: &str = \"", "note(call, \""]);
    assert!(kinds.contains("user") && kinds.contains("grant"), "{kinds:?}");
    let (_, row) = PAGE.split_once("| `resource` |").unwrap();
    let row = row.lines().next().unwrap();
    for kind in kinds {
        assert!(row.contains(&format!("`{kind}`")), "kind of an object `{kind}`");
    }
}

#[test]
fn every_notice_of_the_process_is_in_the_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/src/cli");
    let mut written = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let events = text.split("event: '").skip(1).map(|rest| rest.split('\'').next().unwrap());
        written.extend(events.map(String::from));
    }
    compare_sets(&named("## Lines of the process"), &written, "notices");
}

#[test]
fn the_required_members_are_those_that_the_page_says_are_in_every_line() {
    let schema = exchequer::schema::results();
    let required: Vec<&str> = schema["$defs"]["Audit"]["required"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let (_, below) = PAGE.split_once("## Members of a line").unwrap();
    let sentence = below.split(" are in every line").next().unwrap();
    let said: BTreeSet<&str> = sentence.split('`').skip(1).step_by(2).collect();
    assert_eq!(said, required.into_iter().collect());
}
