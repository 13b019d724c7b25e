//! What each standard demands, and which vector or test shows it. The table is in
//! `tests/standards`, and `docs/rfcs.md` is made from it: `cargo xtask docs` writes that
//! page, and this test fails when it is stale.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[path = "standards/check.rs"]
mod check;
#[path = "standards/page.rs"]
mod page;
#[path = "standards/table.rs"]
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use table::Table;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_page_is_the_table() {
    let (path, expected) = (root("docs/rfcs.md"), page::of(&Table::read()));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/rfcs.md is stale; `cargo xtask docs` writes it");
}

#[test]
fn every_row_names_what_shows_it() {
    let problems = check::problems(&Table::read());
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_vector_that_names_a_row_or_a_section_is_in_the_table() {
    let (seen, problems) = check::vectors_left_out(&Table::read());
    assert!(seen > 500, "only {seen} vectors name a row or a section");
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_row_that_a_test_names_is_in_the_table() {
    let (seen, problems) = check::unknown_rows(&Table::read());
    assert!(seen > 10, "only {seen} rows are named by tests");
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// A table of one topic with these rows.
fn table_of(rows: &[Value]) -> Table {
    let summary = json!({ "standards": [{ "name": "RFC 0", "done": "all", "topics": ["topic"] }], "notes": [] });
    let topic = json!({ "title": "Topic", "rows": rows });
    let topics = [("topic".to_string(), serde_json::from_value(topic).unwrap())];
    Table { summary: serde_json::from_value(summary).unwrap(), topics: topics.into() }
}

#[test]
fn a_row_that_shows_nothing_is_found() {
    let row = |more: Value| {
        let mut row = json!({ "id": "T-01", "from": "RFC 0 section 1", "level": "MUST", "demand": "A demand." });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let shown = |by: Value| row(json!({ "shownBy": [by] }));
    let case = |file: &str, case: &str| json!({ "file": file, "case": case });
    let vector = json!("dpop/proof-empty");
    for right in [
        shown(vector.clone()),
        row(json!({ "notDone": "of a reason" })),
        shown(case("tests/dpop.rs", "an_api_says_in_its_challenge_what_it_takes")),
        shown(case("tests/clients/test_mcp.py", "test_a_wrong_secret")),
        shown(case("tests/node/server.test.mjs", "exchanges a token")),
    ] {
        assert_eq!(check::problems(&table_of(std::slice::from_ref(&right))), [""; 0], "{right}");
    }
    for wrong in [
        row(json!({})),
        row(json!({ "shownBy": [] })),
        row(json!({ "notDone": "" })),
        row(json!({ "shownBy": [vector], "instead": "there is nothing to do instead" })),
        shown(json!("dpop/proof-emptier")),
        shown(json!("dpop")),
        shown(case("tests/dpop.rs", "an_api_says_in_its_challenge")),
        // It is in that file, and no test.
        shown(case("tests/dpop.rs", "challenge")),
        shown(case("tests/dpop_of_nobody.rs", "challenge")),
        shown(case("tests/clients/test_mcp.py", "test_a_wrong")),
        shown(case("tests/clients/test_mcp.py", "assertion")),
        shown(case("tests/node/server.test.mjs", "exchanges")),
        shown(case("tests/node/server.test.mjs", "node:http")),
    ] {
        assert_eq!(check::problems(&table_of(std::slice::from_ref(&wrong))).len(), 1, "{wrong}");
    }
    let twice = shown(json!("dpop/proof-empty"));
    assert_eq!(check::problems(&table_of(&[twice.clone(), twice])).len(), 1);
}
