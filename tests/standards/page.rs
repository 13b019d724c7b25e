//! `docs/rfcs.md`, made from the table.

use std::fmt::Write;

use super::table::{Level, Row, Shown, Standard, Table, Topic};

pub(super) fn of(table: &Table) -> String {
    let mut page = String::from(
        "# RFCs, and what is not done

The first table is the summary. Behind it, each topic has a table of its demands: where
a demand comes from, and the test vectors and tests that show that it is met. *Ours* is
a rule of this project, where the standards say nothing or leave a choice. The vectors run
on every host ([how](../tests/vectors/README.md)); a host that lacks a feature leaves out
the vectors for it, and its test says which.

This page is made from the files in [tests/standards](../tests/standards/README.md) by
`cargo xtask docs`.

| standard | done | not done | demands |
|---|---|---|---|
",
    );
    for standard in &table.summary.standards {
        page.push_str(&summary(table, standard));
    }
    page.push_str("\nGood to know:\n\n");
    for note in &table.summary.notes {
        writeln!(page, "- {note}").unwrap();
    }
    for (_, topic) in table.in_order() {
        page.push_str(&section(topic));
    }
    page
}

fn summary(table: &Table, standard: &Standard) -> String {
    let Standard { name, done, not_done, topics } = standard;
    let links: Vec<String> = topics
        .iter()
        .filter_map(|name| table.topics.get(name))
        .map(|topic| format!("[{}](#{})", topic.title, anchor(&topic.title)))
        .collect();
    format!("| {} | {} | {} | {} |\n", cell(name), cell(done), cell(not_done), links.join(", "))
}

fn section(topic: &Topic) -> String {
    let mut text = format!("\n## {}\n\n", topic.title);
    if !topic.about.is_empty() {
        writeln!(text, "{}\n", topic.about).unwrap();
    }
    text.push_str("| | from | demand | shown by |\n|---|---|---|---|\n");
    for row in &topic.rows {
        let Row { id, from, level, demand, .. } = row;
        let from = match level {
            Level::Must => format!("{from}: MUST"),
            Level::Should => format!("{from}: SHOULD"),
            Level::May => format!("{from}: MAY"),
            Level::Peer => from.clone(),
            Level::Ours if from.is_empty() => "ours".into(),
            Level::Ours => format!("{from}: ours"),
        };
        let (from, demand) = (cell(&from), cell(demand));
        writeln!(text, "| {id} | {from} | {demand} | {} |", cell(&shown(row))).unwrap();
    }
    text
}

/// The vectors of a row by folder, its tests by file, and why something is not done.
fn shown(row: &Row) -> String {
    let mut groups: Vec<(&str, String, Vec<&str>)> = Vec::new();
    for one in &row.shown_by {
        let (group, link, name) = match one {
            Shown::Vector(vector) => {
                let (group, name) = vector.split_once('/').unwrap_or(("", vector));
                let folder = if group == "config" { "tests" } else { "tests/vectors" };
                (group, format!("../{folder}/{group}"), name)
            }
            Shown::Case { file, case } => (file.as_str(), format!("../{file}"), case.as_str()),
        };
        match groups.iter_mut().find(|(known, ..)| *known == group) {
            Some((.., names)) => names.push(name),
            None => groups.push((group, link, vec![name])),
        }
    }
    let mut parts = Vec::new();
    if let Some(reason) = &row.not_done {
        parts.push(format!("*Not done*, because {reason}."));
    }
    if let Some(instead) = &row.instead {
        parts.push(format!("Instead: {instead}."));
    }
    parts.extend(groups.iter().map(|(group, link, names)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("[{group}]({link}): {}", names.join(", "))
    }));
    parts.join("<br>")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The anchor that a heading gets.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
