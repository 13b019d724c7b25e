//! The configuration document, case by case: see `tests/config/_readme.json`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may say what it means"
)]

#[cfg(feature = "schema")]
#[path = "config/json_schema.rs"]
mod json_schema;
#[cfg(feature = "schema")]
#[path = "config/schema.rs"]
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use exchequer::config::{Problem, Problems, SecretSource};
use exchequer::{Config, Timestamp};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[allow(dead_code)]
    about: String,
    document: Option<Value>,
    text: Option<String>,
    env: Option<BTreeMap<String, String>>,
    files: Option<BTreeMap<String, String>>,
    now: Option<u64>,
    #[serde(default)]
    problems: Value,
    #[serde(default)]
    warnings: Value,
}

impl Case {
    fn text(&self) -> String {
        match (&self.document, &self.text) {
            (Some(document), None) => serde_json::to_string_pretty(document).unwrap(),
            (None, Some(text)) => text.clone(),
            _ => panic!("a case has either `document` or `text`"),
        }
    }

    fn run(&self) -> Result<Config, Problems> {
        read(&self.text(), self.env.as_ref(), self.files.as_ref())
    }
}

type Contents = BTreeMap<String, String>;

fn read(text: &str, env: Option<&Contents>, files: Option<&Contents>) -> Result<Config, Problems> {
    let document = Config::parse(text)?;
    if env.is_none() && files.is_none() {
        return document.without_secrets();
    }
    document.resolve(|source| match source {
        SecretSource::Env(name) => content(env, name),
        SecretSource::File(path) => content(files, path),
    })
}

fn content(of: Option<&Contents>, name: &str) -> Result<String, String> {
    of.and_then(|contents| contents.get(name)).cloned().ok_or_else(|| "it is not there".into())
}

fn cases() -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let case = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, case)
    };
    paths.into_iter().map(read).collect()
}

fn everything() -> Case {
    let everything =
        |(path, case): (PathBuf, Case)| path.ends_with("everything.json").then_some(case);
    cases().into_iter().find_map(everything).unwrap()
}

/// What a problem list looks like in a case: nothing when there is none.
fn listed(problems: &[Problem]) -> Value {
    if problems.is_empty() { Value::Null } else { serde_json::to_value(problems).unwrap() }
}

