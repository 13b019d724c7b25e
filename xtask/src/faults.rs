//! `cargo xtask faults`: takes one check out of the engine at a time, and expects a
//! test to find each: that of the law of grants, or the one that the fault names.
//!
//! `tests/faults.json` names the faults: a file, a text that occurs once in
//! it, what replaces the text, and the test. They are made in a copy of the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{self, cargo, command};
use crate::places;
use crate::progress::Progress;

/// The test of the law, among those of its file.
const NAME: &str = "the_engine_keeps_the_law";
const LAW: &str = "law";

/// A check that is taken out.
struct Fault {
    name: String,
    file: String,
    find: String,
    replace: String,
    /// The test target that finds it; `lib` are the tests of the modules, and `fuzz` the
    /// short run of the targets for the fuzzer.
    test: String,
}

impl Fault {
    fn is_of(&self, word: &str) -> bool {
        self.name.contains(word)
    }
}

/// Makes every fault whose name has one of these words in it; all of them, when there
/// are no words.
pub(crate) fn run(progress: &Progress, words: &[String]) -> Result<ExitCode> {
    let faults = read()?;
    if let Some(word) = words.iter().find(|word| !faults.iter().any(|fault| fault.is_of(word))) {
        bail!("no fault has `{word}` in its name; see tests/faults.json");
    }
    let is_wanted = |fault: &&Fault| words.is_empty() || words.iter().any(|word| fault.is_of(word));
    let wanted: Vec<&Fault> = faults.iter().filter(is_wanted).collect();
    let tree = places::target().join("faults/tree");
    progress.step("copy", || copy(&tree))?;
    let mut tests: Vec<&str> = wanted.iter().map(|fault| &*fault.test).collect();
    tests.sort_unstable();
    tests.dedup();
    for name in tests {
        let what = format!("{name} without a fault");
        progress.step(&what, || command::run(&mut test(&tree, name)))?;
    }
    let mut missed = 0;
    println!("{:<76} {:>6}  found in the step", "fault", "time");
    for fault in &wanted {
        let start = Instant::now();
        let found = found(&tree, fault).unwrap_or_else(|error| {
            eprintln!("{}: {error:#}", fault.name);
            None
        });
        let seconds = start.elapsed().as_secs();
        missed += usize::from(found.is_none());
        let found = found.unwrap_or_else(|| "NOT FOUND".into());
        println!("{:<76} {seconds:>4} s  {found}", fault.name);
    }
    println!("\n{} of {} found", wanted.len() - missed, wanted.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read() -> Result<Vec<Fault>> {
    let path = places::root().join("tests/faults.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let list: Vec<Value> = serde_json::from_str(&text)?;
    let fault = |value: &Value| {
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str).map(String::from);
            text.with_context(|| format!("a fault has no `{name}`: {value}"))
        };
        Ok(Fault {
            name: text("name")?,
            file: text("file")?,
            find: text("find")?,
            replace: text("replace")?,
            test: value.get("test").and_then(Value::as_str).unwrap_or(LAW).into(),
        })
    };
    list.iter().map(fault).collect()
}

/// Brings the copy of the repository up to date. What did not change is left as
/// it is, so that it is not built again.
fn copy(tree: &Path) -> Result<String> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let files = command::stdout(command("git").args(list))?;
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        let (from, to) = (places::root().join(file), tree.join(file));
        // A file that was deleted is listed until that is committed.
        let Ok(content) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|old| old == content) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap_or(tree))?;
        fs::write(&to, content)?;
    }
    Ok(files.replace('\0', "\n"))
}

/// The step in which the test finds a fault; `None` if it passes.
fn found(tree: &Path, fault: &Fault) -> Result<Option<String>> {
    let path: PathBuf = tree.join(&fault.file);
    let before = fs::read_to_string(&path).with_context(|| fault.file.clone())?;
    if before.matches(&fault.find).count() != 1 {
        bail!("the text to find does not occur exactly once in {}: {}", fault.file, fault.find);
    }
    fs::write(&path, before.replace(&fault.find, &fault.replace))?;
    let outcome = command::run(test(tree, &fault.test).arg("--no-run"))
        .context("the engine does not compile with the fault")
        .and_then(|_| command::capture(&mut test(tree, &fault.test)));
    fs::write(&path, before)?;
    let outcome = outcome?;
    if outcome.success {
        return Ok(None);
    }
    let told = if fault.test == LAW { last_step } else { failed };
    Ok(Some(told(&outcome.output).context(outcome.output.clone())?))
}

/// A test, in the copy; that of the law with the same programs each time. It has a
/// target directory of its own: cargo takes the copy for the repository itself.
fn test(tree: &Path, name: &str) -> Command {
    let mut command = cargo();
    command.current_dir(tree).arg("test");
    match name {
        "lib" => command.args(["--package", "exchequer", "--lib"]),
        "fuzz" => command.args(["--package", "exchequer-fuzz", "--test", "corpus"]),
        name => command.args(["--package", "exchequer", "--test", name]),
    };
    if name == LAW {
        command.arg(NAME);
    }
    command.env("CARGO_TARGET_DIR", places::target().join("faults/target"));
    for (name, value) in [("LAW_SEED", "1"), ("LAW_SHRINKS", "200")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command
}

/// The last step of the story that the test tells.
fn last_step(output: &str) -> Option<String> {
    let (_, story) = output.split_once("the engine does not keep the law")?;
    let (story, _) = story.split_once("the program:")?;
    let is_step = |line: &&str| {
        let number = line.trim_start().split('.').next();
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let step = story.lines().rfind(is_step)?;
    let difference = story.lines().rfind(|line| line.contains("-> "))?;
    Some(format!("{} {}", step.trim(), difference.trim()))
}

/// The first test that failed.
fn failed(output: &str) -> Option<String> {
    let mut lines = output.lines().filter_map(|line| line.strip_prefix("test "));
    lines.find_map(|line| line.strip_suffix(" ... FAILED")).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::{failed, last_step};

    #[test]
    fn the_last_step_of_a_story_is_told() {
        let output = "the engine does not keep the law\n\n  1. one\n       -> granted\n  2. two\n       -> not\n\nthe program: []";
        assert_eq!(last_step(output).as_deref(), Some("2. two -> not"));
        assert_eq!(last_step("error[E0308]: mismatched types"), None);
    }

    #[test]
    fn the_first_test_that_failed_is_told() {
        let output = "test one ... ok\ntest two ... FAILED\ntest three ... FAILED";
        assert_eq!(failed(output).as_deref(), Some("two"));
        assert_eq!(failed("error[E0308]: mismatched types"), None);
    }
}
