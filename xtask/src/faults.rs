//! `cargo xtask faults`: takes one check of the law of grants out of the engine
//! at a time, and expects the test of the law to find each.
//!
//! `tests/law/faults.json` names the faults: a file, a text that occurs once in
//! it, and what replaces the text. They are made in a copy of the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{self, cargo, command};
use crate::places;
use crate::progress::Progress;

const TEST: [&str; 5] = ["test", "--package", "exchequer", "--test", "law"];
const NAME: &str = "the_engine_keeps_the_law";

/// A check that is taken out.
struct Fault {
    name: String,
    file: String,
    find: String,
    replace: String,
}

/// Makes every fault whose name has this word in it.
pub(crate) fn run(progress: &Progress, word: &str) -> Result<ExitCode> {
    let faults = read()?;
    let wanted: Vec<&Fault> = faults.iter().filter(|fault| fault.name.contains(word)).collect();
    if wanted.is_empty() {
        bail!("no fault has `{word}` in its name; see tests/law/faults.json");
    }
    let tree = places::target().join("faults/tree");
    progress.step("copy", || copy(&tree))?;
    progress.step("the law without a fault", || command::run(&mut law(&tree)))?;
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
    let path = places::root().join("tests/law/faults.json");
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
    let outcome = command::run(law(tree).arg("--no-run"))
        .context("the engine does not compile with the fault")
        .and_then(|_| command::capture(&mut law(tree)));
    fs::write(&path, before)?;
    let outcome = outcome?;
    if outcome.success {
        return Ok(None);
    }
    Ok(Some(last_step(&outcome.output).context(outcome.output.clone())?))
}

/// The test of the law, in the copy, with the same programs each time. It has a
/// target directory of its own: cargo takes the copy for the repository itself.
fn law(tree: &Path) -> Command {
    let mut command = cargo();
    command.current_dir(tree).args(TEST).arg(NAME);
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

#[cfg(test)]
mod tests {
    use super::last_step;

    #[test]
    fn the_last_step_of_a_story_is_told() {
        let output = "the engine does not keep the law\n\n  1. one\n       -> granted\n  2. two\n       -> not\n\nthe program: []";
        assert_eq!(last_step(output).as_deref(), Some("2. two -> not"));
        assert_eq!(last_step("error[E0308]: mismatched types"), None);
    }
}
