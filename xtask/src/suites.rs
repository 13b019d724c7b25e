//! `cargo xtask test`: every suite, whatever the others say, and one line at
//! the end that sums up their cases.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::command::{self, cargo, command, node};
use crate::progress::Progress;
use crate::runtimes::RUNTIMES;
use crate::summary::{Runner, Tally};
use crate::{artifacts, components, demo, places, setup};

/// How a suite went.
enum Verdict {
    Ran(Tally),
    /// Why it did not run. That is no failure.
    Skipped(String),
}

struct Suites<'a> {
    progress: &'a Progress,
    done: Vec<(&'static str, Verdict)>,
}

/// Runs everything. The last line of standard output is `N passed, N failed`.
pub(crate) fn run(progress: &Progress) -> Result<ExitCode> {
    setup::run(progress)?;
    let mut suites = Suites { progress, done: Vec::new() };
    suites.engine();
    suites.paths();
    let built = suites.build();
    // The package holds them, so that they come before its tests.
    let has_components = suites.build_components();
    if built {
        suites.package();
    }
    if has_components {
        suites.components();
    }
    if built {
        suites.benches(has_components);
    }
    suites.report()
}

impl Suites<'_> {
    fn engine(&mut self) {
        self.run("rustfmt", Runner::ExitCode, cargo().args(["fmt", "--all", "--check"]));
        self.run(
            "clippy",
            Runner::ExitCode,
            cargo()
                .args(["clippy", "--workspace", "--all-targets", "--all-features"])
                .args(["--", "--deny", "warnings"]),
        );
        // The filter is built without the administration API.
        self.run(
            "clippy without admin",
            Runner::ExitCode,
            cargo()
                .args(["clippy", "--all-targets", "--no-default-features"])
                .args(["--package", "exchequer", "--package", "exchequer-envoy"])
                .args(["--", "--deny", "warnings"]),
        );
        self.run(
            "no_std",
            Runner::ExitCode,
            cargo()
                .args(["build", "--package", "exchequer", "--package", "exchequer-scim"])
                .args(["--target", "wasm32v1-none"]),
        );
        self.run(
            "no_std without admin",
            Runner::ExitCode,
            cargo()
                .args(["build", "--package", "exchequer", "--no-default-features"])
                .args(["--target", "wasm32v1-none"]),
        );
        self.run(
            "crates to publish",
            Runner::ExitCode,
            cargo().args(["package", "--allow-dirty", "--quiet"]).args([
                "--package",
                "exchequer",
                "--package",
                "exchequer-scim",
            ]),
        );
        self.run(
            "engine",
            Runner::CargoTest,
            cargo()
                .args(["test", "--no-fail-fast", "--package", "exchequer"])
                .args(["--package", "exchequer-scim", "--package", "xtask"])
                .args(["--features", "exchequer/schema"]),
        );
        self.run(
            "engine without admin",
            Runner::CargoTest,
            cargo()
                .args(["test", "--no-fail-fast", "--package", "exchequer"])
                .arg("--no-default-features"),
        );
        self.run(
            "Rust example",
            Runner::CargoTest,
            cargo().args(["test", "--package", "exchequer-example-native"]),
        );
    }

    /// Paths that the gateway lets pass, before real servers. The test of a
    /// server that is not there is skipped, and fails in CI.
    fn paths(&mut self) {
        let servers = [
            ("python", "paths before Python", setup::python_servers(self.progress)),
            ("nginx", "paths before nginx", setup::nginx(self.progress)),
            ("envoy", "paths before Envoy", setup::envoy(self.progress)),
        ];
        let mut search = cargo();
        search.args(["test", "--package", "exchequer-paths", "--"]);
        for (test, name, found) in servers {
            if let Err(error) = found {
                search.args(["--skip", test]);
                self.lack(name, format!("{error:#}"));
            }
        }
        self.run("paths", Runner::CargoTest, &mut search);
    }

    /// Whether there is something to test with.
    fn build(&mut self) -> bool {
        match artifacts::build(self.progress) {
            Ok(()) => self.done.push(("build", Verdict::Ran(Tally::one(true)))),
            Err(ref error) => {
                self.fail("build", &format!("{error:#}"));
                return false;
            }
        }
        true
    }

    fn package(&mut self) {
        self.redis();
        self.node("package", "tests/node");
        self.node("vectors in Node", "tests/vectors");
        self.runtimes();
        self.console();
        self.clients();
        self.envoy();
        self.run("demo", Runner::ExitCode, node(demo::script()).arg("--once"));
    }

    /// Whether there are components to test.
    fn build_components(&mut self) -> bool {
        match components::build(self.progress) {
            Ok(()) => self.done.push(("components", Verdict::Ran(Tally::one(true)))),
            Err(ref error) => {
                self.fail("components", &format!("{error:#}"));
                return false;
            }
        }
        true
    }

    fn components(&mut self) {
        const NAME: &str = "wasmtime";
        let directory = "tests/component";
        // Before both: a document's commands, carried out beside the vectors, need it.
        let installed = setup::wasmtime(self.progress);
        self.node("vectors in jco", directory);
        match installed {
            Ok(python) => {
                let discover = ["-m", "unittest", "discover", "--start-directory", directory];
                self.run(NAME, Runner::Unittest, command(python).args(discover));
            }
            Err(error) => self.lack(NAME, format!("{error:#}")),
        }
    }

    /// The rows of the benchmark that need nothing installed, with few iterations,
    /// and the budgets of instructions and bytes.
    fn benches(&mut self, has_components: bool) {
        const BUDGETS: &str = "budgets";
        let test = |name: &str| places::root().join("tests/benches").join(name);
        self.tap("benchmarks", &[test("measure.test.mjs"), test("rows.test.mjs")]);
        match setup::wasmtime(self.progress) {
            Ok(_) if has_components => self.tap(BUDGETS, &[test("budgets.test.mjs")]),
            Ok(_) => self.fail(BUDGETS, "the components were not built"),
            Err(error) => self.lack(BUDGETS, format!("{error:#}")),
        }
    }

    /// What the tests in tests/node need. Without it they skip what needs it,
    /// and fail in CI.
    fn redis(&mut self) {
        if let Err(error) = setup::redis(self.progress) {
            self.skip("stores in Redis", format!("{error:#}"));
        }
    }

    /// The filter in a real Envoy. Without one this is skipped, and fails in CI.
    fn envoy(&mut self) {
        const NAME: &str = "filter in Envoy";
        match setup::envoy(self.progress) {
            Ok(()) => self.node(NAME, "tests/envoy"),
            Err(error) if std::env::var_os("CI").is_some() => {
                self.fail(NAME, &format!("{error:#}"));
            }
            Err(error) => self.skip(NAME, format!("{error:#}")),
        }
    }

    /// The node:test files of a directory.
    fn node(&mut self, name: &'static str, directory: &str) {
        let files = files(directory, ".test.mjs");
        if files.is_empty() {
            return self.fail(name, &format!("there is no test in {directory}"));
        }
        self.tap(name, &files);
    }

    fn tap(&mut self, name: &'static str, files: &[PathBuf]) {
        let mut command = command("node");
        command.args(["--test", "--test-reporter=tap"]).args(files);
        self.run(name, Runner::Tap, &mut command);
    }

    /// The packed package in every JavaScript runtime.
    fn runtimes(&mut self) {
        for runtime in RUNTIMES {
            match runtime.check(self.progress) {
                Ok(()) => self.tap(runtime.name, &runtime.files()),
                Err(error) => self.lack(runtime.name, format!("{error:#}")),
            }
        }
    }

    /// Every page of the console, in a browser.
    fn console(&mut self) {
        const NAME: &str = "console in Chromium";
        match setup::chromium(self.progress) {
            Ok(()) => {
                self.console_hosts();
                self.node(NAME, "tests/console");
            }
            Err(error) => self.lack(NAME, format!("{error:#}")),
        }
    }

    /// What else the console is opened on. Without it the tests skip what needs
    /// it, and fail in CI.
    fn console_hosts(&mut self) {
        let hosts = [
            ("console of a Worker", setup::runtimes(self.progress)),
            ("console of wasmtime", setup::wasmtime(self.progress).map(drop)),
            ("console of Envoy", setup::envoy(self.progress)),
        ];
        for (name, found) in hosts {
            if let Err(error) = found {
                self.skip(name, format!("{error:#}"));
            }
        }
    }

    /// OAuth clients of others, in Python.
    fn clients(&mut self) {
        const NAME: &str = "clients in Python";
        let directory = "tests/clients";
        let discover = ["-m", "unittest", "discover", "--start-directory", directory];
        match setup::python(self.progress) {
            Ok(python) => self.run(NAME, Runner::Unittest, command(python).args(discover)),
            Err(error) => self.fail(NAME, &format!("{error:#}")),
        }
    }

    fn run(&mut self, name: &'static str, runner: Runner, command: &mut Command) {
        let work = || match command::capture(command) {
            Ok(outcome) => (runner.tally(outcome.success, &outcome.output), outcome.output),
            Err(error) => (Tally::one(false), format!("{error:#}")),
        };
        let (tally, output) = self.progress.time(name, work, |(tally, _)| tally.failed == 0);
        if tally.failed > 0 {
            eprintln!("{}", output.trim_end());
        } else {
            self.progress.show(&output);
        }
        self.done.push((name, Verdict::Ran(tally)));
    }

    /// A suite that should have run and could not.
    fn fail(&mut self, name: &'static str, why: &str) {
        eprintln!("{name}: {why}");
        self.done.push((name, Verdict::Ran(Tally::one(false))));
    }

    /// A suite that this machine has not what it needs for. CI has to have it.
    fn lack(&mut self, name: &'static str, why: String) {
        if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
            self.fail(name, &why);
        } else {
            self.skip(name, why);
        }
    }

    fn skip(&mut self, name: &'static str, why: String) {
        self.done.push((name, Verdict::Skipped(why)));
    }

    fn report(&self) -> Result<ExitCode> {
        let mut sum = Tally::default();
        println!("\n{:<24} {:>7} {:>7} {:>8}", "suite", "passed", "failed", "skipped");
        for (name, verdict) in &self.done {
            match verdict {
                Verdict::Ran(tally) => {
                    println!(
                        "{name:<24} {:>7} {:>7} {:>8}",
                        tally.passed, tally.failed, tally.skipped
                    );
                    sum = sum.plus(*tally);
                }
                Verdict::Skipped(why) => println!("{name:<24} skipped: {why}"),
            }
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
        Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The files of a directory that end like this, in order.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(places::root().join(directory)).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}