#[test]
fn every_case_is_accepted_or_refused_as_its_file_says() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (path, case) in cases() {
        let outcome = case.run();
        let problems = listed(outcome.as_ref().err().map_or(&[], |problems| &problems.0));
        let warnings = match (&outcome, case.now) {
            (Ok(config), Some(now)) => listed(&config.warnings(Timestamp(now))),
            _ => Value::Null,
        };
        if problems == case.problems && warnings == case.warnings {
            continue;
        }
        if bless {
            rewrite(&path, &problems, &warnings);
        } else {
            let said = serde_json::to_string_pretty(&[problems, warnings]).unwrap();
            wrong.push(format!("{}: problems and warnings are {said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nBLESS=1 rewrites the files", wrong.join("\n"));
}

/// A case that is called the example of the documents has to be just that.
#[test]
fn the_example_that_is_checked_is_the_one_of_the_documents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = fs::read_to_string(folder.join("docs/exchequer.json")).unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let is_example = |path: &Path| path.ends_with("example-of-the-documents.json");
    let (_, checked) = cases().into_iter().find(|(path, _)| is_example(path)).unwrap();
    assert_eq!(checked.document, Some(shown));
    assert!(checked.run().is_ok());
}

/// Writes what was said into the case; its other members stay as they are.
fn rewrite(path: &Path, problems: &Value, warnings: &Value) {
    let text = fs::read_to_string(path).unwrap();
    let ends = ["\n  \"problems\":", "\n  \"warnings\":", "\n}"];
    let end = ends.iter().filter_map(|end| text.find(end)).min().unwrap();
    let mut blessed = text[..end].trim_end_matches(',').to_string();
    for (name, said) in [("problems", problems), ("warnings", warnings)] {
        if !said.is_null() {
            let said = serde_json::to_string_pretty(said).unwrap().replace('\n', "\n  ");
            blessed.push_str(&format!(",\n  \"{name}\": {said}"));
        }
    }
    fs::write(path, blessed + "\n}\n").unwrap();
}

#[test]
fn nothing_that_is_said_shows_a_secret() {
    let mut guarded = 0;
    for (path, case) in cases() {
        let text = case.text();
        let kept = case.env.iter().chain(&case.files).flat_map(|contents| contents.values());
        let places: Vec<&String> = kept.chain([&text]).collect();
        let secrets: Vec<&str> = places
            .iter()
            .flat_map(|place| place.match_indices("hush-").map(|(at, _)| &place[at..]))
            .map(|rest| rest.split(['"', '\\', '@', '\r', '\n']).next().unwrap())
            .collect();
        let said = match Config::parse(&text) {
            Ok(document) => {
                let shown = format!("{document:?} {:?}", document.secrets());
                match case.run() {
                    Ok(config) => format!("{shown} {config:?} {:?}", config.warnings(Timestamp(0))),
                    Err(problems) => format!("{shown} {problems} {problems:?}"),
                }
            }
            Err(problems) => format!("{problems} {problems:?}"),
        };
        for secret in secrets {
            assert!(!said.contains(secret), "{}: {secret} is in {said}", path.display());
            guarded += 1;
        }
    }
    assert!(guarded > 20, "only {guarded} secrets were looked for");
}

#[test]
fn problems_are_said_one_a_line() {
    for (path, case) in cases() {
        let Err(problems) = case.run() else { continue };
        let said = problems.to_string();
        assert_eq!(said.lines().count(), problems.0.len(), "{}: {said}", path.display());
        for problem in &problems.0 {
            let parts = format!("`{}`: {}; {}", problem.path, problem.problem, problem.remedy);
            assert_eq!(problem.to_string(), parts);
            let ends = [&problem.problem, &problem.remedy];
            assert!(ends.iter().all(|end| !end.is_empty() && !end.ends_with('.')), "{problem}");
        }
    }
}

#[test]
fn a_document_says_which_secrets_it_needs() {
    let text = r#"{
        "issuer": "https://sts.example.com",
        "keys": [{ "file": "/run/key" }],
        "applications": [
            { "clientId": "a", "clientSecret": "0123456789abcdef", "grantTypes": ["refresh_token"] },
            { "clientId": "b", "clientSecret": { "env": "B" }, "grantTypes": ["refresh_token"] }
        ]
    }"#;
    let secrets = serde_json::to_value(Config::parse(text).unwrap().secrets()).unwrap();
    let expected = serde_json::json!([
        { "path": "keys[0]", "source": { "file": "/run/key" } },
        { "path": "applications[1].clientSecret", "source": { "env": "B" } },
    ]);
    assert_eq!(secrets, expected);
}

#[test]
fn a_document_is_at_most_8_mib_long() {
    let filled = |length: usize| {
        let document = r#"{ "issuer": "https://sts.example.com" }"#;
        format!("{document}{}", " ".repeat(length - document.len()))
    };
    assert!(read(&filled(8 * 1024 * 1024), None, None).is_ok());
    let problems = read(&filled(8 * 1024 * 1024 + 1), None, None).unwrap_err();
    assert_eq!(problems.0[0].path, "document");
}

#[test]
fn a_document_that_is_cut_off_is_refused_and_nothing_worse() {
    let case = everything();
    let text = case.text();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(Config::parse(&text[..end]).is_err(), "cut off at {end}");
    }
}

/// The document with the value at each place, one after the other, replaced
/// by a value of every type.
fn mutants(document: &Value) -> Vec<(String, Value)> {
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e300",
        r#""""#,
        r#""x""#,
        "[]",
        "[null]",
        "{}",
        r#"{"x":1}"#,
    ];
    let values: Vec<Value> =
        values.iter().map(|value| serde_json::from_str(value).unwrap()).collect();
    let mut places = Vec::new();
    pointers(document, String::new(), &mut places);
    let mut mutants = Vec::new();
    for place in &places {
        for value in &values {
            let mut mutant = document.clone();
            *mutant.pointer_mut(place).unwrap() = value.clone();
            mutants.push((format!("{place} = {value}"), mutant));
        }
    }
    mutants
}

fn pointers(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(member, format!("{at}/{name}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

#[test]
fn a_value_of_any_type_in_any_place_is_no_panic() {
    let case = everything();
    let mutants = mutants(case.document.as_ref().unwrap());
    assert!(mutants.len() > 1000);
    for (_, mutant) in mutants {
        let _ =
            read(&mutant.to_string(), case.env.as_ref(), None).map(|c| c.warnings(Timestamp(0)));
    }
}
