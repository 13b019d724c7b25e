//! The table as its files have it (`tests/standards/README.md`).

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::root;

pub(super) struct Table {
    pub(super) summary: Summary,
    /// By the names of their files.
    pub(super) topics: BTreeMap<String, Topic>,
}

/// `summary.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Summary {
    pub(super) standards: Vec<Standard>,
    /// What is good to know besides.
    pub(super) notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Standard {
    pub(super) name: String,
    #[serde(default)]
    pub(super) done: String,
    #[serde(default)]
    pub(super) not_done: String,
    /// The topics that have its rows.
    pub(super) topics: Vec<String>,
}

/// Each other file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) title: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) rows: Vec<Row>,
}

/// A demand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) id: String,
    /// The standard and the section.
    pub(super) from: String,
    pub(super) level: Level,
    pub(super) demand: String,
    #[serde(default)]
    pub(super) shown_by: Vec<Shown>,
    /// The reason, behind “because”.
    pub(super) not_done: Option<String>,
    /// What does the same.
    pub(super) instead: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum Level {
    #[serde(rename = "MUST")]
    Must,
    #[serde(rename = "SHOULD")]
    Should,
    #[serde(rename = "MAY")]
    May,
    /// A program of others needs it.
    #[serde(rename = "peer")]
    Peer,
    /// No standard demands it.
    #[serde(rename = "ours")]
    Ours,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Shown {
    /// A file below `tests/vectors` without `.json`, or `config/…`: one below `tests/config`.
    Vector(String),
    /// A case of another test.
    Case { file: String, case: String },
}

impl Table {
    pub(super) fn read() -> Self {
        let mut topics = BTreeMap::new();
        for entry in fs::read_dir(root("tests/standards")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            match name.strip_suffix(".json") {
                Some("summary") | None => {}
                Some(topic) => drop(topics.insert(topic.into(), json_file(&name))),
            }
        }
        Self { summary: json_file("summary.json"), topics }
    }

    /// The topics in the order in which the summary names them.
    pub(super) fn in_order(&self) -> Vec<(&str, &Topic)> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.summary.standards.iter().flat_map(|standard| &standard.topics) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.into_iter().filter_map(|name| Some((name, self.topics.get(name)?))).collect()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.topics.values().flat_map(|topic| &topic.rows)
    }
}

fn json_file<T: DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(root("tests/standards").join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}
