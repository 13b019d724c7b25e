//! `cargo xtask fuzz`: the long run of the targets in `tests/fuzz`, with the coverage of
//! the code as guide. `fuzz/` has their programs.
//!
//! The flags are those of cargo-fuzz without a sanitizer, which would need a nightly
//! compiler: the engine has no unsafe code that one could watch.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lexopt::ValueExt;

use crate::command::{self, cargo, command};
use crate::limited::Limits;
use crate::progress::Progress;
use crate::{limited, places};

const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Ccodegen-units=1";

/// For each target, unless the command line says another number.
const SECONDS: u64 = 60;

/// The longest input in bytes: a request may have four times as many, and most are
/// decided long before.
const LONGEST: u32 = 16 * 1024;

/// Which targets run, and for how long.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) target: Option<String>,
    pub(crate) seconds: Option<u64>,
}

impl Request {
    /// A word of the command line: the target, or for how long.
    pub(crate) fn take(&mut self, word: OsString) -> Result<(), lexopt::Error> {
        match word.parse() {
            Ok(seconds) => self.seconds = Some(seconds),
            Err(_) if self.target.is_none() => self.target = Some(word.string()?),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What a run did.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    executions: u64,
    /// Edges of the code that were reached.
    coverage: u64,
}

pub(crate) fn run(progress: &Progress, request: &Request) -> Result<ExitCode> {
    let all = targets()?;
    let wanted: Vec<&String> =
        all.iter().filter(|name| request.target.as_ref().is_none_or(|one| one == *name)).collect();
    if wanted.is_empty() {
        bail!("there is no such target; there are {}", all.join(", "));
    }
    let programs = build(progress)?;
    let seconds = request.seconds.unwrap_or(SECONDS);
    let mut failed = 0;
    println!("{:<16} {:>12} {:>9}", "target", "executions", "coverage");
    for name in wanted {
        match fuzz(&programs, name, seconds)? {
            Some(figures) => {
                println!("{name:<16} {:>12} {:>9}", figures.executions, figures.coverage);
            }
            None => failed += 1,
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the programs, and returns their folder.
fn build(progress: &Progress) -> Result<PathBuf> {
    let host = host()?;
    progress.step("fuzzer", || {
        let manifest = places::root().join("fuzz/Cargo.toml");
        let mut build = cargo();
        build.args(["build", "--release", "--locked", "--target", &host, "--manifest-path"]);
        build.arg(manifest).arg("--target-dir").arg(kept()).env("RUSTFLAGS", FLAGS);
        command::run(build.env("CARGO_INCREMENTAL", "0"))
    })?;
    Ok(kept().join(host).join("release"))
}

/// Runs one target; `None` when it failed, which is said with the end of its log.
fn fuzz(programs: &Path, name: &str, seconds: u64) -> Result<Option<Figures>> {
    let found = kept().join("corpus").join(name);
    let artifacts = kept().join("artifacts");
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let mut fuzzer = command(programs.join(name));
    fuzzer.arg(&found).arg(seeds().join(name)).args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST}"),
        format!("-artifact_prefix={}/{name}-", artifacts.display()),
        "-timeout=30".into(),
        "-rss_limit_mb=2048".into(),
        "-print_final_stats=1".into(),
    ]);
    let most = Duration::from_secs(seconds + 300);
    // The fuzzer ends by the clock. It has hung if it does not.
    let limits = Limits { idle: most, used: most };
    let log = kept().join("logs").join(format!("{name}.log"));
    let outcome = limited::capture(&mut fuzzer, limits, &log)?;
    if outcome.success {
        return figures(&outcome.output).context("the fuzzer said no figures").map(Some);
    }
    let lines: Vec<&str> = outcome.output.lines().collect();
    let end = lines.len().saturating_sub(60);
    eprintln!("{}", lines.get(end..).unwrap_or_default().join("\n"));
    println!("{name:<16} failed; {} has the log", log.display());
    Ok(None)
}

/// Where programs, corpora and logs are kept.
fn kept() -> PathBuf {
    places::target().join("fuzz")
}

fn seeds() -> PathBuf {
    places::root().join("tests/fuzz/corpus")
}

/// Each target has seeds.
fn targets() -> Result<Vec<String>> {
    let entries = fs::read_dir(seeds())?;
    let names: Result<Vec<_>, _> = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into()))
        .collect();
    let mut names: Vec<String> = names?;
    names.sort();
    Ok(names)
}

/// The name of this machine's target. With a target, cargo compiles build scripts
/// without the flags.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = command::stdout(command(rustc).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.into())
}

/// What libFuzzer said: `#123 PULSE cov: 45 ft: 67 …` while it ran, and
/// `stat::number_of_executed_units: 123` at its end.
fn figures(output: &str) -> Option<Figures> {
    let after = |line: &str, name: &str| {
        line.split_once(name)?.1.split_whitespace().next()?.parse::<u64>().ok()
    };
    let executions =
        output.lines().find_map(|line| after(line, "stat::number_of_executed_units:"))?;
    let coverage = output.lines().rev().find_map(|line| after(line, " cov:"))?;
    Some(Figures { executions, coverage })
}

#[cfg(test)]
mod tests {
    use super::{Figures, figures, places, targets};

    #[test]
    fn the_figures_of_a_run_are_read() {
        let output = "INFO: seed corpus: files: 5\n#5\tINITED cov: 12 ft: 13 corp: 5/1Kb\n\
            #99\tDONE   cov: 1234 ft: 2000 corp: 9/2Kb\nDone 99 runs in 1 second(s)\n\
            stat::number_of_executed_units: 99\nstat::average_exec_per_sec:     99\n";
        assert_eq!(figures(output), Some(Figures { executions: 99, coverage: 1234 }));
        assert_eq!(figures("error: nothing"), None);
    }

    /// cargo-fuzz and the command above need a program for each target.
    #[test]
    fn every_target_has_a_program() {
        let manifest = std::fs::read_to_string(places::root().join("fuzz/Cargo.toml")).unwrap();
        let targets = targets().unwrap();
        for name in &targets {
            let path = format!("fuzz_targets/{name}.rs");
            assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"{path}\"")), "{name}");
            let program = std::fs::read_to_string(places::root().join("fuzz").join(path)).unwrap();
            assert!(program.contains(&format!("target(\"{name}\")")), "{name}");
        }
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
    }
}
