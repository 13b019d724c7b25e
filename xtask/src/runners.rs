//! How a suite calls the runners of tests, with the filter of the command line: cargo,
//! node:test and unittest.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, command};
use crate::places;
use crate::running::Run;
use crate::summary::Runner;

/// A file of node:test that takes longer, in milliseconds, has hung: a test of it waits,
/// or a server that it did not stop keeps it from ending.
const FILE_LIMIT: &str = "--test-timeout=600000";

/// The packages that are tested on this machine, and their features. Every command names
/// all of them, and then the tests that it wants. Cargo compiles a library with all features
/// that the packages of a command want, so with fewer packages there is another engine.
pub(crate) const NATIVE: [&str; 12] = [
    "--package",
    "exchequer",
    "--package",
    "exchequer-example-native",
    "--package",
    "exchequer-fuzz",
    "--package",
    "exchequer-paths",
    "--package",
    "exchequer-scim",
    "--features",
    "exchequer/schema",
];

impl Run<'_> {
    /// The command for the tests of this machine that are files of `directory`, and for
    /// `more` targets.
    pub(crate) fn native(&self, directory: &str, more: &[&str]) -> Command {
        let mut targets: Vec<String> = more.iter().map(|&target| target.into()).collect();
        for path in files(directory, ".rs") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            targets.extend(["--test".into(), name.into_owned()]);
        }
        self.cargo_test(directory, &NATIVE, &targets)
    }

    /// The command for these targets of cargo packages, or for one file of `directory` if
    /// the filter is its name.
    pub(crate) fn cargo_test(
        &self,
        directory: &str,
        packages: &[&str],
        targets: &[impl AsRef<OsStr>],
    ) -> Command {
        let mut test = cargo();
        test.args(["test", "--no-fail-fast"]).args(packages);
        match self.filter() {
            Some(name) if file(directory, &format!("{name}.rs")).exists() => {
                test.args(["--test", name, "--"]);
            }
            filter => {
                test.args(targets).arg("--").args(filter);
            }
        }
        test
    }

    /// Runs the node:test files of a directory.
    pub(crate) fn node(&mut self, directory: &str) {
        let files = files(directory, ".test.mjs");
        if files.is_empty() {
            return self.fail(&format!("there is no test in {directory}"));
        }
        self.tap(&files);
    }

    /// Runs node:test files, or one of them if the filter is its name.
    pub(crate) fn tap(&mut self, files: &[PathBuf]) {
        self.tap_with(files, &[]);
    }

    /// The same with variables of the environment.
    pub(crate) fn tap_with(&mut self, files: &[PathBuf], variables: &[(&str, &Path)]) {
        let mut command = command("node");
        command.envs(variables.iter().copied());
        command.args(["--test", "--test-reporter=tap", FILE_LIMIT]);
        let named = |word: &&str| {
            let name = format!("{word}.test.mjs");
            files.iter().find(|file| file.ends_with(&name))
        };
        match (self.filter(), self.filter().as_ref().and_then(named)) {
            (_, Some(file)) => command.arg(file),
            (Some(pattern), None) => {
                command.arg(format!("--test-name-pattern={pattern}")).args(files)
            }
            (None, None) => command.args(files),
        };
        self.command(Runner::Tap, &mut command);
    }

    /// Runs the unittest files of a directory, or one if the filter is its name.
    pub(crate) fn unittest(&mut self, python: &Path, directory: &str) {
        let mut command: Command = command(python);
        command.args(["-m", "unittest", "discover", "--start-directory", directory]);
        match self.filter() {
            Some(name) if file(directory, &format!("{name}.py")).exists() => {
                command.args(["--pattern", &format!("{name}.py")]);
            }
            Some(pattern) => {
                command.args(["-k", pattern]);
            }
            None => {}
        }
        self.command(Runner::Unittest, &mut command);
    }
}

fn file(directory: &str, name: &str) -> PathBuf {
    places::root().join(directory).join(name)
}

/// The files of a directory that end like this, in order.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(places::root().join(directory)).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}
