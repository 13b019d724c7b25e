//! `cargo xtask`: everything that is done to this repository, by one command.
//!
//! A machine needs Rust, Node 20 or newer, and npm; the rest is installed by
//! the task that needs it (`setup`), which says what it does.

mod artifacts;
mod bench;
mod callbacks;
mod command;
mod components;
mod demo;
mod engine;
mod faults;
mod fresh;
mod fuzz;
mod lean;
mod limited;
mod names;
mod places;
mod portable;
mod processes;
mod progress;
mod release;
mod runners;
mod running;
mod runtimes;
mod scripts;
mod setup;
mod suites;
mod summary;
mod supply;

use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::*;

use crate::progress::Progress;

const USAGE: &str = "\
usage: cargo xtask <task> [options]

tasks:
  build          builds pkg/dist
  demo [--once]  makes one real exchange and keeps serving; --once exits after it
  test           checks everything; what CI runs
  test <suite> [filter]
                 checks one suite, or one file or some cases of it, by name
  faults [word]…
                 takes one check (of the law of grants, of the caches) out of the engine,
                 those with one of the words in their names, and expects its test to fail
  fuzz [target] [seconds]
                 throws inputs at every target of tests/fuzz, or at one, for a minute each
  bench [row]…   measures the rows of benches/RESULTS.md and writes their sections;
                 without a name all but those that are slow: memory, soak, and scale, a
                 store of a million users, which takes ten minutes to fill at first
  bench budgets  compares instructions and sizes with benches/budgets.json;
                 --write sets it anew
  bless          writes the expected outputs of the tests anew, to be reviewed
  docs           writes the reference pages of docs/ and pkg/src/generated anew,
                 from the code
  release        writes everything that is released to target/release-artifacts
                 --check makes it again in another folder, tries to publish it, and
                 uses it; --pin takes the newest libraries of Debian for the image
  size           says how large the artifacts are

options:
  --built        of bench and release: takes what is built already
  --smoke        of bench: few iterations, and nothing is written
  --verbose      shows the output of every step, not only of those that fail

suites:
";

fn main() -> ExitCode {
    match parse(lexopt::Parser::from_env()) {
        Ok(Some(call)) => match call.run() {
            Ok(code) => code,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        },
        Ok(None) => {
            println!("{USAGE}{}", running::list());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}{}", running::list());
            ExitCode::from(2)
        }
    }
}

enum Task {
    Build,
    Demo { once: bool },
    Test { suite: Option<String>, filter: Option<String> },
    Faults { words: Vec<String> },
    Fuzz(fuzz::Request),
    Bench(bench::Request),
    Bless,
    Docs,
    Release(release::Request),
    Size,
}

struct Call {
    task: Task,
    verbose: bool,
}

impl Call {
    fn run(&self) -> Result<ExitCode> {
        let progress = Progress::new(self.verbose);
        match &self.task {
            Task::Build => {
                artifacts::build(&progress)?;
                components::build(&progress)?;
            }
            Task::Demo { once } => return demo::run(&progress, *once),
            Task::Test { suite: None, .. } => return running::everything(&progress),
            Task::Test { suite: Some(suite), filter } => {
                return running::one(&progress, suite, filter.as_deref());
            }
            Task::Faults { words } => return faults::run(&progress, words),
            Task::Fuzz(request) => return fuzz::run(&progress, request),
            Task::Bench(request) => bench::run(&progress, request)?,
            Task::Bless => scripts::bless(&progress)?,
            Task::Docs => scripts::docs(&progress)?,
            Task::Release(request) => release::run(&progress, request)?,
            Task::Size => bench::size(&progress)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `None`: help was asked for.
fn parse(mut arguments: lexopt::Parser) -> Result<Option<Call>, lexopt::Error> {
    let mut name = None;
    let (mut once, mut verbose) = (false, false);
    let mut bench = bench::Request::default();
    let mut release = release::Request::default();
    let mut fuzz = fuzz::Request::default();
    let mut words = Vec::new();
    let (mut suite, mut filter) = (None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("verbose") | Short('v') => verbose = true,
            Long("once") => once = true,
            Value(value) if name.is_none() => name = Some(value.string()?),
            Long("smoke") if name.as_deref() == Some("bench") => bench.smoke = true,
            Long("write") if name.as_deref() == Some("bench") => bench.write = true,
            Long("built") if name.as_deref() == Some("bench") => bench.built = true,
            Long("built") if name.as_deref() == Some("release") => release.built = true,
            Long("check") if name.as_deref() == Some("release") => release.check = true,
            Long("pin") if name.as_deref() == Some("release") => release.pin = true,
            Value(value) if name.as_deref() == Some("bench") => bench.names.push(value.string()?),
            Value(value) if name.as_deref() == Some("faults") => words.push(value.string()?),
            Value(value) if name.as_deref() == Some("fuzz") && fuzz.seconds.is_none() => {
                fuzz.take(value)?;
            }
            Value(value) if name.as_deref() == Some("test") && filter.is_none() => {
                let given = if suite.is_none() { &mut suite } else { &mut filter };
                *given = Some(value.string()?);
            }
            other => return Err(other.unexpected()),
        }
    }
    let task = match name.as_deref() {
        None => return Err("a task is missing".into()),
        Some("build") => Task::Build,
        Some("demo") => Task::Demo { once },
        Some("test") => Task::Test { suite, filter },
        Some("faults") => Task::Faults { words },
        Some("fuzz") => Task::Fuzz(fuzz),
        Some("bench") => Task::Bench(bench),
        Some("bless") => Task::Bless,
        Some("docs") => Task::Docs,
        Some("release") => Task::Release(release),
        Some("size") => Task::Size,
        Some(other) => return Err(format!("there is no task `{other}`").into()),
    };
    if once && !matches!(task, Task::Demo { .. }) {
        return Err("`--once` goes with `demo`".into());
    }
    Ok(Some(Call { task, verbose }))
}
